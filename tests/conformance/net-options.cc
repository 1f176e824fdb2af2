// Socket options: which there are, what they start as, and what accepted sockets inherit.
#include <netinet/tcp.h>

#include "support/net.h"

namespace {

int Get(int socket, int level, int option) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(socket, level, option, &value, &length) < 0 ? -errno : value;
}

std::string Shown(int value) { return value < 0 ? ErrnoName(-value) : std::to_string(value); }

void SetAndGet(const char* name, int socket, int level, int option, int value) {
  PrintOutcome((std::string("set ") + name + " to " + std::to_string(value)).c_str(),
               setsockopt(socket, level, option, &value, sizeof value));
  Print(std::string("get ") + name, Shown(Get(socket, level, option)));
}

void Defaults(int family) {
  const int tcp = Must("socket", socket(family, SOCK_STREAM, 0));
  const int udp = Must("socket", socket(family, SOCK_DGRAM, 0));
  Print("SO_TYPE of TCP", Get(tcp, SOL_SOCKET, SO_TYPE) == SOCK_STREAM ? "SOCK_STREAM" : "other");
  Print("SO_TYPE of UDP", Get(udp, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM ? "SOCK_DGRAM" : "other");
  Print("SO_DOMAIN", Get(tcp, SOL_SOCKET, SO_DOMAIN) == family ? "same" : "other");
  Print("SO_PROTOCOL", Get(tcp, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP ? "TCP" : "other");
  Print("SO_ACCEPTCONN", Shown(Get(tcp, SOL_SOCKET, SO_ACCEPTCONN)));
  Print("SO_ERROR", Shown(Get(tcp, SOL_SOCKET, SO_ERROR)));
  Print("SO_KEEPALIVE", Shown(Get(tcp, SOL_SOCKET, SO_KEEPALIVE)));
  Print("SO_REUSEADDR", Shown(Get(tcp, SOL_SOCKET, SO_REUSEADDR)));
  Print("SO_RCVBUF", Get(tcp, SOL_SOCKET, SO_RCVBUF) > 0 ? "positive" : "not positive");
  Print("SO_SNDBUF", Get(tcp, SOL_SOCKET, SO_SNDBUF) > 0 ? "positive" : "not positive");
  Print("TCP_NODELAY", Shown(Get(tcp, IPPROTO_TCP, TCP_NODELAY)));
  Print("TCP_KEEPIDLE", Shown(Get(tcp, IPPROTO_TCP, TCP_KEEPIDLE)));
  Print("TCP_KEEPINTVL", Shown(Get(tcp, IPPROTO_TCP, TCP_KEEPINTVL)));
  Print("TCP_KEEPCNT", Shown(Get(tcp, IPPROTO_TCP, TCP_KEEPCNT)));
  if (family == AF_INET) {
    Print("IP_TTL", Shown(Get(tcp, IPPROTO_IP, IP_TTL)));
    Print("IP_TTL of UDP", Shown(Get(udp, IPPROTO_IP, IP_TTL)));
  } else {
    Print("IPV6_UNICAST_HOPS", Shown(Get(tcp, IPPROTO_IPV6, IPV6_UNICAST_HOPS)));
  }
  const int listener = Listen(family);
  Print("SO_ACCEPTCONN of a listener", Shown(Get(listener, SOL_SOCKET, SO_ACCEPTCONN)));
  close(listener);
  close(tcp);
  close(udp);
}

void Setting(int family) {
  const int tcp = Must("socket", socket(family, SOCK_STREAM, 0));
  SetAndGet("SO_KEEPALIVE", tcp, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetAndGet("SO_REUSEADDR", tcp, SOL_SOCKET, SO_REUSEADDR, 1);
  SetAndGet("TCP_NODELAY", tcp, IPPROTO_TCP, TCP_NODELAY, 1);
  SetAndGet("TCP_KEEPIDLE", tcp, IPPROTO_TCP, TCP_KEEPIDLE, 42);
  SetAndGet("TCP_KEEPIDLE", tcp, IPPROTO_TCP, TCP_KEEPIDLE, 0);
  SetAndGet("TCP_KEEPINTVL", tcp, IPPROTO_TCP, TCP_KEEPINTVL, 43);
  SetAndGet("TCP_KEEPCNT", tcp, IPPROTO_TCP, TCP_KEEPCNT, 44);
  SetAndGet("TCP_KEEPCNT", tcp, IPPROTO_TCP, TCP_KEEPCNT, 0);
  if (family == AF_INET) SetAndGet("IP_TTL", tcp, IPPROTO_IP, IP_TTL, 45);
  if (family == AF_INET6) SetAndGet("IPV6_UNICAST_HOPS", tcp, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 45);
  const int size = 1 << 16;
  TRY(setsockopt(tcp, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
  TRY(setsockopt(tcp, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  Print("SO_RCVBUF holds it", Get(tcp, SOL_SOCKET, SO_RCVBUF) >= size ? "yes" : "no");
  Print("SO_SNDBUF holds it", Get(tcp, SOL_SOCKET, SO_SNDBUF) >= size ? "yes" : "no");
  PrintOutcome("an unknown option", setsockopt(tcp, SOL_SOCKET, 9999, &size, sizeof size));
  PrintOutcome("an unknown level", setsockopt(tcp, 9999, 1, &size, sizeof size));
  PrintOutcome("an unknown option, get", Get(tcp, SOL_SOCKET, 9999) < 0 ? -1 : 0);
  linger off{0, 0};
  TRY(setsockopt(tcp, SOL_SOCKET, SO_LINGER, &off, sizeof off));
  close(tcp);
}

void Inheritance(int family) {
  const int listener = Must("socket", socket(family, SOCK_STREAM, 0));
  const auto set = [&](int level, int option, int value) {
    setsockopt(listener, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 42);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 43);
  set(IPPROTO_TCP, TCP_KEEPCNT, 44);
  set(SOL_SOCKET, SO_RCVBUF, 1 << 16);
  set(SOL_SOCKET, SO_SNDBUF, 1 << 16);
  Address address = Loopback(family);
  Must("bind", bind(listener, address.get(), address.length));
  Must("listen", listen(listener, 4));
  const Pair pair = Connect(listener);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 99);
  Print("SO_KEEPALIVE", Shown(Get(pair.server, SOL_SOCKET, SO_KEEPALIVE)));
  Print("TCP_KEEPIDLE", Shown(Get(pair.server, IPPROTO_TCP, TCP_KEEPIDLE)));
  Print("TCP_KEEPINTVL", Shown(Get(pair.server, IPPROTO_TCP, TCP_KEEPINTVL)));
  Print("TCP_KEEPCNT", Shown(Get(pair.server, IPPROTO_TCP, TCP_KEEPCNT)));
  Print("SO_RCVBUF is the listener's",
        Get(pair.server, SOL_SOCKET, SO_RCVBUF) == Get(listener, SOL_SOCKET, SO_RCVBUF) ? "yes"
                                                                                        : "no");
  Print("SO_SNDBUF is the listener's",
        Get(pair.server, SOL_SOCKET, SO_SNDBUF) == Get(listener, SOL_SOCKET, SO_SNDBUF) ? "yes"
                                                                                        : "no");
  Print("SO_KEEPALIVE of the client", Shown(Get(pair.client, SOL_SOCKET, SO_KEEPALIVE)));
  close(pair.client);
  close(pair.server);
  const Pair later = Connect(listener);
  Print("TCP_KEEPIDLE of one accepted later", Shown(Get(later.server, IPPROTO_TCP, TCP_KEEPIDLE)));
  close(later.client);
  close(later.server);
  close(listener);
}

}  // namespace

int main() {
  for (const int family : {AF_INET, AF_INET6}) {
    const std::string version = family == AF_INET ? "IPv4" : "IPv6";
    Section(version + ": defaults");
    Defaults(family);
    Section(version + ": set");
    Setting(family);
    Section(version + ": inherited");
    Inheritance(family);
  }
}
