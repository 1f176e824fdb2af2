// Non-blocking sockets, poll and select.
#include <sys/ioctl.h>
#include <sys/select.h>

#include "support/net.h"

namespace {

std::string Events(short events) {
  std::string text;
  if ((events & POLLIN) != 0) text += " in";
  if ((events & POLLOUT) != 0) text += " out";
  if ((events & POLLERR) != 0) text += " err";
  if ((events & POLLHUP) != 0) text += " hup";
  if ((events & POLLNVAL) != 0) text += " nval";
  return text.empty() ? "nothing" : text.substr(1);
}

void Nonblocking(int family) {
  Section("non-blocking");
  const int listener = Listen(family);
  SetNonblocking(listener);
  TRY(accept(listener, nullptr, nullptr));
  Address address = LocalOf(listener);
  const int client = Must("socket", socket(family, SOCK_STREAM, 0));
  SetNonblocking(client);
  Print("flag", (fcntl(client, F_GETFL) & O_NONBLOCK) != 0 ? "set" : "not set");
  TRY(connect(client, address.get(), address.length));
  Print("poll", Events(WaitFor(client, POLLOUT)));
  int error = -1;
  socklen_t length = sizeof error;
  TRY(getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &length));
  Print("SO_ERROR", error);
  PrintOutcome("connect again", connect(client, address.get(), address.length));
  const int server = Must("accept", accept(listener, nullptr, nullptr));
  Print("accepted socket's flag", (fcntl(server, F_GETFL) & O_NONBLOCK) != 0 ? "set" : "not set");
  Print("recv", Receive(client));
  char buffer[16];
  VALUE(read(client, buffer, sizeof buffer));
  Print("recv with MSG_DONTWAIT", Receive(server, 16, MSG_DONTWAIT));
  // Whatever the buffers' sizes: there is an end, and reading makes room.
  const std::string chunk(10'000, 'x');
  std::size_t sent = 0;
  for (;;) {
    const ssize_t count = send(client, chunk.data(), chunk.size(), 0);
    if (count < 0) {
      Print("send when full", ErrnoName(errno));
      break;
    }
    sent += static_cast<std::size_t>(count);
  }
  Print("poll when full", Events(WaitFor(client, POLLOUT, 0)));
  std::size_t received = 0;
  std::vector<char> big(100'000);
  while (received < sent) {
    const ssize_t count = recv(server, big.data(), big.size(), 0);
    if (count <= 0) break;
    received += static_cast<std::size_t>(count);
  }
  Print("received what was sent", received == sent ? "yes" : "no");
  Print("poll", Events(WaitFor(client, POLLOUT)));
  close(client);
  close(server);

  close(listener);
  const int refused = Must("socket", socket(family, SOCK_STREAM, 0));
  SetNonblocking(refused);
  TRY(connect(refused, address.get(), address.length));
  Print("poll when refused", (WaitFor(refused, POLLOUT) & POLLOUT) != 0 ? "out" : "not out");
  TRY(getsockopt(refused, SOL_SOCKET, SO_ERROR, &error, &length));
  Print("SO_ERROR", ErrnoName(error));
  close(refused);
}

void Polling(int family) {
  Section("poll");
  const int listener = Listen(family);
  Print("listener", Events(WaitFor(listener, POLLIN, 0)));
  Address address = LocalOf(listener);
  const int client = Must("socket", socket(family, SOCK_STREAM, 0));
  Must("connect", connect(client, address.get(), address.length));
  Print("listener with a connection", Events(WaitFor(listener, POLLIN)));
  const int server = Must("accept", accept(listener, nullptr, nullptr));
  Print("listener without", Events(WaitFor(listener, POLLIN, 0)));
  Print("idle", Events(WaitFor(server, POLLIN | POLLOUT)));
  Print("idle, in only, 20 ms", Events(WaitFor(server, POLLIN, 20)));
  Send(client, "x");
  Print("with data", Events(WaitFor(server, POLLIN | POLLOUT)));
  Print("with data, out only", Events(WaitFor(server, POLLOUT)));
  shutdown(client, SHUT_WR);
  Print("with data and end", Events(WaitFor(server, POLLIN)));
  Receive(server);
  Print("with end", Events(WaitFor(server, POLLIN)));
  pollfd several[] = {
      {listener, POLLIN, 0}, {server, POLLIN, 0}, {-1, POLLIN, 0}, {client, POLLIN, 0}};
  VALUE(poll(several, 4, -1));
  for (const pollfd& entry : several) Print("of several", Events(entry.revents));
  pollfd invalid{99, POLLIN, 0};
  VALUE(poll(&invalid, 1, 0));
  Print("no descriptor", Events(invalid.revents));
  VALUE(poll(nullptr, 0, 10));
  shutdown(server, SHUT_WR);
  Print("both ended", (WaitFor(server, POLLIN) & POLLIN) != 0 ? "in" : "not in");
  close(client);
  close(server);
  close(listener);
}

void Selecting(int family) {
  Section("select");
  const Pair pair = Connect(family, 4);
  fd_set in;
  fd_set out;
  const auto run = [&](const char* what, bool writing, long microseconds) {
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(pair.server, &in);
    if (writing) FD_SET(pair.server, &out);
    timeval limit{0, static_cast<suseconds_t>(microseconds)};
    const int count = select(pair.server + 1, &in, &out, nullptr, &limit);
    Print(what, std::to_string(count) + (FD_ISSET(pair.server, &in) ? " in" : "") +
                    (FD_ISSET(pair.server, &out) ? " out" : ""));
  };
  run("idle", true, 0);
  run("idle, in only", false, 10'000);
  Send(pair.client, "x");
  WaitFor(pair.server, POLLIN);
  run("with data", true, 0);
  Receive(pair.server);
  close(pair.client);
  WaitFor(pair.server, POLLIN);
  run("with end", false, 0);
  close(pair.server);
}

void Counting(int family) {
  Section("FIONREAD");
  const Pair pair = Connect(family, 4);
  Send(pair.client, "four");
  WaitFor(pair.server, POLLIN);
  int count = -1;
  TRY(ioctl(pair.server, FIONREAD, &count));
  Print("bytes", count);
  int on = 1;
  TRY(ioctl(pair.client, FIONBIO, &on));
  Print("recv after FIONBIO", Receive(pair.client));
  close(pair.client);
  close(pair.server);
}

}  // namespace

int main() {
  IgnoreSigpipe();
  for (const int family : {AF_INET, AF_INET6}) {
    Section(family == AF_INET ? "IPv4" : "IPv6");
    Nonblocking(family);
    Polling(family);
    Selecting(family);
    Counting(family);
  }
}
