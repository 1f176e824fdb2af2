// Building text from values without iostreams or format strings. One rule for every message the
// library prints: numbers are decimal, node ids are hexadecimal (as operators write them).
#ifndef RAFT_CORE_TEXT_H_
#define RAFT_CORE_TEXT_H_

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace raft {

// Appends the text of one value to *out.
inline void AppendText(std::string* out, std::string_view text) { out->append(text); }

// A template, so that pointers do not convert to it.
template <std::same_as<bool> T>
void AppendText(std::string* out, T value) {
  out->append(value ? "true" : "false");
}

// Appends an integer in the given base.
template <std::integral T>
void AppendNumber(std::string* out, T value, int base) {
  char digits[72];
  const std::to_chars_result result = std::to_chars(digits, digits + sizeof(digits), value, base);
  out->append(digits, result.ptr);
}

template <std::integral T>
requires(!std::same_as<T, bool> && !std::same_as<T, char>) void AppendText(std::string* out,
                                                                           T value) {
  AppendNumber(out, value, 10);
}

// Returns the concatenated text of all arguments. Types of other headers join in by their own
// AppendText, found by argument-dependent lookup.
template <class... Args>
std::string Cat(const Args&... args) {
  std::string out;
  (AppendText(&out, args), ...);
  return out;
}

}  // namespace raft

#endif  // RAFT_CORE_TEXT_H_
