// Storage: the node's view of what is durable. The application writes it, in the order that Ready
// prescribes (node.h); the node only reads.
#ifndef RAFT_CORE_STORAGE_H_
#define RAFT_CORE_STORAGE_H_

#include <cstdint>
#include <vector>

#include "raft-core/message.h"
#include "raft-core/status.h"
#include "raft-core/types.h"

namespace raft {

// The log from FirstIndex() to LastIndex(), both included, and the snapshot before it.
// Invariants: LastIndex() + 1 >= FirstIndex(); the term of FirstIndex() - 1 is known.
class Storage {
 public:
  struct InitialState {
    HardState hard_state;
    ConfState membership;
  };

  virtual ~Storage() = default;

  // What was durable when the node started. Asked for once.
  virtual InitialState Initial() const = 0;
  // The index after the last snapshot or compaction; 1 if there was none.
  virtual Index FirstIndex() const = 0;
  // FirstIndex() - 1 if the log is empty.
  virtual Index LastIndex() const = 0;
  // The term of the entry, or of the one before FirstIndex(). Errors: kCompacted, kUnavailable.
  virtual Status TermOf(Index index, Term* term) const = 0;
  // Appends the entries of [from, to) to *entries, as many as have an encoded size of at most
  // max_bytes together, but at least one. REQUIRES: from < to. Errors: kCompacted, kUnavailable;
  // *entries is then unchanged.
  virtual Status Entries(Index from, Index to, uint64_t max_bytes,
                         std::vector<Entry>* entries) const = 0;
  // The latest snapshot. Errors: kSnapshotTemporarilyUnavailable; the node asks again later.
  virtual Status LatestSnapshot(SnapshotRef* snapshot) const = 0;
};

}  // namespace raft

#endif  // RAFT_CORE_STORAGE_H_
