// Tests of the parts: quorums, membership, logs, windows, texts and the validation of what comes
// from outside.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "raft-core/describe.h"
#include "raft-core/inflights.h"
#include "raft-core/memory_storage.h"
#include "raft-core/node.h"
#include "raft-core/progress.h"
#include "raft-core/raft_log.h"
#include "raft-core/testing/cluster.h"

namespace raft {
namespace {

NodeId Id(int id) { return NodeId(static_cast<uint64_t>(id)); }

std::vector<Entry> MakeEntries(uint64_t first, const std::vector<uint64_t>& terms,
                               std::string_view data = "") {
  std::vector<Entry> entries;
  for (const uint64_t term : terms) {
    entries.push_back({Term(term), Index(first + entries.size()), EntryType::kNormal, Bytes(data)});
  }
  return entries;
}

// ---- quorums ----

TEST(Quorum, MajorityIndexIsTheLargestThatMoreThanHalfReached) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    const size_t size = random() % 9 + 1;
    std::vector<uint64_t> values(size);
    std::vector<NodeId> ids;
    for (size_t i = 0; i < size; ++i) {
      values[i] = random() % 6;
      ids.push_back(NodeId(i));
    }
    const Index result =
        MajorityIndex(NodeSet(ids), [&](NodeId id) { return Index(values[id.value()]); });
    const auto reached = [&](uint64_t index) {
      return static_cast<size_t>(std::count_if(values.begin(), values.end(),
                                               [&](uint64_t value) { return value >= index; }));
    };
    EXPECT_GT(reached(result.value()) * 2, size);
    EXPECT_LE(reached(result.value() + 1) * 2, size);
  }
}

TEST(Quorum, AnElectionIsDecidedAsSoonAsItCanBe) {
  for (int granted = 0; granted <= 5; ++granted) {
    for (int refused = 0; granted + refused <= 5; ++refused) {
      Votes votes;
      for (int i = 0; i < granted + refused; ++i) votes[Id(i + 1)] = i < granted;
      const VoteResult expected = granted >= 3   ? VoteResult::kWon
                                  : refused >= 3 ? VoteResult::kLost
                                                 : VoteResult::kPending;
      EXPECT_EQ(MajorityVote({Id(1), Id(2), Id(3), Id(4), Id(5)}, votes), expected);
    }
  }
}

// ---- membership ----

TEST(Membership, AnySequenceOfChangesKeepsItConsistentAndStorable) {
  std::mt19937_64 random(2);
  constexpr MembershipChangeType kTypes[] = {
      MembershipChangeType::kAddVoter, MembershipChangeType::kRemove, MembershipChangeType::kUpdate,
      MembershipChangeType::kAddLearner};
  Membership membership;
  membership.voters.incoming = {Id(1)};
  int accepted = 0;
  for (int round = 0; round < 5000; ++round) {
    MembershipChange change;
    change.transition = static_cast<Transition>(random() % 3);
    for (size_t i = random() % 5; i > 0; --i) {
      change.steps.push_back({kTypes[random() % 4], NodeId(random() % 8)});
    }
    // ApplyChange checks the invariants itself.
    const MembershipResult result = ApplyChange(membership, change);
    if (!result.status.ok()) continue;
    ++accepted;
    EXPECT_FALSE(result.membership.voters.incoming.empty());
    if (!result.membership.voters.IsJoint() && !membership.voters.IsJoint()) {
      // Majorities of a simple change's two sides overlap.
      const NodeSet both = Union(membership.voters.incoming, result.membership.voters.incoming);
      EXPECT_LE(both.size(), std::min(membership.voters.incoming.size(),
                                      result.membership.voters.incoming.size()) +
                                 1);
    }
    membership = result.membership;
    const MembershipResult restored = FromConfState(membership.ToConfState());
    ASSERT_TRUE(restored.status.ok()) << restored.status.message();
    EXPECT_EQ(restored.membership, membership);
  }
  EXPECT_GT(accepted, 500);
}

