// The rules of the Raft thesis ("Consensus: Bridging Theory and Practice") that go beyond the
// paper, section by section.
#include <gtest/gtest.h>

#include <algorithm>

#include "raft-core/testing/cluster.h"

namespace raft {
namespace {

using testing::Cluster;

NodeId Id(int id) { return NodeId(static_cast<uint64_t>(id)); }

std::vector<SingleChange> Steps(std::string_view text) {
  std::vector<SingleChange> steps;
  const Status status = ParseSteps(text, &steps);
  EXPECT_TRUE(status.ok()) << status.message();
  return steps;
}

Status Change(Cluster* cluster, int leader, std::string_view steps,
              Transition transition = Transition::kAuto) {
  Status status = cluster->node(leader).ProposeMembershipChange({transition, Steps(steps), {}});
  cluster->Settle();
  return status;
}

std::string MembershipText(Cluster* cluster, int id) {
  return Cat(cluster->node(id).raft().membership());
}

void CheckQuorumAndPreVote(Config* config) {
  config->check_quorum = true;
  config->pre_vote = true;
}

// ---- 3.8 Persisted state and server restarts ----

TEST(ThesisSection38, AVoteIsDurableBeforeItIsSent) {
  Cluster cluster(3);
  Message request;
  request.type = MessageType::kVote;
  request.from = Id(2);
  request.to = Id(1);
  request.term = Term(5);
  request.log_term = Term(1);
  request.index = Index(1);
  ASSERT_TRUE(cluster.node(1).Step(request).ok());
  const Ready ready = cluster.node(1).TakeReady();
  EXPECT_TRUE(ready.MustBeDurable());
  ASSERT_TRUE(ready.hard_state.has_value());
  EXPECT_EQ(ready.hard_state->vote, Id(2));
  EXPECT_EQ(ready.hard_state->term, Term(5));
  ASSERT_EQ(ready.messages.size(), 1u);
  EXPECT_EQ(ready.messages[0].type, MessageType::kVoteResp);
}

TEST(ThesisSection38, ACandidateCountsItsOwnVoteOnlyOnceItIsDurable) {
  Cluster cluster(1);
  cluster.node(1).Campaign();
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kCandidate);
  const Ready ready = cluster.node(1).TakeReady();
  EXPECT_EQ(ready.hard_state->vote, Id(1));
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kCandidate);
  cluster.node(1).Advance();
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kLeader);
}

TEST(ThesisSection38, ALeaderCountsItsOwnEntriesOnlyOnceTheyAreDurable) {
  Cluster cluster(1);
  cluster.Elect(1);
  const Index committed = cluster.node(1).raft().log().committed();
  ASSERT_TRUE(cluster.node(1).Propose(Bytes("x")).ok());
  const Ready ready = cluster.node(1).TakeReady();
  EXPECT_EQ(ready.entries.size(), 1u);
  EXPECT_EQ(cluster.node(1).raft().log().committed(), committed);
  cluster.storage(1).Append(ready.entries);
  cluster.node(1).Advance();
  EXPECT_EQ(cluster.node(1).raft().log().committed(), committed.Next());
}

// ---- 3.10 Leadership transfer ----

TEST(ThesisSection310, LeadershipMovesToAFollowerThatIsUpToDate) {
  Cluster cluster(3, CheckQuorumAndPreVote);
  cluster.Elect(1);
  cluster.node(1).TransferLeadership(Id(2));
  cluster.Settle();
  EXPECT_EQ(cluster.Leader(), 2);
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kFollower);
}

TEST(ThesisSection310, AFollowerPassesTheRequestOnToTheLeader) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.node(3).TransferLeadership(Id(2));
  cluster.Settle();
  EXPECT_EQ(cluster.Leader(), 2);
}

TEST(ThesisSection310, ALaggingSuccessorIsBroughtUpToDateFirst) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Isolate(3);
  ASSERT_TRUE(cluster.Propose(1, "a").ok());
  cluster.Heal();
  cluster.node(1).TransferLeadership(Id(3));
  EXPECT_EQ(cluster.node(1).Propose(Bytes("b")).code(), StatusCode::kProposalDropped);
  cluster.RunTicks(3);
  EXPECT_EQ(cluster.Leader(), 3);
  EXPECT_EQ(cluster.applied(3), (std::vector<std::string>{"a"}));
}

