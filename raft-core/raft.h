// Raft: the protocol itself, as a state machine without clock, I/O or threads. Messages go in by
// Step, time by Tick; what must be stored and sent accumulates until Node (node.h), the public
// face, hands it out. Applications use Node.
//
// Ownership: the storage, random source and logger are borrowed and must outlive this.
#ifndef RAFT_CORE_RAFT_H_
#define RAFT_CORE_RAFT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "raft-core/config.h"
#include "raft-core/logger.h"
#include "raft-core/message.h"
#include "raft-core/progress.h"
#include "raft-core/raft_log.h"
#include "raft-core/random_source.h"
#include "raft-core/read_tracker.h"
#include "raft-core/storage.h"

namespace raft {

enum class Role { kFollower, kCandidate, kLeader, kPreCandidate };

// "StateFollower" and so on.
const char* RoleName(Role role);

// A read that may be served once everything up to `index` is applied.
struct ReadState {
  Index index;
  // The name the application gave the request.
  Bytes context;
};

// Invariants, besides those of the parts:
// - The term never decreases; the vote changes only with the term, or from none to a node.
// - leader_ is this node exactly while role_ is kLeader.
// - progress_ covers exactly the members.
// - As leader, no entry of type kMembershipChange or kJointChange is beyond pending_change_.
class Raft {
 public:
  // REQUIRES: config.Validate() is ok.
  Raft(const Config& config, const Storage* storage, RandomSource* random, Logger* logger);
  Raft(const Raft&) = delete;
  Raft& operator=(const Raft&) = delete;

  // Lets one tick of time pass.
  void Tick();
  // Takes a message: from another node, from the storage threads, or a local one.
  Status Step(Message message);
  // Makes a committed change of membership take effect. REQUIRES: it fits the membership.
  ConfState ApplyMembershipChange(const MembershipChange& change);

  NodeId id() const { return config_.id; }
  const Config& config() const { return config_; }
  Role role() const { return role_; }
  Term term() const { return term_; }
  NodeId leader() const { return leader_; }
  NodeId transferee() const { return transferee_; }
  HardState hard_state() const { return {term_, vote_, log_.committed()}; }
  const Membership& membership() const { return membership_; }
  const ProgressMap& progress() const { return progress_; }
  const RaftLog& log() const { return log_; }
  uint64_t uncommitted_bytes() const { return uncommitted_bytes_; }
  int election_elapsed() const { return election_elapsed_; }
  int randomized_election_ticks() const { return randomized_election_ticks_; }
  void set_randomized_election_ticks(int ticks) { randomized_election_ticks_ = ticks; }

  // Whether Node has anything to collect from the lists below.
  bool HasOutput() const {
    return !messages_.empty() || !messages_after_append_.empty() || !read_states_.empty();
  }
  // What Node collects. Messages in `messages` may be sent at once; those in
  // `messages_after_append` depend on what is being written, and may be addressed to this node.
  RaftLog* mutable_log() { return &log_; }
  std::vector<Message>* messages() { return &messages_; }
  std::vector<Message>* messages_after_append() { return &messages_after_append_; }
  std::vector<ReadState>* read_states() { return &read_states_; }

 private:
  enum class Campaign { kPreElection, kElection, kTransfer };

  // ---- roles (raft.cc) ----
  void Reset(Term term);
  void BecomeFollower(Term term, NodeId leader);
  void BecomeCandidate();
  void BecomePreCandidate();
  void BecomeLeader();
  void ResetElectionTimeout();
  void TickElection();
  void TickHeartbeat();

  // ---- elections (election.cc) ----
  void Hup(Campaign kind);
  void StartCampaign(Campaign kind);
  bool IsPromotable() const;
  bool HasUnappliedMembershipChange() const;
  // Whether a leader may still rely on this node not to elect another.
  bool PromisedToLeader() const;
  void HandleVoteRequest(const Message& message);
  void HandleVoteResponse(const Message& message);

  // ---- messages by role (raft.cc) ----
  // Deals with the message's term; returns whether the message is to be handled further.
  bool AcceptTerm(const Message& message);
  void HandleLowerTerm(const Message& message);
  Status StepFollower(Message message);
  Status StepCandidate(Message message);
  Status StepLeader(Message message);
  void StepLeaderWithProgress(const Message& message, Progress* progress);
  void HandleStorageAppendResponse(const Message& message);
  void HandleStorageApplyResponse(const Message& message);

