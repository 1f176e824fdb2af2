// Both ends of a conversation over TCP.
//
//   peer serve PORT ROUNDS     accepts ROUNDS connections, several at once by poll(); echoes each
//                              until its end of file, then half-closes towards it
//   peer call HOST PORT BYTES  sends BYTES bytes while reading the echo, half-closes, checks every
//   byte peer refused HOST PORT     connects and prints the errno name peer hold HOST PORT
//   connects, sends one line and sleeps for ever peer watch PORT            accepts one connection
//   and prints how it ends: "end of file" or "reset" peer resolve NAME          prints the
//   addresses of NAME, or the error
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

const char* ErrnoName(int number) {
  switch (number) {
    case ECONNREFUSED:
      return "ECONNREFUSED";
    case ECONNRESET:
      return "ECONNRESET";
    case EADDRINUSE:
      return "EADDRINUSE";
    case EHOSTUNREACH:
      return "EHOSTUNREACH";
    case ENETUNREACH:
      return "ENETUNREACH";
    case ETIMEDOUT:
      return "ETIMEDOUT";
    case EIO:
      return "EIO";
    default:
      return strerror(number);
  }
}

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, ErrnoName(errno));
  std::exit(1);
}

int Listen(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) Die("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) Die("bind");
  if (listen(fd, 16) != 0) Die("listen");
  std::printf("listening %d\n", port);
  std::fflush(stdout);
  return fd;
}

// Returns a connected socket, or -1 with errno set.
int Connect(const char* host, const char* port) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host, port, &hints, &found);
  if (error != 0) {
    std::fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(error));
    std::exit(1);
  }
  const int fd = socket(found->ai_family, SOCK_STREAM, 0);
  if (fd < 0) Die("socket");
  const int result = connect(fd, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  if (result != 0) {
    const int cause = errno;
    close(fd);
    errno = cause;
    return -1;
  }
  return fd;
}

char ByteAt(size_t offset) { return static_cast<char>(offset * 31 + offset / 257); }

struct Echo {
  int fd;
  std::string pending;
  bool ended = false;
  size_t total = 0;
};

int Serve(int port, int rounds) {
  const int listener = Listen(port);
  std::vector<Echo> echoes;
  std::vector<char> buffer(64 * 1024);
  while (rounds > 0 || !echoes.empty()) {
    std::vector<pollfd> polled;
    polled.push_back({listener, static_cast<short>(rounds > 0 ? POLLIN : 0), 0});
    for (const Echo& echo : echoes) {
      short events = 0;
      if (!echo.ended && echo.pending.size() < 256 * 1024) events |= POLLIN;
      if (!echo.pending.empty()) events |= POLLOUT;
      polled.push_back({echo.fd, events, 0});
    }
    if (poll(polled.data(), polled.size(), -1) < 0) Die("poll");
    for (size_t i = 0; i < echoes.size(); ++i) {
      Echo& echo = echoes[i];
      if (polled[i + 1].revents & POLLIN) {
        const ssize_t got = recv(echo.fd, buffer.data(), buffer.size(), 0);
        if (got < 0) Die("recv");
        if (got == 0) echo.ended = true;
        echo.pending.append(buffer.data(), got);
        echo.total += got;
      }
      if ((polled[i + 1].revents & POLLOUT) && !echo.pending.empty()) {
        const ssize_t put = send(echo.fd, echo.pending.data(), echo.pending.size(), 0);
        if (put < 0 && errno != EAGAIN) Die("send");
        if (put > 0) echo.pending.erase(0, put);
      }
    }
    for (size_t i = echoes.size(); i-- > 0;) {
      if (!echoes[i].ended || !echoes[i].pending.empty()) continue;
      if (shutdown(echoes[i].fd, SHUT_WR) != 0) Die("shutdown");
      close(echoes[i].fd);
      std::printf("echoed %zu\n", echoes[i].total);
      std::fflush(stdout);
      echoes.erase(echoes.begin() + i);
    }
    if (polled[0].revents & POLLIN) {
      const int fd = accept(listener, nullptr, nullptr);
      if (fd < 0) Die("accept");
      if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) Die("fcntl");
      echoes.push_back({fd, {}});
      --rounds;
    }
  }
  close(listener);
  return 0;
}

