// The rules of the Raft paper ("In Search of an Understandable Consensus Algorithm", extended
// version), section by section.
#include <gtest/gtest.h>

#include <set>

#include "raft-core/testing/cluster.h"

namespace raft {
namespace {

using testing::Cluster;

NodeId Id(int id) { return NodeId(static_cast<uint64_t>(id)); }

Message MakeMessage(MessageType type, int from, int to, uint64_t term) {
  Message message;
  message.type = type;
  message.from = Id(from);
  message.to = Id(to);
  message.term = Term(term);
  return message;
}

Entry MakeEntry(uint64_t term, uint64_t index, std::string_view data = "") {
  return {Term(term), Index(index), EntryType::kNormal, Bytes(data)};
}

Message MakeAppend(int from, int to, uint64_t term, LogPosition previous,
                   std::vector<Entry> entries, uint64_t commit) {
  Message message = MakeMessage(MessageType::kApp, from, to, term);
  message.log_term = previous.term;
  message.index = previous.index;
  message.entries = std::move(entries);
  message.commit = Index(commit);
  return message;
}

Message MakeVote(int from, int to, uint64_t term, uint64_t log_term, uint64_t index) {
  Message message = MakeMessage(MessageType::kVote, from, to, term);
  message.log_term = Term(log_term);
  message.index = Index(index);
  return message;
}

// The terms of a node's log after the snapshot, durable or not.
std::vector<uint64_t> LogTerms(Cluster* cluster, int id) {
  std::vector<uint64_t> terms;
  const RaftLog& log = cluster->node(id).raft().log();
  for (Index index = log.FirstIndex(); index <= log.LastIndex(); index = index.Next()) {
    terms.push_back(log.TermOf(index)->value());
  }
  return terms;
}

// Gives a node the log with these terms from index 2 on, as if it had received it before.
void PresetLog(Cluster* cluster, int id, const std::vector<uint64_t>& terms, uint64_t term) {
  cluster->Crash(id);
  std::vector<Entry> entries;
  for (size_t i = 0; i < terms.size(); ++i) {
    entries.push_back(MakeEntry(terms[i], i + 2, Cat(terms[i], "/", i + 2)));
  }
  cluster->storage(id).Append(entries);
  cluster->storage(id).SetHardState({Term(term), kNoNode, Index(1)});
  cluster->Restart(id);
}

// ---- 5.1 Raft basics ----

TEST(PaperSection51, AHigherTermMakesAnyRoleAFollower) {
  for (const Role role : {Role::kFollower, Role::kCandidate, Role::kLeader}) {
    Cluster cluster(3);
    if (role == Role::kCandidate) cluster.node(1).Campaign();
    if (role == Role::kLeader) cluster.Elect(1);
    ASSERT_EQ(cluster.node(1).raft().role(), role);
    ASSERT_TRUE(cluster.node(1).Step(MakeAppend(2, 1, 9, {Term(9), Index(50)}, {}, 0)).ok());
    EXPECT_EQ(cluster.node(1).raft().role(), Role::kFollower);
    EXPECT_EQ(cluster.node(1).raft().term(), Term(9));
    EXPECT_EQ(cluster.node(1).raft().leader(), Id(2));
  }
}

TEST(PaperSection51, MessagesOfOldTermsAreIgnored) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Elect(2);
  ASSERT_EQ(cluster.node(3).raft().term(), Term(3));
  const Index last = cluster.node(3).raft().log().LastIndex();
  const Message old =
      MakeAppend(1, 3, 2, {Term(2), Index(2)}, {MakeEntry(2, 3), MakeEntry(2, 4)}, 0);
  ASSERT_TRUE(cluster.node(3).Step(old).ok());
  EXPECT_EQ(cluster.node(3).raft().log().LastIndex(), last);
  EXPECT_EQ(cluster.node(3).raft().leader(), Id(2));
  EXPECT_FALSE(cluster.node(3).HasReady());
}

// ---- 5.2 Leader election ----

TEST(PaperSection52, NodesStartAsFollowers) {
  Cluster cluster(3);
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kFollower);
  EXPECT_EQ(cluster.node(1).raft().leader(), kNoNode);
}

