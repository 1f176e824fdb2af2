// Node: one member of a Raft group, as the application sees it. It neither reads clocks nor files
// nor sockets; the application passes in time and messages and does the writing and sending:
//
//   while (running) {
//     wait for a tick, a message or a proposal; call Tick, Step or Propose;
//     while (node.HasReady()) {
//       Ready ready = node.TakeReady();
//       1. write ready.snapshot, ready.entries and ready.hard_state to storage, and make them
//          durable if ready.MustBeDurable();
//       2. only then send ready.messages;
//       3. install ready.snapshot in the state machine, then apply ready.committed_entries; for
//          entries that change the membership call ApplyMembershipChange;
//       4. node.Advance();
//     }
//   }
//
// With Config::async_storage_writes steps 1 and 3 become messages to kAppendThread and kApplyThread
// within ready.messages. All other messages may be sent at once. Messages to one thread are done in
// order, none is lost, and once one is done (kStorageAppend: durable) its responses are delivered,
// those to this node by Step. Advance is not called.
//
// Not thread-safe. Everything handed out is a value and stays valid.
#ifndef RAFT_CORE_NODE_H_
#define RAFT_CORE_NODE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "raft-core/config.h"
#include "raft-core/logger.h"
#include "raft-core/message.h"
#include "raft-core/raft.h"
#include "raft-core/random_source.h"
#include "raft-core/status.h"
#include "raft-core/storage.h"

namespace raft {

// State that is good to know and need not be durable.
struct SoftState {
  NodeId leader;
  Role role = Role::kFollower;
  friend bool operator==(const SoftState&, const SoftState&) = default;
};

// Work for the application; see the order above.
struct Ready {
  // Set when changed.
  std::optional<SoftState> soft_state;
  std::optional<HardState> hard_state;
  // Reads that may be served once their index is applied.
  std::vector<ReadState> read_states;
  // To be appended to the log, replacing what is there at and after the first one's index.
  std::vector<Entry> entries;
  // Replaces log and state machine; null if there is none.
  SnapshotRef snapshot;
  // To be applied. They may be among `entries` too, unless storage writes are asynchronous.
  std::vector<Entry> committed_entries;
  std::vector<Message> messages;
  // Whether term, vote or log change.
  bool must_sync = false;

  // Whether messages must wait until the writes are durable. A lone commit index need not be.
  bool MustBeDurable() const { return must_sync || snapshot != nullptr; }
};

// A node's state at one moment, for people and dashboards.
struct NodeStatus {
  NodeId id;
  HardState hard_state;
  SoftState soft_state;
  Index applied;
  Index last_index;
  NodeId transferee;
  uint64_t uncommitted_bytes = 0;
  int election_elapsed_ticks = 0;
  int election_timeout_ticks = 0;
  Membership membership;
  // What the leader knows of everyone; empty on others.
  ProgressMap progress;

  // One JSON object, in one line.
  std::string ToJson() const;
};

class Node {
 public:
  // Starts or restarts a node from storage. A new group begins with storages that hold the same
  // snapshot with the first membership. The storage, random source and logger are borrowed.
  // REQUIRES: config.Validate() is ok.
  Node(const Config& config, const Storage* storage, RandomSource* random, Logger* logger);

  // ---- inputs ----

  // One tick of time has passed.
  void Tick() { raft_.Tick(); }
  // A message arrived. Errors: kLocalMessage, kPeerNotFound, kMalformed, and those of the request a
  // message may carry. A message with an error has changed nothing.
  Status Step(Message message);
  // Starts an election.
  void Campaign();
  // Proposes to append data to the log. Acceptance promises nothing: whether it was committed shows
  // when it is applied. Errors: kProposalDropped (no leader, or it is busy).
  Status Propose(Bytes data);
  // Proposes a membership change; on acceptance it may still be replaced by an empty entry, if it
  // does not fit. Errors: as Propose.
  Status ProposeMembershipChange(const MembershipChange& change);
  // The same for a change of one node, in the entry type for those.
  Status ProposeSingleChange(const SingleChange& change, Bytes context = Bytes());
  // A committed membership change takes effect now. Must be called for each one in the order of the
  // log, also by the nodes it removes. Returns the new membership, which belongs into snapshots.
  // REQUIRES: it fits the membership.
  ConfState ApplyMembershipChange(const MembershipChange& change);
  // Asks for a moment to read at: once it is known, a ReadState with the same context is in a
  // Ready. Requests may be lost with messages or leaders; ask again after a while.
  void ReadIndex(Bytes context);
  // Makes another voter the leader; has no effect if that fails within an election timeout.
  void TransferLeadership(NodeId successor);
  // Makes a follower act as if its leader were gone, so that it votes for others. No effect with
  // reads by lease.
  void ForgetLeader();
  // The last message to the node was not delivered.
  void ReportUnreachable(NodeId node);
  // How sending a snapshot to the node ended. REQUIRED after each, or the leader waits for it.
  void ReportSnapshot(NodeId node, bool delivered);

  // ---- outputs ----

  // Whether TakeReady has anything to hand out.
  bool HasReady() const;
  // Hands out the work at hand. REQUIRES: Advance was called for the last one (unless storage
  // writes are asynchronous).
  Ready TakeReady();
  // The work of the last Ready is done. REQUIRES: storage writes are not asynchronous.
  void Advance();

  NodeStatus GetStatus() const;
  const Raft& raft() const { return raft_; }

  // For tests: replaces the drawn election timeout until the next one is drawn.
  void SetRandomizedElectionTicks(int ticks) { raft_.set_randomized_election_ticks(ticks); }

 private:
  bool async() const { return raft_.config().async_storage_writes; }
  // Committed entries may be applied before they are durable here only if Ready's order makes them
  // durable first.
  bool allow_unstable() const { return !async(); }
  SoftState CurrentSoftState() const { return {raft_.leader(), raft_.role()}; }
  bool NeedsAppendResponse(const Ready& ready) const;
  Message StorageAppend(const Ready& ready);
  Message StorageAppendResponse(const Ready& ready) const;
  Message StorageApplyResponse(const Ready& ready) const;
  void DistributeMessages(Ready* ready);

  Raft raft_;
  // What the last Ready said.
  SoftState soft_state_;
  HardState hard_state_;
  // Messages of this node to itself that Advance delivers.
  std::vector<Message> on_advance_;
  bool awaits_advance_ = false;
};

}  // namespace raft

#endif  // RAFT_CORE_NODE_H_
