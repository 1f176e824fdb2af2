#include "resp.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace kv {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr int kMaxReplyDepth = 32;

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f' || c == '\0';
}

// The value of a hexadecimal digit, or -1.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void AppendLine(char type, std::string_view text, std::string* out) {
  out->push_back(type);
  out->append(text);
  out->append(kLineEnd);
}

}  // namespace

std::optional<Arguments> SplitLine(std::string_view line) {
  Arguments words;
  size_t i = 0;
  while (true) {
    while (i < line.size() && IsBlank(line[i])) ++i;
    if (i == line.size()) return words;
    std::string word;
    char quote = '\0';
    while (i < line.size()) {
      const char c = line[i];
      if (quote == '\0') {
        if (IsBlank(c)) break;
        if (c == '"' || c == '\'') {
          quote = c;
        } else {
          word.push_back(c);
        }
        ++i;
        continue;
      }
      if (c == quote) {
        // A word ends with its closing quote.
        if (i + 1 < line.size() && !IsBlank(line[i + 1])) return std::nullopt;
        quote = '\0';
        ++i;
        break;
      }
      if (c != '\\' || i + 1 == line.size()) {
        word.push_back(c);
        ++i;
        continue;
      }
      const char next = line[i + 1];
      if (quote == '\'') {
        if (next == '\'') {
          word.push_back('\'');
          i += 2;
        } else {
          word.push_back('\\');
          ++i;
        }
        continue;
      }
      if (next == 'x' && i + 3 < line.size() && HexDigit(line[i + 2]) >= 0 &&
          HexDigit(line[i + 3]) >= 0) {
        word.push_back(static_cast<char>(HexDigit(line[i + 2]) * 16 + HexDigit(line[i + 3])));
        i += 4;
        continue;
      }
      switch (next) {
        case 'n':
          word.push_back('\n');
          break;
        case 'r':
          word.push_back('\r');
          break;
        case 't':
          word.push_back('\t');
          break;
        case 'b':
          word.push_back('\b');
          break;
        case 'a':
          word.push_back('\a');
          break;
        default:
          word.push_back(next);
      }
      i += 2;
    }
    if (quote != '\0') return std::nullopt;
    words.push_back(std::move(word));
  }
}

std::string Quote(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : bytes) {
    switch (c) {
      case '\\':
      case '"':
        quoted.push_back('\\');
        quoted.push_back(c);
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\a':
        quoted += "\\a";
        break;
      case '\b':
        quoted += "\\b";
        break;
      default:
        if (c >= ' ' && c <= '~') {
          quoted.push_back(c);
        } else {
          const auto byte = static_cast<uint8_t>(c);
          quoted += "\\x";
          quoted.push_back(kHex[byte >> 4]);
          quoted.push_back(kHex[byte & 15]);
        }
    }
  }
  quoted.push_back('"');
  return quoted;
}

RequestParser::Outcome RequestParser::Fail(std::string error) {
  error_ = std::move(error);
  return Outcome::kError;
}

void RequestParser::Consume(size_t count) {
  position_ += count;
  // Moving the rest to the front only when at least as much was used up keeps the cost linear.
  if (position_ >= buffer_.size() - position_) {
    buffer_.erase(0, position_);
    position_ = 0;
  }
}

RequestParser::Outcome RequestParser::Next(Arguments* request) {
  while (true) {
    if (!error_.empty()) return Outcome::kError;
    if (missing_arguments_ == 0) {
      if (Rest().empty()) return Outcome::kIncomplete;
      if (Rest().front() != '*') {
        const Outcome outcome = NextInline(request);
        if (outcome == Outcome::kRequest && request->empty()) continue;
        return outcome;
      }
      const size_t end = Rest().find(kLineEnd);
      if (end == std::string_view::npos ? Rest().size() > kMaxLineSize : end > kMaxLineSize) {
        return Fail("Protocol error: too big mbulk count string");
      }
      if (end == std::string_view::npos) return Outcome::kIncomplete;
      const std::optional<int64_t> count = ParseInteger(Rest().substr(1, end - 1));
      if (!count.has_value() || *count > kMaxArgumentCount) {
        return Fail("Protocol error: invalid multibulk length");
      }
      Consume(end + kLineEnd.size());
      if (*count <= 0) continue;
      missing_arguments_ = *count;
    }
    return NextArray(request);
  }
}

RequestParser::Outcome RequestParser::NextInline(Arguments* request) {
  const size_t end = Rest().find('\n');
  if (end == std::string_view::npos ? Rest().size() > kMaxLineSize : end > kMaxLineSize) {
    return Fail("Protocol error: too big inline request");
  }
  if (end == std::string_view::npos) return Outcome::kIncomplete;
  std::optional<Arguments> words = SplitLine(Rest().substr(0, end));
  if (!words.has_value()) return Fail("Protocol error: unbalanced quotes in request");
  *request = std::move(*words);
  Consume(end + 1);
  return Outcome::kRequest;
}