TEST(Membership, StoredMembershipsThatContradictThemselvesAreRefused) {
  const ConfState contradictions[] = {
      {{Id(1)}, {Id(1)}, {}, {}, false},       // learner and voter
      {{Id(1)}, {}, {}, {Id(2)}, false},       // learner to be without an outgoing half
      {{Id(1)}, {}, {Id(1)}, {Id(1)}, false},  // learner to be that stays a voter
      {{Id(1)}, {}, {}, {}, true},             // to be left, but not joint
      {{}, {}, {Id(1)}, {}, false},            // no incoming voters
      {{}, {Id(1)}, {}, {}, false},            // learners alone
  };
  for (const ConfState& state : contradictions) {
    EXPECT_FALSE(FromConfState(state).status.ok()) << DescribeConfState(state);
  }
}

TEST(Membership, ChangesSurviveEncoding) {
  MembershipChange change;
  change.transition = Transition::kJointExplicit;
  change.steps = {{MembershipChangeType::kAddLearner, NodeId(0x0123456789abcdef)},
                  {MembershipChangeType::kRemove, NodeId(2)}};
  change.context = Bytes("why");
  MembershipChange decoded;
  ASSERT_TRUE(DecodeChange(EncodeChange(change).view(), &decoded).ok());
  EXPECT_EQ(decoded.transition, change.transition);
  EXPECT_EQ(decoded.steps, change.steps);
  EXPECT_EQ(decoded.context, change.context);
  EXPECT_FALSE(EncodeChange({}).empty());
  ASSERT_TRUE(DecodeChange("", &decoded).ok());
  EXPECT_TRUE(decoded.LeavesJoint());
}

TEST(Membership, DamagedEncodingsAreRefusedOrReadWithoutHarm) {
  const Bytes encoded = EncodeChange(
      {Transition::kAuto,
       {{MembershipChangeType::kAddVoter, Id(1)}, {MembershipChangeType::kRemove, Id(2)}},
       {}});
  MembershipChange decoded;
  for (size_t length = 1; length < encoded.size(); ++length) {
    EXPECT_FALSE(DecodeChange(encoded.view().substr(0, length), &decoded).ok()) << length;
  }
  std::mt19937_64 random(3);
  for (int round = 0; round < 10000; ++round) {
    std::string data(encoded.view());
    data[random() % data.size()] = static_cast<char>(random());
    const Status status = DecodeChange(data, &decoded);
    if (!status.ok()) continue;
    EXPECT_LE(decoded.steps.size(), 2u);
  }
}

// ---- progress and windows ----

TEST(Inflights, AreFreedInOrder) {
  Inflights window(10, 0);
  for (uint64_t i = 1; i <= 10; ++i) window.Add(Index(i), i);
  EXPECT_TRUE(window.Full());
  window.FreeUpTo(Index(4));
  EXPECT_EQ(window.count(), 6u);
  EXPECT_EQ(window.bytes(), 45u);
  // Around the ring's end.
  for (uint64_t i = 11; i <= 14; ++i) window.Add(Index(i), i);
  EXPECT_TRUE(window.Full());
  window.FreeUpTo(Index(3));
  EXPECT_EQ(window.count(), 10u);
  window.FreeUpTo(Index(100));
  EXPECT_EQ(window.count(), 0u);
  EXPECT_EQ(window.bytes(), 0u);
}

TEST(Inflights, GrowWhileTheirStartIsInTheMiddle) {
  Inflights window(100, 0);
  for (uint64_t i = 1; i <= 8; ++i) window.Add(Index(i), 1);
  window.FreeUpTo(Index(5));
  for (uint64_t i = 9; i <= 60; ++i) window.Add(Index(i), 1);
  for (uint64_t i = 6; i <= 60; ++i) {
    window.FreeUpTo(Index(i));
    EXPECT_EQ(window.count(), 60 - i);
  }
}

TEST(Inflights, TheByteLimitTakesTheMessageThatExceedsIt) {
  Inflights window(10, 100);
  window.Add(Index(1), 99);
  EXPECT_FALSE(window.Full());
  window.Add(Index(2), 1000);
  EXPECT_TRUE(window.Full());
  window.FreeUpTo(Index(1));
  EXPECT_TRUE(window.Full());
  window.FreeUpTo(Index(2));
  EXPECT_FALSE(window.Full());
}

