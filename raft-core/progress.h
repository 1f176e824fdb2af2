// Progress: what a leader knows of one follower's log, and how fast it may send to it.
#ifndef RAFT_CORE_PROGRESS_H_
#define RAFT_CORE_PROGRESS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "raft-core/inflights.h"
#include "raft-core/membership.h"
#include "raft-core/types.h"

namespace raft {

enum class ProgressState {
  // The end of the match with the follower's log is unknown: one message at a time.
  kProbe,
  // It is known: messages are sent without waiting for acknowledgements (pipelining).
  kReplicate,
  // The follower needs entries that were compacted: a snapshot is on its way, nothing else is sent.
  kSnapshot,
};

const char* ProgressStateName(ProgressState state);

// Limits on what may be in flight to one follower.
struct FlowLimits {
  size_t max_inflight_messages = 256;
  uint64_t max_inflight_bytes = 0;  // 0: no limit
};

// Invariants: match < next; entries in (match, next) are in flight.
class Progress {
 public:
  Progress(Index match, Index next, bool learner, const FlowLimits& limits)
      : match_(match),
        next_(next),
        learner_(learner),
        inflights_(limits.max_inflight_messages, limits.max_inflight_bytes) {
    RAFT_CHECK(match < next, "match ", match, " next ", next);
  }

  ProgressState state() const { return state_; }
  // The last index known to be equal and durable on the follower.
  Index match() const { return match_; }
  // The next index to send.
  Index next() const { return next_; }
  // The index of the snapshot under way; 0 unless the state is kSnapshot.
  Index pending_snapshot() const { return pending_snapshot_; }
  const Inflights& inflights() const { return inflights_; }
  bool learner() const { return learner_; }
  void set_learner(bool learner) { learner_ = learner; }
  // Whether the follower was heard of since the last quorum check.
  bool recently_active() const { return recently_active_; }
  void set_recently_active(bool active) { recently_active_ = active; }

  // Whether nothing may be sent now: a probe or a snapshot is unanswered, or the window is full.
  bool IsPaused() const { return paused_ || state_ == ProgressState::kSnapshot; }
  void Pause() { paused_ = true; }
  void Resume() { paused_ = false; }

  void BecomeProbe();
  void BecomeReplicate();
  void BecomeSnapshot(Index snapshot);
  // The snapshot did not arrive: probe from what is known, as if it had not been sent.
  void SnapshotFailed();

  // Accounts for a message with `count` entries (0: none) of `bytes` payload bytes from next() on.
  void SentEntries(size_t count, uint64_t bytes);
  // Whether telling the follower this commit index could advance its own.
  bool CanAdvanceCommit(Index commit) const;
  void SentCommit(Index commit) { sent_commit_ = commit; }

  // Takes note of an acknowledgement up to `index`; false if it is old news.
  bool Acknowledge(Index index);
  void FreeInflights(Index acknowledged) { inflights_.FreeUpTo(acknowledged); }
  // Takes note that the message after `rejected` was refused and that the logs may match at `hint`.
  // Returns false, changing nothing, if the refusal is out of date.
  bool Reject(Index rejected, Index hint);

 private:
  void Reset(ProgressState state);

  ProgressState state_ = ProgressState::kProbe;
  Index match_;
  Index next_;
  // The highest commit index sent, unless what it went with was lost.
  Index sent_commit_;
  Index pending_snapshot_;
  bool learner_;
  bool recently_active_ = false;
  bool paused_ = false;
  Inflights inflights_;
};

// "StateReplicate match=3 next=4 learner paused pendingSnap=3 inactive inflight=2[full]"
void AppendText(std::string* out, const Progress& progress);

using ProgressMap = std::map<NodeId, Progress>;

// One line "id: progress" for each node.
std::string DescribeProgress(const ProgressMap& progress);

// Makes *progress cover exactly the members. A node that is new starts as one that may hold the log
// up to before `last`, the last index at hand, and counts as active, so that a quorum check right
// after a change does not depose the leader.
void UpdateProgressMap(const Membership& membership, Index last, const FlowLimits& limits,
                       ProgressMap* progress);

}  // namespace raft

#endif  // RAFT_CORE_PROGRESS_H_
