// MemoryStorage: a Storage that is gone with the process. For tests, simulations and examples.
#ifndef RAFT_CORE_MEMORY_STORAGE_H_
#define RAFT_CORE_MEMORY_STORAGE_H_

#include <string_view>
#include <vector>

#include "raft-core/storage.h"

namespace raft {

class MemoryStorage : public Storage {
 public:
  MemoryStorage();

  InitialState Initial() const override { return {hard_state_, snapshot_->membership}; }
  Index FirstIndex() const override { return base_.index.Next(); }
  Index LastIndex() const override { return base_.index + entries_.size(); }
  Status TermOf(Index index, Term* term) const override;
  Status Entries(Index from, Index to, uint64_t max_bytes,
                 std::vector<Entry>* entries) const override;
  Status LatestSnapshot(SnapshotRef* snapshot) const override;

  void SetHardState(const HardState& state) { hard_state_ = state; }
  const HardState& hard_state() const { return hard_state_; }
  // Appends entries with consecutive indexes, replacing those at and after the first one's index.
  // Entries that were compacted already are skipped. REQUIRES: no gap after LastIndex().
  void Append(const std::vector<Entry>& entries);
  // Replaces the log. Errors: kSnapshotOutOfDate if the snapshot in place is as new.
  Status ApplySnapshot(const SnapshotRef& snapshot);
  // Makes the snapshot for `index`. Errors: kSnapshotOutOfDate. REQUIRES: index <= LastIndex().
  Status CreateSnapshot(Index index, const ConfState& membership, Bytes data);
  // Drops the entries up to `index`, included. Errors: kCompacted. REQUIRES: index <= LastIndex().
  Status Compact(Index index);

 private:
  HardState hard_state_;
  SnapshotRef snapshot_;
  // What precedes entries_: the end of the snapshot or of the last compaction.
  LogPosition base_;
  std::vector<Entry> entries_;
};

}  // namespace raft

#endif  // RAFT_CORE_MEMORY_STORAGE_H_
