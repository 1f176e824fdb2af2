#include "raft-core/testing/cluster.h"

#include <algorithm>

namespace raft::testing {

Cluster::Cluster(int voters, const Configure& configure, int learners, uint64_t seed)
    : random_(seed) {
  defaults_.election_ticks = 10;
  defaults_.heartbeat_ticks = 1;
  if (configure) configure(&defaults_);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->index = Index(1);
  snapshot->term = Term(1);
  for (int id = 1; id <= voters + learners; ++id) {
    (id <= voters ? snapshot->membership.voters : snapshot->membership.learners)
        .push_back(NodeId(Number(id)));
  }
  for (int id = 1; id <= voters + learners; ++id) {
    Member& member = members_[NodeId(Number(id))];
    member.config = defaults_;
    member.config.id = NodeId(Number(id));
    const Status status = member.storage.ApplySnapshot(snapshot);
    RAFT_CHECK(status.ok(), status.message());
    member.storage.SetHardState({Term(1), kNoNode, Index(1)});
    member.membership = snapshot->membership;
    Start(&member);
  }
}

NodeId Cluster::AddEmptyNode() {
  const NodeId id(members_.rbegin()->first.value() + 1);
  Member& member = members_[id];
  member.config = defaults_;
  member.config.id = id;
  Start(&member);
  return id;
}

std::vector<int> Cluster::ids() const {
  std::vector<int> ids;
  for (const auto& [id, member] : members_) ids.push_back(static_cast<int>(id.value()));
  return ids;
}

void Cluster::Start(Member* member) {
  SnapshotRef snapshot;
  const Status status = member->storage.MemoryStorage::LatestSnapshot(&snapshot);
  RAFT_CHECK(status.ok(), status.message());
  Install(member, *snapshot);
  member->reads.clear();
  member->storage.take_snapshot = [member]() -> SnapshotRef {
    Term term;
    const Status known = member->storage.TermOf(member->applied_index, &term);
    RAFT_CHECK(known.ok(), known.message());
    return std::make_shared<Snapshot>(
        Snapshot{member->applied_index, term, member->membership, SnapshotData(*member)});
  };
  member->node = std::make_unique<Node>(member->config, &member->storage, &random_, &logger_);
}

void Cluster::Install(Member* member, const Snapshot& snapshot) {
  member->applied.clear();
  std::string_view data = snapshot.data.view();
  while (!data.empty()) {
    const size_t end = data.find('\n');
    member->applied.emplace_back(data.substr(0, end));
    data.remove_prefix(end + 1);
  }
  member->membership = snapshot.membership;
  member->applied_index = snapshot.index;
}

Bytes Cluster::SnapshotData(const Member& member) {
  std::string data;
  for (const std::string& line : member.applied) data.append(line).push_back('\n');
  return Bytes(data);
}

void Cluster::Work(int id) {
  Member& member = members_.at(NodeId(Number(id)));
  while (member.node != nullptr) {
    if (member.node->HasReady()) {
      ProcessReady(&member);
    } else if (!member.appends.empty()) {
      FinishAppend(&member);
    } else if (!member.applies.empty()) {
      FinishApply(&member);
    } else {
      return;
    }
  }
}

void Cluster::WorkOnce(int id, Piece piece) {
  Member& member = members_.at(NodeId(Number(id)));
  if (member.node == nullptr) return;
  if (piece == Piece::kReady && member.node->HasReady()) ProcessReady(&member);
  if (piece == Piece::kAppend && !member.appends.empty()) FinishAppend(&member);
  if (piece == Piece::kApply && !member.applies.empty()) FinishApply(&member);
}

void Cluster::Store(Member* member, const HardState& state, const std::vector<Entry>& entries,
                    const SnapshotRef& snapshot) {
  if (state != HardState()) member->storage.SetHardState(state);
  if (snapshot != nullptr) {
    const Status status = member->storage.ApplySnapshot(snapshot);
    RAFT_CHECK(status.ok(), status.message());
    Install(member, *snapshot);
  }
  member->storage.Append(entries);
}

void Cluster::SendMessage(const Message& message) {
  if (!cut_.contains({message.from, message.to})) network_.push_back(message);
}

void Cluster::ProcessReady(Member* member) {
  const Ready ready = member->node->TakeReady();
  const bool async = member->config.async_storage_writes;
  if (!async) {
    Store(member, ready.hard_state.value_or(HardState()), ready.entries, ready.snapshot);
  }
  for (const Message& message : ready.messages) {
    if (message.to == kAppendThread) {
      member->appends.push_back(message);
    } else if (message.to == kApplyThread) {
      member->applies.push_back(message);
    } else {
      SendMessage(message);
    }
  }
  for (const ReadState& read : ready.read_states) member->reads.push_back(read);
  if (!async) {
    for (const Entry& entry : ready.committed_entries) Apply(member, entry);
    member->node->Advance();
  }
  CheckSafety(*member);
}

void Cluster::FinishAppend(Member* member) {
  const Message work = std::move(member->appends.front());
  member->appends.pop_front();
  Store(member, {work.term, work.vote, work.commit}, work.entries, work.snapshot);
  for (const Message& response : work.responses) {
    if (response.to != member->config.id) {
      SendMessage(response);
      continue;
    }
    const Status status = member->node->Step(response);
    // A node that was removed does not take its own responses.
    RAFT_CHECK(status.ok() || status.code() == StatusCode::kPeerNotFound, status.message());
  }
  CheckSafety(*member);
}

void Cluster::FinishApply(Member* member) {
  const Message work = std::move(member->applies.front());
  member->applies.pop_front();
  for (const Entry& entry : work.entries) Apply(member, entry);
  for (const Message& response : work.responses) {
    const Status status = member->node->Step(response);
    RAFT_CHECK(status.ok(), status.message());
  }
  CheckSafety(*member);
}

void Cluster::Apply(Member* member, const Entry& entry) {
  RAFT_CHECK(entry.index == member->applied_index.Next(), "applied ", entry.index, " after ",
             member->applied_index);
  member->applied_index = entry.index;
  // State Machine Safety: whatever one node applies, all apply at that index.
  const auto [known, added] = committed_.try_emplace(entry.index, entry);
  RAFT_CHECK(known->second == entry, "different entries applied at ", entry.index);
  if (entry.type == EntryType::kNormal) {
    if (!entry.data.empty()) member->applied.emplace_back(entry.data.view());
    return;
  }
  MembershipChange change;
  const Status status = DecodeChange(entry.data.view(), &change);
  RAFT_CHECK(status.ok(), status.message());
  member->membership = member->node->ApplyMembershipChange(change);
}

void Cluster::CheckSafety(const Member& member) {
  const Raft& raft = member.node->raft();
  if (raft.role() == Role::kLeader) {
    // Election Safety.
    const auto [known, added] = leaders_.try_emplace(raft.term(), raft.id());
    RAFT_CHECK(known->second == raft.id(), "two leaders in term ", raft.term());
    // Leader Completeness.
    for (const auto& [index, entry] : committed_) {
      if (entry.term >= raft.term() || index < raft.log().FirstIndex()) continue;
      RAFT_CHECK(raft.log().Matches({entry.term, index}), "leader of term ", raft.term(),
                 " lacks committed entry ", index);
    }
  }
  // Log Matching.
  for (const auto& [id, other] : members_) {
    if (other.node == nullptr || id == raft.id()) continue;
    const RaftLog& theirs = other.node->raft().log();
    Index index = std::min(raft.log().LastIndex(), theirs.LastIndex());
    bool matched = false;
    for (; index >= std::max(raft.log().FirstIndex(), theirs.FirstIndex());
         index = index.Previous()) {
      const bool equal = raft.log().TermOf(index) == theirs.TermOf(index);
      RAFT_CHECK(equal || !matched, "logs of ", raft.id(), " and ", id, " match after but not at ",
                 index);
      matched = equal;
    }
  }
}

void Cluster::Settle() {
  while (true) {
    for (const int id : ids()) Work(id);
    if (network_.empty()) return;
    while (!network_.empty()) {
      // Messages to nodes that left may be refused; tests that care deliver themselves.
      const Status ignored = DeliverAt(0);
      static_cast<void>(ignored);
    }
  }
}

Status Cluster::DeliverAt(size_t position) {
  Message message = std::move(network_.at(position));
  network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(position));
  const auto member = members_.find(message.to);
  if (member == members_.end() || member->second.node == nullptr) return Status::Ok();
  if (cut_.contains({message.from, message.to})) return Status::Ok();
  return member->second.node->Step(std::move(message));
}

