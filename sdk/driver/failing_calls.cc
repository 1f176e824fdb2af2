#include "failing_calls.h"

#include <set>

namespace backtab {
namespace {

constexpr FailingCall kFailingCalls[] = {
#define FAILING_CALL(name, error) {#name, #error},
#include "../compat/failing_calls.def"
#undef FAILING_CALL
};

// Whether a line of the map is about a part of an object file, as in
// "…/libcompat.a(exec.o):(fork)"; the lines that follow it name the symbols of that part.
bool IsPart(std::string_view line) {
  return line.ends_with(')') && line.find(":(") != std::string_view::npos;
}

bool IsOfLibrary(std::string_view part) {
  return part.find("/libcompat.a(") != std::string_view::npos ||
         part.find("/libc.a(") != std::string_view::npos;
}

std::string_view LastColumn(std::string_view line) {
  const std::size_t space = line.rfind(' ');
  return space == std::string_view::npos ? line : line.substr(space + 1);
}

}  // namespace

std::span<const FailingCall> FailingCalls() { return kFailingCalls; }

std::vector<FailingCall> FailingCallsInMap(std::string_view link_map) {
  std::set<std::string_view> functions;
  bool in_library = false;
  while (!link_map.empty()) {
    const std::size_t end = link_map.find('\n');
    const std::string_view line = link_map.substr(0, end);
    if (IsPart(line)) {
      in_library = IsOfLibrary(line);
    } else if (in_library) {
      functions.insert(LastColumn(line));
    }
    link_map.remove_prefix(end == std::string_view::npos ? link_map.size() : end + 1);
  }
  std::vector<FailingCall> found;
  for (const FailingCall& call : FailingCalls()) {
    if (functions.contains(call.name)) found.push_back(call);
  }
  return found;
}

std::string FailingCallNote(const FailingCall& call) {
  return "this program calls " + std::string(call.name) + "(), which always fails here (" +
         std::string(call.error) + ")";
}

}  // namespace backtab
