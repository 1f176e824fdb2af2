// TCP with blocking sockets: bytes both ways, the end of a stream in every order, time limits.
#include <sys/time.h>

#include "support/net.h"

namespace {

void Bytes(int family) {
  const Pair pair = Connect(family, 4);
  Print("send", Send(pair.client, "by send"));
  Print("recv", Receive(pair.server));
  VALUE(write(pair.server, "by write", 8));
  char buffer[64];
  VALUE(read(pair.client, buffer, 3));
  VALUE(read(pair.client, buffer, sizeof buffer));
  VALUE(send(pair.client, "", 0, 0));
  Print("send", Send(pair.client, "one "));
  Print("send", Send(pair.client, "two"));
  std::string both;
  while (both.size() < 7) both += Receive(pair.server, 1).substr(1, 1);
  Print("recv byte by byte", both);
  close(pair.client);
  close(pair.server);
}

void Addresses(int family) {
  const int listener = Listen(family);
  Print("listener", LocalOf(listener).host());
  Address address = LocalOf(listener);
  const int client = Must("socket", socket(family, SOCK_STREAM, 0));
  Must("connect", connect(client, address.get(), address.length));
  Address peer;
  const int server = Must("accept", accept(listener, peer.get(), &peer.length));
  Print("accepted from", peer.host());
  Print("accept names the client", peer.port() == LocalOf(client).port() ? "yes" : "no");
  Print("getpeername of the server", PeerOf(server).port() == peer.port() ? "same" : "other");
  Print("getsockname of the server", LocalOf(server).port() == address.port() ? "same" : "other");
  Print("getpeername of the client", PeerOf(client).host());
  Address none;
  TRY(getpeername(listener, none.get(), &none.length));
  close(client);
  Print("getpeername after the peer has closed",
        PeerOf(server).port() == peer.port() ? "same" : "other");
  close(server);
  close(listener);
}

void HalfCloses(int family) {
  {
    Section("the client ends first");
    const Pair pair = Connect(family, 4);
    Send(pair.client, "request");
    TRY(shutdown(pair.client, SHUT_WR));
    Print("server", Receive(pair.server));
    Print("server", Receive(pair.server));
    Print("server", Receive(pair.server));
    Print("server sends", Send(pair.server, "response"));
    Print("client", Receive(pair.client));
    Print("client sends", Send(pair.client, "more"));
    TRY(shutdown(pair.server, SHUT_WR));
    Print("client", Receive(pair.client));
    close(pair.client);
    close(pair.server);
  }
  {
    Section("the server ends first");
    const Pair pair = Connect(family, 4);
    TRY(shutdown(pair.server, SHUT_WR));
    Print("client", Receive(pair.client));
    Print("client sends", Send(pair.client, "after the end"));
    Print("server", Receive(pair.server));
    TRY(shutdown(pair.client, SHUT_RDWR));
    Print("server", Receive(pair.server));
    close(pair.client);
    close(pair.server);
  }
  {
    Section("data that the closed peer has left");
    const Pair pair = Connect(family, 4);
    Send(pair.client, "testament");
    TRY(close(pair.client));
    Print("server", Receive(pair.server, 4));
    Print("server", Receive(pair.server));
    Print("server", Receive(pair.server));
    close(pair.server);
  }
  {
    Section("data and end before accept");
    const int listener = Listen(family);
    Address address = LocalOf(listener);
    const int client = Must("socket", socket(family, SOCK_STREAM, 0));
    Must("connect", connect(client, address.get(), address.length));
    Send(client, "early");
    close(client);
    const int server = Must("accept", accept(listener, nullptr, nullptr));
    Print("server", Receive(server));
    Print("server", Receive(server));
    close(server);
    close(listener);
  }
  {
    Section("receiving shut down");
    const Pair pair = Connect(family, 4);
    TRY(shutdown(pair.client, SHUT_RD));
    Print("client", Receive(pair.client));
    Print("client sends", Send(pair.client, "still"));
    Print("server", Receive(pair.server));
    close(pair.client);
    close(pair.server);
  }
}

void Resets(int family) {
  {
    Section("closed with unread bytes");
    const Pair pair = Connect(family, 4);
    Send(pair.client, "unread");
    WaitFor(pair.server, POLLIN);
    close(pair.server);
    WaitFor(pair.client, POLLIN);
    Print("client", Receive(pair.client));
    Print("client again", Receive(pair.client));
    Print("client sends", Send(pair.client, "more"));
    close(pair.client);
  }
  {
    Section("sent to a closed peer");
    const Pair pair = Connect(family, 4);
    close(pair.server);
    Print("first", Send(pair.client, "x"));
    WaitFor(pair.client, POLLIN);
    // By now the answer to the first bytes has come.
    Print("client receives", Receive(pair.client));
    Print("second", Send(pair.client, "y"));
    close(pair.client);
  }
}

void TimeLimits(int family) {
  const Pair pair = Connect(family, 4);
  timeval limit{0, 30'000};
  TRY(setsockopt(pair.client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  timeval got{};
  socklen_t length = sizeof got;
  TRY(getsockopt(pair.client, SOL_SOCKET, SO_RCVTIMEO, &got, &length));
  Print("limit set", got.tv_usec > 0 ? "yes" : "no");
  Print("recv with nothing there", Receive(pair.client));
  char byte;
  VALUE(read(pair.client, &byte, 1));
  Send(pair.server, "here");
  Print("recv with something there", Receive(pair.client));
  limit = {0, 0};
  TRY(setsockopt(pair.client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  Send(pair.server, "without limit");
  Print("recv", Receive(pair.client));
  close(pair.client);
  close(pair.server);
}

// More than both buffers hold goes through only as fast as it is read, and arrives unchanged.
void Bulk(int family) {
  const Pair pair = Connect(family, 4);
  SetNonblocking(pair.client);
  constexpr std::size_t kTotal = 8 << 20;
  std::size_t sent = 0;
  std::size_t received = 0;
  bool right = true;
  bool full = false;
  std::vector<unsigned char> chunk(50'000);
  while (received < kTotal) {
    while (sent < kTotal) {
      const std::size_t count = std::min(chunk.size(), kTotal - sent);
      for (std::size_t i = 0; i < count; i++)
        chunk[i] = static_cast<unsigned char>((sent + i) % 251);
      const ssize_t result = send(pair.client, chunk.data(), count, 0);
      if (result < 0) {
        full = true;
        break;
      }
      sent += static_cast<std::size_t>(result);
    }
    const ssize_t result = recv(pair.server, chunk.data(), chunk.size(), 0);
    if (result <= 0) break;
    for (ssize_t i = 0; i < result; i++) {
      if (chunk[static_cast<std::size_t>(i)] != (received + static_cast<std::size_t>(i)) % 251)
        right = false;
    }
    received += static_cast<std::size_t>(result);
  }
  Print("received", static_cast<long long>(received));
  Print("unchanged", right ? "yes" : "no");
  Print("the sender had to wait", full ? "yes" : "no");
  close(pair.client);
  close(pair.server);
}

}  // namespace

int main() {
  IgnoreSigpipe();
  for (const int family : {AF_INET, AF_INET6}) {
    const std::string version = family == AF_INET ? "IPv4" : "IPv6";
    Section(version + ": bytes");
    Bytes(family);
    Section(version + ": addresses");
    Addresses(family);
    HalfCloses(family);
    Resets(family);
    Section(version + ": time limits");
    TimeLimits(family);
    Section(version + ": bulk");
    Bulk(family);
  }
}