std::vector<Message> Cluster::TakeMessages(MessageType type) {
  std::vector<Message> taken;
  std::deque<Message> rest;
  for (Message& message : network_) {
    if (message.type == type) {
      taken.push_back(std::move(message));
    } else {
      rest.push_back(std::move(message));
    }
  }
  network_ = std::move(rest);
  return taken;
}

void Cluster::Tick(int id, int ticks) {
  for (int i = 0; i < ticks && IsUp(id); ++i) node(id).Tick();
}

void Cluster::RunTicks(int ticks) {
  for (int i = 0; i < ticks; ++i) {
    for (const int id : ids()) Tick(id);
    Settle();
  }
}

void Cluster::Elect(int id) {
  node(id).Campaign();
  Settle();
  RAFT_CHECK(node(id).raft().role() == Role::kLeader, "node ", id, " was not elected");
}

Status Cluster::Propose(int id, std::string_view data) {
  Status status = node(id).Propose(Bytes(data));
  Settle();
  return status;
}

int Cluster::Leader() {
  int leader = 0;
  Term term;
  for (const int id : ids()) {
    if (!IsUp(id) || node(id).raft().role() != Role::kLeader) continue;
    if (node(id).raft().term() > term) {
      term = node(id).raft().term();
      leader = id;
    }
  }
  return leader;
}

void Cluster::Isolate(int id) {
  for (const int other : ids()) {
    if (other == id) continue;
    Cut(id, other);
    Cut(other, id);
  }
}

void Cluster::Crash(int id) {
  Member& member = members_.at(NodeId(Number(id)));
  member.node = nullptr;
  member.appends.clear();
  member.applies.clear();
}

void Cluster::Restart(int id) { Start(&members_.at(NodeId(Number(id)))); }

void Cluster::Compact(int id) {
  Member& member = members_.at(NodeId(Number(id)));
  if (member.applied_index < member.storage.FirstIndex()) return;
  Status status =
      member.storage.CreateSnapshot(member.applied_index, member.membership, SnapshotData(member));
  RAFT_CHECK(status.ok(), status.message());
  status = member.storage.Compact(member.applied_index);
  RAFT_CHECK(status.ok(), status.message());
}

}  // namespace raft::testing
