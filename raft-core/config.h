// Config: the options of a node.
#ifndef RAFT_CORE_CONFIG_H_
#define RAFT_CORE_CONFIG_H_

#include <cstddef>
#include <cstdint>

#include "raft-core/status.h"
#include "raft-core/types.h"

namespace raft {

enum class ReadMode {
  // A majority confirms the leader for every batch of reads. Depends on no clock.
  kSafe,
  // While the leader's lease lasts, reads need no messages. Correct only as long as the clocks of
  // all nodes run at rates that differ by less than lease_margin_ticks per election timeout, and
  // Campaign() is not called while a leader is alive. REQUIRES: check_quorum.
  kLease,
};

struct Config {
  // This node. Not 0 and not a storage thread's address.
  NodeId id;
  // Ticks without a leader before a follower campaigns; the actual time is drawn anew from
  // [election_ticks, 2 * election_ticks) each time. Ten times heartbeat_ticks is a good value.
  int election_ticks = 10;
  // Ticks between heartbeats.
  int heartbeat_ticks = 1;
  // The last entry the application has applied before a restart; entries up to it are not handed
  // out again. 0: whatever the storage's snapshot covers.
  Index applied;
  // Write to storage by messages to kAppendThread and kApplyThread instead of Advance (node.h).
  bool async_storage_writes = false;
  // Bytes of entries per append message. 0: one entry per message.
  uint64_t max_message_bytes = kNoLimit;
  // Bytes of committed entries handed out and not yet applied. 0: max_message_bytes.
  uint64_t max_applying_bytes = 0;
  // Payload bytes that a leader may hold uncommitted before it refuses proposals; one proposal is
  // always taken. 0: no limit.
  uint64_t max_uncommitted_bytes = 0;
  // Append messages and their payload bytes (0: no limit) in flight to one follower.
  size_t max_inflight_messages = 256;
  uint64_t max_inflight_bytes = 0;
  // The leader steps down when it has not heard from a majority for an election timeout, and
  // followers that have a leader refuse to elect another.
  bool check_quorum = false;
  // Ask whether an election can be won before disturbing the leader with a new term.
  bool pre_vote = false;
  ReadMode read_mode = ReadMode::kSafe;
  // What the lease is shorter than an election timeout, in ticks.
  int lease_margin_ticks = 1;
  // Followers refuse proposals instead of passing them on to the leader.
  bool disable_proposal_forwarding = false;
  // Accept membership changes that do not fit the membership in force. Only for applications that
  // order and verify changes themselves: one that cannot be applied stops the node.
  bool disable_membership_change_validation = false;
  // A leader that is removed or demoted steps down at once.
  bool step_down_on_removal = false;

  // Returns kInvalidConfig and the reason if the options contradict each other.
  Status Validate() const;
};

}  // namespace raft

#endif  // RAFT_CORE_CONFIG_H_
