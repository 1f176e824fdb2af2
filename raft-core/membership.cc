#include "raft-core/membership.h"

#include <algorithm>
#include <charconv>

namespace raft {
namespace {

constexpr char kEncodingVersion = 1;
constexpr size_t kHeaderSize = 4;  // version, transition, count of steps (16 bits, little endian)
constexpr size_t kStepSize = 9;    // type, node id (64 bits, little endian)

MembershipResult Refuse(const char* reason) {
  return {Status(StatusCode::kInvalidMembershipChange, reason), {}};
}

void MakeVoter(Membership* membership, NodeId id) {
  membership->learners.Erase(id);
  membership->learners_next.Erase(id);
  membership->voters.incoming.Insert(id);
}

void MakeLearner(Membership* membership, NodeId id) {
  membership->voters.incoming.Erase(id);
  // A voter of the outgoing half cannot be a learner yet: one node would count as both.
  if (membership->voters.outgoing.Contains(id)) {
    membership->learners_next.Insert(id);
  } else {
    membership->learners.Insert(id);
  }
}

void Remove(Membership* membership, NodeId id) {
  membership->voters.incoming.Erase(id);
  membership->learners.Erase(id);
  membership->learners_next.Erase(id);
}

Status ApplySteps(Membership* membership, const std::vector<SingleChange>& steps) {
  for (const SingleChange& step : steps) {
    if (step.node == kNoNode) continue;
    switch (step.type) {
      case MembershipChangeType::kAddVoter:
        MakeVoter(membership, step.node);
        break;
      case MembershipChangeType::kAddLearner:
        MakeLearner(membership, step.node);
        break;
      case MembershipChangeType::kRemove:
        Remove(membership, step.node);
        break;
      case MembershipChangeType::kUpdate:
        break;
    }
  }
  if (membership->voters.incoming.empty()) {
    return Status(StatusCode::kInvalidMembershipChange, "removed all voters");
  }
  return Status::Ok();
}

void CheckInvariants(const Membership& membership) {
  for (const NodeId id : membership.learners) {
    RAFT_CHECK(!membership.voters.Contains(id), "learner and voter: ", id, " in ", membership);
  }
  for (const NodeId id : membership.learners_next) {
    RAFT_CHECK(membership.voters.outgoing.Contains(id), "learner to be: ", id, " in ", membership);
    RAFT_CHECK(!membership.voters.incoming.Contains(id), "stays voter: ", id, " in ", membership);
  }
  if (!membership.voters.IsJoint()) {
    RAFT_CHECK(membership.learners_next.empty(), membership);
    RAFT_CHECK(!membership.auto_leave, membership);
  }
}

size_t CountDifferences(const NodeSet& a, const NodeSet& b) {
  const auto missing_from = [](const NodeSet& from, const NodeSet& of) {
    return static_cast<size_t>(
        std::count_if(of.begin(), of.end(), [&](NodeId id) { return !from.Contains(id); }));
  };
  return missing_from(a, b) + missing_from(b, a);
}

}  // namespace

Bytes EncodeChange(const MembershipChange& change) {
  RAFT_CHECK(change.steps.size() <= 0xffff, change.steps.size(), " steps");
  std::string data;
  data.reserve(kHeaderSize + change.steps.size() * kStepSize + change.context.size());
  data.push_back(kEncodingVersion);
  data.push_back(static_cast<char>(change.transition));
  data.push_back(static_cast<char>(change.steps.size() & 0xff));
  data.push_back(static_cast<char>(change.steps.size() >> 8));
  for (const SingleChange& step : change.steps) {
    data.push_back(static_cast<char>(step.type));
    for (int shift = 0; shift < 64; shift += 8) {
      data.push_back(static_cast<char>(step.node.value() >> shift & 0xff));
    }
  }
  data.append(change.context.view());
  return Bytes(data);
}

Status DecodeChange(std::string_view data, MembershipChange* change) {
  *change = {};
  if (data.empty()) return Status::Ok();
  const auto byte = [&](size_t position) { return static_cast<uint8_t>(data[position]); };
  const Status malformed(StatusCode::kInvalidMembershipChange, "malformed membership change");
  if (data.size() < kHeaderSize || data[0] != kEncodingVersion) return malformed;
  if (byte(1) > static_cast<uint8_t>(Transition::kJointExplicit)) return malformed;
  change->transition = static_cast<Transition>(byte(1));
  const size_t count = byte(2) | static_cast<size_t>(byte(3)) << 8;
  if (data.size() - kHeaderSize < count * kStepSize) return malformed;
  change->steps.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t start = kHeaderSize + i * kStepSize;
    if (byte(start) > static_cast<uint8_t>(MembershipChangeType::kAddLearner)) return malformed;
    uint64_t id = 0;
    for (size_t j = 0; j < 8; ++j) id |= static_cast<uint64_t>(byte(start + 1 + j)) << (8 * j);
    change->steps.push_back({static_cast<MembershipChangeType>(byte(start)), NodeId(id)});
  }
  change->context = Bytes(data.substr(kHeaderSize + count * kStepSize));
  return Status::Ok();
}

