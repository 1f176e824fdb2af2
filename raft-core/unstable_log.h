// UnstableLog: the end of the log that is not known to be durable yet, and a received snapshot that
// is not durable yet. Both stay here while they are being written.
#ifndef RAFT_CORE_UNSTABLE_LOG_H_
#define RAFT_CORE_UNSTABLE_LOG_H_

#include <optional>
#include <vector>

#include "raft-core/logger.h"
#include "raft-core/message.h"
#include "raft-core/types.h"

namespace raft {

// Holds entries [offset, offset + size). The offset may be at or before the end of storage: the
// next write then truncates there. Invariant: offset <= offset_in_progress <= offset + size.
class UnstableLog {
 public:
  // Starts empty after the last durable index. The logger must outlive this.
  UnstableLog(Index last, Logger* logger)
      : offset_(last.Next()), offset_in_progress_(offset_), logger_(logger) {}

  Index offset() const { return offset_; }
  // The first index that no write has begun for.
  Index offset_in_progress() const { return offset_in_progress_; }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  const SnapshotRef& snapshot() const { return snapshot_; }

  // The last index or the term at an index, where this part of the log determines it.
  std::optional<Index> LastIndex() const;
  std::optional<Term> TermOf(Index index) const;

  // The entry. REQUIRES: offset() <= index < offset() + size().
  const Entry& At(Index index) const { return entries_[index - offset_]; }

  // What is to be written and is not being written: copies of entries (their data is shared).
  std::vector<Entry> NextEntries() const;
  bool HasNextEntries() const { return entries_.size() > offset_in_progress_ - offset_; }
  SnapshotRef NextSnapshot() const { return snapshot_in_progress_ ? nullptr : snapshot_; }
  // Takes note that everything at hand is being written.
  void AcceptInProgress();

  // Entries up to `position` are durable. Ignored, with a log line, if the log was truncated since.
  void StableTo(LogPosition position);
  // The snapshot up to `index` is durable.
  void SnapshotStableTo(Index index);

  // Starts over from a snapshot.
  void Restore(const SnapshotRef& snapshot);
  // Adds entries, dropping those at and after the first one's index. REQUIRES: not empty, no gap.
  void TruncateAndAppend(const Entry* entries, size_t count);

 private:
  SnapshotRef snapshot_;
  bool snapshot_in_progress_ = false;
  std::vector<Entry> entries_;
  Index offset_;
  Index offset_in_progress_;
  Logger* logger_;
};

}  // namespace raft

#endif  // RAFT_CORE_UNSTABLE_LOG_H_