TEST(ThesisSection310, ATransferToADeadNodeTimesOut) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Crash(3);
  cluster.node(1).TransferLeadership(Id(3));
  cluster.Settle();
  EXPECT_EQ(cluster.Propose(1, "a").code(), StatusCode::kProposalDropped);
  cluster.RunTicks(10);
  EXPECT_EQ(cluster.Leader(), 1);
  EXPECT_TRUE(cluster.Propose(1, "a").ok());
}

TEST(ThesisSection310, ATransferToALearnerOrToItselfIsIgnored) {
  Cluster cluster(3, nullptr, 1);
  cluster.Elect(1);
  for (const int successor : {4, 1}) {
    cluster.node(1).TransferLeadership(Id(successor));
    cluster.Settle();
    EXPECT_EQ(cluster.node(1).raft().transferee(), kNoNode);
    EXPECT_EQ(cluster.Leader(), 1);
  }
}

TEST(ThesisSection310, AnotherSuccessorReplacesTheFirst) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Crash(3);
  cluster.node(1).TransferLeadership(Id(3));
  cluster.node(1).TransferLeadership(Id(2));
  cluster.Settle();
  EXPECT_EQ(cluster.Leader(), 2);
}

TEST(ThesisSection310, RemovingTheSuccessorEndsTheTransfer) {
  Cluster cluster(4);
  cluster.Elect(1);
  cluster.Crash(4);
  ASSERT_TRUE(cluster.node(1).ProposeMembershipChange({Transition::kAuto, Steps("r4"), {}}).ok());
  cluster.node(1).TransferLeadership(Id(4));
  cluster.Settle();
  EXPECT_EQ(cluster.node(1).raft().transferee(), kNoNode);
  EXPECT_TRUE(cluster.Propose(1, "a").ok());
}

// ---- 4.1 Safety of membership changes ----

TEST(ThesisSection41, ChangesWithoutJointConsensusMoveOneVoter) {
  Membership membership;
  membership.voters.incoming = {Id(1), Id(2), Id(3)};
  EXPECT_TRUE(ApplySimple(membership, Steps("v4")).status.ok());
  EXPECT_TRUE(ApplySimple(membership, Steps("r1 l4 l5")).status.ok());
  for (const char* steps : {"v4 v5", "r1 v4", "r1 r2", "l1 l2"}) {
    EXPECT_FALSE(ApplySimple(membership, Steps(steps)).status.ok()) << steps;
  }
}

// The flaw found in 2015: a new leader must not change the membership while changes of earlier
// leaders may be under way. Here changes take effect when applied, so what counts is that every
// entry of earlier terms is.
TEST(ThesisSection41, ANewLeaderChangesNothingBeforeEarlierEntriesAreApplied) {
  Cluster cluster(4);
  cluster.Elect(2);
  cluster.Crash(3);
  cluster.Crash(4);
  ASSERT_TRUE(cluster.node(2).ProposeMembershipChange({Transition::kAuto, Steps("r3"), {}}).ok());
  cluster.Settle();  // reaches node 1 only: no majority
  cluster.Crash(2);
  cluster.Restart(3);
  cluster.Restart(4);
  cluster.node(1).Campaign();
  cluster.Work(1);
  while (cluster.node(1).raft().role() != Role::kLeader) {
    for (const int id : {3, 4}) cluster.Work(id);
    ASSERT_TRUE(cluster.DeliverAt(0).ok());
  }
  ASSERT_TRUE(cluster.node(1).ProposeMembershipChange({Transition::kAuto, Steps("r4"), {}}).ok());
  cluster.Settle();
  EXPECT_EQ(MembershipText(&cluster, 1), "voters=(1 2 4)") << "the earlier change, not the new one";
  ASSERT_TRUE(Change(&cluster, 1, "r4").ok());
  cluster.Restart(2);
  cluster.RunTicks(3);
  EXPECT_EQ(MembershipText(&cluster, 2), "voters=(1 2)");
}

TEST(ThesisSection41, OnlyOneChangeIsUnderWay) {
  Cluster cluster(3);
  cluster.Elect(1);
  ASSERT_TRUE(cluster.node(1).ProposeMembershipChange({Transition::kAuto, Steps("r3"), {}}).ok());
  ASSERT_TRUE(cluster.node(1).ProposeMembershipChange({Transition::kAuto, Steps("r2"), {}}).ok());
  cluster.Settle();
  EXPECT_EQ(MembershipText(&cluster, 1), "voters=(1 2)");
}

