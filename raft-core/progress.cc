#include "raft-core/progress.h"

#include <algorithm>

namespace raft {

const char* ProgressStateName(ProgressState state) {
  switch (state) {
    case ProgressState::kProbe:
      return "StateProbe";
    case ProgressState::kReplicate:
      return "StateReplicate";
    case ProgressState::kSnapshot:
      return "StateSnapshot";
  }
  return "unknown progress state";
}

void Progress::Reset(ProgressState state) {
  state_ = state;
  paused_ = false;
  pending_snapshot_ = Index();
  inflights_.Clear();
}

void Progress::BecomeProbe() {
  // After a snapshot the follower is believed to have it.
  const Index start = std::max(match_, pending_snapshot_);
  Reset(ProgressState::kProbe);
  next_ = start.Next();
  sent_commit_ = std::min(sent_commit_, start);
}

void Progress::BecomeReplicate() {
  Reset(ProgressState::kReplicate);
  next_ = match_.Next();
}

void Progress::BecomeSnapshot(Index snapshot) {
  Reset(ProgressState::kSnapshot);
  pending_snapshot_ = snapshot;
  next_ = snapshot.Next();
  sent_commit_ = snapshot;
}

void Progress::SnapshotFailed() {
  pending_snapshot_ = Index();
  BecomeProbe();
}

void Progress::SentEntries(size_t count, uint64_t bytes) {
  RAFT_CHECK(state_ != ProgressState::kSnapshot, *this);
  if (state_ == ProgressState::kProbe) {
    // An empty message does not count as the probe: it may be sent to carry a commit index.
    if (count > 0) paused_ = true;
    return;
  }
  if (count > 0) {
    next_ = next_ + count;
    inflights_.Add(next_.Previous(), bytes);
  }
  // With a full window every message is a probe: the next waits for an answer or a heartbeat.
  paused_ = inflights_.Full();
}

bool Progress::CanAdvanceCommit(Index commit) const {
  // A follower cannot commit beyond what it holds, so a commit index at or beyond the last entry
  // sent need not be repeated.
  return commit > sent_commit_ && sent_commit_ < next_.Previous();
}

bool Progress::Acknowledge(Index index) {
  if (index <= match_) return false;
  match_ = index;
  next_ = std::max(next_, index.Next());
  paused_ = false;
  return true;
}

bool Progress::Reject(Index rejected, Index hint) {
  if (state_ == ProgressState::kReplicate) {
    if (rejected <= match_) return false;
    next_ = match_.Next();
  } else {
    // Probes go out one at a time, so any other refusal was meant for an earlier one.
    if (next_.Previous() != rejected) return false;
    next_ = std::max(std::min(rejected, hint.Next()), match_.Next());
    paused_ = false;
  }
  sent_commit_ = std::min(sent_commit_, next_.Previous());
  return true;
}

void AppendText(std::string* out, const Progress& progress) {
  out->append(Cat(ProgressStateName(progress.state()), " match=", progress.match(),
                  " next=", progress.next()));
  if (progress.learner()) out->append(" learner");
  if (progress.IsPaused()) out->append(" paused");
  if (progress.pending_snapshot() > Index()) {
    out->append(Cat(" pendingSnap=", progress.pending_snapshot()));
  }
  if (!progress.recently_active()) out->append(" inactive");
  if (progress.inflights().count() > 0) {
    out->append(Cat(" inflight=", progress.inflights().count()));
    if (progress.inflights().Full()) out->append("[full]");
  }
}

std::string DescribeProgress(const ProgressMap& progress) {
  std::string out;
  for (const auto& [id, entry] : progress) out.append(Cat(id.value(), ": ", entry, "\n"));
  return out;
}

void UpdateProgressMap(const Membership& membership, Index last, const FlowLimits& limits,
                       ProgressMap* progress) {
  const NodeSet members = membership.Members();
  std::erase_if(*progress, [&](const auto& item) { return !members.Contains(item.first); });
  for (const NodeId id : members) {
    const bool learner = membership.learners.Contains(id);
    const auto [item, added] =
        progress->try_emplace(id, Index(), std::max(last, Index(1)), learner, limits);
    if (added) {
      item->second.set_recently_active(true);
    } else {
      item->second.set_learner(learner);
    }
  }
}

}  // namespace raft
