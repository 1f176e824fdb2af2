#include "raft-core/raft.h"

#include <algorithm>
#include <utility>

namespace raft {

const char* RoleName(Role role) {
  switch (role) {
    case Role::kFollower:
      return "StateFollower";
    case Role::kCandidate:
      return "StateCandidate";
    case Role::kLeader:
      return "StateLeader";
    case Role::kPreCandidate:
      return "StatePreCandidate";
  }
  return "unknown role";
}

Raft::Raft(const Config& config, const Storage* storage, RandomSource* random, Logger* logger)
    : config_(config),
      random_(random),
      logger_(logger),
      log_(storage, logger,
           config.max_applying_bytes != 0 ? config.max_applying_bytes
                                          : std::max<uint64_t>(config.max_message_bytes, 1)) {
  const Status valid = config.Validate();
  RAFT_CHECK(valid.ok(), valid.message());
  const Storage::InitialState initial = storage->Initial();
  const MembershipResult membership = FromConfState(initial.membership);
  RAFT_CHECK(membership.status.ok(), membership.status.message());
  SwitchTo(membership.membership);
  if (initial.hard_state != HardState()) {
    log_.RestoreCommitted(initial.hard_state.commit);
    term_ = initial.hard_state.term;
    vote_ = initial.hard_state.vote;
    restarted_ = term_ > Term();
  }
  if (config.applied > Index()) log_.AppliedTo(config.applied, 0);
  BecomeFollower(term_, kNoNode);

  if (!logger->Enabled(LogLevel::kInfo)) return;
  std::string peers;
  for (const NodeId id : membership_.voters.Members()) {
    if (!peers.empty()) peers.push_back(',');
    AppendText(&peers, id);
  }
  const LogPosition last = log_.Last();
  Info("newRaft ", id(), " [peers: [", peers, "], term: ", term_, ", commit: ", log_.committed(),
       ", applied: ", log_.applied(), ", lastindex: ", last.index, ", lastterm: ", last.term, "]");
}

// ---- roles ----

void Raft::Reset(Term term) {
  RAFT_CHECK(term >= term_, "term ", term_, " to ", term);
  if (term != term_) {
    term_ = term;
    vote_ = kNoNode;
  }
  leader_ = kNoNode;
  election_elapsed_ = 0;
  heartbeat_elapsed_ = 0;
  ResetElectionTimeout();
  transferee_ = kNoNode;
  lease_given_up_ = false;
  votes_.clear();
  const Index last = log_.LastIndex();
  for (auto& [id, progress] : progress_) {
    const Index match = id == config_.id ? last : Index();
    progress = Progress(match, last.Next(), progress.learner(), flow_limits());
  }
  pending_change_ = Index();
  uncommitted_bytes_ = 0;
  reads_.Reset();
  postponed_reads_.clear();
}

void Raft::BecomeFollower(Term term, NodeId leader) {
  Reset(term);
  leader_ = leader;
  role_ = Role::kFollower;
  Info(id(), " became follower at term ", term_);
}

void Raft::BecomeCandidate() {
  RAFT_CHECK(role_ != Role::kLeader, "a leader campaigns at term ", term_);
  Reset(term_.Next());
  vote_ = id();
  role_ = Role::kCandidate;
  Info(id(), " became candidate at term ", term_);
}

void Raft::BecomePreCandidate() {
  RAFT_CHECK(role_ != Role::kLeader, "a leader campaigns at term ", term_);
  // Neither term nor vote change: a pre-vote promises nothing.
  votes_.clear();
  leader_ = kNoNode;
  role_ = Role::kPreCandidate;
  Info(id(), " became pre-candidate at term ", term_);
}

void Raft::BecomeLeader() {
  RAFT_CHECK(role_ == Role::kCandidate, RoleName(role_), " becomes leader at term ", term_);
  Reset(term_);
  leader_ = id();
  role_ = Role::kLeader;
  Progress* self = FindProgress(id());
  RAFT_CHECK(self != nullptr, "a leader that is no member at term ", term_);
  self->BecomeReplicate();
  self->set_recently_active(true);
  // There may be an unapplied membership change among the entries at hand. Waiting until all are
  // applied is simpler than looking for it.
  pending_change_ = log_.LastIndex();
  // The entry that commits those of earlier terms (section 8). It has no payload, so it is never
  // refused.
  const bool appended = AppendEntries({Entry()});
  RAFT_CHECK(appended, "the first entry of term ", term_, " was refused");
  Info(id(), " became leader at term ", term_);
}

void Raft::ResetElectionTimeout() {
  const auto base = static_cast<uint64_t>(config_.election_ticks);
  randomized_election_ticks_ = static_cast<int>(base + random_->Below(base));
}

void Raft::Tick() {
  ++now_ticks_;
  if (role_ == Role::kLeader) {
    TickHeartbeat();
  } else {
    TickElection();
  }
}

void Raft::TickElection() {
  ++election_elapsed_;
  if (!IsPromotable() || election_elapsed_ < randomized_election_ticks_) return;
  election_elapsed_ = 0;
  Hup(config_.pre_vote ? Campaign::kPreElection : Campaign::kElection);
}

void Raft::TickHeartbeat() {
  ++heartbeat_elapsed_;
  ++election_elapsed_;
  if (election_elapsed_ >= config_.election_ticks) {
    election_elapsed_ = 0;
    if (config_.check_quorum) HandleCheckQuorum();
    // A transfer that takes this long has failed; the leader goes on.
    if (role_ == Role::kLeader) transferee_ = kNoNode;
  }
  if (role_ != Role::kLeader || heartbeat_elapsed_ < config_.heartbeat_ticks) return;
  heartbeat_elapsed_ = 0;
  BroadcastHeartbeat();
}

// ---- messages ----

void Raft::Send(Message message) {
  // Forwarded requests keep their sender.
  if (message.from == kNoNode) message.from = id();
  switch (message.type) {
    case MessageType::kVote:
    case MessageType::kVoteResp:
    case MessageType::kPreVote:
    case MessageType::kPreVoteResp:
      // Their term is the one campaigned for, which need not be the sender's.
      RAFT_CHECK(message.term > Term(), "no term: ", MessageTypeName(message.type));
      break;
    case MessageType::kProp:
    case MessageType::kReadIndex:
      // Forwarded requests belong to no term.
      RAFT_CHECK(message.term == Term(), "a term: ", MessageTypeName(message.type));
      break;
    default:
      RAFT_CHECK(message.term == Term(), "a term: ", MessageTypeName(message.type));
      message.term = term_;
      break;
  }
  switch (message.type) {
    case MessageType::kAppResp:
    case MessageType::kVoteResp:
    case MessageType::kPreVoteResp:
      // These promise what the log, term and vote hold now, so all of that must be durable first
      // (thesis section 3.8). Refusals could go at once, but are rare and not worth the proof.
      messages_after_append_.push_back(std::move(message));
      break;
    default:
      RAFT_CHECK(message.to != id(), "to itself: ", MessageTypeName(message.type));
      messages_.push_back(std::move(message));
      break;
  }
}

void Raft::Forward(Message message) {
  message.to = leader_;
  message.term = Term();
  Send(std::move(message));
}

Progress* Raft::FindProgress(NodeId id) {
  const auto found = progress_.find(id);
  return found == progress_.end() ? nullptr : &found->second;
}

Status Raft::Step(Message message) {
  if (!AcceptTerm(message)) return Status::Ok();
  switch (message.type) {
    case MessageType::kHup:
      Hup(config_.pre_vote ? Campaign::kPreElection : Campaign::kElection);
      return Status::Ok();
    case MessageType::kVote:
    case MessageType::kPreVote:
      HandleVoteRequest(message);
      return Status::Ok();
    case MessageType::kStorageAppendResp:
      HandleStorageAppendResponse(message);
      return Status::Ok();
    case MessageType::kStorageApplyResp:
      HandleStorageApplyResponse(message);
      return Status::Ok();
    default:
      break;
  }
  switch (role_) {
    case Role::kFollower:
      return StepFollower(std::move(message));
    case Role::kCandidate:
    case Role::kPreCandidate:
      return StepCandidate(std::move(message));
    case Role::kLeader:
      return StepLeader(std::move(message));
  }
  return Status::Ok();
}

bool Raft::AcceptTerm(const Message& message) {
  if (message.term == Term() || message.term == term_) return true;
  if (message.term < term_) {
    HandleLowerTerm(message);
    return false;
  }
  const bool vote_request =
      message.type == MessageType::kVote || message.type == MessageType::kPreVote;
  if (vote_request && !message.leadership_transfer && PromisedToLeader()) {
    Info(DescribeVoter(), " ignored ", MessageTypeName(message.type), " from ", message.from,
         " [logterm: ", message.log_term, ", index: ", message.index, "] at term ", term_,
         ": lease is not expired (remaining ticks: ", config_.election_ticks - election_elapsed_,
         ")");
    return false;
  }
  // A pre-vote changes no term. Granted pre-votes carry the term asked for, which this node takes
  // on only when it campaigns in earnest; a refused one carries the refuser's term.
  if (message.type == MessageType::kPreVote) return true;
  if (message.type == MessageType::kPreVoteResp && !message.reject) return true;
  Info(id(), " [term: ", term_, "] received a ", MessageTypeName(message.type),
       " message with higher term from ", message.from, " [term: ", message.term, "]");
  const bool from_leader = message.type == MessageType::kApp ||
                           message.type == MessageType::kHeartbeat ||
                           message.type == MessageType::kSnap;
  BecomeFollower(message.term, from_leader ? message.from : kNoNode);
  return true;
}

void Raft::HandleLowerTerm(const Message& message) {
  if ((config_.check_quorum || config_.pre_vote) &&
      (message.type == MessageType::kHeartbeat || message.type == MessageType::kApp)) {
    // A leader of an old term. Where voters refuse elections while they have a leader, this node
    // could neither follow it nor depose it by a vote: the answer carries our term and deposes it.
    Message response;
    response.type = MessageType::kAppResp;
    response.to = message.from;
    Send(std::move(response));
  } else if (message.type == MessageType::kPreVote) {
    // Answered, so that a candidate with a short log and an old term learns the term: without it a
    // cluster that has just switched to pre-votes could wait for ever.
    Info(DescribeVoter(), " rejected ", MessageTypeName(message.type), " from ", message.from,
         " [logterm: ", message.log_term, ", index: ", message.index, "] at term ", term_);
    Message response;
    response.type = MessageType::kPreVoteResp;
    response.to = message.from;
    response.term = term_;
    response.reject = true;
    Send(std::move(response));
  } else if (message.type == MessageType::kStorageAppendResp) {
    // What was written may have been replaced since, so the entries may not count as durable; a
    // later write acknowledges them again (Node::StorageAppendResponse). A snapshot holds committed
    // state, which no term changes.
    if (message.index != Index()) {
      Info(id(), " [term: ", term_, "] ignored entry appends from a ",
           MessageTypeName(message.type), " message with lower term [term: ", message.term, "]");
    }
    if (message.snapshot != nullptr) AppliedSnapshot(*message.snapshot);
  } else {
    Info(id(), " [term: ", term_, "] ignored a ", MessageTypeName(message.type),
         " message with lower term from ", message.from, " [term: ", message.term, "]");
  }
}

void Raft::HandleStorageAppendResponse(const Message& message) {
  if (message.index != Index()) log_.StableTo({message.log_term, message.index});
  if (message.snapshot != nullptr) AppliedSnapshot(*message.snapshot);
}

void Raft::HandleStorageApplyResponse(const Message& message) {
  if (message.entries.empty()) return;
  AppliedTo(message.entries.back().index, EncodedSize(message.entries));
  uncommitted_bytes_ -= std::min(uncommitted_bytes_, PayloadSize(message.entries));
}

Status Raft::StepFollower(Message message) {
  switch (message.type) {
    case MessageType::kProp:
      if (leader_ == kNoNode) {
        Info(id(), " no leader at term ", term_, "; dropping proposal");
        return Status(StatusCode::kProposalDropped);
      }
      if (config_.disable_proposal_forwarding) {
        Info(id(), " not forwarding to leader ", leader_, " at term ", term_,
             "; dropping proposal");
        return Status(StatusCode::kProposalDropped);
      }
      Forward(std::move(message));
      return Status::Ok();
    case MessageType::kApp:
      election_elapsed_ = 0;
      leader_ = message.from;
      HandleAppend(message);
      return Status::Ok();
    case MessageType::kHeartbeat:
      election_elapsed_ = 0;
      leader_ = message.from;
      HandleHeartbeat(message);
      return Status::Ok();
    case MessageType::kSnap:
      election_elapsed_ = 0;
      leader_ = message.from;
      HandleSnapshot(message);
      return Status::Ok();
    case MessageType::kTransferLeader:
      if (leader_ == kNoNode) {
        Info(id(), " no leader at term ", term_, "; dropping leader transfer msg");
        return Status::Ok();
      }
      Forward(std::move(message));
      return Status::Ok();
    case MessageType::kForgetLeader:
      if (config_.read_mode == ReadMode::kLease) {
        logger_->Log(LogLevel::kError, "ignoring MsgForgetLeader due to ReadOnlyLeaseBased");
        return Status::Ok();
      }
      if (leader_ != kNoNode) {
        Info(id(), " forgetting leader ", leader_, " at term ", term_);
        leader_ = kNoNode;
      }
      return Status::Ok();
    case MessageType::kTimeoutNow:
      Info(id(), " [term ", term_, "] received MsgTimeoutNow from ", message.from,
           " and starts an election to get leadership.");
      // No pre-vote: the leader asked for this election.
      Hup(Campaign::kTransfer);
      return Status::Ok();
    case MessageType::kReadIndex:
      if (leader_ == kNoNode) {
        Info(id(), " no leader at term ", term_, "; dropping index reading msg");
        return Status::Ok();
      }
      Forward(std::move(message));
      return Status::Ok();
    case MessageType::kReadIndexResp:
      read_states_.push_back({message.index, message.context});
      return Status::Ok();
    default:
      return Status::Ok();
  }
}

Status Raft::StepCandidate(Message message) {
  switch (message.type) {
    case MessageType::kProp:
      Info(id(), " no leader at term ", term_, "; dropping proposal");
      return Status(StatusCode::kProposalDropped);
    case MessageType::kApp:
    case MessageType::kHeartbeat:
    case MessageType::kSnap:
      // Someone else won this term.
      BecomeFollower(message.term, message.from);
      return StepFollower(std::move(message));
    case MessageType::kVoteResp:
    case MessageType::kPreVoteResp:
      HandleVoteResponse(message);
      return Status::Ok();
    case MessageType::kTimeoutNow:
      Debug(id(), " [term ", term_, " state ", RoleName(role_), "] ignored MsgTimeoutNow from ",
            message.from);
      return Status::Ok();
    default:
      return Status::Ok();
  }
}

Status Raft::StepLeader(Message message) {
  switch (message.type) {
    case MessageType::kBeat:
      BroadcastHeartbeat();
      return Status::Ok();
    case MessageType::kCheckQuorum:
      HandleCheckQuorum();
      return Status::Ok();
    case MessageType::kProp:
      return HandleProposal(std::move(message));
    case MessageType::kReadIndex:
      HandleReadIndex(message);
      return Status::Ok();
    case MessageType::kForgetLeader:
      return Status::Ok();
    default:
      break;
  }
  Progress* progress = FindProgress(message.from);
  if (progress == nullptr) {
    Debug(id(), " no progress available for ", message.from);
    return Status::Ok();
  }
  StepLeaderWithProgress(message, progress);
  return Status::Ok();
}

void Raft::StepLeaderWithProgress(const Message& message, Progress* progress) {
  switch (message.type) {
    case MessageType::kAppResp:
      HandleAppendResponse(message, progress);
      break;
    case MessageType::kHeartbeatResp:
      HandleHeartbeatResponse(message, progress);
      break;
    case MessageType::kSnapStatus:
      HandleSnapshotStatus(message, progress);
      break;
    case MessageType::kUnreachable:
      // Messages in flight are probably lost.
      if (progress->state() == ProgressState::kReplicate) progress->BecomeProbe();
      Debug(id(), " failed to send message to ", message.from, " because it is unreachable [",
            *progress, "]");
      break;
    case MessageType::kTransferLeader:
      HandleTransfer(message, progress);
      break;
    default:
      break;
  }
}

}  // namespace raft
