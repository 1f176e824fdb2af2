// Leader election: Raft paper section 5.2 and 5.4.1, thesis sections 4.2.3 and 9.6.
#include <utility>

#include "raft-core/raft.h"

namespace raft {

void Raft::Hup(Campaign kind) {
  if (role_ == Role::kLeader) {
    Debug(id(), " ignoring MsgHup because already leader");
    return;
  }
  if (!IsPromotable()) {
    Warning(id(), " is unpromotable and can not campaign");
    return;
  }
  // The membership that decides this election is not in force here yet.
  if (HasUnappliedMembershipChange()) {
    Warning(id(), " cannot campaign at term ", term_,
            " since there are still pending configuration changes to apply");
    return;
  }
  Info(id(), " is starting a new election at term ", term_);
  StartCampaign(kind);
}

bool Raft::IsPromotable() const {
  const auto self = progress_.find(id());
  return self != progress_.end() && !self->second.learner() && !log_.HasPendingSnapshot();
}

bool Raft::HasUnappliedMembershipChange() const {
  // In pages, as there may be many entries.
  constexpr uint64_t kPageBytes = 1 << 20;
  Index next = log_.applied().Next();
  const Index end = log_.committed().Next();
  while (next < end) {
    const std::optional<std::vector<Entry>> page = log_.Slice(next, end, kPageBytes);
    RAFT_CHECK(page.has_value(), "unapplied entries are gone: ", log_.Describe());
    for (const Entry& entry : *page) {
      if (entry.type != EntryType::kNormal) return true;
    }
    next = next + page->size();
  }
  return false;
}

void Raft::StartCampaign(Campaign kind) {
  Message request;
  if (kind == Campaign::kPreElection) {
    BecomePreCandidate();
    request.type = MessageType::kPreVote;
    request.term = term_.Next();
  } else {
    BecomeCandidate();
    request.type = MessageType::kVote;
    request.term = term_;
  }
  const LogPosition last = log_.Last();
  request.log_term = last.term;
  request.index = last.index;
  request.leadership_transfer = kind == Campaign::kTransfer;
  for (const NodeId voter : membership_.voters.Members()) {
    if (voter == id()) {
      // The own vote counts once it is durable, like any other.
      Message response;
      response.type =
          kind == Campaign::kPreElection ? MessageType::kPreVoteResp : MessageType::kVoteResp;
      response.to = voter;
      response.term = request.term;
      Send(std::move(response));
      continue;
    }
    Info(id(), " [logterm: ", last.term, ", index: ", last.index, "] sent ",
         MessageTypeName(request.type), " request to ", voter, " at term ", term_);
    request.to = voter;
    Send(request);
  }
}

bool Raft::PromisedToLeader() const {
  // Having heard of a leader within an election timeout is a promise not to elect another in that
  // time; the leader's lease rests on it. After a restart the promise may be forgotten, so with
  // leases a node waits.
  if (config_.read_mode == ReadMode::kLease && restarted_ &&
      now_ticks_ < static_cast<uint64_t>(config_.election_ticks)) {
    return true;
  }
  return config_.check_quorum && leader_ != kNoNode && election_elapsed_ < config_.election_ticks;
}

std::string Raft::DescribeVoter() const {
  const LogPosition last = log_.Last();
  return Cat(id(), " [logterm: ", last.term, ", index: ", last.index, ", vote: ", vote_, "]");
}

void Raft::HandleVoteRequest(const Message& message) {
  // A voter grants its vote again if asked again, once per term if it knows of no leader, and
  // pre-votes for later terms. Learners vote too: a candidate that asks them knows of their
  // promotion before they do.
  const bool may_vote = vote_ == message.from || (vote_ == kNoNode && leader_ == kNoNode) ||
                        (message.type == MessageType::kPreVote && message.term > term_);
  const bool granted = may_vote && log_.IsUpToDate({message.log_term, message.index});
  Info(DescribeVoter(), granted ? " cast " : " rejected ", MessageTypeName(message.type),
       granted ? " for " : " from ", message.from, " [logterm: ", message.log_term,
       ", index: ", message.index, "] at term ", term_);
  Message response;
  response.type =
      message.type == MessageType::kVote ? MessageType::kVoteResp : MessageType::kPreVoteResp;
  response.to = message.from;
  // A granted pre-vote is for the term asked for, which this node does not take on.
  response.term = granted ? message.term : term_;
  response.reject = !granted;
  Send(std::move(response));
  if (granted && message.type == MessageType::kVote) {
    election_elapsed_ = 0;
    vote_ = message.from;
  }
}

void Raft::HandleVoteResponse(const Message& message) {
  // A response to the pre-vote may arrive after the vote began.
  const MessageType expected =
      role_ == Role::kPreCandidate ? MessageType::kPreVoteResp : MessageType::kVoteResp;
  if (message.type != expected) return;
  Info(id(), " received ", MessageTypeName(message.type), message.reject ? " rejection" : "",
       " from ", message.from, " at term ", term_);
  votes_.try_emplace(message.from, !message.reject);

  size_t granted = 0;
  size_t rejected = 0;
  for (const auto& [voter, progress] : progress_) {
    const auto vote = votes_.find(voter);
    if (progress.learner() || vote == votes_.end()) continue;
    ++(vote->second ? granted : rejected);
  }
  Info(id(), " has received ", granted, " ", MessageTypeName(message.type), " votes and ", rejected,
       " vote rejections");
  switch (membership_.voters.Vote(votes_)) {
    case VoteResult::kWon:
      if (role_ == Role::kPreCandidate) {
        StartCampaign(Campaign::kElection);
      } else {
        BecomeLeader();
        BroadcastAppend();
      }
      break;
    case VoteResult::kLost:
      BecomeFollower(term_, kNoNode);
      break;
    case VoteResult::kPending:
      break;
  }
}

}  // namespace raft
