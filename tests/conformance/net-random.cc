// Many connections at once under a random plan: chunk sizes, buffer sizes, who ends first and how.
// Every byte is checked. What is printed depends on the seed alone, not on timing.
//
//     net-random              the seeds 1 to 100
//     net-random --seed N     one of them
#include <algorithm>
#include <cstring>
#include <memory>
#include <random>

#include "support/net.h"

namespace {

// std::mt19937 gives the same numbers everywhere; the standard distributions do not.
class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::size_t Below(std::size_t limit) { return engine_() % limit; }
  bool OneIn(std::size_t n) { return Below(n) == 0; }

 private:
  std::mt19937 engine_;
};

unsigned char ByteAt(std::size_t stream, std::size_t offset) {
  return static_cast<unsigned char>(stream * 37 + offset * 7 + (offset >> 8));
}

// How one end of a connection behaves, and how far it has come.
struct End {
  int socket = -1;
  std::size_t out = 0;  // Number of the stream it sends.
  std::size_t in = 0;   // Number of the stream it receives.
  std::size_t to_send = 0;
  std::size_t to_receive = 0;
  std::size_t largest_write = 1;
  std::size_t largest_read = 1;
  bool aborts = false;          // Closes with bytes of the peer unread, or while it sends.
  std::size_t abort_after = 0;  // Bytes sent before that.
  std::size_t sent = 0;
  std::size_t received = 0;
  bool ended_sending = false;
  bool got_end = false;
  bool lost = false;
  bool wrong = false;
  bool open() const { return socket >= 0; }
};

void Close(End& end) {
  close(end.socket);
  end.socket = -1;
}

// Whether an error is one of those that a reset connection may report.
bool IsLoss(int error) { return error == ECONNRESET || error == EPIPE || error == EIO; }

void Write(End& end, Random& random) {
  if (end.aborts && end.sent >= end.abort_after) {
    end.lost = true;
    Close(end);
    return;
  }
  if (end.sent == end.to_send) {
    if (end.ended_sending) return;
    shutdown(end.socket, SHUT_WR);
    end.ended_sending = true;
    return;
  }
  std::size_t limit = end.to_send - end.sent;
  if (end.aborts) limit = std::min(limit, end.abort_after - end.sent);
  std::vector<unsigned char> bytes(std::min(limit, 1 + random.Below(end.largest_write)));
  for (std::size_t i = 0; i < bytes.size(); i++) bytes[i] = ByteAt(end.out, end.sent + i);
  const ssize_t count = send(end.socket, bytes.data(), bytes.size(), 0);
  if (count >= 0) {
    end.sent += static_cast<std::size_t>(count);
  } else if (IsLoss(errno)) {
    end.lost = true;
    Close(end);
  } else if (errno != EAGAIN) {
    Print("unexpected error of send", ErrnoName(errno));
    Close(end);
  }
}

void Read(End& end, Random& random) {
  std::vector<unsigned char> bytes(1 + random.Below(end.largest_read));
  const ssize_t count = recv(end.socket, bytes.data(), bytes.size(), 0);
  if (count > 0) {
    for (ssize_t i = 0; i < count; i++) {
      if (bytes[static_cast<std::size_t>(i)] !=
          ByteAt(end.in, end.received + static_cast<std::size_t>(i))) {
        end.wrong = true;
      }
    }
    end.received += static_cast<std::size_t>(count);
  } else if (count == 0) {
    end.got_end = true;
  } else if (IsLoss(errno)) {
    end.lost = true;
    Close(end);
  } else if (errno != EAGAIN) {
    Print("unexpected error of recv", ErrnoName(errno));
    Close(end);
  }
}