TEST(PaperSection52, ALeaderSendsHeartbeatsPeriodically) {
  Cluster cluster(3, [](Config* config) { config->heartbeat_ticks = 2; });
  cluster.Elect(1);
  cluster.Tick(1);
  cluster.Work(1);
  EXPECT_TRUE(cluster.network().empty());
  cluster.Tick(1);
  cluster.Work(1);
  ASSERT_EQ(cluster.network().size(), 2u);
  for (const Message& message : cluster.network()) {
    EXPECT_EQ(message.type, MessageType::kHeartbeat);
  }
}

TEST(PaperSection52, AFollowerThatHearsNothingCampaigns) {
  Cluster cluster(3);
  cluster.Tick(1, 20);
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kCandidate);
  EXPECT_EQ(cluster.node(1).raft().hard_state().vote, Id(1));
  cluster.Work(1);
  const std::vector<Message> requests = cluster.TakeMessages(MessageType::kVote);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].term, cluster.node(1).raft().term());
}

TEST(PaperSection52, ACandidateWithoutResultStartsANewElection) {
  Cluster cluster(3);
  cluster.Isolate(1);
  cluster.Tick(1, 20);
  const Term first = cluster.node(1).raft().term();
  ASSERT_EQ(cluster.node(1).raft().role(), Role::kCandidate);
  cluster.Tick(1, 20);
  EXPECT_GT(cluster.node(1).raft().term(), first);
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kCandidate);
}

TEST(PaperSection52, AMajorityOfVotesDecides) {
  struct Case {
    int voters;
    std::map<int, bool> votes;
    Role role;
  };
  const Case cases[] = {
      {1, {}, Role::kLeader},
      {3, {{2, true}, {3, true}}, Role::kLeader},
      {3, {{2, true}}, Role::kLeader},
      {5, {{2, true}, {3, true}}, Role::kLeader},
      {3, {{2, false}, {3, false}}, Role::kFollower},
      {5, {{2, false}, {3, false}, {4, false}}, Role::kFollower},
      {5, {{2, true}, {3, false}, {4, false}, {5, false}}, Role::kFollower},
      {3, {}, Role::kCandidate},
      {5, {{2, true}}, Role::kCandidate},
      {5, {{2, false}, {3, false}}, Role::kCandidate},
  };
  for (const Case& test : cases) {
    Cluster cluster(test.voters);
    cluster.node(1).Campaign();
    cluster.Work(1);
    for (const auto& [voter, granted] : test.votes) {
      Message response =
          MakeMessage(MessageType::kVoteResp, voter, 1, cluster.node(1).raft().term().value());
      response.reject = !granted;
      ASSERT_TRUE(cluster.node(1).Step(response).ok());
    }
    EXPECT_EQ(cluster.node(1).raft().role(), test.role)
        << test.voters << " voters, " << test.votes.size() << " answers";
  }
}

TEST(PaperSection52, AVoterGrantsOneVotePerTerm) {
  Cluster cluster(3);
  ASSERT_TRUE(cluster.node(1).Step(MakeVote(2, 1, 5, 1, 1)).ok());
  ASSERT_TRUE(cluster.node(1).Step(MakeVote(3, 1, 5, 1, 1)).ok());
  ASSERT_TRUE(cluster.node(1).Step(MakeVote(2, 1, 5, 1, 1)).ok());
  cluster.Work(1);
  const std::vector<Message> responses = cluster.TakeMessages(MessageType::kVoteResp);
  ASSERT_EQ(responses.size(), 3u);
  EXPECT_FALSE(responses[0].reject);
  EXPECT_TRUE(responses[1].reject);
  EXPECT_FALSE(responses[2].reject) << "a repeated request, as its answer may have been lost";
}

// Forgetting the vote when a leader of the same term shows up elects two leaders in one term.
TEST(PaperSection52, AHeartbeatOfTheSameTermKeepsTheVote) {
  Cluster cluster(5);
  ASSERT_TRUE(cluster.node(1).Step(MakeVote(2, 1, 5, 1, 1)).ok());
  ASSERT_TRUE(cluster.node(1).Step(MakeMessage(MessageType::kHeartbeat, 2, 1, 5)).ok());
  EXPECT_EQ(cluster.node(1).raft().hard_state().vote, Id(2));
  cluster.node(1).ForgetLeader();
  ASSERT_TRUE(cluster.node(1).Step(MakeVote(3, 1, 5, 1, 1)).ok());
  cluster.Work(1);
  EXPECT_TRUE(cluster.TakeMessages(MessageType::kVoteResp).back().reject);
}