int Call(const char* host, const char* port, size_t bytes) {
  const int fd = Connect(host, port);
  if (fd < 0) Die("connect");
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) Die("fcntl");
  std::vector<char> buffer(64 * 1024);
  size_t sent = 0;
  size_t received = 0;
  bool half_closed = false;
  for (;;) {
    if (sent == bytes && !half_closed) {
      if (shutdown(fd, SHUT_WR) != 0) Die("shutdown");
      half_closed = true;
    }
    pollfd polled{fd, static_cast<short>(POLLIN | (sent < bytes ? POLLOUT : 0)), 0};
    if (poll(&polled, 1, -1) < 0) Die("poll");
    if (polled.revents & POLLOUT) {
      const size_t wanted = std::min(buffer.size(), bytes - sent);
      for (size_t i = 0; i < wanted; ++i) buffer[i] = ByteAt(sent + i);
      const ssize_t put = send(fd, buffer.data(), wanted, 0);
      if (put < 0 && errno != EAGAIN) Die("send");
      if (put > 0) sent += put;
    }
    if (polled.revents & POLLIN) {
      const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
      if (got < 0 && errno != EAGAIN) Die("recv");
      if (got == 0) break;
      for (ssize_t i = 0; i < got; ++i) {
        if (buffer[i] != ByteAt(received + i)) {
          std::printf("byte %zu differs\n", received + i);
          return 1;
        }
      }
      if (got > 0) received += got;
    }
  }
  close(fd);
  std::printf("sent %zu, back %zu\n", sent, received);
  return sent == received ? 0 : 1;
}

int Watch(int port) {
  const int listener = Listen(port);
  const int fd = accept(listener, nullptr, nullptr);
  if (fd < 0) Die("accept");
  char buffer[256];
  for (;;) {
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got == 0) {
      std::puts("end of file");
      return 0;
    }
    if (got < 0) {
      // wasi-libc reports every failure of a TCP stream as EIO.
      std::puts(errno == EIO || errno == ECONNRESET ? "reset" : ErrnoName(errno));
      return 0;
    }
    std::printf("got %.*s", static_cast<int>(got), buffer);
    std::fflush(stdout);
  }
}

int Resolve(const char* name) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name, nullptr, &hints, &found);
  if (error != 0) {
    std::printf("error: %s\n", gai_strerror(error));
    return 1;
  }
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    char text[INET_ADDRSTRLEN];
    const auto* address = reinterpret_cast<const sockaddr_in*>(each->ai_addr);
    std::puts(inet_ntop(AF_INET, &address->sin_addr, text, sizeof text));
  }
  freeaddrinfo(found);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "serve" && argc == 4) return Serve(std::atoi(argv[2]), std::atoi(argv[3]));
  if (mode == "call" && argc == 5)
    return Call(argv[2], argv[3], std::strtoul(argv[4], nullptr, 10));
  if (mode == "watch" && argc == 3) return Watch(std::atoi(argv[2]));
  if (mode == "resolve" && argc == 3) return Resolve(argv[2]);
  if ((mode == "refused" || mode == "hold") && argc == 4) {
    const int fd = Connect(argv[2], argv[3]);
    if (mode == "refused") {
      std::puts(fd < 0 ? ErrnoName(errno) : "connected");
      return 0;
    }
    if (fd < 0) Die("connect");
    if (send(fd, "hello\n", 6, 0) != 6) Die("send");
    std::puts("holding");
    std::fflush(stdout);
    for (;;) sleep(1000);
  }
  std::fprintf(stderr, "usage: peer serve|call|refused|hold|watch|resolve …\n");
  return 2;
}