TEST(Progress, ARefusalIsIgnoredIfItIsOutOfDate) {
  Progress progress(Index(5), Index(10), false, {});
  EXPECT_FALSE(progress.Reject(Index(7), Index(3))) << "not what was probed";
  EXPECT_TRUE(progress.Reject(Index(9), Index(7)));
  EXPECT_EQ(progress.next(), Index(8));
  EXPECT_TRUE(progress.Reject(Index(7), Index(0)));
  EXPECT_EQ(progress.next(), Index(6)) << "never below the match";
  progress.BecomeReplicate();
  progress.SentEntries(10, 10);
  EXPECT_FALSE(progress.Reject(Index(5), Index(2))) << "acknowledged since";
  EXPECT_TRUE(progress.Reject(Index(9), Index(2)));
  EXPECT_EQ(progress.next(), Index(6));
}

TEST(Progress, AfterASnapshotProbingGoesOnBehindIt) {
  Progress progress(Index(5), Index(6), false, {});
  progress.BecomeSnapshot(Index(20));
  EXPECT_TRUE(progress.IsPaused());
  progress.BecomeProbe();
  EXPECT_EQ(progress.next(), Index(21));
  progress.BecomeSnapshot(Index(30));
  progress.SnapshotFailed();
  EXPECT_EQ(progress.next(), Index(6));
  EXPECT_EQ(progress.state(), ProgressState::kProbe);
}

// ---- logs ----

TEST(RaftLog, SlicesSpanDurableAndOtherEntries) {
  MemoryStorage storage;
  storage.Append(MakeEntries(1, {1, 1, 1}, "12345678"));
  NullLogger logger;
  RaftLog log(&storage, &logger, kNoLimit);
  log.Append(MakeEntries(4, {2, 2, 2}, "12345678"));
  const uint64_t size = 8 + Entry::kHeaderAllowance;
  for (uint64_t from = 1; from <= 6; ++from) {
    for (uint64_t to = from; to <= 7; ++to) {
      for (uint64_t max = 0; max <= 7 * size; max += size / 2) {
        const auto slice = log.Slice(Index(from), Index(to), max);
        ASSERT_TRUE(slice.has_value());
        const uint64_t fitting = std::max<uint64_t>(max / size, 1);
        EXPECT_EQ(slice->size(), std::min(fitting, to - from)) << from << " " << to << " " << max;
        for (size_t i = 0; i < slice->size(); ++i) {
          EXPECT_EQ((*slice)[i].index, Index(from + i));
        }
      }
    }
  }
}

TEST(RaftLog, CompactedEntriesAreUnknownButForTheLastTerm) {
  MemoryStorage storage;
  storage.Append(MakeEntries(1, {1, 2, 3}));
  ASSERT_TRUE(storage.Compact(Index(2)).ok());
  NullLogger logger;
  const RaftLog log(&storage, &logger, kNoLimit);
  EXPECT_EQ(log.TermOf(Index(1)), std::nullopt);
  EXPECT_EQ(log.TermOf(Index(2)), Term(2));
  EXPECT_EQ(log.TermOf(Index(3)), Term(3));
  EXPECT_EQ(log.TermOf(Index(4)), std::nullopt);
  EXPECT_FALSE(log.Slice(Index(2), Index(4), kNoLimit).has_value());
  EXPECT_TRUE(log.Slice(Index(3), Index(4), kNoLimit).has_value());
}

TEST(RaftLog, MatchCandidatesSkipWholeTerms) {
  MemoryStorage storage;
  storage.Append(MakeEntries(1, {1, 3, 3, 3, 5, 5, 5, 5, 5}));
  NullLogger logger;
  const RaftLog log(&storage, &logger, kNoLimit);
  EXPECT_EQ(log.FindMatchCandidate(Index(6), Term(2)), (LogPosition{Term(1), Index(1)}));
  EXPECT_EQ(log.FindMatchCandidate(Index(6), Term(4)), (LogPosition{Term(3), Index(4)}));
  EXPECT_EQ(log.FindMatchCandidate(Index(6), Term(5)), (LogPosition{Term(5), Index(6)}));
  EXPECT_EQ(log.FindMatchCandidate(Index(12), Term(5)), (LogPosition{Term(0), Index(12)}));
  EXPECT_EQ(log.FindMatchCandidate(Index(9), Term(0)), (LogPosition{Term(0), Index(0)}));
}

