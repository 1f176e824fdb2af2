#include "raft-core/inflights.h"

#include <algorithm>

namespace raft {

void Inflights::Add(Index last, uint64_t bytes) {
  RAFT_CHECK(!Full(), count_, " messages, ", bytes_, " bytes in flight");
  if (count_ == ring_.size()) {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(start_), ring_.end());
    start_ = 0;
    ring_.resize(std::min(max_messages_, std::max<size_t>(8, ring_.size() * 2)));
  }
  ring_[(start_ + count_) % ring_.size()] = {last, bytes};
  ++count_;
  bytes_ += bytes;
}

void Inflights::FreeUpTo(Index acknowledged) {
  while (count_ > 0 && ring_[start_].last <= acknowledged) {
    bytes_ -= ring_[start_].bytes;
    start_ = (start_ + 1) % ring_.size();
    --count_;
  }
}

void Inflights::Clear() {
  start_ = 0;
  count_ = 0;
  bytes_ = 0;
}

}  // namespace raft
