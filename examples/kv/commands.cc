#include "commands.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace kv {
namespace {

constexpr size_t kMaxQuotedInError = 128;

// Arity as Redis counts it: with the command's name; negative for "at least".
struct Command {
  std::string_view name;
  int arity;
  bool writes;
  int first_key;
  int last_key;  // -1: the last argument
  int key_step;
  std::string_view summary;
  Afterwards (*execute)(Arguments* request, Store* store, std::string* reply);
};

std::string Lowercase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

void AppendWrongArity(std::string_view name, std::string* reply) {
  AppendError("ERR wrong number of arguments for '" + std::string(name) + "' command", reply);
}

Afterwards Ping(Arguments* request, Store*, std::string* reply) {
  if (request->size() > 2) {
    AppendWrongArity("ping", reply);
  } else if (request->size() == 2) {
    AppendBulkString((*request)[1], reply);
  } else {
    AppendSimpleString("PONG", reply);
  }
  return Afterwards::kGoOn;
}

Afterwards Echo(Arguments* request, Store*, std::string* reply) {
  AppendBulkString((*request)[1], reply);
  return Afterwards::kGoOn;
}

Afterwards Get(Arguments* request, Store* store, std::string* reply) {
  const std::string* value = store->Get((*request)[1]);
  if (value == nullptr) {
    AppendNull(reply);
  } else {
    AppendBulkString(*value, reply);
  }
  return Afterwards::kGoOn;
}

Afterwards Set(Arguments* request, Store* store, std::string* reply) {
  if (request->size() > 3) {
    AppendError("ERR syntax error", reply);
    return Afterwards::kGoOn;
  }
  store->Set((*request)[1], std::move((*request)[2]));
  AppendSimpleString("OK", reply);
  return Afterwards::kGoOn;
}

Afterwards Del(Arguments* request, Store* store, std::string* reply) {
  AppendInteger(std::count_if(request->begin() + 1, request->end(),
                              [store](const std::string& key) { return store->Delete(key); }),
                reply);
  return Afterwards::kGoOn;
}

Afterwards Exists(Arguments* request, Store* store, std::string* reply) {
  AppendInteger(
      std::count_if(request->begin() + 1, request->end(),
                    [store](const std::string& key) { return store->Get(key) != nullptr; }),
      reply);
  return Afterwards::kGoOn;
}

Afterwards DbSize(Arguments*, Store* store, std::string* reply) {
  AppendInteger(static_cast<int64_t>(store->size()), reply);
  return Afterwards::kGoOn;
}

Afterwards Quit(Arguments*, Store*, std::string* reply) {
  AppendSimpleString("OK", reply);
  return Afterwards::kEndConnection;
}

// Answers nothing when it works: the end of the connection says that it did.
Afterwards ShutDown(Arguments*, Store*, std::string*) { return Afterwards::kShutDown; }

Afterwards DescribeCommands(Arguments* request, Store* store, std::string* reply);

constexpr std::array<Command, 10> kCommands = {{
    {"ping", -1, false, 0, 0, 0, "Answers PONG, or the message.", Ping},
    {"echo", 2, false, 0, 0, 0, "Answers the message.", Echo},
    {"get", 2, false, 1, 1, 1, "The value of a key.", Get},
    {"set", -3, true, 1, 1, 1, "Stores a value; answers when it is on disk.", Set},
    {"del", -2, true, 1, -1, 1, "Removes keys; answers how many were there.", Del},
    {"exists", -2, false, 1, -1, 1, "How many of the keys are there.", Exists},
    {"dbsize", 1, false, 0, 0, 0, "How many keys there are.", DbSize},
    {"quit", -1, false, 0, 0, 0, "Ends the connection.", Quit},
    {"shutdown", 1, false, 0, 0, 0, "Ends the server.", ShutDown},
    {"command", -1, false, 0, 0, 0, "Describes the commands.", DescribeCommands},
}};

const Command* FindCommand(std::string_view name) {
  const std::string lower = Lowercase(name);
  const auto* found = std::find_if(kCommands.begin(), kCommands.end(),
                                   [&lower](const Command& c) { return c.name == lower; });
  return found == kCommands.end() ? nullptr : found;
}

void AppendCommandInfo(const Command& command, std::string* reply) {
  AppendArrayHeader(6, reply);
  AppendBulkString(command.name, reply);
  AppendInteger(command.arity, reply);
  AppendArrayHeader(1, reply);
  AppendSimpleString(command.writes ? "write" : "readonly", reply);
  AppendInteger(command.first_key, reply);
  AppendInteger(command.last_key, reply);
  AppendInteger(command.key_step, reply);
}

void AppendCommandDocumentation(const Command& command, std::string* reply) {
  AppendBulkString(command.name, reply);
  AppendArrayHeader(4, reply);
  AppendBulkString("summary", reply);
  AppendBulkString(command.summary, reply);
  AppendBulkString("group", reply);
  AppendBulkString("generic", reply);
}

// COMMAND, COMMAND COUNT, COMMAND INFO [name …], COMMAND DOCS [name …].
Afterwards DescribeCommands(Arguments* request, Store*, std::string* reply) {
  const std::string about = request->size() < 2 ? "info" : Lowercase((*request)[1]);
  if (about == "count" && request->size() == 2) {
    AppendInteger(static_cast<int64_t>(kCommands.size()), reply);
    return Afterwards::kGoOn;
  }
  if (about != "info" && about != "docs") {
    AppendError("ERR unknown subcommand '" + (*request)[1].substr(0, kMaxQuotedInError) + "'.",
                reply);
    return Afterwards::kGoOn;
  }
  std::vector<const Command*> chosen;
  if (request->size() <= 2) {
    for (const Command& command : kCommands) chosen.push_back(&command);
  } else {
    for (size_t i = 2; i < request->size(); ++i) chosen.push_back(FindCommand((*request)[i]));
  }
  if (about == "info") {
    AppendArrayHeader(chosen.size(), reply);
    for (const Command* command : chosen) {
      if (command == nullptr) {
        AppendNull(reply);
      } else {
        AppendCommandInfo(*command, reply);
      }
    }
    return Afterwards::kGoOn;
  }
  std::erase(chosen, nullptr);
  AppendArrayHeader(2 * chosen.size(), reply);
  for (const Command* command : chosen) AppendCommandDocumentation(*command, reply);
  return Afterwards::kGoOn;
}

void AppendUnknownCommand(const Arguments& request, std::string* reply) {
  std::string error = "ERR unknown command '" + request[0].substr(0, kMaxQuotedInError) +
                      "', with args beginning with: ";
  const size_t limit = error.size() + kMaxQuotedInError;
  for (size_t i = 1; i < request.size() && error.size() < limit; ++i) {
    error.append("'").append(request[i], 0, limit - error.size()).append("' ");
  }
  AppendError(error, reply);
}

}  // namespace

Afterwards Execute(Arguments* request, Store* store, std::string* reply) {
  const Command* command = FindCommand((*request)[0]);
  if (command == nullptr) {
    AppendUnknownCommand(*request, reply);
    return Afterwards::kGoOn;
  }
  const auto count = static_cast<int64_t>(request->size());
  if (command->arity > 0 ? count != command->arity : count < -command->arity) {
    AppendWrongArity(command->name, reply);
    return Afterwards::kGoOn;
  }
  if (command->writes && !store->failure().ok()) {
    AppendError("MISCONF Errors writing to the log: " + store->failure().message() +
                    "; nothing is written any more until the server is restarted",
                reply);
    return Afterwards::kGoOn;
  }
  return command->execute(request, store, reply);
}

}  // namespace kv
