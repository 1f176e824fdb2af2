// The numbers of Raft as types of their own, so that a term can never be passed for an index.
// All are 64-bit, totally ordered and trivially copyable.
#ifndef RAFT_CORE_TYPES_H_
#define RAFT_CORE_TYPES_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

#include "raft-core/check.h"
#include "raft-core/text.h"

namespace raft {

// A term: the logical clock of elections. Term 0 is before the first election.
class Term {
 public:
  constexpr Term() = default;
  explicit constexpr Term(uint64_t value) : value_(value) {}
  constexpr uint64_t value() const { return value_; }
  constexpr Term Next() const { return Term(value_ + 1); }
  friend constexpr auto operator<=>(Term, Term) = default;

 private:
  uint64_t value_ = 0;
};

// A position in the log. The first entry has index 1; index 0 is the empty log's end.
class Index {
 public:
  constexpr Index() = default;
  explicit constexpr Index(uint64_t value) : value_(value) {}
  constexpr uint64_t value() const { return value_; }
  constexpr Index Next() const { return Index(value_ + 1); }
  // The index before this one. REQUIRES: this is not index 0.
  Index Previous() const {
    RAFT_CHECK(value_ > 0);
    return Index(value_ - 1);
  }
  friend constexpr auto operator<=>(Index, Index) = default;
  friend constexpr Index operator+(Index index, uint64_t count) {
    return Index(index.value_ + count);
  }
  // The count of entries in [from, to). REQUIRES: from <= to.
  friend uint64_t operator-(Index to, Index from) {
    RAFT_CHECK(from <= to, "distance from ", from.value_, " to ", to.value_);
    return to.value_ - from.value_;
  }

 private:
  uint64_t value_ = 0;
};

// The identity of a node. It must be unique for ever: a node that lost its disk needs a new one.
class NodeId {
 public:
  constexpr NodeId() = default;
  explicit constexpr NodeId(uint64_t value) : value_(value) {}
  constexpr uint64_t value() const { return value_; }
  friend constexpr auto operator<=>(NodeId, NodeId) = default;

 private:
  uint64_t value_ = 0;
};

// No node: no leader is known, no vote was cast.
inline constexpr NodeId kNoNode{0};
// Addresses of the local storage work when storage writes are asynchronous (see node.h): writing
// the log, and applying committed entries. Never the identity of a node.
inline constexpr NodeId kAppendThread{std::numeric_limits<uint64_t>::max()};
inline constexpr NodeId kApplyThread{std::numeric_limits<uint64_t>::max() - 1};

// Whether the address is local storage work rather than a node.
constexpr bool IsStorageThread(NodeId id) { return id == kAppendThread || id == kApplyThread; }

// The identity of an entry across all logs: two logs that hold an entry with the same position are
// equal up to it (the Log Matching Property, Raft paper section 5.3).
struct LogPosition {
  Term term;
  Index index;
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

// No limit, for byte counts.
inline constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

inline void AppendText(std::string* out, Term term) { AppendNumber(out, term.value(), 10); }
inline void AppendText(std::string* out, Index index) { AppendNumber(out, index.value(), 10); }
inline void AppendText(std::string* out, NodeId id) { AppendNumber(out, id.value(), 16); }

}  // namespace raft

#endif  // RAFT_CORE_TYPES_H_
