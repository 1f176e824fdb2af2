// Transcripts of decisions by majority. Besides printing the result each command checks properties
// that hold for any input, and prints what does not hold.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "raft-core/quorum.h"
#include "raft-core/testing/transcripts.h"

namespace raft::testing {
namespace {

using Indexes = std::map<NodeId, Index>;

// The voters of both halves in the order they are written, each once.
std::vector<NodeId> InOrder(const std::vector<NodeId>& first, const std::vector<NodeId>& second) {
  std::vector<NodeId> order;
  for (const std::vector<NodeId>* half : {&first, &second}) {
    for (const NodeId id : *half) {
      if (std::find(order.begin(), order.end(), id) == order.end()) order.push_back(id);
    }
  }
  return order;
}

Index CommittedIndex(const JointQuorum& quorum, const Indexes& indexes) {
  return quorum.CommittedIndex([&](NodeId id) {
    const auto found = indexes.find(id);
    return found == indexes.end() ? Index() : found->second;
  });
}

// The definition, tried out: the largest acknowledged index that more than half have reached.
Index CommittedByDefinition(const NodeSet& voters, const Indexes& indexes) {
  if (voters.empty()) return kEmptyQuorumIndex;
  Index best;
  for (const auto& [candidate, index] : indexes) {
    size_t reached = 0;
    for (const NodeId id : voters) {
      const auto found = indexes.find(id);
      if (found != indexes.end() && found->second >= index) ++reached;
    }
    if (reached > voters.size() / 2) best = std::max(best, index);
  }
  return best;
}

std::string IndexText(Index index) { return index == kEmptyQuorumIndex ? "∞" : Cat(index); }

std::string Committed(const JointQuorum& quorum, bool joint, const Indexes& indexes) {
  const Index index = CommittedIndex(quorum, indexes);
  std::string out = DescribeAcknowledged(quorum.Members(), indexes);
  const auto expect_same = [&](Index other, const std::string& by) {
    if (other != index) out.append(Cat(IndexText(other), " <-- ", by, "\n"));
  };
  if (joint) {
    expect_same(CommittedIndex({quorum.outgoing, quorum.incoming}, indexes), "via symmetry");
  } else {
    const NodeSet& voters = quorum.incoming;
    expect_same(CommittedByDefinition(voters, indexes), "via alternative computation");
    expect_same(CommittedIndex({NodeSet(), voters}, indexes), "via zero-joint quorum");
    expect_same(CommittedIndex({voters, voters}, indexes), "via self-joint quorum");
    // What is behind the result already may fall further behind without effect.
    for (const auto& [id, acknowledged] : indexes) {
      if (acknowledged >= index) continue;
      Indexes lower = indexes;
      for (const Index value : {acknowledged.Previous(), Index()}) {
        lower[id] = value;
        expect_same(CommittedIndex(quorum, lower), Cat("overlaying ", id.value(), "->", value));
      }
    }
  }
  return Cat(out, IndexText(index), "\n");
}

std::string Vote(const JointQuorum& quorum, bool joint, const Votes& votes) {
  const VoteResult result = quorum.Vote(votes);
  std::string out;
  if (joint) {
    const VoteResult mirrored = JointQuorum{quorum.outgoing, quorum.incoming}.Vote(votes);
    if (mirrored != result) out.append(Cat(VoteResultName(mirrored), " <-- via symmetry\n"));
  }
  return Cat(out, VoteResultName(result), "\n");
}

std::string Handle(const Directive& directive) {
  bool joint = false;
  std::vector<NodeId> incoming;
  std::vector<NodeId> outgoing;
  std::vector<std::string> values;
  for (const Argument& argument : directive.arguments) {
    for (const std::string& value : argument.values) {
      const std::optional<uint64_t> number = ParseNumber(value);
      if (argument.key == "cfg" || argument.key == "cfgj") {
        const bool first = argument.key == "cfg";
        joint |= !first;
        if (!first && value == "zero") continue;
        if (!number.has_value()) return Cat("error: not a voter: ", value);
        (first ? incoming : outgoing).push_back(NodeId(*number));
      } else if (argument.key == "idx" || argument.key == "votes") {
        values.push_back(value);
      } else {
        return Cat("error: unknown argument ", argument.key);
      }
    }
  }
  const std::vector<NodeId> order = InOrder(incoming, outgoing);
  if (values.size() != order.size()) {
    return Cat("error: ", values.size(), " values (explicit or _) for ", order.size(), " voters");
  }
  const JointQuorum quorum{NodeSet(incoming), NodeSet(outgoing)};
  if (directive.command == "committed") {
    Indexes indexes;
    for (size_t i = 0; i < order.size(); ++i) {
      if (values[i] == "_") continue;
      const std::optional<uint64_t> number = ParseNumber(values[i]);
      if (!number.has_value() || *number == 0) return Cat("error: not an index: ", values[i]);
      indexes[order[i]] = Index(*number);
    }
    return Committed(quorum, joint, indexes);
  }
  if (directive.command == "vote") {
    Votes votes;
    for (size_t i = 0; i < order.size(); ++i) {
      if (values[i] == "_") continue;
      if (values[i] != "y" && values[i] != "n") return Cat("error: not a vote: ", values[i]);
      votes[order[i]] = values[i] == "y";
    }
    return Vote(quorum, joint, votes);
  }
  return Cat("error: unknown command ", directive.command);
}

}  // namespace

Handler MakeQuorumHandler() { return Handle; }

}  // namespace raft::testing