TEST(RaftLog, ApplicationIsBoundedInBytes) {
  MemoryStorage storage;
  storage.Append(MakeEntries(1, {1, 1, 1, 1}, "12345678"));
  NullLogger logger;
  const uint64_t size = 8 + Entry::kHeaderAllowance;
  RaftLog log(&storage, &logger, 2 * size);
  log.CommitTo(Index(4));
  std::vector<Entry> first = log.NextCommitted(false);
  ASSERT_EQ(first.size(), 2u);
  log.AcceptApplying(Index(2), EncodedSize(first), false);
  EXPECT_FALSE(log.HasNextCommitted(false));
  log.AppliedTo(Index(1), size);
  ASSERT_EQ(log.NextCommitted(false).size(), 1u);
  log.AppliedTo(Index(2), size);
  EXPECT_EQ(log.NextCommitted(false).size(), 2u);
}

TEST(RaftLog, ACompactionProvesWhatTheStoredCommitIndexMissed) {
  MemoryStorage storage;
  storage.Append(MakeEntries(1, {1, 1, 1}));
  ASSERT_TRUE(storage.CreateSnapshot(Index(2), {{Id(1)}, {}, {}, {}, false}, Bytes()).ok());
  ASSERT_TRUE(storage.Compact(Index(2)).ok());
  storage.SetHardState({Term(1), Id(1), Index(1)});
  Config config;
  config.id = Id(1);
  testing::SeededRandom random(1);
  NullLogger logger;
  const Node node(config, &storage, &random, &logger);
  EXPECT_EQ(node.raft().log().committed(), Index(2));
}

TEST(UnstableLog, ALateAcknowledgementOfReplacedEntriesCountsForNothing) {
  NullLogger logger;
  UnstableLog log(Index(10), &logger);
  const std::vector<Entry> old_entries = MakeEntries(11, {1, 1, 1});
  log.TruncateAndAppend(old_entries.data(), old_entries.size());
  log.AcceptInProgress();
  EXPECT_FALSE(log.HasNextEntries());
  const std::vector<Entry> new_entries = MakeEntries(12, {2, 2});
  log.TruncateAndAppend(new_entries.data(), new_entries.size());
  EXPECT_EQ(log.NextEntries(), new_entries);
  log.StableTo({Term(1), Index(13)});
  EXPECT_EQ(log.offset(), Index(11));
  log.StableTo({Term(1), Index(11)});
  EXPECT_EQ(log.offset(), Index(12));
  log.StableTo({Term(2), Index(13)});
  EXPECT_TRUE(log.empty());
  log.StableTo({Term(2), Index(13)});
  EXPECT_EQ(log.offset(), Index(14));
}

TEST(MemoryStorage, AppendingReplacesWhatFollows) {
  MemoryStorage storage;
  storage.Append(MakeEntries(1, {1, 1, 1}));
  storage.Append(MakeEntries(2, {2}));
  EXPECT_EQ(storage.LastIndex(), Index(2));
  ASSERT_TRUE(storage.Compact(Index(2)).ok());
  storage.Append(MakeEntries(1, {1, 2, 3}));
  EXPECT_EQ(storage.FirstIndex(), Index(3));
  EXPECT_EQ(storage.LastIndex(), Index(3));
  EXPECT_EQ(storage.Compact(Index(2)).code(), StatusCode::kCompacted);
  std::vector<Entry> entries;
  EXPECT_EQ(storage.Entries(Index(2), Index(3), 9, &entries).code(), StatusCode::kCompacted);
  EXPECT_EQ(storage.Entries(Index(3), Index(5), 9, &entries).code(), StatusCode::kUnavailable);
}

// ---- what comes from outside ----

