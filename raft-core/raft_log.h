// RaftLog: the whole log of a node, durable and not, with its commit and apply positions.
#ifndef RAFT_CORE_RAFT_LOG_H_
#define RAFT_CORE_RAFT_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "raft-core/logger.h"
#include "raft-core/storage.h"
#include "raft-core/types.h"
#include "raft-core/unstable_log.h"

namespace raft {

// Invariant: applied <= applying <= committed <= last index.
class RaftLog {
 public:
  // `max_applying_bytes` bounds the entries handed out for application and not yet applied. The
  // storage and the logger must outlive this.
  RaftLog(const Storage* storage, Logger* logger, uint64_t max_applying_bytes);

  Index FirstIndex() const;
  Index LastIndex() const;
  LogPosition Last() const;
  Index committed() const { return committed_; }
  Index applied() const { return applied_; }
  Index applying() const { return applying_; }
  const UnstableLog& unstable() const { return unstable_; }
  // The term at an index, if the entry (or the one before the first) is at hand.
  std::optional<Term> TermOf(Index index) const;
  bool Matches(LogPosition position) const { return TermOf(position.index) == position.term; }
  // Whether a log that ends at `other` holds all that this one may have committed (section 5.4.1).
  bool IsUpToDate(LogPosition other) const;

  // The entries of [from, to), at least one and at most max_bytes (see Storage::Entries).
  // nullopt: compacted. REQUIRES: to <= LastIndex() + 1.
  std::optional<std::vector<Entry>> Slice(Index from, Index to, uint64_t max_bytes) const;
  // The entries from `from` to the end.
  std::optional<std::vector<Entry>> EntriesFrom(Index from, uint64_t max_bytes) const;
  // The snapshot to send to a follower that needs compacted entries.
  Status LatestSnapshot(SnapshotRef* snapshot) const;

  // Appends at the end as leader. REQUIRES: entries follow LastIndex().
  void Append(const std::vector<Entry>& entries);
  // Appends as follower what follows `previous`, unless the log does not match there; conflicting
  // entries are dropped (section 5.3). Then commits up to `commit` as far as entries are known to
  // match. Returns the last index known to match.
  std::optional<Index> AppendIfMatches(LogPosition previous, const std::vector<Entry>& entries,
                                       Index commit);
  // The position at or before `index` where this log may match another that holds `term` at
  // `index`: the last one whose term is at most `term`. Term 0: unknown (compacted).
  LogPosition FindMatchCandidate(Index index, Term term) const;

  // Commits up to `index`; never goes back. REQUIRES: index <= LastIndex().
  void CommitTo(Index index);
  // Commits up to `position` if the log holds it (section 5.4.2: only entries of the leader's own
  // term are committed by counting). Returns whether the commit index moved.
  bool CommitIfMatches(LogPosition position);
  // For a restart: sets the commit index as it was stored. REQUIRES: index <= LastIndex().
  void RestoreCommitted(Index index);

  // Entries to apply. allow_unstable: also those not durable here yet.
  bool HasNextCommitted(bool allow_unstable) const;
  std::vector<Entry> NextCommitted(bool allow_unstable) const;
  void AcceptApplying(Index index, uint64_t bytes, bool allow_unstable);
  // The application applied up to `index`, `bytes` since the last time.
  void AppliedTo(Index index, uint64_t bytes);

  // Writing of the unstable part; see UnstableLog.
  void AcceptUnstable() { unstable_.AcceptInProgress(); }
  void StableTo(LogPosition position) { unstable_.StableTo(position); }
  void SnapshotStableTo(Index index) { unstable_.SnapshotStableTo(index); }
  // Replaces the log by a snapshot.
  void Restore(const SnapshotRef& snapshot);
  // Whether a received snapshot is not durable yet.
  bool HasPendingSnapshot() const { return unstable_.snapshot() != nullptr; }

  // All positions, for people.
  std::string Describe() const;

 private:
  Index MaxAppliable(bool allow_unstable) const;
  // The first of the entries that this log does not hold; 0 if it holds all.
  Index FindConflict(const std::vector<Entry>& entries) const;

  const Storage* storage_;
  Logger* logger_;
  UnstableLog unstable_;
  Index committed_;
  Index applying_;
  Index applied_;
  const uint64_t max_applying_bytes_;
  uint64_t applying_bytes_ = 0;
  // Handing out entries waits for acknowledgements.
  bool applying_paused_ = false;
};

}  // namespace raft

#endif  // RAFT_CORE_RAFT_LOG_H_
