// Who takes part: the membership, changes to it, and the rules for applying them (Raft thesis
// chapter 4). A simple change adds, removes, promotes or demotes at most one voter; anything larger
// goes through a joint configuration, in which decisions need a majority of the old and of the new
// voters.
//
// In contrast to the thesis a change takes effect when its entry is applied, not when it is
// appended; the leader therefore keeps at most one change unapplied (raft.h).
#ifndef RAFT_CORE_MEMBERSHIP_H_
#define RAFT_CORE_MEMBERSHIP_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "raft-core/bytes.h"
#include "raft-core/node_set.h"
#include "raft-core/quorum.h"
#include "raft-core/status.h"

namespace raft {

enum class MembershipChangeType : uint8_t {
  kAddVoter,
  kRemove,
  // Changes nothing here: lets the application pass data along with membership changes.
  kUpdate,
  kAddLearner,
};

// One step of a change: what becomes of one node. Node id 0 is skipped when applied, so that an
// application may cancel a change after it was committed.
struct SingleChange {
  MembershipChangeType type = MembershipChangeType::kAddVoter;
  NodeId node;
  friend bool operator==(const SingleChange&, const SingleChange&) = default;
};

enum class Transition : uint8_t {
  // A simple change if there is one step, otherwise joint and left automatically.
  kAuto,
  // Joint, left automatically once the joint configuration is committed and applied.
  kJointImplicit,
  // Joint until the application proposes an empty change.
  kJointExplicit,
};

// A membership change as it is proposed and applied. With no steps and kAuto it means: leave the
// joint configuration.
struct MembershipChange {
  Transition transition = Transition::kAuto;
  std::vector<SingleChange> steps;
  // For the application; the library does not look at it.
  Bytes context;

  bool LeavesJoint() const { return transition == Transition::kAuto && steps.empty(); }
  bool EntersJoint() const { return transition != Transition::kAuto || steps.size() > 1; }
  bool AutoLeave() const { return transition != Transition::kJointExplicit; }
};

// The encoding of a change in an entry's data. Empty data is the change that leaves the joint
// configuration; EncodeChange never returns empty data.
Bytes EncodeChange(const MembershipChange& change);
// REQUIRES: nothing of `data`. Returns kInvalidMembershipChange if it is no encoded change.
Status DecodeChange(std::string_view data, MembershipChange* change);

// Reads steps such as "v1 l2 r3 u4" (voter, learner, remove, update).
Status ParseSteps(std::string_view text, std::vector<SingleChange>* steps);
// The inverse of ParseSteps.
std::string StepsText(const std::vector<SingleChange>& steps);

// Membership as stored with snapshots. Each list may be in any order.
struct ConfState {
  std::vector<NodeId> voters;
  std::vector<NodeId> learners;
  std::vector<NodeId> voters_outgoing;
  std::vector<NodeId> learners_next;
  bool auto_leave = false;
  // Whether the node is mentioned in any role that receives the log.
  bool Contains(NodeId id) const;
};

// Membership in force on a node.
// Invariants: learners and voters (of either half) are disjoint; learners_next is a subset of
// voters.outgoing; learners_next is empty and auto_leave false unless the quorum is joint.
struct Membership {
  JointQuorum voters;
  // Receive the log but take no part in decisions.
  NodeSet learners;
  // Voters of the outgoing half that become learners when the joint configuration is left.
  NodeSet learners_next;
  // Leave the joint configuration without being asked.
  bool auto_leave = false;

  NodeSet Members() const { return Union(voters.Members(), learners); }
  ConfState ToConfState() const;
  friend bool operator==(const Membership&, const Membership&) = default;
};

// "voters=(1 2)&&(1) learners=(3) learners_next=(1) autoleave"
void AppendText(std::string* out, const Membership& membership);

// What these functions return: the new membership, or why the change does not fit the old one. The
// old membership is never modified.
struct MembershipResult {
  Status status;
  Membership membership;
};

// Applies a change that moves at most one voter. REFUSES joint memberships, changes of several
// voters and the removal of all voters.
MembershipResult ApplySimple(const Membership& current, const std::vector<SingleChange>& steps);
// Makes the current voters the outgoing half and applies the steps to the incoming one.
MembershipResult EnterJoint(const Membership& current, bool auto_leave,
                            const std::vector<SingleChange>& steps);
// Drops the outgoing half.
MembershipResult LeaveJoint(const Membership& current);
// Applies whichever of the three the change asks for.
MembershipResult ApplyChange(const Membership& current, const MembershipChange& change);
// Rebuilds a membership from its stored form; fails if that breaks an invariant.
MembershipResult FromConfState(const ConfState& state);

}  // namespace raft

#endif  // RAFT_CORE_MEMBERSHIP_H_