TEST(Config, ContradictionsAreNamed) {
  Config good;
  good.id = Id(1);
  EXPECT_TRUE(good.Validate().ok());
  const std::vector<std::function<void(Config*)>> mistakes = {
      [](Config* c) { c->id = kNoNode; },
      [](Config* c) { c->id = kApplyThread; },
      [](Config* c) { c->heartbeat_ticks = 0; },
      [](Config* c) { c->election_ticks = c->heartbeat_ticks; },
      [](Config* c) { c->max_inflight_messages = 0; },
      [](Config* c) { c->max_inflight_bytes = 10; },
      [](Config* c) { c->read_mode = ReadMode::kLease; },
      [](Config* c) { c->lease_margin_ticks = c->election_ticks; },
  };
  for (const auto& mistake : mistakes) {
    Config bad = good;
    mistake(&bad);
    EXPECT_EQ(bad.Validate().code(), StatusCode::kInvalidConfig);
    EXPECT_FALSE(bad.Validate().message().empty());
  }
}

TEST(Node, MessagesThatCannotBeAreRefusedAndChangeNothing) {
  testing::Cluster cluster(3);
  cluster.Elect(1);
  Message message;
  message.from = Id(2);
  message.to = Id(1);
  message.type = MessageType::kHup;
  EXPECT_EQ(cluster.node(1).Step(message).code(), StatusCode::kLocalMessage);
  message.type = MessageType::kAppResp;
  message.term = Term(2);
  message.from = Id(9);
  EXPECT_EQ(cluster.node(1).Step(message).code(), StatusCode::kPeerNotFound);
  message.from = Id(2);
  message.term = Term();
  EXPECT_EQ(cluster.node(1).Step(message).code(), StatusCode::kMalformed);
  message.type = MessageType::kProp;
  EXPECT_EQ(cluster.node(1).Step(message).code(), StatusCode::kMalformed);
  Entry change;
  change.type = EntryType::kJointChange;
  change.data = Bytes("garbage");
  message.entries = {change};
  EXPECT_EQ(cluster.node(1).Step(message).code(), StatusCode::kInvalidMembershipChange);
  message.type = MessageType::kSnap;
  message.term = Term(7);
  EXPECT_EQ(cluster.node(1).Step(message).code(), StatusCode::kMalformed);
  message.type = MessageType::kApp;
  message.entries = MakeEntries(5, {6, 5});
  message.index = Index(4);
  EXPECT_EQ(cluster.node(1).Step(message).code(), StatusCode::kMalformed) << "terms decrease";
  message.entries = MakeEntries(6, {5});
  EXPECT_EQ(cluster.node(1).Step(message).code(), StatusCode::kMalformed) << "a gap";
  message.entries = MakeEntries(5, {8});
  EXPECT_EQ(cluster.node(1).Step(message).code(), StatusCode::kMalformed) << "a later term";
  EXPECT_EQ(cluster.node(1).raft().term(), Term(2));
  EXPECT_EQ(cluster.Leader(), 1);
  EXPECT_FALSE(cluster.node(1).HasReady());
}

TEST(Node, StatusNamesEveryMember) {
  testing::Cluster cluster(3, nullptr, 1);
  cluster.Elect(1);
  ASSERT_TRUE(cluster.Propose(1, "a").ok());
  const NodeStatus status = cluster.node(1).GetStatus();
  EXPECT_EQ(status.progress.size(), 4u);
  const std::string json = status.ToJson();
  EXPECT_NE(json.find("\"role\":\"StateLeader\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"learners\":[4]"), std::string::npos) << json;
  EXPECT_EQ(std::count(json.begin(), json.end(), '{'), std::count(json.begin(), json.end(), '}'));
  EXPECT_TRUE(cluster.node(2).GetStatus().progress.empty());
}

TEST(Describe, DataIsQuoted) {
  EXPECT_EQ(Quote("a\"b\\c\n\t\x01\x7f\xff"), R"("a\"b\\c\n\t\x01\x7f\xff")");
}

using CheckDeathTest = ::testing::Test;

TEST(CheckDeathTest, BrokenInvariantsStopTheProgramAndPrintTheState) {
  EXPECT_DEATH(Index(0).Previous(), "types.h:[0-9]+: broken invariant");
  MemoryStorage storage;
  NullLogger logger;
  RaftLog log(&storage, &logger, kNoLimit);
  EXPECT_DEATH(log.CommitTo(Index(5)), "beyond the log.*committed=0");
}

}  // namespace
}  // namespace raft
