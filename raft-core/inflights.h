// Inflights: the append messages on their way to one follower, oldest first.
#ifndef RAFT_CORE_INFLIGHTS_H_
#define RAFT_CORE_INFLIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "raft-core/types.h"

namespace raft {

// A sliding window bounded by a count of messages and, softly, by their bytes: the message that
// exceeds the byte limit is still taken, so that one large entry cannot stall replication.
class Inflights {
 public:
  // max_messages > 0. max_bytes 0 means no limit.
  Inflights(size_t max_messages, uint64_t max_bytes)
      : max_messages_(max_messages), max_bytes_(max_bytes) {}

  // Whether no message may be sent until one is acknowledged.
  bool Full() const { return count_ == max_messages_ || (max_bytes_ != 0 && bytes_ >= max_bytes_); }
  size_t count() const { return count_; }
  uint64_t bytes() const { return bytes_; }

  // Takes a message whose last entry is `last`. REQUIRES: !Full(); `last` does not decrease.
  void Add(Index last, uint64_t bytes);
  // Frees all messages whose last entry is at or before `acknowledged`.
  void FreeUpTo(Index acknowledged);
  void Clear();

 private:
  struct Sent {
    Index last;
    uint64_t bytes;
  };

  size_t max_messages_;
  uint64_t max_bytes_;
  // A ring of which [start_, start_ + count_) is in use. It grows on demand up to max_messages_ and
  // is kept, so that steady replication does not allocate.
  std::vector<Sent> ring_;
  size_t start_ = 0;
  size_t count_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace raft

#endif  // RAFT_CORE_INFLIGHTS_H_
