// The note after a link about functions that exist but can only fail.

#ifndef BACKTAB_SDK_DRIVER_FAILING_CALLS_H_
#define BACKTAB_SDK_DRIVER_FAILING_CALLS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backtab {

// One row of sdk/compat/failing_calls.def.
struct FailingCall {
  std::string_view name;
  std::string_view error;  // errno's name
};

// Every function of the C library and of sdk/compat that fails whatever it is asked.
std::span<const FailingCall> FailingCalls();

// Those of FailingCalls() that are part of a program, in their order. `link_map` is the text of
// wasm-ld's map: it lists what was left after unused functions were removed, with the archive each
// function came from, so that a program's own function of such a name is not mistaken for ours.
std::vector<FailingCall> FailingCallsInMap(std::string_view link_map);

// The sentence for one of them.
std::string FailingCallNote(const FailingCall& call);

}  // namespace backtab

#endif  // BACKTAB_SDK_DRIVER_FAILING_CALLS_H_
