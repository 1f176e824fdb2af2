#include "raft-core/read_tracker.h"

#include <algorithm>
#include <utility>

namespace raft {

uint64_t ReadTracker::BeginRound(uint64_t now_ticks) {
  ++last_round_;
  // Without answers the list would grow for ever. Rounds of the same tick serve the lease alike,
  // and dropping the oldest of many only makes the lease start later once answers arrive.
  constexpr size_t kMaxRounds = 1024;
  if (!rounds_.empty() && rounds_.back().sent_ticks == now_ticks) {
    rounds_.back().number = last_round_;
  } else {
    rounds_.push_back({last_round_, now_ticks});
  }
  if (rounds_.size() > kMaxRounds) rounds_.pop_front();
  return last_round_;
}

void ReadTracker::Add(Request request) {
  requests_.push_back({std::move(request), last_round_ + 1});
}

void ReadTracker::Acknowledge(NodeId from, uint64_t round) {
  if (round > last_round_) return;  // no round of ours
  uint64_t& acknowledged = acknowledged_[from];
  acknowledged = std::max(acknowledged, round);
}

std::vector<ReadTracker::Request> ReadTracker::Confirm(const JointQuorum& voters, NodeId self) {
  const Index confirmed = voters.CommittedIndex([&](NodeId id) {
    if (id == self) return Index(last_round_);
    const auto found = acknowledged_.find(id);
    return Index(found == acknowledged_.end() ? 0 : found->second);
  });
  confirmed_round_ = std::max(confirmed_round_, std::min(confirmed.value(), last_round_));
  while (!rounds_.empty() && rounds_.front().number <= confirmed_round_) {
    confirmed_sent_ticks_ = rounds_.front().sent_ticks;
    rounds_.pop_front();
  }
  std::vector<Request> confirmed_requests;
  while (!requests_.empty() && requests_.front().round <= confirmed_round_) {
    confirmed_requests.push_back(std::move(requests_.front().request));
    requests_.pop_front();
  }
  return confirmed_requests;
}

bool ReadTracker::LastConfirmedSent(uint64_t* ticks) const {
  *ticks = confirmed_sent_ticks_;
  return confirmed_round_ > 0;
}

void ReadTracker::Reset() { *this = ReadTracker(); }

}  // namespace raft
