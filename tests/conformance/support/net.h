// What the network's conformance programs share: addresses on loopback, waiting, bulk data. All of
// them run server and client in one process, so that every call has a peer in a known state.

#ifndef BACKTAB_TESTS_CONFORMANCE_SUPPORT_NET_H_
#define BACKTAB_TESTS_CONFORMANCE_SUPPORT_NET_H_

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/report.h"

// Writing to a socket whose peer is gone is to fail with EPIPE, not to end the program. Where there
// are no signals nothing is to be done.
inline void IgnoreSigpipe() {
#ifdef SIGPIPE
  std::signal(SIGPIPE, SIG_IGN);
#endif
}

// A socket address of either family.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }

  int port() const {
    return ntohs(family() == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                                      : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  }

  std::string host() const {
    char text[INET6_ADDRSTRLEN] = "";
    const void* address =
        family() == AF_INET6
            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr)
            : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr);
    inet_ntop(family(), address, text, sizeof text);
    return text;
  }
};

// The address of a host's literal and a port.
inline Address At(const std::string& host, int port) {
  Address address;
  if (host.find(':') != std::string::npos) {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET6, host.c_str(), &in6->sin6_addr);
    address.length = sizeof *in6;
  } else {
    auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, host.c_str(), &in->sin_addr);
    address.length = sizeof *in;
  }
  return address;
}

// The loopback address of a family.
inline Address Loopback(int family, int port = 0) {
  return At(family == AF_INET6 ? "::1" : "127.0.0.1", port);
}

inline Address LocalOf(int socket) {
  Address address;
  getsockname(socket, address.get(), &address.length);
  return address;
}

inline Address PeerOf(int socket) {
  Address address;
  getpeername(socket, address.get(), &address.length);
  return address;
}

// For what the observations of a program stand on: ends the program when it fails.
inline int Must(const char* what, int result) {
  if (result < 0) {
    Print(what, ErrnoName(errno));
    std::exit(1);
  }
  return result;
}

inline void SetNonblocking(int socket) { fcntl(socket, F_SETFL, O_NONBLOCK); }

// Waits until poll reports one of the events; returns what it reported.
inline short WaitFor(int socket, short events, int timeout_ms = -1) {
  pollfd entry{socket, events, 0};
  return poll(&entry, 1, timeout_ms) > 0 ? entry.revents : 0;
}

// A listening socket on loopback with a port of its own.
inline int Listen(int family, int backlog = 16) {
  const int listener = Must("socket", socket(family, SOCK_STREAM, 0));
  Address address = Loopback(family);
  Must("bind", bind(listener, address.get(), address.length));
  Must("listen", listen(listener, backlog));
  return listener;
}

// The two ends of a connection.
struct Pair {
  int client = -1;
  int server = -1;
};

inline Pair Connect(int listener) {
  Address address = LocalOf(listener);
  Pair pair;
  pair.client = Must("socket", socket(address.family(), SOCK_STREAM, 0));
  Must("connect", connect(pair.client, address.get(), address.length));
  pair.server = Must("accept", accept(listener, nullptr, nullptr));
  return pair;
}

inline Pair Connect(int family, int backlog) {
  const int listener = Listen(family, backlog);
  const Pair pair = Connect(listener);
  close(listener);
  return pair;
}

// One recv with its outcome in words: the text, "end", or the errno name.
inline std::string Receive(int socket, std::size_t limit = 4096, int flags = 0) {
  std::vector<char> buffer(limit);
  const ssize_t count = recv(socket, buffer.data(), buffer.size(), flags);
  if (count < 0) return ErrnoName(errno);
  if (count == 0) return "end";
  return '"' + std::string(buffer.data(), static_cast<std::size_t>(count)) + '"';
}

// One send with its outcome in words: the number of bytes, or the errno name.
inline std::string Send(int socket, const std::string& text) {
  const ssize_t count = send(socket, text.data(), text.size(), 0);
  return count < 0 ? ErrnoName(errno) : std::to_string(count);
}

#endif  // BACKTAB_TESTS_CONFORMANCE_SUPPORT_NET_H_