  // ---- replication (replication.cc) ----
  Status HandleProposal(Message message);
  // Replaces changes of membership that may not enter the log now by empty entries.
  Status ScreenMembershipChanges(std::vector<Entry>* entries);
  bool AppendEntries(std::vector<Entry> entries);
  void SendAppend(NodeId to) { MaybeSendAppend(to, /*send_if_empty=*/true); }
  bool MaybeSendAppend(NodeId to, bool send_if_empty);
  bool MaybeSendSnapshot(NodeId to, Progress* progress);
  void SendHeartbeat(NodeId to, uint64_t round);
  void BroadcastAppend();
  void BroadcastHeartbeat();
  bool MaybeCommit();
  void HandleAppend(const Message& message);
  void HandleHeartbeat(const Message& message);
  void HandleSnapshot(const Message& message);
  bool RestoreSnapshot(const SnapshotRef& snapshot);
  void HandleAppendResponse(const Message& message, Progress* progress);
  void HandleAppendRejection(const Message& message, Progress* progress);
  void HandleHeartbeatResponse(const Message& message, Progress* progress);
  void HandleSnapshotStatus(const Message& message, Progress* progress);
  void HandleTransfer(const Message& message, Progress* progress);
  void HandleCheckQuorum();
  void SendTimeoutNow(NodeId to);
  void AppliedTo(Index index, uint64_t bytes);
  void AppliedSnapshot(const Snapshot& snapshot);
  ConfState SwitchTo(const Membership& membership);

  // ---- reads (reads.cc) ----
  void HandleReadIndex(const Message& message);
  void StartRead(const Message& message);
  void ReleasePostponedReads();
  void ConfirmReads();
  void AnswerRead(const ReadTracker::Request& request);
  bool HasLease() const;

  // Completes and queues a message.
  void Send(Message message);
  // Passes a request on to the leader, in the name of its sender. REQUIRES: a leader is known.
  void Forward(Message message);
  bool HasCommittedInTerm() const { return log_.TermOf(log_.committed()) == term_; }
  bool IsOnlyVoter() const {
    return !membership_.voters.IsJoint() && membership_.voters.incoming == NodeSet{config_.id};
  }
  Progress* FindProgress(NodeId id);
  FlowLimits flow_limits() const {
    return {config_.max_inflight_messages, config_.max_inflight_bytes};
  }
  // "1 [logterm: 2, index: 3, vote: 4]", as elections are logged.
  std::string DescribeVoter() const;

  template <class... Args>
  void Debug(const Args&... args) {
    logger_->Log(LogLevel::kDebug, args...);
  }
  template <class... Args>
  void Info(const Args&... args) {
    logger_->Log(LogLevel::kInfo, args...);
  }
  template <class... Args>
  void Warning(const Args&... args) {
    logger_->Log(LogLevel::kWarning, args...);
  }

  const Config config_;
  RandomSource* const random_;
  Logger* const logger_;
  RaftLog log_;

  Role role_ = Role::kFollower;
  Term term_;
  NodeId vote_;
  NodeId leader_;
  Membership membership_;
  ProgressMap progress_;
  Votes votes_;

  // Ticks since this node was created.
  uint64_t now_ticks_ = 0;
  // Whether it held a term then: it may have made promises it no longer remembers.
  bool restarted_ = false;
  // Followers and candidates: ticks since the leader was heard or the election began. Leaders:
  // since the last quorum check.
  int election_elapsed_ = 0;
  int heartbeat_elapsed_ = 0;
  int randomized_election_ticks_ = 0;

  // The node that leadership is being transferred to (thesis section 3.10).
  NodeId transferee_;
  // A successor was told to campaign in this term. It does so whatever its voters promised, at any
  // later time, so this leader has no lease any more.
  bool lease_given_up_ = false;
  // At or beyond the last membership change in the log, applied or not.
  Index pending_change_;
  // Payload bytes appended in this term and not yet applied; an estimate that is never too high.
  uint64_t uncommitted_bytes_ = 0;

  ReadTracker reads_;
  // Reads that wait for the first commit of the term (section 8).
  std::vector<Message> postponed_reads_;

  std::vector<Message> messages_;
  std::vector<Message> messages_after_append_;
  std::vector<ReadState> read_states_;
};

}  // namespace raft

#endif  // RAFT_CORE_RAFT_H_
