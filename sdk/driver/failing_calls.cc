#include "failing_calls.h"

#include <set>

namespace backtab {
namespace {

constexpr FailingCall kFailingCalls[] = {
#define FAILING_CALL(name, error) {#name, #error},
#include "../compat/failing_calls.def"
#undef FAILING_CALL
};

// "…/libcompat.a(process.o):(fork)" gives "fork"; anything else gives nothing.
std::string_view LibraryFunction(std::string_view map_line) {
  constexpr std::string_view kBetween = "):(";
  const std::size_t between = map_line.rfind(kBetween);
  if (between == std::string_view::npos || !map_line.ends_with(')')) return {};
  const std::string_view member = map_line.substr(0, between);
  if (member.find("/libcompat.a(") == std::string_view::npos &&
      member.find("/libc.a(") == std::string_view::npos) {
    return {};
  }
  map_line.remove_prefix(between + kBetween.size());
  map_line.remove_suffix(1);
  return map_line;
}

}  // namespace

std::span<const FailingCall> FailingCalls() { return kFailingCalls; }

std::vector<FailingCall> FailingCallsInMap(std::string_view link_map) {
  std::set<std::string_view> functions;
  while (!link_map.empty()) {
    const std::size_t end = link_map.find('\n');
    const std::string_view function = LibraryFunction(link_map.substr(0, end));
    if (!function.empty()) functions.insert(function);
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
