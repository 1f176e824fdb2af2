// The data of Raft: entries, durable state, snapshots and the messages between nodes.
#ifndef RAFT_CORE_MESSAGE_H_
#define RAFT_CORE_MESSAGE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "raft-core/bytes.h"
#include "raft-core/membership.h"
#include "raft-core/types.h"

namespace raft {

enum class EntryType : uint8_t {
  // Data of the application. Empty data is the entry a new leader appends (Raft paper section 8).
  kNormal,
  // An encoded MembershipChange of one step.
  kMembershipChange,
  // An encoded MembershipChange of any number of steps; empty data leaves the joint configuration.
  kJointChange,
};

struct Entry {
  raft::Term term;
  raft::Index index;
  EntryType type = EntryType::kNormal;
  Bytes data;

  // The bytes the entry counts for in limits on messages and on application: its data and a fixed
  // allowance for the rest.
  uint64_t EncodedSize() const { return data.size() + kHeaderAllowance; }
  friend bool operator==(const Entry&, const Entry&) = default;

  static constexpr uint64_t kHeaderAllowance = 24;
};

// Sums over entries, in bytes: of the encoded form, and of the data alone.
uint64_t EncodedSize(const std::vector<Entry>& entries);
uint64_t PayloadSize(const std::vector<Entry>& entries);

// What a node must remember across restarts besides its log (Raft paper figure 2). The commit index
// need not be durable for safety, but spares a restarted node from waiting for its leader.
struct HardState {
  raft::Term term;
  NodeId vote;
  Index commit;
  friend bool operator==(const HardState&, const HardState&) = default;
};

// The state machine's state as of `index`, which replaces the log up to there.
struct Snapshot {
  raft::Index index;
  raft::Term term;
  ConfState membership;
  // The state itself, or whatever the application needs to find it.
  Bytes data;
};

// Snapshots are shared, never copied. Null: no snapshot.
using SnapshotRef = std::shared_ptr<const Snapshot>;

enum class MessageType : uint8_t {
  kHup,             // local: start an election
  kBeat,            // local: send heartbeats
  kProp,            // proposal, also forwarded to the leader
  kApp,             // AppendEntries
  kAppResp,         //
  kVote,            // RequestVote
  kVoteResp,        //
  kSnap,            // InstallSnapshot
  kHeartbeat,       //
  kHeartbeatResp,   //
  kUnreachable,     // local: a message to `from` was lost
  kSnapStatus,      // local: how sending a snapshot to `from` ended
  kCheckQuorum,     // local: does a quorum still follow?
  kTransferLeader,  // make `from` the leader
  kTimeoutNow,      // leader to its successor: campaign at once
  kReadIndex,       // request for a read index, also forwarded to the leader
  kReadIndexResp,   //
  kPreVote,         // RequestVote that changes no state (thesis section 9.6)
  kPreVoteResp,     //
  kStorageAppend,   // work for kAppendThread
  kStorageAppendResp,
  kStorageApply,  // work for kApplyThread
  kStorageApplyResp,
  kForgetLeader,  // local: act as if the leader were gone
};

inline constexpr int kMessageTypeCount = static_cast<int>(MessageType::kForgetLeader) + 1;

// "MsgApp" and so on.
const char* MessageTypeName(MessageType type);

// Whether only the node itself or its storage may send such a message.
bool IsLocalMessage(MessageType type);
// Whether the message answers a request, so that its sender must be a member.
bool IsResponse(MessageType type);

// A message. Fields that its type does not use keep their defaults.
struct Message {
  MessageType type = MessageType::kHup;
  NodeId from;
  NodeId to;
  // The sender's term; for (pre-)votes the term campaigned for. 0: local or forwarded.
  Term term;
  // kApp: the entry that precedes `entries`. kAppResp: log_term is the hint's term and index what
  // is acknowledged or rejected. Votes: the end of the candidate's log. kReadIndexResp: index is
  // the read index. kStorageAppendResp: what is durable now.
  Term log_term;
  Index index;
  Index commit;
  NodeId vote;  // kStorageAppend: part of the hard state
  bool reject = false;
  Index reject_hint;  // kAppResp: where the logs may match
  // Votes: the leader asked for this election, so that its lease is no reason to refuse.
  bool leadership_transfer = false;
  // Heartbeats: the number of the round, returned by the response. It counts within a term.
  uint64_t round = 0;
  // Read indexes: the application's name for the request.
  Bytes context;
  std::vector<Entry> entries;
  SnapshotRef snapshot;
  // Storage work: messages to deliver once the work is done.
  std::vector<Message> responses;
};

}  // namespace raft

#endif  // RAFT_CORE_MESSAGE_H_
