#include "raft-core/unstable_log.h"

#include <algorithm>

namespace raft {

std::optional<Index> UnstableLog::LastIndex() const {
  if (!entries_.empty()) return (offset_ + entries_.size()).Previous();
  if (snapshot_ != nullptr) return snapshot_->index;
  return std::nullopt;
}

std::optional<Term> UnstableLog::TermOf(Index index) const {
  if (index < offset_) {
    if (snapshot_ != nullptr && snapshot_->index == index) return snapshot_->term;
    return std::nullopt;
  }
  if (index - offset_ >= entries_.size()) return std::nullopt;
  return entries_[index - offset_].term;
}

std::vector<Entry> UnstableLog::NextEntries() const {
  return std::vector<Entry>(
      entries_.begin() + static_cast<std::ptrdiff_t>(offset_in_progress_ - offset_),
      entries_.end());
}

void UnstableLog::AcceptInProgress() {
  offset_in_progress_ = offset_ + entries_.size();
  if (snapshot_ != nullptr) snapshot_in_progress_ = true;
}

void UnstableLog::StableTo(LogPosition position) {
  const std::optional<Term> term = TermOf(position.index);
  if (!term.has_value()) {
    logger_->Log(LogLevel::kInfo, "entry at index ", position.index,
                 " missing from unstable log; ignoring");
    return;
  }
  if (position.index < offset_) {
    logger_->Log(LogLevel::kInfo, "entry at index ", position.index,
                 " matched unstable snapshot; ignoring");
    return;
  }
  if (*term != position.term) {
    logger_->Log(LogLevel::kInfo, "entry at (index,term)=(", position.index, ",", position.term,
                 ") mismatched with entry at (", position.index, ",", *term,
                 ") in unstable log; ignoring");
    return;
  }
  const uint64_t count = position.index.Next() - offset_;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count));
  offset_ = position.index.Next();
  offset_in_progress_ = std::max(offset_in_progress_, offset_);
}

void UnstableLog::SnapshotStableTo(Index index) {
  if (snapshot_ == nullptr || snapshot_->index != index) return;
  snapshot_ = nullptr;
  snapshot_in_progress_ = false;
}

void UnstableLog::Restore(const SnapshotRef& snapshot) {
  snapshot_ = snapshot;
  snapshot_in_progress_ = false;
  entries_.clear();
  offset_ = snapshot->index.Next();
  offset_in_progress_ = offset_;
}

void UnstableLog::TruncateAndAppend(const Entry* entries, size_t count) {
  RAFT_CHECK(count > 0);
  const Index from = entries[0].index;
  const Index end = offset_ + entries_.size();
  RAFT_CHECK(from <= end, "gap: unstable log ends before ", end, ", entries from ", from);
  if (from <= offset_ && from != end) {
    logger_->Log(LogLevel::kInfo, "replace the unstable entries from index ", from);
    entries_.clear();
    offset_ = from;
    offset_in_progress_ = from;
  } else if (from < end) {
    logger_->Log(LogLevel::kInfo, "truncate the unstable entries before index ", from);
    entries_.resize(from - offset_);
    offset_in_progress_ = std::min(offset_in_progress_, from);
  }
  entries_.insert(entries_.end(), entries, entries + count);
}

}  // namespace raft