// Lets both ends of all connections run until every one of them is closed.
void RunAll(std::vector<End>& ends, Random& random) {
  for (;;) {
    std::vector<pollfd> entries;
    std::vector<End*> owners;
    for (End& end : ends) {
      if (!end.open()) continue;
      if (end.got_end && end.ended_sending) {
        Close(end);
        continue;
      }
      short events = 0;
      if (!end.got_end) events |= POLLIN;
      if (!end.ended_sending) events |= POLLOUT;
      entries.push_back({end.socket, events, 0});
      owners.push_back(&end);
    }
    if (entries.empty()) return;
    Must("poll", poll(entries.data(), static_cast<nfds_t>(entries.size()), -1));
    for (std::size_t i = 0; i < entries.size(); i++) {
      End& end = *owners[i];
      const short got = entries[i].revents;
      if (random.OneIn(4)) continue;  // Not everybody acts in each round.
      if ((got & (POLLIN | POLLHUP | POLLERR)) != 0 && end.open() && !end.got_end)
        Read(end, random);
      if ((got & POLLOUT) != 0 && end.open() && !end.ended_sending) Write(end, random);
    }
  }
}

End Plan(Random& random) {
  End end;
  end.to_send = random.Below(random.OneIn(5) ? 300'000 : 5'000);
  end.largest_write = 1 + random.Below(random.OneIn(2) ? 100 : 50'000);
  end.largest_read = 1 + random.Below(random.OneIn(2) ? 300 : 50'000);
  // Few writes of one byte make a test; hundreds of thousands only take long.
  if (end.to_send > 20'000) end.largest_write = std::max<std::size_t>(end.largest_write, 2'000);
  end.aborts = random.OneIn(8);
  end.abort_after = random.Below(end.to_send + 1);
  return end;
}

void SetBuffers(int socket, Random& random) {
  const int receive = static_cast<int>(1 + random.Below(100'000));
  const int send = static_cast<int>(1 + random.Below(100'000));
  setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
  setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
}

void RunSeed(std::uint32_t seed) {
  Random random(seed);
  const std::size_t count = 1 + random.Below(25);
  const int family = random.OneIn(3) ? AF_INET6 : AF_INET;
  const int listener = Must("socket", socket(family, SOCK_STREAM, 0));
  SetBuffers(listener, random);
  Address any = Loopback(family);
  Must("bind", bind(listener, any.get(), any.length));
  Must("listen", listen(listener, 64));
  Address address = LocalOf(listener);
  std::vector<End> ends;
  for (std::size_t i = 0; i < count; i++) {
    End client = Plan(random);
    End server = Plan(random);
    client.socket = Must("socket", socket(family, SOCK_STREAM, 0));
    SetBuffers(client.socket, random);
    Must("connect", connect(client.socket, address.get(), address.length));
    server.socket = Must("accept", accept(listener, nullptr, nullptr));
    SetNonblocking(client.socket);
    SetNonblocking(server.socket);
    client.out = server.in = 2 * i;
    client.in = server.out = 2 * i + 1;
    client.to_receive = server.to_send;
    server.to_receive = client.to_send;
    // With nothing to say a peer could be gone before an abort is seen; that is timing, not plan.
    ends.push_back(client);
    ends.push_back(server);
  }
  close(listener);
  RunAll(ends, random);
  std::size_t whole = 0;
  std::size_t aborted = 0;
  std::size_t bytes = 0;
  bool right = true;
  for (std::size_t i = 0; i < ends.size(); i += 2) {
    const End& client = ends[i];
    const End& server = ends[i + 1];
    right = right && !client.wrong && !server.wrong;
    if (client.aborts || server.aborts) {
      aborted++;
      right = right && client.received <= client.to_receive && server.received <= server.to_receive;
      continue;
    }
    for (const End* end : {&client, &server}) {
      right = right && !end->lost && end->got_end && end->received == end->to_receive;
      bytes += end->received;
    }
    whole++;
  }
  Print("seed " + std::to_string(seed),
        std::to_string(whole) + " connections with " + std::to_string(bytes) + " bytes, " +
            std::to_string(aborted) + " aborted, " + (right ? "all as planned" : "NOT as planned"));
}

}  // namespace

int main(int argc, char** argv) {
  IgnoreSigpipe();
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc == 3 && std::strcmp(argv[1], "--seed") == 0) {
    RunSeed(static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)));
    return 0;
  }
  for (std::uint32_t seed = 1; seed <= 100; seed++) RunSeed(seed);
}