TEST(ThesisSection41, AGroupGrowsAndShrinksOneByOne) {
  Cluster cluster(1);
  cluster.Elect(1);
  std::vector<std::string> data;
  const auto propose = [&] {
    data.push_back(Cat("entry ", data.size()));
    ASSERT_TRUE(cluster.Propose(cluster.Leader(), data.back()).ok());
  };
  for (int id = 2; id <= 5; ++id) {
    ASSERT_EQ(cluster.AddEmptyNode(), Id(id));
    propose();
    ASSERT_TRUE(Change(&cluster, cluster.Leader(), Cat("v", id)).ok());
    cluster.Compact(1);
    propose();
    cluster.RunTicks(3);
    EXPECT_EQ(cluster.applied(id), data) << "node " << id;
  }
  for (const int id : {2, 5, 3, 4}) {
    ASSERT_TRUE(Change(&cluster, cluster.Leader(), Cat("r", id)).ok());
    cluster.Crash(id);
    propose();
  }
  EXPECT_EQ(MembershipText(&cluster, 1), "voters=(1)");
  EXPECT_EQ(cluster.applied(1), data);
}

// ---- 4.2 Availability during membership changes ----

TEST(ThesisSection421, LearnersCatchUpWithoutVoting) {
  Cluster cluster(3);
  cluster.Elect(1);
  ASSERT_TRUE(cluster.Propose(1, "a").ok());
  ASSERT_EQ(cluster.AddEmptyNode(), Id(4));
  cluster.Compact(1);
  ASSERT_TRUE(Change(&cluster, 1, "l4").ok());
  cluster.RunTicks(3);
  EXPECT_EQ(cluster.applied(4), (std::vector<std::string>{"a"}));
  // Two of three voters are gone: the learner does not help.
  cluster.Crash(2);
  cluster.Crash(3);
  const Index committed = cluster.node(1).raft().log().committed();
  ASSERT_TRUE(cluster.Propose(1, "b").ok());
  EXPECT_EQ(cluster.node(1).raft().log().committed(), committed);
  // It never campaigns.
  cluster.Tick(4, 100);
  EXPECT_EQ(cluster.node(4).raft().role(), Role::kFollower);
  cluster.Restart(2);
  cluster.RunTicks(3);
  ASSERT_TRUE(Change(&cluster, 1, "v4").ok());
  EXPECT_EQ(MembershipText(&cluster, 4), "voters=(1 2 3 4)");
}

TEST(ThesisSection422, ARemovedLeaderServesUntilItsRemovalIsCommitted) {
  Cluster cluster(3, [](Config* config) { config->step_down_on_removal = true; });
  cluster.Elect(1);
  ASSERT_TRUE(cluster.node(1).ProposeMembershipChange({Transition::kAuto, Steps("r1"), {}}).ok());
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kLeader);
  cluster.Settle();
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kFollower);
  for (int i = 0; i < 100 && cluster.Leader() == 0; ++i) cluster.RunTicks(1);
  EXPECT_NE(cluster.Leader(), 0);
  EXPECT_NE(cluster.Leader(), 1);
  EXPECT_EQ(MembershipText(&cluster, cluster.Leader()), "voters=(2 3)");
}

TEST(ThesisSection423, ARemovedNodeDoesNotDisruptTheGroup) {
  Cluster cluster(4, CheckQuorumAndPreVote);
  cluster.Elect(1);
  cluster.Isolate(4);
  ASSERT_TRUE(Change(&cluster, 1, "r4").ok());
  cluster.Heal();
  const Term term = cluster.node(1).raft().term();
  // It does not know of its removal and campaigns again and again.
  cluster.RunTicks(100);
  EXPECT_EQ(cluster.Leader(), 1);
  EXPECT_EQ(cluster.node(1).raft().term(), term);
}

// ---- 4.3 Arbitrary changes by joint consensus ----