TEST(PaperSection52, ACandidateYieldsToALeaderOfItsTerm) {
  Cluster cluster(3);
  cluster.node(1).Campaign();
  const uint64_t term = cluster.node(1).raft().term().value();
  ASSERT_TRUE(cluster.node(1).Step(MakeAppend(2, 1, term, {Term(1), Index(1)}, {}, 0)).ok());
  EXPECT_EQ(cluster.node(1).raft().role(), Role::kFollower);
  EXPECT_EQ(cluster.node(1).raft().term(), Term(term));
}

TEST(PaperSection52, ElectionTimeoutsAreSpreadOverTheirRange) {
  std::set<int> drawn;
  testing::SeededRandom random(3);
  NullLogger logger;
  Config config;
  config.id = Id(1);
  config.election_ticks = 10;
  for (int i = 0; i < 300; ++i) {
    MemoryStorage storage;
    const Node node(config, &storage, &random, &logger);
    drawn.insert(node.raft().randomized_election_ticks());
  }
  EXPECT_EQ(drawn.size(), 10u);
  EXPECT_EQ(*drawn.begin(), 10);
  EXPECT_EQ(*drawn.rbegin(), 19);
}

TEST(PaperSection52, SplitVotesAreResolved) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Cluster cluster(4, nullptr, 0, seed);
    for (int id = 1; id <= 4; ++id) cluster.node(id).Campaign();
    cluster.Settle();
    for (int i = 0; i < 200 && cluster.Leader() == 0; ++i) cluster.RunTicks(1);
    EXPECT_NE(cluster.Leader(), 0) << "seed " << seed;
  }
}

// ---- 5.3 Log replication ----

TEST(PaperSection53, AnEntryIsCommittedOnceAMajorityHoldsIt) {
  for (int acknowledgements = 0; acknowledgements <= 4; ++acknowledgements) {
    Cluster cluster(5);
    cluster.Elect(1);
    const Index committed = cluster.node(1).raft().log().committed();
    ASSERT_TRUE(cluster.node(1).Propose(Bytes("x")).ok());
    cluster.Work(1);
    cluster.network().clear();
    for (int follower = 2; follower < 2 + acknowledgements; ++follower) {
      Message response = MakeMessage(MessageType::kAppResp, follower, 1, 2);
      response.index = cluster.node(1).raft().log().LastIndex();
      ASSERT_TRUE(cluster.node(1).Step(response).ok());
    }
    EXPECT_EQ(cluster.node(1).raft().log().committed() > committed, acknowledgements >= 2)
        << acknowledgements << " acknowledgements";
  }
}

TEST(PaperSection53, FollowersLearnTheCommitIndexAndApplyInOrder) {
  Cluster cluster(3);
  cluster.Elect(1);
  for (const char* data : {"a", "b", "c"}) ASSERT_TRUE(cluster.Propose(1, data).ok());
  const std::vector<std::string> expected = {"a", "b", "c"};
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(cluster.applied(id), expected) << "node " << id;
}

TEST(PaperSection53, CommittingAnEntryCommitsThoseBefore) {
  for (const std::vector<uint64_t>& terms :
       {std::vector<uint64_t>{}, {2}, {2, 3}, {2, 2, 3}, {2, 3, 3, 4}}) {
    Cluster cluster(3);
    PresetLog(&cluster, 1, terms, 4);
    cluster.Elect(1);
    ASSERT_TRUE(cluster.Propose(1, "some data").ok());
    std::vector<std::string> expected;
    for (size_t i = 0; i < terms.size(); ++i) expected.push_back(Cat(terms[i], "/", i + 2));
    expected.push_back("some data");
    for (int id = 1; id <= 3; ++id) EXPECT_EQ(cluster.applied(id), expected) << "node " << id;
  }
}

