// A client's connection to a server that speaks RESP2, and the printed form of replies.
#ifndef EXAMPLES_KV_CLIENT_H_
#define EXAMPLES_KV_CLIENT_H_

#include <string>

#include "descriptor.h"
#include "resp.h"
#include "status.h"

namespace kv {

// One blocking connection. It is made by Connect, and again by the next Call after it was lost;
// a request is never sent twice, since the server may have executed it before the connection went.
class Connection {
 public:
  // `host` is a name or a numeric address, `port` a number; nothing is connected yet.
  Connection(std::string host, std::string port);

  // Connects if not connected, or if the server has closed the connection since.
  Status Connect();
  // Whether the last Connect or Call left the connection usable.
  bool connected() const { return socket_.ok(); }
  // Sends a request and waits for its reply. An error reply is a reply, not a failure.
  Result<Reply> Call(const Arguments& request);

  // "HOST:PORT".
  std::string name() const { return host_ + ":" + port_; }

 private:
  // Whether the server has closed a connection on which no reply is outstanding.
  bool WasClosed() const;
  Status Lose(const std::string& why);

  const std::string host_;
  const std::string port_;
  Descriptor socket_;
  ReplyParser input_;
};

enum class ReplyFormat {
  kRaw,       // bytes as they are, for pipes
  kReadable,  // types told apart: "strings" quoted, (integer) 1, (nil), (error) …
};

// The reply as redis-cli prints it, with its line end.
std::string FormatReply(const Reply& reply, ReplyFormat format);

}  // namespace kv

#endif  // EXAMPLES_KV_CLIENT_H_
