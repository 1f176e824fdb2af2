// Random schedules: messages are delayed, reordered, repeated and lost, nodes crash and restart,
// links are cut in one direction, members change, logs are compacted. The cluster checks the safety
// properties after every step; in the end, on a quiet network, everyone must agree.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "raft-core/testing/cluster.h"

namespace raft {
namespace {

using testing::Cluster;

constexpr uint64_t kSeeds = 200;
constexpr int kSteps = 600;
constexpr int kNodes = 5;

// A violation of safety aborts; then the seed must be known.
volatile std::sig_atomic_t running_seed = 0;
void PrintSeed(int) {
  std::fprintf(stderr, "RAFT_SCHEDULE_SEED=%d\n", static_cast<int>(running_seed));
}

// Runs one schedule.
void RunSchedule(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto chance = [&](uint64_t percent) { return random() % 100 < percent; };
  Cluster cluster(
      kNodes,
      [&](Config* config) {
        config->pre_vote = chance(50);
        config->check_quorum = chance(50);
        config->async_storage_writes = chance(50);
        config->max_message_bytes = chance(50) ? 1 : 200;
        config->max_inflight_messages = 1 + random() % 5;
        // Without it a removed leader would lead on, refusing proposals, until it fails.
        config->step_down_on_removal = true;
      },
      0, seed);
  const auto any = [&] { return static_cast<int>(random() % kNodes) + 1; };
  int proposals = 0;
  for (int step = 0; step < kSteps; ++step) {
    const int id = any();
    const uint64_t action = random() % 100;
    if (action < 45) {
      if (!cluster.network().empty()) {
        const size_t position = random() % std::min<size_t>(cluster.network().size(), 8);
        if (chance(5)) cluster.network().push_back(cluster.network()[position]);
        if (chance(5)) {
          cluster.network().erase(cluster.network().begin() +
                                  static_cast<std::ptrdiff_t>(position));
        } else {
          const Status ignored = cluster.DeliverAt(position);
          static_cast<void>(ignored);
        }
      }
    } else if (action < 65) {
      cluster.WorkOnce(id, static_cast<Cluster::Piece>(random() % 3));
    } else if (action < 75) {
      cluster.Work(id);
    } else if (action < 88) {
      cluster.Tick(id, static_cast<int>(random() % 5));
    } else if (action < 93) {
      if (cluster.IsUp(id)) {
        const Status ignored = cluster.node(id).Propose(Bytes(Cat("entry ", ++proposals)));
        static_cast<void>(ignored);
      }
    } else if (action < 95) {
      if (cluster.IsUp(id)) {
        const char* const changes[] = {"r5", "v5", "l4", "v4", "r4 l5", "v4 v5", ""};
        MembershipChange change;
        const Status parsed = ParseSteps(changes[random() % 7], &change.steps);
        ASSERT_TRUE(parsed.ok());
        const Status ignored = cluster.node(id).ProposeMembershipChange(change);
        static_cast<void>(ignored);
      }
    } else if (action < 96) {
      if (cluster.IsUp(id)) {
        cluster.Crash(id);
      } else {
        cluster.Restart(id);
      }
    } else if (action < 97) {
      if (chance(50)) {
        cluster.Cut(id, any());
      } else {
        cluster.Heal();
      }
    } else if (action < 98) {
      if (cluster.IsUp(id)) cluster.Compact(id);
    } else if (action < 99) {
      if (cluster.IsUp(id)) cluster.node(id).TransferLeadership(NodeId(random() % kNodes + 1));
    } else if (cluster.IsUp(id)) {
      cluster.node(id).ReadIndex(Bytes("read"));
    }
  }
  // Quiet: everything works, so there must be progress.
  cluster.Heal();
  for (int id = 1; id <= kNodes; ++id) {
    if (!cluster.IsUp(id)) cluster.Restart(id);
  }
  bool agreed = false;
  for (int i = 0; i < 50 && !agreed; ++i) {
    cluster.RunTicks(20);
    const int leader = cluster.Leader();
    if (leader == 0) continue;
    // A snapshot that was lost must be reported by whoever sends them.
    for (const int id : cluster.ids()) {
      cluster.node(leader).ReportSnapshot(NodeId(static_cast<uint64_t>(id)), false);
    }
    if (!cluster.Propose(leader, "last").ok() || cluster.Leader() != leader) continue;
    const Raft& raft = cluster.node(leader).raft();
    const NodeSet members = raft.membership().Members();
    agreed = !cluster.applied(leader).empty() && cluster.applied(leader).back() == "last";
    for (const int id : cluster.ids()) {
      if (members.Contains(NodeId(static_cast<uint64_t>(id)))) {
        agreed &= cluster.IsUp(id) && cluster.applied(id) == cluster.applied(leader);
      } else if (raft.log().applied() == raft.log().LastIndex()) {
        // Removed nodes campaign for ever unless pre-votes or quorum checks keep them from it.
        cluster.Crash(id);
      }
    }
  }
  EXPECT_TRUE(agreed) << "no agreement on a quiet network";
}

// RAFT_SCHEDULE_SEED=N runs one schedule alone.
TEST(RandomSchedule, IsSafeAndGetsOverIt) {
  if (const char* chosen = std::getenv("RAFT_SCHEDULE_SEED"); chosen != nullptr) {
    RunSchedule(std::strtoull(chosen, nullptr, 10));
    return;
  }
  std::signal(SIGABRT, PrintSeed);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(Cat("RAFT_SCHEDULE_SEED=", seed));
    running_seed = static_cast<std::sig_atomic_t>(seed);
    RunSchedule(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace raft
