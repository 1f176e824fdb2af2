#include "raft-core/quorum.h"

#include <algorithm>

namespace raft {

const char* VoteResultName(VoteResult result) {
  switch (result) {
    case VoteResult::kPending:
      return "VotePending";
    case VoteResult::kLost:
      return "VoteLost";
    case VoteResult::kWon:
      return "VoteWon";
  }
  return "unknown vote result";
}

Index internal::MajorityOf(std::vector<Index>* values) {
  RAFT_CHECK(!values->empty());
  // A majority has size/2 + 1 members, so in descending order it ends at position size/2.
  const auto position = values->begin() + static_cast<std::ptrdiff_t>(values->size() / 2);
  std::nth_element(values->begin(), position, values->end(), std::greater<Index>());
  return *position;
}

VoteResult MajorityVote(const NodeSet& voters, const Votes& votes) {
  if (voters.empty()) return VoteResult::kWon;
  const size_t majority = voters.size() / 2 + 1;
  size_t granted = 0;
  size_t unknown = 0;
  for (const NodeId id : voters) {
    const auto vote = votes.find(id);
    if (vote == votes.end()) {
      ++unknown;
    } else if (vote->second) {
      ++granted;
    }
  }
  if (granted >= majority) return VoteResult::kWon;
  return granted + unknown >= majority ? VoteResult::kPending : VoteResult::kLost;
}

VoteResult JointQuorum::Vote(const Votes& votes) const {
  const VoteResult a = MajorityVote(incoming, votes);
  const VoteResult b = MajorityVote(outgoing, votes);
  if (a == VoteResult::kLost || b == VoteResult::kLost) return VoteResult::kLost;
  return a == VoteResult::kWon && b == VoteResult::kWon ? VoteResult::kWon : VoteResult::kPending;
}

void AppendText(std::string* out, const JointQuorum& quorum) {
  AppendText(out, quorum.incoming);
  if (!quorum.IsJoint()) return;
  out->append("&&");
  AppendText(out, quorum.outgoing);
}

std::string DescribeAcknowledged(const NodeSet& voters,
                                 const std::map<NodeId, Index>& acknowledged) {
  if (voters.empty()) return "<empty majority quorum>";
  const auto index_of = [&](NodeId id) {
    const auto found = acknowledged.find(id);
    return found == acknowledged.end() ? Index() : found->second;
  };
  std::string out(voters.size(), ' ');
  out.append("    idx\n");
  for (const NodeId id : voters) {
    const Index index = index_of(id);
    // The bar is as long as the number of voters that are behind this one.
    const auto behind = static_cast<size_t>(std::count_if(
        voters.begin(), voters.end(), [&](NodeId other) { return index_of(other) < index; }));
    if (acknowledged.contains(id)) {
      out.append(behind, 'x').append(">").append(voters.size() - behind, ' ');
    } else {
      out.append("?").append(voters.size(), ' ');
    }
    const std::string number = Cat(index);
    out.append(" ").append(number.size() < 5 ? 5 - number.size() : 0, ' ').append(number);
    out.append("    (id=");
    AppendNumber(&out, id.value(), 10);
    out.append(")\n");
  }
  return out;
}

}  // namespace raft
