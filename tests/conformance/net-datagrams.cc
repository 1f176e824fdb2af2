// UDP: unconnected and connected, errors that come back, sizes, time limits.
#include <sys/time.h>

#include "support/net.h"

namespace {

int Bound(int family) {
  const int result = Must("socket", socket(family, SOCK_DGRAM, 0));
  Address address = Loopback(family);
  Must("bind", bind(result, address.get(), address.length));
  return result;
}

std::string ReceiveFrom(int socket, Address* from, std::size_t limit = 2048) {
  std::vector<char> buffer(limit);
  from->length = sizeof from->storage;
  const ssize_t count =
      recvfrom(socket, buffer.data(), buffer.size(), 0, from->get(), &from->length);
  if (count < 0) return ErrnoName(errno);
  return '"' + std::string(buffer.data(), static_cast<std::size_t>(count)) + '"';
}

std::string ReceiveDatagram(int socket, std::size_t limit = 2048, int flags = 0) {
  std::vector<char> buffer(limit);
  const ssize_t count = recv(socket, buffer.data(), buffer.size(), flags);
  if (count < 0) return ErrnoName(errno);
  return '"' + std::string(buffer.data(), static_cast<std::size_t>(count)) + '"';
}

std::string SendTo(int socket, const std::string& text, Address to) {
  const ssize_t count = sendto(socket, text.data(), text.size(), 0, to.get(), to.length);
  return count < 0 ? ErrnoName(errno) : std::to_string(count);
}

void Unconnected(int family) {
  Section("unconnected");
  const int server = Bound(family);
  const int client = Must("socket", socket(family, SOCK_DGRAM, 0));
  Print("sendto", SendTo(client, "hello", LocalOf(server)));
  Print("the client has a port", LocalOf(client).port() > 0 ? "yes" : "no");
  Address from;
  Print("recvfrom", ReceiveFrom(server, &from));
  Print("from", from.host());
  Print("its port", from.port() == LocalOf(client).port() ? "the client's" : "another");
  Print("reply", SendTo(server, "reply", from));
  Print("recv", ReceiveDatagram(client));
  Print("empty", SendTo(client, "", LocalOf(server)));
  Print("second", SendTo(client, "second", LocalOf(server)));
  Print("recv empty", ReceiveDatagram(server));
  Print("recv second", ReceiveDatagram(server));
  SendTo(client, "truncated", LocalOf(server));
  Print("recv with little room", ReceiveDatagram(server, 5));
  SendTo(client, "next", LocalOf(server));
  Print("recv after that", ReceiveDatagram(server));
  Print("send without address", Send(client, "x"));
  SetNonblocking(server);
  Print("recv with nothing there", ReceiveDatagram(server));
  // IPv6 carries a few bytes more than IPv4; what neither carries is too large for both.
  Print("too large", SendTo(client, std::string(65'536, 'x'), LocalOf(server)));
  Print("just large enough", SendTo(client, std::string(65'507, 'x'), LocalOf(server)));
  WaitFor(server, POLLIN);
  std::vector<char> large(70'000);
  VALUE(recv(server, large.data(), large.size(), 0));
  Address wrong = Loopback(family == AF_INET ? AF_INET6 : AF_INET, 9);
  if (family == AF_INET) Print("to the other family", SendTo(client, "x", wrong));
  Print("to port 0", SendTo(client, "x", Loopback(family, 0)));
  close(client);
  close(server);
}

void Connected(int family) {
  Section("connected");
  const int server = Bound(family);
  const int client = Must("socket", socket(family, SOCK_DGRAM, 0));
  Address address = LocalOf(server);
  TRY(connect(client, address.get(), address.length));
  Print("getpeername", PeerOf(client).port() == address.port() ? "the server" : "another");
  Print("send", Send(client, "by send"));
  VALUE(write(client, "by write", 8));
  Address from;
  Print("recvfrom", ReceiveFrom(server, &from));
  Print("recv", ReceiveDatagram(server));
  const int stranger = Bound(family);
  SendTo(stranger, "from a stranger", LocalOf(client));
  SendTo(server, "from the peer", LocalOf(client));
  Print("getsockname", LocalOf(client).host());
  Print("recv filters", ReceiveDatagram(client));
  Print("recv once more", ReceiveDatagram(client, 64, MSG_DONTWAIT));
  TRY(connect(client, LocalOf(stranger).get(), address.length));
  Print("getpeername",
        PeerOf(client).port() == LocalOf(stranger).port() ? "the stranger" : "another");
  Send(client, "to the stranger");
  Print("the stranger", ReceiveDatagram(stranger));
  Address none{};
  none.storage.ss_family = AF_UNSPEC;
  TRY(connect(client, none.get(), sizeof(sockaddr)));
  TRY(getpeername(client, none.get(), &none.length));
  close(client);
  close(stranger);
  close(server);
}

void Unreachable(int family) {
  Section("a port that nobody has bound");
  const int gone = Bound(family);
  Address address = LocalOf(gone);
  close(gone);
  const int client = Must("socket", socket(family, SOCK_DGRAM, 0));
  TRY(connect(client, address.get(), address.length));
  Print("send", Send(client, "x"));
  Print("poll", WaitFor(client, POLLIN) != 0 ? "something" : "nothing");
  Print("recv", ReceiveDatagram(client));
  Print("recv again", ReceiveDatagram(client, 64, MSG_DONTWAIT));
  Print("send", Send(client, "x"));
  WaitFor(client, POLLIN);
  Print("send after the answer", Send(client, "x"));
  close(client);
  const int unconnected = Must("socket", socket(family, SOCK_DGRAM, 0));
  Print("sendto", SendTo(unconnected, "x", address));
  Print("recv of an unconnected socket", ReceiveDatagram(unconnected, 64, MSG_DONTWAIT));
  close(unconnected);
}

void Binding(int family) {
  Section("bind");
  const int first = Bound(family);
  Address address = LocalOf(first);
  const int second = Must("socket", socket(family, SOCK_DGRAM, 0));
  PrintOutcome("bind to the same address", bind(second, address.get(), address.length));
  Address elsewhere = At(family == AF_INET ? "192.0.2.1" : "2001:db8::1", 0);
  PrintOutcome("bind to a foreign address", bind(second, elsewhere.get(), elsewhere.length));
  const int tcp = Must("socket", socket(family, SOCK_STREAM, 0));
  PrintOutcome("bind TCP to the same port", bind(tcp, address.get(), address.length));
  close(first);
  PrintOutcome("bind when it is free", bind(second, address.get(), address.length));
  PrintOutcome("bind again", bind(second, address.get(), address.length));
  TRY(listen(second, 1));
  TRY(accept(second, nullptr, nullptr));
  close(second);
  close(tcp);
}

void Waiting(int family) {
  Section("waiting");
  const int server = Bound(family);
  timeval limit{0, 20'000};
  const bool limited = TRY(setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  Print("recv", limited ? ReceiveDatagram(server) : "would wait for ever");
  Print("poll", WaitFor(server, POLLIN, 10) == 0 ? "nothing" : "something");
  Print("poll for room", (WaitFor(server, POLLOUT) & POLLOUT) != 0 ? "out" : "not out");
  const int client = Must("socket", socket(family, SOCK_DGRAM, 0));
  SendTo(client, "x", LocalOf(server));
  Print("poll", (WaitFor(server, POLLIN) & POLLIN) != 0 ? "in" : "not in");
  Print("recv", ReceiveDatagram(server));
  close(client);
  close(server);
}

}  // namespace

int main() {
  for (const int family : {AF_INET, AF_INET6}) {
    Section(family == AF_INET ? "IPv4" : "IPv6");
    Unconnected(family);
    Connected(family);
    Unreachable(family);
    Binding(family);
    Waiting(family);
  }
}
