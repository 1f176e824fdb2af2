// The outcome of operations that can fail for reasons outside the program.
//
// A Status is either ok or holds one sentence for a person; a Result<T> holds a T or such a Status.
// Both own what they hold. Taking the value of a failed Result is a broken invariant and aborts.
#ifndef EXAMPLES_KV_STATUS_H_
#define EXAMPLES_KV_STATUS_H_

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace kv {

class [[nodiscard]] Status {
 public:
  static Status Ok() { return Status(); }
  static Status Error(std::string message) { return Status(std::move(message)); }

  bool ok() const { return !message_.has_value(); }
  // The sentence of a failure; empty when ok.
  const std::string& message() const {
    static const std::string kNone;
    return message_.has_value() ? *message_ : kNone;
  }

 private:
  Status() = default;
  explicit Status(std::string message) : message_(std::move(message)) {}

  std::optional<std::string> message_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit, so that functions can return either a value or a failure.
  Result(T value) : status_(Status::Ok()), value_(std::move(value)) {}
  Result(Status status) : status_(std::move(status)) {
    if (status_.ok()) Fail("a Result without a value must hold an error");
  }

  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }
  T& value() {
    if (!ok()) Fail(status_.message().c_str());
    return *value_;
  }

 private:
  [[noreturn]] static void Fail(const char* message) {
    std::fprintf(stderr, "kv: value of a failed Result taken: %s\n", message);
    std::abort();
  }

  Status status_;
  std::optional<T> value_;
};

}  // namespace kv

#endif  // EXAMPLES_KV_STATUS_H_