RequestParser::Outcome RequestParser::NextArray(Arguments* request) {
  while (missing_arguments_ > 0) {
    if (!bulk_size_.has_value()) {
      if (Rest().empty()) return Outcome::kIncomplete;
      if (Rest().front() != '$') {
        return Fail(std::string("Protocol error: expected '$', got '") + Rest().front() + "'");
      }
      const size_t end = Rest().find(kLineEnd);
      if (end == std::string_view::npos ? Rest().size() > kMaxLineSize : end > kMaxLineSize) {
        return Fail("Protocol error: too big bulk count string");
      }
      if (end == std::string_view::npos) return Outcome::kIncomplete;
      const std::optional<int64_t> size = ParseInteger(Rest().substr(1, end - 1));
      if (!size.has_value() || *size < 0 || *size > kMaxBulkSize) {
        return Fail("Protocol error: invalid bulk length");
      }
      bulk_size_ = static_cast<size_t>(*size);
      request_size_ += *bulk_size_;
      if (request_size_ > kMaxRequestSize) return Fail("Protocol error: too big request");
      Consume(end + kLineEnd.size());
    }
    const size_t missing = *bulk_size_ - bulk_.size();
    const size_t here = std::min(missing, Rest().size());
    bulk_.append(Rest().substr(0, here));
    Consume(here);
    if (here < missing || Rest().size() < kLineEnd.size()) return Outcome::kIncomplete;
    if (Rest().substr(0, kLineEnd.size()) != kLineEnd) {
      return Fail("Protocol error: expected CRLF after a bulk string");
    }
    Consume(kLineEnd.size());
    arguments_.push_back(std::move(bulk_));
    bulk_.clear();
    bulk_size_.reset();
    --missing_arguments_;
  }
  *request = std::move(arguments_);
  arguments_.clear();
  request_size_ = 0;
  return Outcome::kRequest;
}

void AppendSimpleString(std::string_view text, std::string* out) { AppendLine('+', text, out); }

void AppendError(std::string_view text, std::string* out) {
  out->push_back('-');
  // A line break inside would be read as the end of the reply.
  for (const char c : text) out->push_back(c == '\r' || c == '\n' ? ' ' : c);
  out->append(kLineEnd);
}

void AppendInteger(int64_t value, std::string* out) { AppendLine(':', std::to_string(value), out); }

void AppendBulkString(std::string_view bytes, std::string* out) {
  AppendLine('$', std::to_string(bytes.size()), out);
  out->append(bytes);
  out->append(kLineEnd);
}

void AppendNull(std::string* out) { out->append("$-1\r\n"); }

void AppendArrayHeader(size_t count, std::string* out) {
  AppendLine('*', std::to_string(count), out);
}

std::string EncodeRequest(const Arguments& arguments) {
  std::string request;
  AppendArrayHeader(arguments.size(), &request);
  for (const std::string& argument : arguments) AppendBulkString(argument, &request);
  return request;
}

ReplyParser::Outcome ReplyParser::Next(Reply* reply) {
  std::string_view input = buffer_;
  const Outcome outcome = Parse(&input, 0, reply);
  if (outcome == Outcome::kReply) buffer_.erase(0, buffer_.size() - input.size());
  return outcome;
}

ReplyParser::Outcome ReplyParser::Parse(std::string_view* input, int depth, Reply* reply) {
  const size_t end = input->find(kLineEnd);
  if (end == std::string_view::npos) {
    // Only error and simple strings are long lines, and no server sends them this long.
    return input->size() > kMaxLineSize ? Outcome::kError : Outcome::kIncomplete;
  }
  if (end == 0 || depth > kMaxReplyDepth) return Outcome::kError;
  const char type = input->front();
  const std::string_view line = input->substr(1, end - 1);
  std::string_view rest = input->substr(end + kLineEnd.size());
  *reply = Reply();
  if (type == '+' || type == '-') {
    reply->type = type == '+' ? Reply::Type::kSimpleString : Reply::Type::kError;
    reply->text = line;
    *input = rest;
    return Outcome::kReply;
  }
  const std::optional<int64_t> number = ParseInteger(line);
  if (!number.has_value()) return Outcome::kError;
  if (type == ':') {
    reply->type = Reply::Type::kInteger;
    reply->integer = *number;
  } else if (type == '$') {
    if (*number > kMaxBulkSize || *number < -1) return Outcome::kError;
    if (*number >= 0) {
      const auto size = static_cast<size_t>(*number);
      if (rest.size() < size + kLineEnd.size()) return Outcome::kIncomplete;
      if (rest.substr(size, kLineEnd.size()) != kLineEnd) return Outcome::kError;
      reply->type = Reply::Type::kBulkString;
      reply->text = rest.substr(0, size);
      rest.remove_prefix(size + kLineEnd.size());
    }
  } else if (type == '*') {
    if (*number > kMaxArgumentCount || *number < -1) return Outcome::kError;
    if (*number >= 0) {
      reply->type = Reply::Type::kArray;
      for (int64_t i = 0; i < *number; ++i) {
        Reply element;
        const Outcome outcome = Parse(&rest, depth + 1, &element);
        if (outcome != Outcome::kReply) return outcome;
        reply->elements.push_back(std::move(element));
      }
    }
  } else {
    return Outcome::kError;
  }
  *input = rest;
  return Outcome::kReply;
}

}  // namespace kv
