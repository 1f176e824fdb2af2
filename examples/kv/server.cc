#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "commands.h"
#include "resp.h"

namespace kv {
namespace {

constexpr size_t kReceiveSize = 64 * 1024;
constexpr int kBacklog = 511;
// Changes are committed before more than this is staged, so a round's memory is bounded.
constexpr size_t kMaxStaged = 16 * 1024 * 1024;
// Requests of one client per round, so that none waits long for a client that sends many.
constexpr size_t kMaxRequestsPerRound = 4096;

Status SystemError(const std::string& what) {
  return Status::Error(what + ": " + std::strerror(errno));
}

bool SetNonBlocking(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

bool IsWouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
};

bool ParseAddress(const std::string& text, uint16_t port, SocketAddress* address) {
  sockaddr_in v4 = {};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&address->storage, &v4, sizeof v4);
    address->size = sizeof v4;
    return true;
  }
  sockaddr_in6 v6 = {};
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&address->storage, &v6, sizeof v6);
    address->size = sizeof v6;
    return true;
  }
  return false;
}

uint16_t PortOf(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &storage, sizeof v6);
    return ntohs(v6.sin6_port);
  }
  sockaddr_in v4 = {};
  std::memcpy(&v4, &storage, sizeof v4);
  return ntohs(v4.sin_port);
}

}  // namespace

struct Server::Client {
  explicit Client(Descriptor connected) : socket(std::move(connected)) {}

  bool HasOutput() const { return sent < output.size(); }
  bool IsPaused() const { return output.size() - sent + held.size() > kMaxQueuedOutput; }
  bool HasRequest() const { return may_hold_request && !leaving && !IsPaused(); }
  bool IsDone() const {
    const bool no_more_requests = leaving || (input_ended && !may_hold_request);
    return broken || (no_more_requests && !HasOutput());
  }

  const Descriptor socket;
  RequestParser input;
  std::string held;               // replies to this round's requests, until the round is committed
  std::string output;             // replies that may be sent
  size_t sent = 0;                // of output
  bool may_hold_request = false;  // whether input may give another request without new bytes
  bool input_ended = false;       // the client sends no more
  bool leaving = false;           // after QUIT or a protocol error
  bool send_blocked = false;      // until the socket is writable again
  bool broken = false;            // the connection failed
};

// One request of a round, kept so that it can be executed again if the commit fails; or, without
// arguments, the protocol error that ended a client's input.
struct Server::Work {
  Client* client;
  Arguments request;

  // Appends the reply to what is held for the client.
  Afterwards Execute(Store* store) {
    if (!request.empty()) return kv::Execute(&request, store, &client->held);
    AppendError("ERR " + client->input.error(), &client->held);
    return Afterwards::kEndConnection;
  }
};

Result<std::unique_ptr<Server>> Server::Listen(const std::string& address, uint16_t port,
                                               std::unique_ptr<Store> store) {
  SocketAddress bound;
  if (!ParseAddress(address, port, &bound)) {
    return Status::Error("'" + address + "' is not an IPv4 or IPv6 address");
  }
  Descriptor listener(socket(bound.storage.ss_family, SOCK_STREAM, 0));
  if (!listener.ok()) return SystemError("cannot make a socket");
  const int yes = 1;
  if (setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) {
    return SystemError("cannot set SO_REUSEADDR");
  }
  SocketAddress actual;
  actual.size = sizeof actual.storage;
  // The sockets interface is defined in terms of these casts.
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&bound.storage), bound.size) != 0 ||
      listen(listener.get(), kBacklog) != 0 || !SetNonBlocking(listener.get()) ||
      getsockname(listener.get(), reinterpret_cast<sockaddr*>(&actual.storage), &actual.size) !=
          0) {
    return SystemError("cannot listen on " + address + " port " + std::to_string(port));
  }
  return std::unique_ptr<Server>(
      new Server(std::move(listener), PortOf(actual.storage), std::move(store)));
}

Server::Server(Descriptor listener, uint16_t port, std::unique_ptr<Store> store)
    : listener_(std::move(listener)),
      port_(port),
      store_(std::move(store)),
      receive_buffer_(kReceiveSize) {}

Server::~Server() = default;

size_t Server::client_count() const { return clients_.size(); }

