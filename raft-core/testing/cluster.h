// Cluster: Raft nodes with storage in memory and a network that tests control message by message.
// After every step it checks the safety properties of Raft paper figure 3 and stops at the first
// violation.
#ifndef RAFT_CORE_TESTING_CLUSTER_H_
#define RAFT_CORE_TESTING_CLUSTER_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "raft-core/memory_storage.h"
#include "raft-core/node.h"

namespace raft::testing {

// A repeatable sequence of numbers.
class SeededRandom : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : generator_(seed) {}
  uint64_t Below(uint64_t bound) override { return generator_() % bound; }

 private:
  std::mt19937_64 generator_;
};

class Cluster {
 public:
  using Configure = std::function<void(Config*)>;

  // Starts nodes 1 to `voters` as voters, followed by `learners` learners. Their logs begin with a
  // snapshot at index 1 of term 1. All have an election timeout of 10 ticks unless `configure` says
  // otherwise.
  explicit Cluster(int voters, const Configure& configure = nullptr, int learners = 0,
                   uint64_t seed = 1);

  // Adds a node with an empty storage, as one that is to join.
  NodeId AddEmptyNode();

  Node& node(int id) { return *members_.at(NodeId(Number(id))).node; }
  MemoryStorage& storage(int id) { return members_.at(NodeId(Number(id))).storage; }
  // What the node's state machine has applied since its last start: data of normal entries.
  const std::vector<std::string>& applied(int id) {
    return members_.at(NodeId(Number(id))).applied;
  }
  // Reads that became safe on the node.
  const std::vector<ReadState>& reads(int id) { return members_.at(NodeId(Number(id))).reads; }
  std::vector<int> ids() const;

  // ---- running ----

  // Does the work of one node until it has none. Messages wait in the network.
  void Work(int id);
  // Does one piece of a node's work, if there is one: hands out a Ready or, with asynchronous
  // storage writes, finishes the oldest append or apply. What is not finished is lost in a crash.
  enum class Piece { kReady, kAppend, kApply };
  void WorkOnce(int id, Piece piece);
  // Does all work and delivers all messages until nothing is left.
  void Settle();
  // Lets ticks pass on one node, or on all, without other work in between.
  void Tick(int id, int ticks = 1);
  // Lets ticks pass on all nodes, settling after each.
  void RunTicks(int ticks);
  // Makes the node leader by an election that everyone hears of.
  void Elect(int id);
  // Proposes and settles; the result of the proposal.
  Status Propose(int id, std::string_view data);
  // The only node that leads in the highest term, or 0.
  int Leader();

  // ---- network ----

  // Messages under way, in the order sent.
  std::deque<Message>& network() { return network_; }
  // Delivers or drops the message at a position of the network.
  Status DeliverAt(size_t position);
  // Takes all messages of the type out of the network.
  std::vector<Message> TakeMessages(MessageType type);
  // From now on messages from one node to the other are lost.
  void Cut(int from, int to) { cut_.insert({NodeId(Number(from)), NodeId(Number(to))}); }
  // The node neither sends nor receives.
  void Isolate(int id);
  // No message is lost any more.
  void Heal() { cut_.clear(); }

  // ---- faults and storage ----

  // Stops the node. What it has not stored is lost, and messages to it.
  void Crash(int id);
  void Restart(int id);
  bool IsUp(int id) { return members_.at(NodeId(Number(id))).node != nullptr; }
  // Makes a snapshot of all the node has applied and drops the log up to there.
  void Compact(int id);

 private:
  // Sends followers what the state machine holds now, not the last snapshot that was stored.
  class Storage : public MemoryStorage {
   public:
    Status LatestSnapshot(SnapshotRef* snapshot) const override {
      if (take_snapshot) {
        *snapshot = take_snapshot();
        return Status::Ok();
      }
      return MemoryStorage::LatestSnapshot(snapshot);
    }
    std::function<SnapshotRef()> take_snapshot;
  };

  struct Member {
    Config config;
    Storage storage;
    std::unique_ptr<Node> node;
    std::vector<std::string> applied;
    std::vector<ReadState> reads;
    ConfState membership;
    Index applied_index;
    // Asynchronous storage work that is not done yet.
    std::deque<Message> appends;
    std::deque<Message> applies;
  };

  static uint64_t Number(int id) { return static_cast<uint64_t>(id); }
  void Start(Member* member);
  // Sets the state machine to what the snapshot holds.
  static void Install(Member* member, const Snapshot& snapshot);
  // The data of a snapshot: what was applied, line by line.
  static Bytes SnapshotData(const Member& member);
  void ProcessReady(Member* member);
  static void Store(Member* member, const HardState& state, const std::vector<Entry>& entries,
                    const SnapshotRef& snapshot);
  void FinishAppend(Member* member);
  void FinishApply(Member* member);
  void SendMessage(const Message& message);
  void Apply(Member* member, const Entry& entry);
  void CheckSafety(const Member& member);

  SeededRandom random_;
  NullLogger logger_;
  Config defaults_;
  std::map<NodeId, Member> members_;
  std::deque<Message> network_;
  std::set<std::pair<NodeId, NodeId>> cut_;
  // What the whole history must agree on.
  std::map<Term, NodeId> leaders_;
  std::map<Index, Entry> committed_;
};

}  // namespace raft::testing

#endif  // RAFT_CORE_TESTING_CLUSTER_H_
