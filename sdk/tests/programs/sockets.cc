// A stream of 1 MiB through a TCP connection of the program with itself.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <vector>

int main() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0) return 1;
  if (listen(listener, 1) != 0) return 2;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, reinterpret_cast<sockaddr*>(&address), length) != 0) return 3;
  const int server = accept(listener, nullptr, nullptr);

  std::vector<std::uint8_t> block(4096), answer(4096);
  std::uint64_t sum = 0;
  for (int round = 0; round < 256; ++round) {
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = static_cast<std::uint8_t>(i * round);
    if (write(client, block.data(), block.size()) != static_cast<ssize_t>(block.size())) return 4;
    for (std::size_t got = 0; got < block.size();) {
      const ssize_t size = read(server, answer.data() + got, answer.size() - got);
      if (size <= 0) return 5;
      got += static_cast<std::size_t>(size);
    }
    if (answer != block) return 6;
    for (const std::uint8_t byte : answer) sum += byte;
  }
  close(client);
  std::cout << sum << " " << read(server, answer.data(), 1) << "\n";
}