Status Server::RunOnce(int timeout_ms) {
  std::vector<pollfd> polled;
  std::vector<Client*> polled_clients;
  for (const auto& client : clients_) {
    int events = 0;
    if (!client->input_ended && !client->leaving && !client->IsPaused()) events |= POLLIN;
    if (client->HasOutput()) events |= POLLOUT;
    if (events != 0) {
      polled.push_back({client->socket.get(), static_cast<short>(events), 0});
      polled_clients.push_back(client.get());
    }
    if (client->HasRequest()) timeout_ms = 0;
  }
  if (accepting_) polled.push_back({listener_.get(), POLLIN, 0});
  if (poll(polled.data(), static_cast<nfds_t>(polled.size()), timeout_ms) < 0) {
    if (errno == EINTR) return Status::Ok();
    return SystemError("cannot poll");
  }

  for (size_t i = 0; i < polled_clients.size(); ++i) {
    constexpr int kFailed = POLLERR | POLLHUP | POLLNVAL;
    if ((polled[i].revents & (POLLOUT | kFailed)) != 0) polled_clients[i]->send_blocked = false;
    if ((polled[i].events & POLLIN) != 0 && (polled[i].revents & (POLLIN | kFailed)) != 0) {
      Receive(polled_clients[i]);
    }
  }
  if (accepting_ && polled.back().revents != 0) {
    Status status = Accept();
    if (!status.ok()) return status;
  }
  ExecuteRequests();
  for (const auto& client : clients_) Send(client.get());
  if (std::erase_if(clients_, [](const auto& client) { return client->IsDone(); }) > 0) {
    accepting_ = true;
  }
  return Status::Ok();
}

Status Server::Accept() {
  while (true) {
    Descriptor accepted(accept(listener_.get(), nullptr, nullptr));
    if (!accepted.ok()) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        if (clients_.empty()) return SystemError("cannot accept a client");
        std::fprintf(stderr, "kv-server: %zu clients, and no descriptor for another (%s)\n",
                     clients_.size(), std::strerror(errno));
        accepting_ = false;
      }
      // Anything else is a connection that failed before it was accepted, or none left.
      return Status::Ok();
    }
    if (!SetNonBlocking(accepted.get())) continue;
    // Replies leave in whole batches already; waiting to fill packets would only delay them.
    const int yes = 1;
    setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    clients_.push_back(std::make_unique<Client>(std::move(accepted)));
  }
}

void Server::Receive(Client* client) {
  const ssize_t received =
      recv(client->socket.get(), receive_buffer_.data(), receive_buffer_.size(), 0);
  if (received > 0) {
    client->input.Append({receive_buffer_.data(), static_cast<size_t>(received)});
    client->may_hold_request = true;
  } else if (received == 0) {
    client->input_ended = true;
  } else if (errno != EINTR && !IsWouldBlock(errno)) {
    client->broken = true;
  }
}

void Server::ExecuteRequests() {
  std::vector<Work> round;
  for (const auto& client : clients_) {
    for (size_t taken = 0; taken < kMaxRequestsPerRound && client->HasRequest(); ++taken) {
      Work work{client.get(), {}};
      if (client->input.Next(&work.request) == RequestParser::Outcome::kIncomplete) {
        client->may_hold_request = false;
        break;
      }
      const Afterwards afterwards = work.Execute(store_.get());
      client->leaving = afterwards != Afterwards::kGoOn;
      shut_down_ = shut_down_ || afterwards == Afterwards::kShutDown;
      round.push_back(std::move(work));
      if (store_->staged_size() > kMaxStaged) Commit(&round);
    }
  }
  Commit(&round);
}

void Server::Commit(std::vector<Work>* round) {
  if (store_->staged_size() > 0 && !store_->Commit().ok()) {
    std::fprintf(stderr, "kv-server: %s; no more writes until a restart\n",
                 store_->failure().message().c_str());
    // The store is back at what is durable: now the changes are refused, and reads see that.
    for (Work& work : *round) work.client->held.clear();
    for (Work& work : *round) work.Execute(store_.get());
  }
  for (Work& work : *round) {
    work.client->output.append(work.client->held);
    work.client->held.clear();
  }
  round->clear();
}

void Server::Send(Client* client) {
  if (!client->HasOutput() || client->send_blocked || client->broken) return;
  const std::string_view rest = std::string_view(client->output).substr(client->sent);
  const ssize_t sent = send(client->socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (sent < 0) {
    client->send_blocked = IsWouldBlock(errno);
    client->broken = !client->send_blocked && errno != EINTR;
    return;
  }
  client->sent += static_cast<size_t>(sent);
  if (client->sent == client->output.size()) {
    client->output.clear();
    client->sent = 0;
  } else {
    client->send_blocked = true;
    // Moving the rest forward only when at least as much was sent keeps the cost linear.
    if (client->sent >= client->output.size() - client->sent) {
      client->output.erase(0, client->sent);
      client->sent = 0;
    }
  }
}

}  // namespace kv
