// Decisions by majority (Raft paper section 5.2) and by two majorities at once, as membership
// changes need them (joint consensus, thesis section 4.3).
#ifndef RAFT_CORE_QUORUM_H_
#define RAFT_CORE_QUORUM_H_

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "raft-core/node_set.h"
#include "raft-core/types.h"

namespace raft {

enum class VoteResult { kPending, kLost, kWon };

const char* VoteResultName(VoteResult result);

// Votes received so far: true grants, false refuses. A voter that is absent has not answered.
using Votes = std::map<NodeId, bool>;

// What an empty majority has agreed on: everything, so that it never holds back the other half of
// a joint quorum.
inline constexpr Index kEmptyQuorumIndex{std::numeric_limits<uint64_t>::max()};

namespace internal {
// The largest value that more than half of *values reach. Reorders *values, which is not empty.
Index MajorityOf(std::vector<Index>* values);
}  // namespace internal

// Returns the largest index acknowledged by a majority of `voters`. `acknowledged(id)` gives the
// index a voter has acknowledged, or index 0 if nothing is known of it.
template <class Acknowledged>
Index MajorityIndex(const NodeSet& voters, const Acknowledged& acknowledged) {
  if (voters.empty()) return kEmptyQuorumIndex;
  // Kept between calls: this runs once per acknowledgement, and must not allocate.
  static thread_local std::vector<Index> values;
  values.clear();
  for (const NodeId id : voters) values.push_back(acknowledged(id));
  return internal::MajorityOf(&values);
}

// Returns whether a majority of `voters` granted, can no longer grant, or may still grant.
// An election without voters is won (see kEmptyQuorumIndex).
VoteResult MajorityVote(const NodeSet& voters, const Votes& votes);

// A pair of voter sets. While `outgoing` is empty this is a plain majority of `incoming`; otherwise
// every decision takes a majority of each.
struct JointQuorum {
  NodeSet incoming;
  NodeSet outgoing;

  bool IsJoint() const { return !outgoing.empty(); }
  bool Contains(NodeId id) const { return incoming.Contains(id) || outgoing.Contains(id); }
  NodeSet Members() const { return Union(incoming, outgoing); }
  // The largest index acknowledged by both majorities (see MajorityIndex).
  template <class Acknowledged>
  Index CommittedIndex(const Acknowledged& acknowledged) const {
    return std::min(MajorityIndex(incoming, acknowledged), MajorityIndex(outgoing, acknowledged));
  }
  VoteResult Vote(const Votes& votes) const;
  friend bool operator==(const JointQuorum&, const JointQuorum&) = default;
};

// "(1 2)" or "(1 2)&&(3)".
void AppendText(std::string* out, const JointQuorum& quorum);

// Returns a table of the voters' indexes with a bar for each that grows with its rank; several
// lines, for people. Voters missing from `acknowledged` are marked with a question mark.
std::string DescribeAcknowledged(const NodeSet& voters,
                                 const std::map<NodeId, Index>& acknowledged);

}  // namespace raft

#endif  // RAFT_CORE_QUORUM_H_
