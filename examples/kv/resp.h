// RESP2, the Redis serialization protocol: requests as a server reads them, replies as it writes
// them, and replies as a client reads them.
//
// The parsers own the bytes that they were given and have not used yet. They take input in pieces
// of any size and hold at most one unfinished request or reply beyond the last piece, so their
// memory is bounded by the limits below; a declared length reserves nothing before its bytes come.
#ifndef EXAMPLES_KV_RESP_H_
#define EXAMPLES_KV_RESP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kv {

// The limits Redis has by default, in bytes unless said otherwise.
inline constexpr size_t kMaxLineSize = 64 * 1024;
inline constexpr int64_t kMaxBulkSize = int64_t{512} * 1024 * 1024;
inline constexpr int64_t kMaxArgumentCount = 1024 * 1024;
inline constexpr size_t kMaxRequestSize = size_t{1024} * 1024 * 1024;

// A command's name and its arguments.
using Arguments = std::vector<std::string>;

// Splits a line of text as Redis does for inline commands: words between blanks, "double quotes"
// with \n \r \t \b \a \xHH escapes, 'single quotes' with \' only. Nothing when a quote is not
// closed, or when something other than a blank follows a closing quote.
std::optional<Arguments> SplitLine(std::string_view line);

// `bytes` in double quotes, with escapes wherever a byte is not printable ASCII: the inverse of
// SplitLine for one word.
std::string Quote(std::string_view bytes);

// Reads requests: arrays of bulk strings, or inline commands.
class RequestParser {
 public:
  enum class Outcome {
    kRequest,     // *request was filled
    kIncomplete,  // more input is needed
    kError,       // a protocol error, final: see error()
  };

  void Append(std::string_view bytes) { buffer_.append(bytes); }

  // Takes the next request off the input. Empty requests are skipped, as Redis does.
  Outcome Next(Arguments* request);

  // The sentence of the protocol error, as Redis words it, without the "-ERR " in front.
  const std::string& error() const { return error_; }

 private:
  Outcome Fail(std::string error);
  std::string_view Rest() const { return std::string_view(buffer_).substr(position_); }
  void Consume(size_t count);
  Outcome NextInline(Arguments* request);
  Outcome NextArray(Arguments* request);

  std::string buffer_;
  size_t position_ = 0;              // what lies before it in buffer_ is used up
  int64_t missing_arguments_ = 0;    // of the array being read; 0 between requests
  std::optional<size_t> bulk_size_;  // declared size of the argument being read
  std::string bulk_;                 // what has come of it
  Arguments arguments_;              // arguments read so far
  size_t request_size_ = 0;          // their sizes, summed
  std::string error_;
};

// Writers of replies: each appends one reply, or an array's head, to *out.
void AppendSimpleString(std::string_view text, std::string* out);
void AppendError(std::string_view text, std::string* out);
void AppendInteger(int64_t value, std::string* out);
void AppendBulkString(std::string_view bytes, std::string* out);
void AppendNull(std::string* out);
void AppendArrayHeader(size_t count, std::string* out);

// A request as an array of bulk strings.
std::string EncodeRequest(const Arguments& arguments);

// A reply as a client reads it.
struct Reply {
  enum class Type { kSimpleString, kError, kInteger, kBulkString, kNull, kArray };
  Type type = Type::kNull;
  std::string text;             // simple strings, errors and bulk strings
  int64_t integer = 0;          // integers
  std::vector<Reply> elements;  // arrays
};

// Reads replies.
class ReplyParser {
 public:
  enum class Outcome { kReply, kIncomplete, kError };

  void Append(std::string_view bytes) { buffer_.append(bytes); }
  // Takes the next reply off the input. kError means that the peer does not speak RESP2; final.
  Outcome Next(Reply* reply);

 private:
  static Outcome Parse(std::string_view* input, int depth, Reply* reply);

  std::string buffer_;
};

}  // namespace kv

#endif  // EXAMPLES_KV_RESP_H_