Status ParseSteps(std::string_view text, std::vector<SingleChange>* steps) {
  constexpr std::string_view kSpace = " \t\n";
  steps->clear();
  while (true) {
    const size_t start = text.find_first_not_of(kSpace);
    if (start == std::string_view::npos) return Status::Ok();
    text.remove_prefix(start);
    const std::string_view token = text.substr(0, text.find_first_of(kSpace));
    text.remove_prefix(token.size());

    SingleChange step;
    switch (token[0]) {
      case 'v':
        step.type = MembershipChangeType::kAddVoter;
        break;
      case 'l':
        step.type = MembershipChangeType::kAddLearner;
        break;
      case 'r':
        step.type = MembershipChangeType::kRemove;
        break;
      case 'u':
        step.type = MembershipChangeType::kUpdate;
        break;
      default:
        return Status(StatusCode::kInvalidMembershipChange, Cat("unknown input: ", token));
    }
    uint64_t id = 0;
    const char* end = token.data() + token.size();
    const std::from_chars_result parsed = std::from_chars(token.data() + 1, end, id);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      return Status(StatusCode::kInvalidMembershipChange, Cat("unknown token ", token));
    }
    step.node = NodeId(id);
    steps->push_back(step);
  }
}

std::string StepsText(const std::vector<SingleChange>& steps) {
  constexpr char kLetters[] = {'v', 'r', 'u', 'l'};
  std::string out;
  for (const SingleChange& step : steps) {
    if (!out.empty()) out.push_back(' ');
    out.push_back(kLetters[static_cast<size_t>(step.type)]);
    AppendNumber(&out, step.node.value(), 10);
  }
  return out;
}

bool ConfState::Contains(NodeId id) const {
  const auto in = [id](const std::vector<NodeId>& ids) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  // learners_next need not be looked at: it is a part of voters_outgoing.
  return in(voters) || in(learners) || in(voters_outgoing);
}

ConfState Membership::ToConfState() const {
  return {voters.incoming.ids(), learners.ids(), voters.outgoing.ids(), learners_next.ids(),
          auto_leave};
}

void AppendText(std::string* out, const Membership& membership) {
  out->append("voters=");
  AppendText(out, membership.voters);
  if (!membership.learners.empty()) {
    out->append(" learners=");
    AppendText(out, membership.learners);
  }
  if (!membership.learners_next.empty()) {
    out->append(" learners_next=");
    AppendText(out, membership.learners_next);
  }
  if (membership.auto_leave) out->append(" autoleave");
}

MembershipResult ApplySimple(const Membership& current, const std::vector<SingleChange>& steps) {
  CheckInvariants(current);
  if (current.voters.IsJoint()) return Refuse("can't apply simple config change in joint config");
  Membership next = current;
  if (Status status = ApplySteps(&next, steps); !status.ok()) return {status, {}};
  if (CountDifferences(current.voters.incoming, next.voters.incoming) > 1) {
    return Refuse("more than one voter changed without entering joint config");
  }
  CheckInvariants(next);
  return {Status::Ok(), next};
}

MembershipResult EnterJoint(const Membership& current, bool auto_leave,
                            const std::vector<SingleChange>& steps) {
  CheckInvariants(current);
  if (current.voters.IsJoint()) return Refuse("config is already joint");
  if (current.voters.incoming.empty()) return Refuse("can't make a zero-voter config joint");
  Membership next = current;
  next.voters.outgoing = next.voters.incoming;
  if (Status status = ApplySteps(&next, steps); !status.ok()) return {status, {}};
  next.auto_leave = auto_leave;
  CheckInvariants(next);
  return {Status::Ok(), next};
}

MembershipResult LeaveJoint(const Membership& current) {
  CheckInvariants(current);
  if (!current.voters.IsJoint()) return Refuse("can't leave a non-joint config");
  Membership next = current;
  next.voters.outgoing.Clear();
  next.learners = Union(next.learners, next.learners_next);
  next.learners_next.Clear();
  next.auto_leave = false;
  CheckInvariants(next);
  return {Status::Ok(), next};
}

MembershipResult ApplyChange(const Membership& current, const MembershipChange& change) {
  if (change.LeavesJoint()) return LeaveJoint(current);
  if (change.EntersJoint()) return EnterJoint(current, change.AutoLeave(), change.steps);
  return ApplySimple(current, change.steps);
}

MembershipResult FromConfState(const ConfState& state) {
  Membership membership;
  membership.voters.incoming = NodeSet(state.voters);
  membership.voters.outgoing = NodeSet(state.voters_outgoing);
  membership.learners = NodeSet(state.learners);
  membership.learners_next = NodeSet(state.learners_next);
  membership.auto_leave = state.auto_leave;
  const bool joint = membership.voters.IsJoint();
  for (const NodeId id : membership.learners) {
    if (membership.voters.Contains(id)) return Refuse("stored membership: a learner is a voter");
  }
  for (const NodeId id : membership.learners_next) {
    if (!membership.voters.outgoing.Contains(id) || membership.voters.incoming.Contains(id)) {
      return Refuse("stored membership: a learner to be is not only an outgoing voter");
    }
  }
  if (!joint && membership.auto_leave) {
    return Refuse("stored membership: to be left automatically, but not joint");
  }
  if (membership.voters.incoming.empty() && (joint || !membership.learners.empty())) {
    return Refuse("stored membership: no voters");
  }
  CheckInvariants(membership);
  return {Status::Ok(), membership};
}

}  // namespace raft
