#include "raft-core/check.h"

#include <cstdio>
#include <cstdlib>

namespace raft::internal {

void CheckFailed(const char* file, int line, const char* condition, const std::string& state) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s%s%s\n", file, line, condition,
               state.empty() ? "" : "\n  ", state.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace raft::internal
