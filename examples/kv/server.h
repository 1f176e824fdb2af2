// The server: one thread, one poll loop, any number of clients.
//
// A round of the loop reads what has come, executes the commands in it, commits all their changes
// with one sync, and only then queues the replies: every reply that a client receives, also to a
// read, speaks of durable values. A client that does not read its replies is not read from while
// more than kMaxQueuedOutput is queued for it, so it bounds itself and delays nobody.
#ifndef EXAMPLES_KV_SERVER_H_
#define EXAMPLES_KV_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "descriptor.h"
#include "status.h"
#include "store.h"

namespace kv {

inline constexpr size_t kMaxQueuedOutput = 1024 * 1024;

class Server {
 public:
  // Listens on `address` (numeric, IPv4 or IPv6) and `port` (0: any free one).
  static Result<std::unique_ptr<Server>> Listen(const std::string& address, uint16_t port,
                                                std::unique_ptr<Store> store);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // The port it listens on.
  uint16_t port() const { return port_; }
  size_t client_count() const;
  // Whether a client has asked the server to end. What was asked before has been answered then, as
  // far as the connections took it.
  bool shut_down() const { return shut_down_; }

  // Waits up to `timeout_ms` milliseconds (-1: without end) for something to do and does it. Fails
  // only when the loop cannot go on; what happens to one client never ends it.
  Status RunOnce(int timeout_ms);

 private:
  struct Client;
  struct Work;

  Server(Descriptor listener, uint16_t port, std::unique_ptr<Store> store);

  Status Accept();
  void Receive(Client* client);
  // Executes the buffered requests, as many as each client may have executed now.
  void ExecuteRequests();
  // Commits what the round's requests changed and releases their replies.
  void Commit(std::vector<Work>* round);
  static void Send(Client* client);

  const Descriptor listener_;
  const uint16_t port_;
  const std::unique_ptr<Store> store_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<char> receive_buffer_;
  bool shut_down_ = false;
  bool accepting_ = true;  // false while the system has no descriptor for another client
};

}  // namespace kv

#endif  // EXAMPLES_KV_SERVER_H_