TEST(PaperSection53, TheConsistencyCheckRefusesAppendsThatDoNotFit) {
  struct Case {
    uint64_t term;
    uint64_t index;
    bool reject;
    uint64_t hint;
  };
  // The log holds terms 2 and 3 at indexes 2 and 3.
  const Case cases[] = {
      {1, 1, false, 0}, {2, 2, false, 0}, {3, 3, false, 0},
      {2, 3, true, 2},  {4, 4, true, 3},  {1, 3, true, 1},
  };
  for (const Case& test : cases) {
    Cluster cluster(3);
    PresetLog(&cluster, 1, {2, 3}, 4);
    ASSERT_TRUE(cluster.node(1)
                    .Step(MakeAppend(2, 1, 4, {Term(test.term), Index(test.index)}, {}, 0))
                    .ok());
    cluster.Work(1);
    const std::vector<Message> responses = cluster.TakeMessages(MessageType::kAppResp);
    ASSERT_EQ(responses.size(), 1u);
    EXPECT_EQ(responses[0].reject, test.reject) << test.term << "/" << test.index;
    if (test.reject) {
      EXPECT_EQ(responses[0].reject_hint, Index(test.hint)) << test.term << "/" << test.index;
    }
  }
}

TEST(PaperSection53, ConflictingEntriesAreReplaced) {
  struct Case {
    LogPosition previous;
    std::vector<uint64_t> terms;
    std::vector<uint64_t> log;
  };
  const Case cases[] = {
      {{Term(3), Index(3)}, {4}, {2, 3, 4}},
      {{Term(2), Index(2)}, {4, 5}, {2, 4, 5}},
      {{Term(1), Index(1)}, {2}, {2, 3}},  // an old message: nothing conflicts, nothing is lost
      {{Term(1), Index(1)}, {4}, {4}},
  };
  for (const Case& test : cases) {
    Cluster cluster(3);
    PresetLog(&cluster, 1, {2, 3}, 5);
    std::vector<Entry> entries;
    for (size_t i = 0; i < test.terms.size(); ++i) {
      entries.push_back(MakeEntry(test.terms[i], test.previous.index.value() + 1 + i));
    }
    ASSERT_TRUE(cluster.node(1).Step(MakeAppend(2, 1, 5, test.previous, entries, 0)).ok());
    EXPECT_EQ(LogTerms(&cluster, 1), test.log);
    cluster.Work(1);
    EXPECT_EQ(cluster.storage(1).LastIndex().value(), test.log.size() + 1);
  }
}

TEST(PaperSection53, RepeatedAndReorderedAppendsDoNoHarm) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Isolate(3);
  for (const char* data : {"a", "b", "c"}) ASSERT_TRUE(cluster.node(1).Propose(Bytes(data)).ok());
  cluster.Work(1);
  std::vector<Message> appends = cluster.TakeMessages(MessageType::kApp);
  ASSERT_EQ(appends.size(), 3u);
  for (int round = 0; round < 2; ++round) {
    for (const size_t i : {2, 0, 2, 1, 0, 2}) ASSERT_TRUE(cluster.node(2).Step(appends[i]).ok());
  }
  cluster.Settle();
  cluster.RunTicks(3);
  EXPECT_EQ(cluster.applied(1), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(cluster.applied(2), cluster.applied(1));
}

TEST(PaperFigure7, ANewLeaderBringsEveryLogIntoLine) {
  const std::vector<uint64_t> leader = {1, 1, 4, 4, 5, 5, 6, 6, 6};
  const std::vector<std::vector<uint64_t>> followers = {
      {1, 1, 4, 4, 5, 5, 6, 6},          {1, 1, 4},          {1, 1, 4, 4, 5, 5, 6, 6, 6, 6},
      {1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7}, {1, 1, 4, 4, 4, 4}, {1, 1, 2, 2, 2, 3, 3, 3, 3, 3},
  };
  for (const std::vector<uint64_t>& follower : followers) {
    // The third node only helps to elect the leader; it has nothing to lose.
    Cluster cluster(3);
    PresetLog(&cluster, 1, leader, 8);
    PresetLog(&cluster, 2, follower, 8);
    cluster.Elect(1);
    ASSERT_TRUE(cluster.Propose(1, "x").ok());
    EXPECT_EQ(LogTerms(&cluster, 2), LogTerms(&cluster, 1));
    EXPECT_EQ(cluster.applied(2), cluster.applied(1));
  }
}

