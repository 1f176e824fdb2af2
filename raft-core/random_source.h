// RandomSource: the only source of chance in the library, injected so that runs can be repeated.
#ifndef RAFT_CORE_RANDOM_SOURCE_H_
#define RAFT_CORE_RANDOM_SOURCE_H_

#include <cstdint>

namespace raft {

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  // Returns a number in [0, bound), each as likely. REQUIRES: bound > 0.
  virtual uint64_t Below(uint64_t bound) = 0;
};

}  // namespace raft

#endif  // RAFT_CORE_RANDOM_SOURCE_H_