TEST(ThesisSection43, AJointConfigurationNeedsBothMajorities) {
  Cluster cluster(3);
  cluster.Elect(1);
  for (int id = 4; id <= 5; ++id) ASSERT_EQ(cluster.AddEmptyNode(), Id(id));
  cluster.Compact(1);
  ASSERT_TRUE(Change(&cluster, 1, "v4 v5 r2 r3", Transition::kJointExplicit).ok());
  cluster.RunTicks(3);
  ASSERT_EQ(MembershipText(&cluster, 5), "voters=(1 4 5)&&(1 2 3)");
  const auto committed = [&] { return cluster.node(1).raft().log().committed(); };
  Index before = committed();
  cluster.Isolate(4);
  cluster.Isolate(5);
  ASSERT_TRUE(cluster.Propose(1, "a").ok());
  EXPECT_EQ(committed(), before) << "without a majority of the new voters";
  cluster.Heal();
  cluster.RunTicks(3);
  before = committed();
  cluster.Isolate(2);
  cluster.Isolate(3);
  ASSERT_TRUE(cluster.Propose(1, "b").ok());
  EXPECT_EQ(committed(), before) << "without a majority of the old voters";
  cluster.Heal();
  cluster.RunTicks(3);
  ASSERT_TRUE(Change(&cluster, 1, "").ok());
  EXPECT_EQ(MembershipText(&cluster, 5), "voters=(1 4 5)");
  EXPECT_EQ(cluster.applied(5), (std::vector<std::string>{"a", "b"}));
}

TEST(ThesisSection43, ANewLeaderLeavesTheJointConfigurationForTheOld) {
  for (int crash_after = 0; crash_after < 40; ++crash_after) {
    Cluster cluster(5);
    cluster.Elect(1);
    ASSERT_TRUE(cluster.node(1)
                    .ProposeMembershipChange({Transition::kJointImplicit, Steps("r4 r5 l5"), {}})
                    .ok());
    // The leader fails after each number of messages in turn.
    for (int i = 0; i < crash_after; ++i) {
      for (const int id : cluster.ids()) cluster.Work(id);
      if (!cluster.network().empty()) {
        const Status ignored = cluster.DeliverAt(0);
        static_cast<void>(ignored);
      }
    }
    cluster.Crash(1);
    for (int i = 0; i < 200; ++i) cluster.RunTicks(1);
    const int leader = cluster.Leader();
    ASSERT_NE(leader, 0) << crash_after;
    EXPECT_FALSE(cluster.node(leader).raft().membership().voters.IsJoint()) << crash_after;
    cluster.Restart(1);
    cluster.RunTicks(50);
    const std::string expected = MembershipText(&cluster, cluster.Leader());
    EXPECT_EQ(MembershipText(&cluster, 1), expected) << crash_after;
  }
}

// ---- 6.4 Processing read-only queries more efficiently ----

TEST(ThesisSection64, AReadWaitsForAMajority) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Isolate(1);
  cluster.node(1).ReadIndex(Bytes("r"));
  cluster.Settle();
  EXPECT_TRUE(cluster.reads(1).empty());
  cluster.Heal();
  cluster.RunTicks(2);
  ASSERT_EQ(cluster.reads(1).size(), 1u);
  EXPECT_EQ(cluster.reads(1)[0].index, cluster.node(1).raft().log().committed());
  EXPECT_EQ(cluster.reads(1)[0].context, Bytes("r"));
}

TEST(ThesisSection64, ADeposedLeaderServesNoRead) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Isolate(1);
  cluster.Elect(2);
  ASSERT_TRUE(cluster.Propose(2, "new").ok());
  cluster.node(1).ReadIndex(Bytes("r"));
  cluster.RunTicks(30);
  EXPECT_TRUE(cluster.reads(1).empty());
}

TEST(ThesisSection64, HeartbeatsSentBeforeTheReadDoNotConfirmIt) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Tick(1);
  for (const int id : {1, 2, 3}) cluster.Work(id);
  const std::vector<Message> heartbeats = cluster.TakeMessages(MessageType::kHeartbeat);
  ASSERT_EQ(heartbeats.size(), 2u);
  cluster.node(1).ReadIndex(Bytes("r"));
  cluster.Work(1);
  cluster.network().clear();
  for (const Message& heartbeat : heartbeats) {
    ASSERT_TRUE(cluster.node(static_cast<int>(heartbeat.to.value())).Step(heartbeat).ok());
  }
  for (const int id : {2, 3}) cluster.Work(id);
  for (const Message& response : cluster.TakeMessages(MessageType::kHeartbeatResp)) {
    ASSERT_TRUE(cluster.node(1).Step(response).ok());
  }
  cluster.Work(1);
  EXPECT_TRUE(cluster.reads(1).empty());
}

