// Linearizable reads: Raft paper section 8, thesis section 6.4.
#include <utility>

#include "raft-core/raft.h"

namespace raft {

void Raft::HandleReadIndex(const Message& message) {
  if (IsOnlyVoter()) {
    AnswerRead({message.from, message.context, log_.committed()});
    return;
  }
  // Until it has committed an entry of its own term, a leader does not know how far its
  // predecessors committed.
  if (!HasCommittedInTerm()) {
    postponed_reads_.push_back(message);
    return;
  }
  StartRead(message);
}

void Raft::StartRead(const Message& message) {
  ReadTracker::Request request{message.from, message.context, log_.committed()};
  if (HasLease()) {
    AnswerRead(request);
    return;
  }
  reads_.Add(std::move(request));
  BroadcastHeartbeat();
}

void Raft::ReleasePostponedReads() {
  if (postponed_reads_.empty() || !HasCommittedInTerm()) return;
  for (const Message& message : std::exchange(postponed_reads_, {})) StartRead(message);
}

void Raft::ConfirmReads() {
  for (const ReadTracker::Request& request : reads_.Confirm(membership_.voters, id())) {
    AnswerRead(request);
  }
}

void Raft::AnswerRead(const ReadTracker::Request& request) {
  if (request.from == kNoNode || request.from == id()) {
    read_states_.push_back({request.index, request.context});
    return;
  }
  Message response;
  response.type = MessageType::kReadIndexResp;
  response.to = request.from;
  response.index = request.index;
  response.context = request.context;
  Send(std::move(response));
}

bool Raft::HasLease() const {
  if (config_.read_mode != ReadMode::kLease || lease_given_up_) return false;
  uint64_t sent = 0;
  if (!reads_.LastConfirmedSent(&sent)) return false;
  const auto lease = static_cast<uint64_t>(config_.election_ticks - config_.lease_margin_ticks);
  return now_ticks_ - sent < lease;
}

}  // namespace raft
