// Data-driven tests: text files of commands with the output each must print. The format is
// described in raft-core/testdata/README.md.
#ifndef RAFT_CORE_TESTING_DATA_DRIVEN_H_
#define RAFT_CORE_TESTING_DATA_DRIVEN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raft::testing {

// "key", "key=value" or "key=(value, value)".
struct Argument {
  std::string key;
  std::vector<std::string> values;
};

struct Directive {
  // Where the command stands in its file, from 1.
  int line = 0;
  std::string command;
  std::vector<Argument> arguments;
  // The lines between the command and "----", each with its end.
  std::string input;
  // The lines that must be printed, each with its end.
  std::string expected;

  // The argument with the key, or null.
  const Argument* Find(std::string_view key) const;
};

// Splits "command key=value ..." (one line) into command and arguments.
void ParseCommandLine(std::string_view text, std::string* command,
                      std::vector<Argument>* arguments);

// Splits a whole file. Returns what is wrong with it, or nothing.
std::optional<std::string> ParseDirectives(std::string_view text,
                                           std::vector<Directive>* directives);

// Runs one directive and returns what it prints.
using Handler = std::function<std::string(const Directive&)>;

// Runs all directives and returns a description of the first difference from what is expected, with
// both texts in full, or nothing.
std::optional<std::string> RunDirectives(const std::vector<Directive>& directives,
                                         const Handler& handler);

// Reads a decimal number that takes up the whole text.
std::optional<uint64_t> ParseNumber(std::string_view text);

}  // namespace raft::testing

#endif  // RAFT_CORE_TESTING_DATA_DRIVEN_H_