TEST(ThesisSection64, AFollowersReadIsAnsweredByTheLeader) {
  Cluster cluster(3);
  cluster.Elect(1);
  ASSERT_TRUE(cluster.Propose(1, "a").ok());
  cluster.node(2).ReadIndex(Bytes("r"));
  cluster.Settle();
  ASSERT_EQ(cluster.reads(2).size(), 1u);
  EXPECT_EQ(cluster.reads(2)[0].index, cluster.node(1).raft().log().committed());
}

TEST(ThesisSection64, ANewLeaderReadsOnlyAfterItsFirstCommit) {
  Cluster cluster(3);
  cluster.node(1).Campaign();
  cluster.Work(1);
  while (cluster.node(1).raft().role() != Role::kLeader) {
    for (const int id : {2, 3}) cluster.Work(id);
    ASSERT_TRUE(cluster.DeliverAt(0).ok());
  }
  cluster.node(1).ReadIndex(Bytes("r"));
  EXPECT_EQ(cluster.node(1).raft().log().committed(), Index(1));
  cluster.Settle();
  ASSERT_EQ(cluster.reads(1).size(), 1u);
  EXPECT_EQ(cluster.reads(1)[0].index, Index(2));
}

TEST(ThesisSection64, TheOnlyVoterReadsAtOnce) {
  Cluster cluster(1, nullptr, 1);
  cluster.Elect(1);
  cluster.Crash(2);
  cluster.node(1).ReadIndex(Bytes("r"));
  cluster.Settle();
  EXPECT_EQ(cluster.reads(1).size(), 1u);
}

void Leases(Config* config) {
  config->check_quorum = true;
  config->read_mode = ReadMode::kLease;
  config->lease_margin_ticks = 2;
}

// With leases, nodes that may have restarted vote for nobody until any forgotten promise has
// expired.
void ElectAfterPromises(Cluster* cluster) {
  for (const int id : cluster->ids()) {
    cluster->node(id).SetRandomizedElectionTicks(100);
    cluster->Tick(id, 10);
  }
  cluster->Elect(1);
}

TEST(ThesisSection641, ReadsNeedNoMessagesWhileTheLeaseLasts) {
  Cluster cluster(3, Leases);
  ElectAfterPromises(&cluster);
  cluster.RunTicks(2);
  cluster.node(1).ReadIndex(Bytes("r"));
  cluster.Work(1);
  EXPECT_TRUE(cluster.network().empty());
  EXPECT_EQ(cluster.reads(1).size(), 1u);
}

TEST(ThesisSection641, TheLeaseEndsBeforeAnotherLeaderCanBeElected) {
  Cluster cluster(3, Leases);
  ElectAfterPromises(&cluster);
  cluster.RunTicks(2);
  cluster.Isolate(1);
  // 8 ticks: an election timeout of 10 less the margin of 2. The tick of the last round counts.
  cluster.Tick(1, 7);
  cluster.node(1).ReadIndex(Bytes("in time"));
  cluster.Work(1);
  EXPECT_EQ(cluster.reads(1).size(), 1u);
  cluster.Tick(1, 1);
  cluster.node(1).ReadIndex(Bytes("too late"));
  cluster.Work(1);
  EXPECT_EQ(cluster.reads(1).size(), 1u);
}

TEST(ThesisSection641, TransferringLeadershipGivesUpTheLease) {
  Cluster cluster(3, Leases);
  ElectAfterPromises(&cluster);
  cluster.RunTicks(2);
  cluster.node(1).TransferLeadership(Id(2));
  cluster.Work(1);
  cluster.network().clear();
  cluster.node(1).ReadIndex(Bytes("r"));
  cluster.Work(1);
  EXPECT_TRUE(cluster.reads(1).empty()) << "the successor may be elected already";
}

