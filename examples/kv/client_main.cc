// kv-client [--raw | --no-raw] HOST PORT [COMMAND [ARGUMENT…]]
//
// With a command: sends it, prints the reply, and exits with 1 when that is an error. Without:
// reads commands line by line from standard input, with a prompt when that is a terminal.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client.h"

namespace {

constexpr std::string_view kUsage =
    "Usage: kv-client [--raw | --no-raw] HOST PORT [COMMAND [ARGUMENT...]]\n"
    "Sends a command to a server that speaks the Redis protocol, or the lines of standard input.\n"
    "  --raw      print strings as they are (the default unless standard output is a terminal)\n"
    "  --no-raw   print strings quoted and types named (the default on a terminal)\n";

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void PrintError(const std::string& message) { std::fprintf(stderr, "%s\n", message.c_str()); }

// The server answers SHUTDOWN by closing the connection.
bool IsShutdown(const kv::Arguments& command) {
  constexpr std::string_view kShutdown = "shutdown";
  return std::equal(command.front().begin(), command.front().end(), kShutdown.begin(),
                    kShutdown.end(), [](char a, char b) { return (a | 0x20) == b; });
}

enum class Outcome { kReply, kErrorReply, kNoReply };

// Sends a command and prints its reply, or why there is none.
Outcome Run(kv::Connection* connection, const kv::Arguments& command, kv::ReplyFormat format) {
  kv::Status connected = connection->Connect();
  if (!connected.ok()) {
    PrintError(connected.message());
    return Outcome::kNoReply;
  }
  kv::Result<kv::Reply> reply = connection->Call(command);
  if (reply.ok()) {
    Print(kv::FormatReply(reply.value(), format));
    return reply.value().type == kv::Reply::Type::kError ? Outcome::kErrorReply : Outcome::kReply;
  }
  if (IsShutdown(command)) return Outcome::kReply;
  PrintError(reply.status().message());
  return Outcome::kNoReply;
}

int RunLines(kv::Connection* connection, kv::ReplyFormat format) {
  const bool interactive = isatty(STDIN_FILENO) != 0;
  kv::Status connected = connection->Connect();
  if (!connected.ok()) {
    PrintError(connected.message());
    // A person may start the server and try again; a script has nothing to wait for.
    if (!interactive) return 1;
  }
  std::string line;
  while (true) {
    if (interactive) {
      Print(connection->connected() ? connection->name() + "> " : "not connected> ");
    }
    if (!std::getline(std::cin, line)) break;
    const std::optional<kv::Arguments> command = kv::SplitLine(line);
    if (!command.has_value()) {
      PrintError("Invalid argument(s): a quote is not closed, or not followed by a blank");
      continue;
    }
    if (command->empty()) continue;
    if (command->front() == "exit" || command->front() == "quit") return 0;
    if (Run(connection, *command, format) == Outcome::kNoReply && !interactive) return 1;
  }
  if (interactive) Print("\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  kv::ReplyFormat format =
      isatty(STDOUT_FILENO) != 0 ? kv::ReplyFormat::kReadable : kv::ReplyFormat::kRaw;
  kv::Arguments arguments(argv + 1, argv + argc);
  while (!arguments.empty() && arguments.front().starts_with("--")) {
    if (arguments.front() == "--help") {
      Print(kUsage);
      return 0;
    }
    if (arguments.front() != "--raw" && arguments.front() != "--no-raw") {
      PrintError("kv-client: unknown option '" + arguments.front() + "'\n" + kUsage.data());
      return 2;
    }
    format = arguments.front() == "--raw" ? kv::ReplyFormat::kRaw : kv::ReplyFormat::kReadable;
    arguments.erase(arguments.begin());
  }
  if (arguments.size() < 2) {
    PrintError(kUsage.data());
    return 2;
  }
  kv::Connection connection(arguments[0], arguments[1]);
  arguments.erase(arguments.begin(), arguments.begin() + 2);
  if (!arguments.empty()) {
    return Run(&connection, arguments, format) == Outcome::kReply ? 0 : 1;
  }
  return RunLines(&connection, format);
}
