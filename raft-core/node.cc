#include "raft-core/node.h"

#include <utility>

namespace raft {
namespace {

// Whether messages of the type carry the sender's term.
bool NeedsTerm(MessageType type) {
  return type != MessageType::kProp && type != MessageType::kReadIndex;
}

// Checks what the protocol takes for granted, so that a broken peer cannot break this node.
Status ValidateMessage(const Message& message) {
  const auto malformed = [](const char* reason) { return Status(StatusCode::kMalformed, reason); };
  if (NeedsTerm(message.type) && message.term == Term()) return malformed("a message without term");
  switch (message.type) {
    case MessageType::kApp: {
      LogPosition previous{message.log_term, message.index};
      for (const Entry& entry : message.entries) {
        if (entry.index != previous.index.Next()) return malformed("entries out of order");
        if (entry.term < previous.term) return malformed("entries with decreasing terms");
        previous = {entry.term, entry.index};
      }
      if (previous.term > message.term) return malformed("an entry of a later term");
      return Status::Ok();
    }
    case MessageType::kSnap:
      if (message.snapshot == nullptr || message.snapshot->index == Index()) {
        return malformed("a snapshot message without snapshot");
      }
      return Status::Ok();
    case MessageType::kProp:
      return message.entries.empty() ? malformed("a proposal without entries") : Status::Ok();
    default:
      return Status::Ok();
  }
}

}  // namespace

Node::Node(const Config& config, const Storage* storage, RandomSource* random, Logger* logger)
    : raft_(config, storage, random, logger),
      soft_state_(CurrentSoftState()),
      hard_state_(raft_.hard_state()) {}

// ---- inputs ----

Status Node::Step(Message message) {
  if (!IsStorageThread(message.from)) {
    if (IsLocalMessage(message.type)) return Status(StatusCode::kLocalMessage);
    if (IsResponse(message.type) && !raft_.progress().contains(message.from)) {
      return Status(StatusCode::kPeerNotFound);
    }
    if (Status status = ValidateMessage(message); !status.ok()) return status;
  } else if (message.type != MessageType::kStorageAppendResp &&
             message.type != MessageType::kStorageApplyResp) {
    return Status(StatusCode::kMalformed, "a storage thread sends only responses");
  }
  return raft_.Step(std::move(message));
}

void Node::Campaign() {
  Message message;
  message.type = MessageType::kHup;
  const Status status = raft_.Step(std::move(message));
  RAFT_CHECK(status.ok(), status.message());
}

Status Node::Propose(Bytes data) {
  Message message;
  message.type = MessageType::kProp;
  message.from = raft_.id();
  Entry entry;
  entry.data = std::move(data);
  message.entries.push_back(std::move(entry));
  return raft_.Step(std::move(message));
}

Status Node::ProposeMembershipChange(const MembershipChange& change) {
  Message message;
  message.type = MessageType::kProp;
  message.from = raft_.id();
  Entry entry;
  entry.type = EntryType::kJointChange;
  entry.data = EncodeChange(change);
  message.entries.push_back(std::move(entry));
  return raft_.Step(std::move(message));
}

Status Node::ProposeSingleChange(const SingleChange& change, Bytes context) {
  Message message;
  message.type = MessageType::kProp;
  message.from = raft_.id();
  Entry entry;
  entry.type = EntryType::kMembershipChange;
  entry.data = EncodeChange({Transition::kAuto, {change}, std::move(context)});
  message.entries.push_back(std::move(entry));
  return raft_.Step(std::move(message));
}

ConfState Node::ApplyMembershipChange(const MembershipChange& change) {
  return raft_.ApplyMembershipChange(change);
}

void Node::ReadIndex(Bytes context) {
  Message message;
  message.type = MessageType::kReadIndex;
  message.context = std::move(context);
  const Status status = raft_.Step(std::move(message));
  RAFT_CHECK(status.ok(), status.message());
}

void Node::TransferLeadership(NodeId successor) {
  Message message;
  message.type = MessageType::kTransferLeader;
  message.from = successor;
  const Status status = raft_.Step(std::move(message));
  RAFT_CHECK(status.ok(), status.message());
}

void Node::ForgetLeader() {
  Message message;
  message.type = MessageType::kForgetLeader;
  const Status status = raft_.Step(std::move(message));
  RAFT_CHECK(status.ok(), status.message());
}

void Node::ReportUnreachable(NodeId node) {
  Message message;
  message.type = MessageType::kUnreachable;
  message.from = node;
  const Status status = raft_.Step(std::move(message));
  RAFT_CHECK(status.ok(), status.message());
}

void Node::ReportSnapshot(NodeId node, bool delivered) {
  Message message;
  message.type = MessageType::kSnapStatus;
  message.from = node;
  message.reject = !delivered;
  const Status status = raft_.Step(std::move(message));
  RAFT_CHECK(status.ok(), status.message());
}

// ---- outputs ----

bool Node::HasReady() const {
  return CurrentSoftState() != soft_state_ || raft_.hard_state() != hard_state_ ||
         raft_.HasOutput() || raft_.log().unstable().NextSnapshot() != nullptr ||
         raft_.log().unstable().HasNextEntries() || raft_.log().HasNextCommitted(allow_unstable());
}

Ready Node::TakeReady() {
  RAFT_CHECK(!awaits_advance_, "Advance was not called for the last Ready");
  RaftLog* log = raft_.mutable_log();
  Ready ready;
  if (const SoftState state = CurrentSoftState(); state != soft_state_) {
    ready.soft_state = state;
    soft_state_ = state;
  }
  const HardState state = raft_.hard_state();
  ready.entries = log->unstable().NextEntries();
  ready.must_sync =
      !ready.entries.empty() || state.term != hard_state_.term || state.vote != hard_state_.vote;
  if (state != hard_state_) {
    ready.hard_state = state;
    hard_state_ = state;
  }
  ready.snapshot = log->unstable().NextSnapshot();
  ready.committed_entries = log->NextCommitted(allow_unstable());
  ready.read_states = std::exchange(*raft_.read_states(), {});
  DistributeMessages(&ready);
  log->AcceptUnstable();
  if (!ready.committed_entries.empty()) {
    log->AcceptApplying(ready.committed_entries.back().index, EncodedSize(ready.committed_entries),
                        allow_unstable());
  }
  awaits_advance_ = !async();
  return ready;
}

void Node::DistributeMessages(Ready* ready) {
  ready->messages = std::exchange(*raft_.messages(), {});
  if (async()) {
    if (!ready->entries.empty() || ready->hard_state.has_value() || ready->snapshot != nullptr ||
        !raft_.messages_after_append()->empty()) {
      ready->messages.push_back(StorageAppend(*ready));
    }
    if (!ready->committed_entries.empty()) {
      Message apply;
      apply.type = MessageType::kStorageApply;
      apply.from = raft_.id();
      apply.to = kApplyThread;
      apply.entries = ready->committed_entries;
      apply.responses.push_back(StorageApplyResponse(*ready));
      ready->messages.push_back(std::move(apply));
    }
    return;
  }
  for (Message& message : std::exchange(*raft_.messages_after_append(), {})) {
    std::vector<Message>* list = message.to == raft_.id() ? &on_advance_ : &ready->messages;
    list->push_back(std::move(message));
  }
  if (NeedsAppendResponse(*ready)) on_advance_.push_back(StorageAppendResponse(*ready));
  if (!ready->committed_entries.empty()) on_advance_.push_back(StorageApplyResponse(*ready));
}

bool Node::NeedsAppendResponse(const Ready& ready) const {
  return !raft_.log().unstable().empty() || ready.snapshot != nullptr;
}

Message Node::StorageAppend(const Ready& ready) {
  Message message;
  message.type = MessageType::kStorageAppend;
  message.from = raft_.id();
  message.to = kAppendThread;
  message.entries = ready.entries;
  if (ready.hard_state.has_value()) {
    message.term = ready.hard_state->term;
    message.vote = ready.hard_state->vote;
    message.commit = ready.hard_state->commit;
  }
  message.snapshot = ready.snapshot;
  message.responses = std::exchange(*raft_.messages_after_append(), {});
  // After the acknowledgements: while those are handled, the terms of the entries are at hand in
  // the unstable log.
  if (NeedsAppendResponse(ready)) message.responses.push_back(StorageAppendResponse(ready));
  return message;
}

Message Node::StorageAppendResponse(const Ready& ready) const {
  Message message;
  message.type = MessageType::kStorageAppendResp;
  message.from = kAppendThread;
  message.to = raft_.id();
  // Several writes may be under way, and a later one may replace entries of an earlier one by
  // others and a still later one put the first ones back. So that the first acknowledgement is not
  // taken for the last, one counts only in the term it was asked for in: within a term entries are
  // never replaced. So that none is missed, each write acknowledges the whole log so far, not only
  // its own entries; every new term causes a write.
  message.term = raft_.term();
  if (!raft_.log().unstable().empty()) {
    const LogPosition last = raft_.log().Last();
    message.index = last.index;
    message.log_term = last.term;
  }
  message.snapshot = ready.snapshot;
  return message;
}

Message Node::StorageApplyResponse(const Ready& ready) const {
  Message message;
  message.type = MessageType::kStorageApplyResp;
  message.from = kApplyThread;
  message.to = raft_.id();
  message.entries = ready.committed_entries;
  return message;
}

void Node::Advance() {
  RAFT_CHECK(!async(), "Advance with asynchronous storage writes");
  RAFT_CHECK(awaits_advance_, "Advance without a Ready");
  awaits_advance_ = false;
  // Stepping may produce more of them, for the next Ready.
  for (Message& message : std::exchange(on_advance_, {})) {
    const Status status = raft_.Step(std::move(message));
    RAFT_CHECK(status.ok(), status.message());
  }
}

NodeStatus Node::GetStatus() const {
  NodeStatus status;
  status.id = raft_.id();
  status.hard_state = raft_.hard_state();
  status.soft_state = CurrentSoftState();
  status.applied = raft_.log().applied();
  status.last_index = raft_.log().LastIndex();
  status.transferee = raft_.transferee();
  status.uncommitted_bytes = raft_.uncommitted_bytes();
  status.election_elapsed_ticks = raft_.election_elapsed();
  status.election_timeout_ticks = raft_.randomized_election_ticks();
  status.membership = raft_.membership();
  if (raft_.role() == Role::kLeader) status.progress = raft_.progress();
  return status;
}

std::string NodeStatus::ToJson() const {
  const auto list = [](const NodeSet& set) {
    std::string out = "[";
    for (const NodeId member : set) {
      if (out.size() > 1) out.push_back(',');
      out.append(Cat(member.value()));
    }
    return out + "]";
  };
  std::string out =
      Cat("{\"id\":", id.value(), ",\"role\":\"", RoleName(soft_state.role),
          "\",\"leader\":", soft_state.leader.value(), ",\"term\":", hard_state.term,
          ",\"vote\":", hard_state.vote.value(), ",\"commit\":", hard_state.commit,
          ",\"applied\":", applied, ",\"last\":", last_index,
          ",\"transferee\":", transferee.value(), ",\"uncommitted_bytes\":", uncommitted_bytes,
          ",\"election_elapsed_ticks\":", election_elapsed_ticks,
          ",\"election_timeout_ticks\":", election_timeout_ticks,
          ",\"voters\":", list(membership.voters.incoming),
          ",\"voters_outgoing\":", list(membership.voters.outgoing),
          ",\"learners\":", list(membership.learners),
          ",\"learners_next\":", list(membership.learners_next),
          ",\"auto_leave\":", membership.auto_leave, ",\"progress\":{");
  bool first = true;
  for (const auto& [node, entry] : progress) {
    out.append(Cat(
        first ? "" : ",", "\"", node.value(), "\":{\"state\":\"", ProgressStateName(entry.state()),
        "\",\"match\":", entry.match(), ",\"next\":", entry.next(),
        ",\"paused\":", entry.IsPaused(), ",\"recently_active\":", entry.recently_active(),
        ",\"learner\":", entry.learner(), ",\"pending_snapshot\":", entry.pending_snapshot(),
        ",\"inflight_messages\":", entry.inflights().count(),
        ",\"inflight_bytes\":", entry.inflights().bytes(), "}"));
    first = false;
  }
  return out + "}}";
}

}  // namespace raft