TEST(ThesisSection641, ARestartedVoterKeepsThePromiseItForgot) {
  Cluster cluster(3, Leases);
  ElectAfterPromises(&cluster);
  cluster.RunTicks(2);
  cluster.Isolate(1);
  cluster.Crash(2);
  cluster.Restart(2);
  // Node 3 times out at once, as with a fast clock; node 2 alone could elect it.
  cluster.node(3).Campaign();
  cluster.Settle();
  EXPECT_EQ(cluster.Leader(), 1);
}

// ---- 6.2 / 6.2.1 Finding the leader, stale leaders ----

TEST(ThesisSection62, ProposalsAreForwardedOrRefused) {
  for (const bool disable : {false, true}) {
    Cluster cluster(3, [&](Config* config) { config->disable_proposal_forwarding = disable; });
    EXPECT_EQ(cluster.Propose(2, "no leader").code(), StatusCode::kProposalDropped);
    cluster.Elect(1);
    EXPECT_EQ(cluster.Propose(2, "x").ok(), !disable);
    EXPECT_EQ(cluster.applied(3).size(), disable ? 0u : 1u);
  }
}

TEST(ThesisSection62, AForwardedProposalFollowsTheLeadership) {
  Cluster cluster(3);
  cluster.Elect(1);
  ASSERT_TRUE(cluster.node(2).Propose(Bytes("x")).ok());
  cluster.Work(2);
  const std::vector<Message> forwarded = cluster.TakeMessages(MessageType::kProp);
  ASSERT_EQ(forwarded.size(), 1u);
  cluster.Elect(3);
  // It reaches the old leader, which passes it on, once.
  ASSERT_TRUE(cluster.node(1).Step(forwarded[0]).ok());
  cluster.Settle();
  EXPECT_EQ(cluster.applied(2), (std::vector<std::string>{"x"}));
}

TEST(ThesisSection62, ALeaderWithoutAMajorityStepsDown) {
  Cluster cluster(3, CheckQuorumAndPreVote);
  cluster.Elect(1);
  cluster.Isolate(1);
  cluster.RunTicks(20);
  EXPECT_NE(cluster.node(1).raft().role(), Role::kLeader);
  EXPECT_NE(cluster.Leader(), 1);
}

// ---- 9.6 Preventing disruptions when a server rejoins the cluster ----

TEST(ThesisSection96, ARejoiningNodeDoesNotDeposeTheLeader) {
  for (const bool pre_vote : {true, false}) {
    Cluster cluster(3, [&](Config* config) { config->pre_vote = pre_vote; });
    cluster.Elect(1);
    const Term term = cluster.node(1).raft().term();
    cluster.Isolate(3);
    cluster.RunTicks(100);
    cluster.Heal();
    cluster.RunTicks(50);
    if (pre_vote) {
      EXPECT_EQ(cluster.node(1).raft().term(), term);
      EXPECT_EQ(cluster.Leader(), 1);
    } else {
      EXPECT_GT(cluster.node(cluster.Leader()).raft().term(), term) << "what pre-votes prevent";
    }
  }
}

TEST(ThesisSection96, APreVotePromisesNothing) {
  Cluster cluster(3, CheckQuorumAndPreVote);
  Message request;
  request.type = MessageType::kPreVote;
  request.from = Id(2);
  request.to = Id(1);
  request.term = Term(5);
  request.log_term = Term(1);
  request.index = Index(1);
  ASSERT_TRUE(cluster.node(1).Step(request).ok());
  EXPECT_EQ(cluster.node(1).raft().term(), Term(1));
  EXPECT_EQ(cluster.node(1).raft().hard_state().vote, kNoNode);
  cluster.Work(1);
  const std::vector<Message> responses = cluster.TakeMessages(MessageType::kPreVoteResp);
  ASSERT_EQ(responses.size(), 1u);
  EXPECT_FALSE(responses[0].reject);
  EXPECT_EQ(responses[0].term, Term(5));
}

// A leader that can send but not receive keeps everyone from electing another; its quorum check
// must make it give way.
TEST(ThesisSection96, ALeaderThatIsOnlyHeardGivesWay) {
  Cluster cluster(3, CheckQuorumAndPreVote);
  cluster.Elect(1);
  cluster.Cut(2, 1);
  cluster.Cut(3, 1);
  cluster.RunTicks(100);
  EXPECT_NE(cluster.Leader(), 1);
  EXPECT_NE(cluster.Leader(), 0);
}

// ---- 10.2.1 Writing to the leader's disk in parallel ----

