#include "raft-core/memory_storage.h"

#include <utility>

namespace raft {

MemoryStorage::MemoryStorage() : snapshot_(std::make_shared<Snapshot>()) {}

Status MemoryStorage::TermOf(Index index, Term* term) const {
  if (index < base_.index) return Status(StatusCode::kCompacted);
  if (index > LastIndex()) return Status(StatusCode::kUnavailable);
  *term = index == base_.index ? base_.term : entries_[index - FirstIndex()].term;
  return Status::Ok();
}

Status MemoryStorage::Entries(Index from, Index to, uint64_t max_bytes,
                              std::vector<Entry>* entries) const {
  RAFT_CHECK(from < to, "[", from, ", ", to, ")");
  if (from <= base_.index) return Status(StatusCode::kCompacted);
  if (to > LastIndex().Next()) return Status(StatusCode::kUnavailable);
  uint64_t bytes = 0;
  for (Index index = from; index < to; index = index.Next()) {
    const Entry& entry = entries_[index - FirstIndex()];
    bytes += entry.EncodedSize();
    if (index != from && bytes > max_bytes) break;
    entries->push_back(entry);
  }
  return Status::Ok();
}

Status MemoryStorage::LatestSnapshot(SnapshotRef* snapshot) const {
  *snapshot = snapshot_;
  return Status::Ok();
}

void MemoryStorage::Append(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    if (entry.index <= base_.index) continue;
    RAFT_CHECK(entry.index <= LastIndex().Next(), "gap: last ", LastIndex(), ", next ",
               entry.index);
    entries_.resize(entry.index - FirstIndex());
    entries_.push_back(entry);
  }
}

Status MemoryStorage::ApplySnapshot(const SnapshotRef& snapshot) {
  if (snapshot->index <= snapshot_->index) return Status(StatusCode::kSnapshotOutOfDate);
  snapshot_ = snapshot;
  base_ = {snapshot->term, snapshot->index};
  entries_.clear();
  return Status::Ok();
}

Status MemoryStorage::CreateSnapshot(Index index, const ConfState& membership, Bytes data) {
  if (index <= snapshot_->index) return Status(StatusCode::kSnapshotOutOfDate);
  Term term;
  const Status status = TermOf(index, &term);
  if (!status.ok()) return status;
  snapshot_ = std::make_shared<Snapshot>(Snapshot{index, term, membership, std::move(data)});
  return Status::Ok();
}

Status MemoryStorage::Compact(Index index) {
  if (index <= base_.index) return Status(StatusCode::kCompacted);
  Term term;
  const Status status = TermOf(index, &term);
  if (!status.ok()) return status;
  entries_.erase(entries_.begin(),
                 entries_.begin() + static_cast<std::ptrdiff_t>(index - base_.index));
  base_ = {term, index};
  return Status::Ok();
}

}  // namespace raft