// ---- 5.4 Safety ----

TEST(PaperSection541, VotersRefuseCandidatesWithShorterLogs) {
  struct Case {
    std::vector<uint64_t> log;  // from index 2
    uint64_t term;
    uint64_t index;
    bool granted;
  };
  const Case cases[] = {
      {{2}, 2, 2, true},     {{2}, 2, 3, true},    {{2, 2}, 2, 2, false}, {{2}, 3, 2, true},
      {{2}, 3, 3, true},     {{2, 2}, 3, 2, true}, {{3}, 2, 2, false},    {{3}, 2, 3, false},
      {{3, 3}, 2, 9, false}, {{}, 1, 1, true},     {{2}, 1, 1, false},
  };
  for (const Case& test : cases) {
    Cluster cluster(3);
    PresetLog(&cluster, 1, test.log, 4);
    ASSERT_TRUE(cluster.node(1).Step(MakeVote(2, 1, 5, test.term, test.index)).ok());
    cluster.Work(1);
    const std::vector<Message> responses = cluster.TakeMessages(MessageType::kVoteResp);
    ASSERT_EQ(responses.size(), 1u);
    EXPECT_NE(responses[0].reject, test.granted) << test.term << "/" << test.index;
  }
}

TEST(PaperSection541, VoteRequestsDescribeTheCandidatesLog) {
  Cluster cluster(3);
  PresetLog(&cluster, 1, {2, 3}, 3);
  cluster.node(1).Campaign();
  cluster.Work(1);
  for (const Message& request : cluster.TakeMessages(MessageType::kVote)) {
    EXPECT_EQ(request.term, Term(4));
    EXPECT_EQ(request.log_term, Term(3));
    EXPECT_EQ(request.index, Index(3));
  }
}

TEST(PaperSection542, EntriesOfEarlierTermsAreNotCommittedByCounting) {
  Cluster cluster(3);
  PresetLog(&cluster, 1, {2, 3}, 3);
  cluster.node(1).Campaign();
  cluster.Work(1);
  cluster.network().clear();
  ASSERT_TRUE(cluster.node(1).Step(MakeMessage(MessageType::kVoteResp, 2, 1, 4)).ok());
  cluster.Work(1);
  ASSERT_EQ(cluster.node(1).raft().role(), Role::kLeader);
  for (const uint64_t index : {2, 3}) {
    Message response = MakeMessage(MessageType::kAppResp, 2, 1, 4);
    response.index = Index(index);
    ASSERT_TRUE(cluster.node(1).Step(response).ok());
    EXPECT_EQ(cluster.node(1).raft().log().committed(), Index(1));
  }
  Message response = MakeMessage(MessageType::kAppResp, 2, 1, 4);
  response.index = Index(4);
  ASSERT_TRUE(cluster.node(1).Step(response).ok());
  EXPECT_EQ(cluster.node(1).raft().log().committed(), Index(4));
}