TEST(ThesisSection1021, AMajorityOfFollowersCommitsBeforeTheLeadersDisk) {
  Cluster cluster(3, [](Config* config) { config->async_storage_writes = true; });
  // Node 1 is driven by hand: its append thread never finishes.
  Node& node = cluster.node(1);
  node.Campaign();
  const auto respond = [&](int from, MessageType type, Index index) {
    Message message;
    message.type = type;
    message.from = Id(from);
    message.to = Id(1);
    message.term = node.raft().term();
    message.index = index;
    ASSERT_TRUE(node.Step(message).ok());
  };
  respond(2, MessageType::kVoteResp, Index());
  respond(3, MessageType::kVoteResp, Index());
  ASSERT_EQ(node.raft().role(), Role::kLeader);
  const Index last = node.raft().log().LastIndex();
  respond(2, MessageType::kAppResp, last);
  EXPECT_EQ(node.raft().log().committed(), Index(1));
  respond(3, MessageType::kAppResp, last);
  EXPECT_EQ(node.raft().log().committed(), last);
  // But nothing is applied here that is not durable here.
  const Ready ready = node.TakeReady();
  EXPECT_TRUE(ready.committed_entries.empty());
}

// ---- 10.2.2 Batching and pipelining; flow control ----

TEST(ThesisSection1022, EntriesArePipelinedUpToTheWindow) {
  Cluster cluster(3, [](Config* config) {
    config->max_inflight_messages = 3;
    config->max_message_bytes = 1;
  });
  cluster.Elect(1);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(cluster.node(1).Propose(Bytes(Cat(i))).ok());
  cluster.Work(1);
  EXPECT_EQ(cluster.TakeMessages(MessageType::kApp).size(), 6u) << "three for each follower";
  EXPECT_TRUE(cluster.node(1).raft().progress().at(Id(2)).IsPaused());
  // All were lost. Heartbeats restart the flow.
  cluster.RunTicks(20);
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(cluster.applied(id).size(), 10u);
}

TEST(ThesisSection1022, TheWindowIsBoundedInBytes) {
  Cluster cluster(3, [](Config* config) {
    config->max_inflight_bytes = 100;
    config->max_message_bytes = 50;
  });
  cluster.Elect(1);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(cluster.node(1).Propose(Bytes(std::string(40, 'x'))).ok());
  }
  EXPECT_EQ(cluster.node(1).raft().progress().at(Id(2)).inflights().bytes(), 120u);
  cluster.Settle();
  cluster.RunTicks(5);
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(cluster.applied(id).size(), 10u);
}

TEST(ThesisSection1022, ALeaderBoundsWhatIsUncommitted) {
  Cluster cluster(3, [](Config* config) { config->max_uncommitted_bytes = 10; });
  cluster.Elect(1);
  cluster.Isolate(1);
  EXPECT_TRUE(cluster.node(1).Propose(Bytes(std::string(100, 'x'))).ok()) << "the first, always";
  EXPECT_EQ(cluster.node(1).Propose(Bytes("y")).code(), StatusCode::kProposalDropped);
  EXPECT_TRUE(cluster.node(1).Propose(Bytes()).ok()) << "without payload, always";
  cluster.Settle();
  cluster.Heal();
  cluster.RunTicks(5);
  EXPECT_EQ(cluster.node(1).raft().uncommitted_bytes(), 0u);
  EXPECT_TRUE(cluster.Propose(1, "y").ok());
  EXPECT_EQ(cluster.applied(3).size(), 2u);
}

TEST(ThesisSection1022, ARefusedChangeOfMembershipLeavesNoTrace) {
  Cluster cluster(3, [](Config* config) { config->max_uncommitted_bytes = 10; });
  cluster.Elect(1);
  ASSERT_TRUE(cluster.node(1).Propose(Bytes(std::string(100, 'x'))).ok());
  EXPECT_EQ(cluster.node(1).ProposeMembershipChange({Transition::kAuto, Steps("r3"), {}}).code(),
            StatusCode::kProposalDropped);
  cluster.Settle();
  EXPECT_TRUE(Change(&cluster, 1, "r3").ok());
  EXPECT_EQ(MembershipText(&cluster, 1), "voters=(1 2)");
}

}  // namespace
}  // namespace raft
