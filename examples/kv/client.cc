#include "client.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace kv {
namespace {

constexpr size_t kReceiveSize = 64 * 1024;

// `indent` blanks stand before every line but the first.
std::string FormatReadable(const Reply& reply, size_t indent) {
  switch (reply.type) {
    case Reply::Type::kSimpleString:
      return reply.text + "\n";
    case Reply::Type::kError:
      return "(error) " + reply.text + "\n";
    case Reply::Type::kInteger:
      return "(integer) " + std::to_string(reply.integer) + "\n";
    case Reply::Type::kBulkString:
      return Quote(reply.text) + "\n";
    case Reply::Type::kNull:
      return "(nil)\n";
    case Reply::Type::kArray:
      break;
  }
  if (reply.elements.empty()) return "(empty array)\n";
  std::string formatted;
  const size_t width = std::to_string(reply.elements.size()).size();
  for (size_t i = 0; i < reply.elements.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    if (i > 0) formatted.append(indent, ' ');
    formatted.append(width - number.size(), ' ').append(number).append(") ");
    formatted += FormatReadable(reply.elements[i], indent + width + 2);
  }
  return formatted;
}

std::string FormatRaw(const Reply& reply) {
  switch (reply.type) {
    case Reply::Type::kInteger:
      return std::to_string(reply.integer) + "\n";
    case Reply::Type::kSimpleString:
    case Reply::Type::kError:
    case Reply::Type::kBulkString:
    case Reply::Type::kNull:
      return reply.text + "\n";
    case Reply::Type::kArray:
      break;
  }
  std::string formatted;
  for (const Reply& element : reply.elements) formatted += FormatRaw(element);
  return formatted;
}

}  // namespace

Connection::Connection(std::string host, std::string port)
    : host_(std::move(host)), port_(std::move(port)) {}

Status Connection::Connect() {
  if (connected() && WasClosed()) socket_.Reset();
  if (connected()) return Status::Ok();
  const std::string what = "Could not connect to " + name() + ": ";
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* addresses = nullptr;
  const int failure = getaddrinfo(host_.c_str(), port_.c_str(), &hints, &addresses);
  if (failure != 0) return Status::Error(what + gai_strerror(failure));
  int error = 0;
  for (const addrinfo* address = addresses; address != nullptr && !connected();
       address = address->ai_next) {
    Descriptor socket(::socket(address->ai_family, SOCK_STREAM, 0));
    if (socket.ok() && connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) {
      socket_ = std::move(socket);
    } else {
      error = errno;
    }
  }
  freeaddrinfo(addresses);
  if (!connected()) return Status::Error(what + std::strerror(error));
  input_ = ReplyParser();
  return Status::Ok();
}

bool Connection::WasClosed() const {
  pollfd polled = {socket_.get(), POLLIN, 0};
  return poll(&polled, 1, 0) > 0;
}

Status Connection::Lose(const std::string& why) {
  socket_.Reset();
  return Status::Error("Connection to " + name() + " lost: " + why);
}

Result<Reply> Connection::Call(const Arguments& request) {
  Status status = Connect();
  if (!status.ok()) return status;

  const std::string encoded = EncodeRequest(request);
  std::string_view rest = encoded;
  while (!rest.empty()) {
    const ssize_t sent = send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return Lose(std::strerror(errno));
    }
    rest.remove_prefix(static_cast<size_t>(sent));
  }
  std::string buffer(kReceiveSize, '\0');
  while (true) {
    Reply reply;
    switch (input_.Next(&reply)) {
      case ReplyParser::Outcome::kReply:
        return reply;
      case ReplyParser::Outcome::kError:
        return Lose("the server does not speak the Redis protocol");
      case ReplyParser::Outcome::kIncomplete:
        break;
    }
    const ssize_t received = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (received > 0) {
      input_.Append(std::string_view(buffer).substr(0, static_cast<size_t>(received)));
    } else if (received == 0) {
      return Lose("the server closed it");
    } else if (errno != EINTR) {
      return Lose(std::strerror(errno));
    }
  }
}

std::string FormatReply(const Reply& reply, ReplyFormat format) {
  return format == ReplyFormat::kRaw ? FormatRaw(reply) : FormatReadable(reply, 0);
}

}  // namespace kv
