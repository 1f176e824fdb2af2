// RAFT_CHECK guards the invariants of the library. It stays on in release builds: carrying on with
// a broken invariant may lose or invent committed entries, while stopping costs one node for a
// while. It is for errors of the program only. What a disk, a peer or a client can cause is a
// Status.
#ifndef RAFT_CORE_CHECK_H_
#define RAFT_CORE_CHECK_H_

#include <string>

#include "raft-core/text.h"

namespace raft::internal {

// Prints where, what and the given state to stderr, then aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const std::string& state);

}  // namespace raft::internal

// RAFT_CHECK(condition, parts of a description of the state...). The parts are evaluated only when
// the condition does not hold.
#define RAFT_CHECK(condition, ...)                                         \
  do {                                                                     \
    if (!(condition)) [[unlikely]] {                                       \
      ::raft::internal::CheckFailed(__FILE__, __LINE__, #condition,        \
                                    ::raft::Cat(__VA_OPT__(__VA_ARGS__))); \
    }                                                                      \
  } while (false)

#endif  // RAFT_CORE_CHECK_H_
