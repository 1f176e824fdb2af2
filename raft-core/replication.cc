// Log replication, snapshots, leadership transfer and membership: Raft paper sections 5.3, 6 and 7,
// thesis sections 3.10 and 10.2.
#include <algorithm>
#include <utility>

#include "raft-core/describe.h"
#include "raft-core/raft.h"

namespace raft {

// ---- the leader's side ----

Status Raft::HandleProposal(Message message) {
  if (message.entries.empty()) return Status(StatusCode::kMalformed, "a proposal without entries");
  // A leader that was removed may only finish what it began.
  if (FindProgress(id()) == nullptr) return Status(StatusCode::kProposalDropped);
  if (transferee_ != kNoNode) {
    Debug(id(), " [term ", term_, "] transfer leadership to ", transferee_,
          " is in progress; dropping proposal");
    return Status(StatusCode::kProposalDropped);
  }
  const Index pending_before = pending_change_;
  if (Status status = ScreenMembershipChanges(&message.entries); !status.ok()) return status;
  if (!AppendEntries(std::move(message.entries))) {
    pending_change_ = pending_before;
    return Status(StatusCode::kProposalDropped);
  }
  BroadcastAppend();
  return Status::Ok();
}

// Why one unapplied change at a time keeps majorities overlapping, although changes take effect
// only when applied: a leader proposes change n + 1 after it has applied change n, and the messages
// that carry it say that n is committed. Whoever holds change n + 1 therefore knows that n is
// committed and, as nodes do not campaign with committed changes unapplied, has it in force. So a
// candidate's membership is at most one change behind its log, and a candidate whose log lacks n +
// 1 is refused by the majority that holds it, which overlaps with every majority of n.
Status Raft::ScreenMembershipChanges(std::vector<Entry>* entries) {
  Index index = log_.LastIndex();
  for (const Entry& entry : *entries) {
    MembershipChange change;
    if (entry.type == EntryType::kNormal) continue;
    if (Status status = DecodeChange(entry.data.view(), &change); !status.ok()) return status;
  }
  for (Entry& entry : *entries) {
    index = index.Next();
    if (entry.type == EntryType::kNormal) continue;
    MembershipChange change;
    const Status decoded = DecodeChange(entry.data.view(), &change);
    RAFT_CHECK(decoded.ok(), decoded.message());
    std::string reason;
    const bool joint = membership_.voters.IsJoint();
    const bool leaves = change.steps.empty();
    if (pending_change_ > log_.applied()) {
      reason = Cat("possible unapplied conf change at index ", pending_change_, " (applied to ",
                   log_.applied(), ")");
    } else if (joint && !leaves) {
      reason = "must transition out of joint config first";
    } else if (!joint && leaves) {
      reason = "not in joint state; refusing empty conf change";
    }
    if (reason.empty() || config_.disable_membership_change_validation) {
      pending_change_ = index;
      continue;
    }
    if (logger_->Enabled(LogLevel::kInfo)) {
      Info(id(), " ignoring conf change ", DescribeChangeFields(entry), " at config ", membership_,
           ": ", reason);
    }
    entry = Entry();
  }
  return Status::Ok();
}

bool Raft::AppendEntries(std::vector<Entry> entries) {
  const uint64_t bytes = PayloadSize(entries);
  // A single proposal of any size is taken, and entries without payload always.
  if (config_.max_uncommitted_bytes != 0 && uncommitted_bytes_ > 0 && bytes > 0 &&
      uncommitted_bytes_ + bytes > config_.max_uncommitted_bytes) {
    Warning(id(),
            " appending new entries to log would exceed uncommitted entry size limit; "
            "dropping proposal");
    return false;
  }
  uncommitted_bytes_ += bytes;
  Index index = log_.LastIndex();
  for (Entry& entry : entries) {
    index = index.Next();
    entry.term = term_;
    entry.index = index;
  }
  log_.Append(entries);
  // The leader acknowledges its own entries once they are durable, like any follower.
  Message acknowledgement;
  acknowledgement.type = MessageType::kAppResp;
  acknowledgement.to = id();
  acknowledgement.index = index;
  Send(std::move(acknowledgement));
  return true;
}

bool Raft::MaybeSendAppend(NodeId to, bool send_if_empty) {
  Progress* progress = FindProgress(to);
  RAFT_CHECK(progress != nullptr, "no progress for ", to);
  if (progress->IsPaused()) return false;

  const Index previous = progress->next().Previous();
  const std::optional<Term> previous_term = log_.TermOf(previous);
  if (!previous_term.has_value()) return MaybeSendSnapshot(to, progress);

  Message message;
  // A full window lets only empty messages through: should all in flight be lost, one of these gets
  // an answer (after a heartbeat) and restarts the flow.
  if (progress->state() != ProgressState::kReplicate || !progress->inflights().Full()) {
    std::optional<std::vector<Entry>> entries =
        log_.EntriesFrom(progress->next(), config_.max_message_bytes);
    if (!entries.has_value()) return MaybeSendSnapshot(to, progress);
    message.entries = *std::move(entries);
  }
  if (message.entries.empty() && !send_if_empty) return false;

  message.type = MessageType::kApp;
  message.to = to;
  message.index = previous;
  message.log_term = *previous_term;
  message.commit = log_.committed();
  progress->SentEntries(message.entries.size(), PayloadSize(message.entries));
  progress->SentCommit(log_.committed());
  Send(std::move(message));
  return true;
}

bool Raft::MaybeSendSnapshot(NodeId to, Progress* progress) {
  if (!progress->recently_active()) {
    Debug("ignore sending snapshot to ", to, " since it is not recently active");
    return false;
  }
  Message message;
  const Status status = log_.LatestSnapshot(&message.snapshot);
  if (status.code() == StatusCode::kSnapshotTemporarilyUnavailable) {
    Debug(id(), " failed to send snapshot to ", to, " because snapshot is temporarily unavailable");
    return false;
  }
  RAFT_CHECK(status.ok(), "snapshot from storage: ", status.message());
  RAFT_CHECK(message.snapshot != nullptr && message.snapshot->index > Index(),
             "entries were compacted, but there is no snapshot: ", log_.Describe());
  const Index index = message.snapshot->index;
  Debug(id(), " [firstindex: ", log_.FirstIndex(), ", commit: ", log_.committed(),
        "] sent snapshot[index: ", index, ", term: ", message.snapshot->term, "] to ", to, " [",
        *progress, "]");
  progress->BecomeSnapshot(index);
  Debug(id(), " paused sending replication messages to ", to, " [", *progress, "]");
  message.type = MessageType::kSnap;
  message.to = to;
  Send(std::move(message));
  return true;
}

void Raft::SendHeartbeat(NodeId to, uint64_t round) {
  Progress* progress = FindProgress(to);
  RAFT_CHECK(progress != nullptr, "no progress for ", to);
  Message message;
  message.type = MessageType::kHeartbeat;
  message.to = to;
  // The follower may commit only what is known to be equal to the leader's log.
  message.commit = std::min(progress->match(), log_.committed());
  message.round = round;
  progress->SentCommit(message.commit);
  Send(std::move(message));
}

void Raft::BroadcastAppend() {
  for (const auto& [peer, progress] : progress_) {
    if (peer != id()) SendAppend(peer);
  }
}

void Raft::BroadcastHeartbeat() {
  const uint64_t round = reads_.BeginRound(now_ticks_);
  for (const auto& [peer, progress] : progress_) {
    if (peer != id()) SendHeartbeat(peer, round);
  }
}

bool Raft::MaybeCommit() {
  const Index index = membership_.voters.CommittedIndex([this](NodeId voter) {
    const auto found = progress_.find(voter);
    return found == progress_.end() ? Index() : found->second.match();
  });
  return log_.CommitIfMatches({term_, index});
}

void Raft::HandleAppendResponse(const Message& message, Progress* progress) {
  progress->set_recently_active(true);
  if (message.reject) {
    HandleAppendRejection(message, progress);
    return;
  }
  if (message.index > log_.LastIndex()) {
    // No follower of this term can hold more than its leader.
    Warning(id(), " ignored MsgAppResp from ", message.from, " for index ", message.index,
            " beyond the log's end ", log_.LastIndex());
    return;
  }
  // An old acknowledgement is news only for a probe of a follower that is up to date.
  const bool probe_answered =
      progress->state() == ProgressState::kProbe && progress->match() == message.index;
  if (!progress->Acknowledge(message.index) && !probe_answered) return;

  switch (progress->state()) {
    case ProgressState::kProbe:
      progress->BecomeReplicate();
      break;
    case ProgressState::kSnapshot:
      // Whichever snapshot the follower got, this one or another: what counts is that the log can
      // take over from there.
      if (progress->match().Next() >= log_.FirstIndex()) {
        Debug(id(), " recovered from needing snapshot, resumed sending replication messages to ",
              message.from, " [", *progress, "]");
        progress->BecomeProbe();
        progress->BecomeReplicate();
      }
      break;
    case ProgressState::kReplicate:
      progress->FreeInflights(message.index);
      break;
  }

  if (MaybeCommit()) {
    ReleasePostponedReads();
    BroadcastAppend();
  } else if (message.from != id() && progress->CanAdvanceCommit(log_.committed())) {
    SendAppend(message.from);
  }
  // The window may have room for several messages now.
  if (message.from != id()) {
    while (MaybeSendAppend(message.from, /*send_if_empty=*/false)) {
    }
  }
  if (message.from == transferee_ && progress->match() == log_.LastIndex()) {
    Info(id(), " sent MsgTimeoutNow to ", message.from, " after received MsgAppResp");
    SendTimeoutNow(message.from);
  }
}

void Raft::HandleAppendRejection(const Message& message, Progress* progress) {
  Debug(id(), " received MsgAppResp(rejected, hint: (index ", message.reject_hint, ", term ",
        message.log_term, ")) from ", message.from, " for index ", message.index);
  Index hint = message.reject_hint;
  if (message.log_term > Term()) {
    // The follower's log has this term at the hint. Terms only grow along a log, so wherever ours
    // has a larger one at or before the hint the logs differ. This skips a term of ours for each
    // refusal; the follower's own hint has skipped the like of its terms (HandleAppend).
    hint = log_.FindMatchCandidate(hint, message.log_term).index;
  }
  if (!progress->Reject(message.index, hint)) return;
  Debug(id(), " decreased progress of ", message.from, " to [", *progress, "]");
  if (progress->state() == ProgressState::kReplicate) progress->BecomeProbe();
  SendAppend(message.from);
}

void Raft::HandleHeartbeatResponse(const Message& message, Progress* progress) {
  progress->set_recently_active(true);
  progress->Resume();
  // To a full window this sends an empty probe, and to a follower that was reported unreachable the
  // message that brings it back to replication.
  if (progress->match() < log_.LastIndex() || progress->state() == ProgressState::kProbe) {
    SendAppend(message.from);
  }
  reads_.Acknowledge(message.from, message.round);
  ConfirmReads();
}

void Raft::HandleSnapshotStatus(const Message& message, Progress* progress) {
  if (progress->state() != ProgressState::kSnapshot) return;
  if (message.reject) {
    progress->SnapshotFailed();
  } else {
    progress->BecomeProbe();
  }
  Debug(id(), message.reject ? " snapshot failed" : " snapshot succeeded",
        ", resumed sending replication messages to ", message.from, " [", *progress, "]");
  // The follower's own word comes first; after a failure, the next heartbeat's answer.
  progress->Pause();
}

void Raft::HandleTransfer(const Message& message, Progress* progress) {
  const NodeId successor = message.from;
  if (progress->learner()) {
    Debug(id(), " is learner. Ignored transferring leadership");
    return;
  }
  if (transferee_ != kNoNode) {
    if (transferee_ == successor) {
      Info(id(), " [term ", term_, "] transfer leadership to ", successor,
           " is in progress, ignores request to same node ", successor);
      return;
    }
    Info(id(), " [term ", term_, "] abort previous transferring leadership to ", transferee_);
    transferee_ = kNoNode;
  }
  if (successor == id()) {
    Debug(id(), " is already leader. Ignored transferring leadership to self");
    return;
  }
  Info(id(), " [term ", term_, "] starts to transfer leadership to ", successor);
  // It has one election timeout from now.
  election_elapsed_ = 0;
  transferee_ = successor;
  if (progress->match() == log_.LastIndex()) {
    SendTimeoutNow(successor);
    Info(id(), " sends MsgTimeoutNow to ", successor, " immediately as ", successor,
         " already has up-to-date log");
  } else {
    SendAppend(successor);
  }
}

void Raft::SendTimeoutNow(NodeId to) {
  lease_given_up_ = true;
  Message message;
  message.type = MessageType::kTimeoutNow;
  message.to = to;
  Send(std::move(message));
}

void Raft::HandleCheckQuorum() {
  Votes active;
  for (const auto& [peer, progress] : progress_) {
    if (!progress.learner()) active[peer] = progress.recently_active();
  }
  if (membership_.voters.Vote(active) != VoteResult::kWon) {
    Warning(id(), " stepped down to follower since quorum is not active");
    BecomeFollower(term_, kNoNode);
  }
  for (auto& [peer, progress] : progress_) {
    if (peer != id()) progress.set_recently_active(false);
  }
}

// ---- the follower's side ----

void Raft::HandleAppend(const Message& message) {
  Message response;
  response.type = MessageType::kAppResp;
  response.to = message.from;
  if (message.index < log_.committed()) {
    // Old news: everything committed matches anyway.
    response.index = log_.committed();
    Send(std::move(response));
    return;
  }
  const LogPosition previous{message.log_term, message.index};
  if (const std::optional<Index> last =
          log_.AppendIfMatches(previous, message.entries, message.commit);
      last.has_value()) {
    response.index = *last;
    Send(std::move(response));
    return;
  }
  Debug(id(), " [logterm: ", log_.TermOf(message.index).value_or(Term()),
        ", index: ", message.index, "] rejected MsgApp [logterm: ", message.log_term,
        ", index: ", message.index, "] from ", message.from);
  // The leader's log has message.log_term at message.index, and no larger term before it. So the
  // logs differ wherever ours has a larger one; the hint skips all of that at once.
  const LogPosition hint =
      log_.FindMatchCandidate(std::min(message.index, log_.LastIndex()), message.log_term);
  response.index = message.index;
  response.reject = true;
  response.reject_hint = hint.index;
  response.log_term = hint.term;
  Send(std::move(response));
}

void Raft::HandleHeartbeat(const Message& message) {
  log_.CommitTo(message.commit);
  Message response;
  response.type = MessageType::kHeartbeatResp;
  response.to = message.from;
  response.round = message.round;
  Send(std::move(response));
}

void Raft::HandleSnapshot(const Message& message) {
  const Snapshot& snapshot = *message.snapshot;
  const bool restored = RestoreSnapshot(message.snapshot);
  Info(id(), " [commit: ", log_.committed(), restored ? "] restored" : "] ignored",
       " snapshot [index: ", snapshot.index, ", term: ", snapshot.term, "]");
  Message response;
  response.type = MessageType::kAppResp;
  response.to = message.from;
  response.index = restored ? log_.LastIndex() : log_.committed();
  Send(std::move(response));
}

bool Raft::RestoreSnapshot(const SnapshotRef& snapshot) {
  if (snapshot->index <= log_.committed()) return false;
  RAFT_CHECK(role_ == Role::kFollower, RoleName(role_), " restores a snapshot");
  // A node that is no member would not know what to do next. The leader sends none such; a snapshot
  // from before this node joined is possible, and a later one follows.
  if (!snapshot->membership.Contains(id())) {
    Warning(id(), " attempted to restore snapshot but it is not in the ConfState ",
            DescribeConfState(snapshot->membership), "; should never happen");
    return false;
  }
  const LogPosition end{snapshot->term, snapshot->index};
  if (log_.Matches(end)) {
    // Everything in the snapshot is in the log already.
    const LogPosition last = log_.Last();
    Info(id(), " [commit: ", log_.committed(), ", lastindex: ", last.index,
         ", lastterm: ", last.term, "] fast-forwarded commit to snapshot [index: ", end.index,
         ", term: ", end.term, "]");
    log_.CommitTo(end.index);
    return false;
  }
  const MembershipResult membership = FromConfState(snapshot->membership);
  if (!membership.status.ok()) {
    Warning(id(), " ignored a snapshot: ", membership.status.message());
    return false;
  }
  log_.Restore(snapshot);
  progress_.clear();
  SwitchTo(membership.membership);
  const LogPosition last = log_.Last();
  Info(id(), " [commit: ", log_.committed(), ", lastindex: ", last.index, ", lastterm: ", last.term,
       "] restored snapshot [index: ", end.index, ", term: ", end.term, "]");
  return true;
}

// ---- application ----

void Raft::AppliedSnapshot(const Snapshot& snapshot) {
  log_.SnapshotStableTo(snapshot.index);
  AppliedTo(snapshot.index, 0);
}

void Raft::AppliedTo(Index index, uint64_t bytes) {
  const Index applied = std::max(index, log_.applied());
  log_.AppliedTo(applied, bytes);
  if (!membership_.auto_leave || applied < pending_change_ || role_ != Role::kLeader) return;
  // The joint configuration is in force and due to be left. The proposal has no payload and so is
  // not refused for its size; if a transfer of leadership refuses it, this is tried again at the
  // next application, or by the next leader.
  Message proposal;
  proposal.type = MessageType::kProp;
  proposal.from = id();
  Entry leave;
  leave.type = EntryType::kJointChange;
  proposal.entries.push_back(std::move(leave));
  if (const Status status = Step(std::move(proposal)); status.ok()) {
    Info("initiating automatic transition out of joint configuration ", membership_);
  } else {
    Debug("not initiating automatic transition out of joint configuration ", membership_, ": ",
          status.message());
  }
}

ConfState Raft::ApplyMembershipChange(const MembershipChange& change) {
  const MembershipResult result = ApplyChange(membership_, change);
  RAFT_CHECK(result.status.ok(), "a committed membership change does not fit ", membership_, ": ",
             result.status.message());
  return SwitchTo(result.membership);
}

ConfState Raft::SwitchTo(const Membership& membership) {
  membership_ = membership;
  UpdateProgressMap(membership, log_.LastIndex(), flow_limits(), &progress_);
  Info(id(), " switched to configuration ", membership_);
  ConfState state = membership_.ToConfState();
  if (role_ != Role::kLeader) return state;

  const Progress* self = FindProgress(id());
  if (self == nullptr || self->learner()) {
    // Without step_down_on_removal the leader serves on until another is elected, without counting
    // itself (thesis section 4.2.2).
    if (config_.step_down_on_removal) BecomeFollower(term_, kNoNode);
    return state;
  }
  if (MaybeCommit()) {
    // The new majorities may have agreed on more than the old.
    ReleasePostponedReads();
    BroadcastAppend();
  } else {
    // New members should not have to wait for a heartbeat.
    for (const auto& [peer, progress] : progress_) {
      if (peer != id()) MaybeSendAppend(peer, /*send_if_empty=*/false);
    }
  }
  if (transferee_ != kNoNode && !membership_.voters.Contains(transferee_)) transferee_ = kNoNode;
  ConfirmReads();
  return state;
}

}  // namespace raft
