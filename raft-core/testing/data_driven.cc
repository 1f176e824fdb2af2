#include "raft-core/testing/data_driven.h"

#include <charconv>
#include <utility>

#include "raft-core/text.h"

namespace raft::testing {
namespace {

constexpr std::string_view kSeparator = "----";
constexpr std::string_view kSpace = " \t";

std::string_view Trim(std::string_view text) {
  const size_t start = text.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kSpace) - start + 1);
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

Argument ParseArgument(std::string_view token) {
  Argument argument;
  const size_t equals = token.find('=');
  argument.key = token.substr(0, equals);
  if (equals == std::string_view::npos) return argument;
  std::string_view value = token.substr(equals + 1);
  if (value.size() < 2 || value.front() != '(' || value.back() != ')') {
    argument.values.emplace_back(value);
    return argument;
  }
  value = value.substr(1, value.size() - 2);
  while (!value.empty()) {
    const size_t comma = value.find(',');
    argument.values.emplace_back(Trim(value.substr(0, comma)));
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
  }
  return argument;
}

}  // namespace

const Argument* Directive::Find(std::string_view key) const {
  for (const Argument& argument : arguments) {
    if (argument.key == key) return &argument;
  }
  return nullptr;
}

void ParseCommandLine(std::string_view text, std::string* command,
                      std::vector<Argument>* arguments) {
  command->clear();
  arguments->clear();
  size_t position = 0;
  while (true) {
    position = text.find_first_not_of(kSpace, position);
    if (position == std::string_view::npos) return;
    // A token ends at white space outside parentheses.
    size_t end = position;
    int depth = 0;
    for (; end < text.size(); ++end) {
      if (text[end] == '(') ++depth;
      if (text[end] == ')') --depth;
      if (depth == 0 && kSpace.find(text[end]) != std::string_view::npos) break;
    }
    const std::string_view token = text.substr(position, end - position);
    if (command->empty()) {
      *command = token;
    } else {
      arguments->push_back(ParseArgument(token));
    }
    position = end;
  }
}

std::optional<std::string> ParseDirectives(std::string_view text,
                                           std::vector<Directive>* directives) {
  directives->clear();
  const std::vector<std::string_view> lines = SplitLines(text);
  size_t i = 0;
  while (i < lines.size()) {
    if (Trim(lines[i]).empty() || lines[i].starts_with('#')) {
      ++i;
      continue;
    }
    Directive directive;
    directive.line = static_cast<int>(i) + 1;
    std::string command(lines[i++]);
    while (command.ends_with('\\') && i < lines.size()) {
      command.pop_back();
      command.append(" ").append(lines[i++]);
    }
    ParseCommandLine(command, &directive.command, &directive.arguments);
    for (; i < lines.size() && lines[i] != kSeparator; ++i) {
      directive.input.append(lines[i]).push_back('\n');
    }
    if (i == lines.size()) return Cat("line ", directive.line, ": a command without ----");
    ++i;
    if (i < lines.size() && lines[i] == kSeparator) {
      // Doubled separators enclose output with blank lines.
      ++i;
      while (i + 1 < lines.size() && !(lines[i] == kSeparator && lines[i + 1] == kSeparator)) {
        directive.expected.append(lines[i++]).push_back('\n');
      }
      if (i + 1 >= lines.size()) return Cat("line ", directive.line, ": output without an end");
      i += 2;
    } else {
      for (; i < lines.size() && !Trim(lines[i]).empty(); ++i) {
        directive.expected.append(lines[i]).push_back('\n');
      }
    }
    directives->push_back(std::move(directive));
  }
  return std::nullopt;
}

std::optional<std::string> RunDirectives(const std::vector<Directive>& directives,
                                         const Handler& handler) {
  for (const Directive& directive : directives) {
    std::string actual = handler(directive);
    if (!actual.empty() && !actual.ends_with('\n')) actual.push_back('\n');
    if (actual == directive.expected) continue;
    return Cat("line ", directive.line, ": ", directive.command, "\nexpected:\n",
               directive.expected, "actual:\n", actual);
  }
  return std::nullopt;
}

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

}  // namespace raft::testing