// Figure 8: an entry on a majority of nodes is still overwritten if it is of an earlier term. The
// cluster itself checks that nothing committed is lost.
TEST(PaperFigure8, AnOldEntryOnAMajorityMayStillBeOverwritten) {
  Cluster cluster(5);
  PresetLog(&cluster, 1, {2}, 2);
  PresetLog(&cluster, 2, {2}, 2);
  PresetLog(&cluster, 5, {3}, 3);
  // (c) Node 1 leads again and brings the entry of term 2 to node 3, but not its own entry.
  cluster.Crash(5);
  cluster.node(1).Campaign();
  for (int i = 0; i < 100 && cluster.node(1).raft().role() != Role::kLeader; ++i) {
    cluster.Work(1);
    cluster.Work(2);
    cluster.Work(3);
    if (cluster.network().empty()) cluster.node(1).Campaign();
    while (!cluster.network().empty() && cluster.network().front().type != MessageType::kApp) {
      ASSERT_TRUE(cluster.DeliverAt(0).ok());
    }
  }
  ASSERT_EQ(cluster.node(1).raft().role(), Role::kLeader);
  cluster.network().clear();
  const uint64_t term = cluster.node(1).raft().term().value();
  ASSERT_TRUE(cluster.node(3)
                  .Step(MakeAppend(1, 3, term, {Term(1), Index(1)}, {MakeEntry(2, 2, "2/2")}, 1))
                  .ok());
  cluster.Work(3);
  cluster.TakeMessages(MessageType::kAppResp);
  EXPECT_EQ(cluster.node(1).raft().log().committed(), Index(1));
  // (d) Node 1 fails; node 5 is elected by 2, 3 and 4 and overwrites the entry.
  cluster.Crash(1);
  cluster.Restart(5);
  for (int i = 0; i < 10 && cluster.Leader() != 5; ++i) {
    cluster.node(5).Campaign();
    cluster.Settle();
  }
  ASSERT_EQ(cluster.Leader(), 5);
  EXPECT_EQ(cluster.applied(2).front(), "3/2");
  EXPECT_EQ(cluster.applied(3).front(), "3/2");
}

// ---- 5.5 Follower and candidate crashes; 5.6 timing ----

TEST(PaperSection55, ARestartedNodeRemembersTermAndVote) {
  Cluster cluster(3);
  ASSERT_TRUE(cluster.node(1).Step(MakeVote(2, 1, 5, 1, 1)).ok());
  cluster.Work(1);
  cluster.Crash(1);
  cluster.Restart(1);
  EXPECT_EQ(cluster.node(1).raft().term(), Term(5));
  ASSERT_TRUE(cluster.node(1).Step(MakeVote(3, 1, 5, 9, 9)).ok());
  cluster.Work(1);
  EXPECT_TRUE(cluster.TakeMessages(MessageType::kVoteResp).back().reject);
}

TEST(PaperSection55, ACrashedFollowerCatchesUp) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Crash(3);
  for (const char* data : {"a", "b"}) ASSERT_TRUE(cluster.Propose(1, data).ok());
  cluster.Restart(3);
  cluster.RunTicks(3);
  EXPECT_EQ(cluster.applied(3), (std::vector<std::string>{"a", "b"}));
}

// ---- 7 Log compaction ----

TEST(PaperSection7, AFollowerThatIsTooFarBehindGetsASnapshot) {
  Cluster cluster(3);
  cluster.Elect(1);
  cluster.Crash(3);
  for (const char* data : {"a", "b", "c"}) ASSERT_TRUE(cluster.Propose(1, data).ok());
  cluster.Compact(1);
  cluster.Restart(3);
  ASSERT_TRUE(cluster.Propose(1, "d").ok());
  cluster.RunTicks(5);
  EXPECT_EQ(cluster.applied(3), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(cluster.storage(3).FirstIndex(), cluster.storage(1).FirstIndex());
}

TEST(PaperSection7, AnOldSnapshotIsIgnored) {
  Cluster cluster(3);
  cluster.Elect(1);
  ASSERT_TRUE(cluster.Propose(1, "a").ok());
  const Index committed = cluster.node(2).raft().log().committed();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->index = Index(2);
  snapshot->term = Term(2);
  snapshot->membership.voters = {Id(1), Id(2), Id(3)};
  Message message = MakeMessage(MessageType::kSnap, 1, 2, 2);
  message.snapshot = snapshot;
  ASSERT_TRUE(cluster.node(2).Step(message).ok());
  cluster.Work(2);
  EXPECT_EQ(cluster.TakeMessages(MessageType::kAppResp).back().index, committed);
  EXPECT_EQ(cluster.applied(2), (std::vector<std::string>{"a"}));
}

// ---- 8 Client interaction ----

TEST(PaperSection8, ALeaderBeginsItsTermWithAnEmptyEntry) {
  Cluster cluster(3);
  PresetLog(&cluster, 1, {2, 3}, 3);
  cluster.Elect(1);
  EXPECT_EQ(LogTerms(&cluster, 1), (std::vector<uint64_t>{2, 3, 4}));
  EXPECT_EQ(cluster.applied(2), (std::vector<std::string>{"2/2", "3/3"}));
}

}  // namespace
}  // namespace raft
