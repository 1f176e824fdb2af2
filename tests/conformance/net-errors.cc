// What bind, listen, connect, accept and the rest answer when they cannot do what they are asked.
#include "support/net.h"

namespace {

void Binding(int family) {
  const std::string version = family == AF_INET ? "IPv4" : "IPv6";
  Section(version + ": bind");
  const int listener = Listen(family);
  Address address = LocalOf(listener);
  const int other = Must("socket", socket(family, SOCK_STREAM, 0));
  PrintOutcome("bind to a listener's address", bind(other, address.get(), address.length));
  Address wildcard = At(family == AF_INET ? "0.0.0.0" : "::", address.port());
  PrintOutcome("bind to the wildcard with its port", bind(other, wildcard.get(), wildcard.length));
  Address elsewhere = At(family == AF_INET ? "192.0.2.1" : "2001:db8::1", 0);
  PrintOutcome("bind to a foreign address", bind(other, elsewhere.get(), elsewhere.length));
  Address wrong = Loopback(family == AF_INET ? AF_INET6 : AF_INET);
  PrintOutcome("bind to the other family", bind(other, wrong.get(), sizeof wrong.storage));
  PrintOutcome("bind with a short address", bind(other, address.get(), 2));
  Address any = Loopback(family);
  PrintOutcome("bind to port 0", bind(other, any.get(), any.length));
  Print("port chosen", LocalOf(other).port() > 0 ? "yes" : "no");
  PrintOutcome("bind again", bind(other, any.get(), any.length));
  close(other);

  const int on = 1;
  TRY(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  const Pair pair = Connect(listener);
  close(listener);
  close(pair.server);
  const int again = Must("socket", socket(family, SOCK_STREAM, 0));
  TRY(setsockopt(again, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  PrintOutcome("bind again while a client remains", bind(again, address.get(), address.length));
  TRY(listen(again, 4));
  close(pair.client);
  close(again);
}

void Connecting(int family) {
  const std::string version = family == AF_INET ? "IPv4" : "IPv6";
  Section(version + ": connect");
  const int listener = Listen(family);
  Address address = LocalOf(listener);
  const int bound = Must("socket", socket(family, SOCK_STREAM, 0));
  Address own = Loopback(family);
  TRY(bind(bound, own.get(), own.length));
  const int port = LocalOf(bound).port();
  PrintOutcome("connect to a bound port without listener",
               connect(Must("socket", socket(family, SOCK_STREAM, 0)), Loopback(family, port).get(),
                       address.length));
  PrintOutcome("connect a bound socket", connect(bound, address.get(), address.length));
  Print("it keeps its port", LocalOf(bound).port() == port ? "yes" : "no");
  PrintOutcome("connect again", connect(bound, address.get(), address.length));
  PrintOutcome("listen on it", listen(bound, 4));
  PrintOutcome("accept on it", accept(bound, nullptr, nullptr));
  close(bound);
  PrintOutcome("connect a listener", connect(listener, address.get(), address.length));
  const int wrong = Must("socket", socket(family, SOCK_STREAM, 0));
  Address other = Loopback(family == AF_INET ? AF_INET6 : AF_INET, address.port());
  PrintOutcome("connect to the other family", connect(wrong, other.get(), sizeof other.storage));
  PrintOutcome("connect with a short address", connect(wrong, address.get(), 2));
  close(listener);
  PrintOutcome("connect when the listener is closed",
               connect(wrong, address.get(), address.length));
  close(wrong);
}

void States(int family) {
  const std::string version = family == AF_INET ? "IPv4" : "IPv6";
  Section(version + ": a socket that is not connected");
  const int fresh = Must("socket", socket(family, SOCK_STREAM, 0));
  char byte = 0;
  Address peer;
  TRY(recv(fresh, &byte, 1, 0));
  TRY(send(fresh, &byte, 1, 0));
  TRY(shutdown(fresh, SHUT_WR));
  TRY(getpeername(fresh, peer.get(), &peer.length));
  TRY(accept(fresh, nullptr, nullptr));
  PrintOutcome("listen without bind", listen(fresh, 4));
  Print("it has a port", LocalOf(fresh).port() > 0 ? "yes" : "no");
  PrintOutcome("listen again", listen(fresh, 8));
  TRY(recv(fresh, &byte, 1, 0));
  TRY(send(fresh, &byte, 1, 0));
  close(fresh);

  Section(version + ": descriptors that are no sockets");
  TRY(connect(99, Loopback(family, 1).get(), Loopback(family).length));
  TRY(listen(99, 1));
  TRY(accept(99, nullptr, nullptr));
  TRY(recv(99, &byte, 1, 0));
  const int directory = Must("open", open(".", O_RDONLY | O_DIRECTORY));
  TRY(listen(directory, 1));
  TRY(recv(directory, &byte, 1, 0));
  close(directory);

  Section(version + ": after shutdown");
  const Pair pair = Connect(family, 4);
  TRY(shutdown(pair.client, SHUT_WR));
  TRY(shutdown(pair.client, SHUT_WR));
  TRY(send(pair.client, &byte, 1, 0));
  TRY(shutdown(pair.client, 99));
  close(pair.client);
  close(pair.server);
}

void Creating() {
  Section("socket");
  TRY(socket(99, SOCK_STREAM, 0));
  TRY(socket(AF_INET, 99, 0));
  TRY(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  TRY(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
  TRY(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP));
}

// One more connection than the backlog says may wait, as on Linux; the rest wait outside.
void Backlog(int family) {
  Section("backlog");
  const int listener = Listen(family, 2);
  Address address = LocalOf(listener);
  int connected = 0;
  std::vector<int> clients;
  for (int i = 0; i < 3; i++) {
    clients.push_back(Must("socket", socket(family, SOCK_STREAM, 0)));
    if (connect(clients.back(), address.get(), address.length) == 0) connected++;
  }
  Print("connected without accept", connected);
  const int waiting = Must("socket", socket(family, SOCK_STREAM, 0));
  SetNonblocking(waiting);
  TRY(connect(waiting, address.get(), address.length));
  Print("ready at once", WaitFor(waiting, POLLOUT, 0) == 0 ? "no" : "yes");
  for (int i = 0; i < 3; i++) close(Must("accept", accept(listener, nullptr, nullptr)));
  Print("ready after accept", (WaitFor(waiting, POLLOUT) & POLLOUT) != 0 ? "yes" : "no");
  close(Must("accept", accept(listener, nullptr, nullptr)));
  for (const int client : clients) close(client);
  close(waiting);
  close(listener);
}

}  // namespace

int main() {
  IgnoreSigpipe();
  Creating();
  for (const int family : {AF_INET, AF_INET6}) {
    Binding(family);
    Connecting(family);
    States(family);
  }
  Backlog(AF_INET);
}
