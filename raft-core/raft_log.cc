#include "raft-core/raft_log.h"

#include <algorithm>

namespace raft {

RaftLog::RaftLog(const Storage* storage, Logger* logger, uint64_t max_applying_bytes)
    : storage_(storage),
      logger_(logger),
      unstable_(storage->LastIndex(), logger),
      committed_(storage->FirstIndex().Previous()),
      applying_(committed_),
      applied_(committed_),
      max_applying_bytes_(max_applying_bytes) {}

Index RaftLog::FirstIndex() const {
  if (unstable_.snapshot() != nullptr) return unstable_.snapshot()->index.Next();
  return storage_->FirstIndex();
}

Index RaftLog::LastIndex() const {
  const std::optional<Index> unstable = unstable_.LastIndex();
  return unstable.has_value() ? *unstable : storage_->LastIndex();
}

LogPosition RaftLog::Last() const {
  const Index last = LastIndex();
  const std::optional<Term> term = TermOf(last);
  RAFT_CHECK(term.has_value(), "the term of the last entry is unknown: ", Describe());
  return {*term, last};
}

std::optional<Term> RaftLog::TermOf(Index index) const {
  if (const std::optional<Term> term = unstable_.TermOf(index); term.has_value()) return term;
  if (index.Next() < FirstIndex() || index > LastIndex()) return std::nullopt;
  Term term;
  if (!storage_->TermOf(index, &term).ok()) return std::nullopt;
  return term;
}

bool RaftLog::IsUpToDate(LogPosition other) const {
  const LogPosition last = Last();
  return other.term > last.term || (other.term == last.term && other.index >= last.index);
}

std::optional<std::vector<Entry>> RaftLog::Slice(Index from, Index to, uint64_t max_bytes) const {
  RAFT_CHECK(from <= to, "[", from, ", ", to, ")");
  RAFT_CHECK(to <= LastIndex().Next(), "[", from, ", ", to, ") beyond ", LastIndex());
  if (from < FirstIndex()) return std::nullopt;
  std::vector<Entry> entries;
  uint64_t bytes = 0;
  if (from < unstable_.offset() && from < to) {
    const Index end = std::min(to, unstable_.offset());
    const Status status = storage_->Entries(from, end, max_bytes, &entries);
    if (status.code() == StatusCode::kCompacted) return std::nullopt;
    RAFT_CHECK(status.ok(), "entries [", from, ", ", end, ") from storage: ", status.message());
    // A shorter answer means that the limit was reached.
    if (entries.size() < end - from) return entries;
    bytes = EncodedSize(entries);
  }
  for (Index index = std::max(from, unstable_.offset()); index < to; index = index.Next()) {
    const Entry& entry = unstable_.At(index);
    if (entry.EncodedSize() > max_bytes - std::min(bytes, max_bytes) && !entries.empty()) break;
    bytes += entry.EncodedSize();
    entries.push_back(entry);
  }
  return entries;
}

std::optional<std::vector<Entry>> RaftLog::EntriesFrom(Index from, uint64_t max_bytes) const {
  const Index last = LastIndex();
  if (from > last) return std::vector<Entry>();
  return Slice(from, last.Next(), max_bytes);
}

Status RaftLog::LatestSnapshot(SnapshotRef* snapshot) const {
  if (unstable_.snapshot() == nullptr) return storage_->LatestSnapshot(snapshot);
  *snapshot = unstable_.snapshot();
  return Status::Ok();
}

void RaftLog::Append(const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  RAFT_CHECK(entries.front().index == LastIndex().Next(), "append at ", entries.front().index, ": ",
             Describe());
  unstable_.TruncateAndAppend(entries.data(), entries.size());
}

std::optional<Index> RaftLog::AppendIfMatches(LogPosition previous,
                                              const std::vector<Entry>& entries, Index commit) {
  if (!Matches(previous)) return std::nullopt;
  const Index last_new = previous.index + entries.size();
  const Index conflict = FindConflict(entries);
  if (conflict != Index()) {
    RAFT_CHECK(conflict > committed_, "entry ", conflict,
               " conflicts with a committed one: ", Describe());
    const uint64_t known = conflict - previous.index.Next();
    unstable_.TruncateAndAppend(entries.data() + known, entries.size() - known);
  }
  CommitTo(std::min(commit, last_new));
  return last_new;
}

Index RaftLog::FindConflict(const std::vector<Entry>& entries) const {
  for (const Entry& entry : entries) {
    if (Matches({entry.term, entry.index})) continue;
    if (entry.index <= LastIndex()) {
      logger_->Log(LogLevel::kInfo, "found conflict at index ", entry.index,
                   " [existing term: ", TermOf(entry.index).value_or(Term()),
                   ", conflicting term: ", entry.term, "]");
    }
    return entry.index;
  }
  return Index();
}

LogPosition RaftLog::FindMatchCandidate(Index index, Term term) const {
  for (; index > Index(); index = index.Previous()) {
    const std::optional<Term> ours = TermOf(index);
    // Beyond what is at hand nothing speaks against a match.
    if (!ours.has_value()) return {Term(), index};
    if (*ours <= term) return {*ours, index};
  }
  return {};
}

void RaftLog::CommitTo(Index index) {
  if (index <= committed_) return;
  RAFT_CHECK(index <= LastIndex(), "commit to ", index,
             " beyond the log; was it corrupted, truncated or lost? ", Describe());
  committed_ = index;
}

bool RaftLog::CommitIfMatches(LogPosition position) {
  if (position.index <= committed_ || position.term == Term()) return false;
  if (!Matches(position)) return false;
  CommitTo(position.index);
  return true;
}

void RaftLog::RestoreCommitted(Index index) {
  RAFT_CHECK(index <= LastIndex(), "stored commit index ", index,
             " is beyond the log; was it truncated or lost? ", Describe());
  // What was compacted was committed, even if the commit index was not stored in time: entries may
  // be applied, and then compacted, before the write that says so.
  committed_ = std::max(committed_, index);
}

Index RaftLog::MaxAppliable(bool allow_unstable) const {
  return allow_unstable ? committed_ : std::min(committed_, unstable_.offset().Previous());
}

bool RaftLog::HasNextCommitted(bool allow_unstable) const {
  // With a snapshot to apply it would be unclear what comes first.
  if (applying_paused_ || HasPendingSnapshot()) return false;
  return applying_ < MaxAppliable(allow_unstable);
}

std::vector<Entry> RaftLog::NextCommitted(bool allow_unstable) const {
  if (!HasNextCommitted(allow_unstable)) return {};
  RAFT_CHECK(applying_bytes_ < max_applying_bytes_, applying_bytes_, " bytes being applied");
  std::optional<std::vector<Entry>> entries = Slice(
      applying_.Next(), MaxAppliable(allow_unstable).Next(), max_applying_bytes_ - applying_bytes_);
  RAFT_CHECK(entries.has_value(), "committed entries are gone: ", Describe());
  return *std::move(entries);
}

void RaftLog::AcceptApplying(Index index, uint64_t bytes, bool allow_unstable) {
  RAFT_CHECK(index <= committed_ && index >= applying_, "applying ", index, ": ", Describe());
  applying_ = index;
  applying_bytes_ += bytes;
  // If not all was handed out, the next entry is what would exceed the limit.
  applying_paused_ = applying_bytes_ >= max_applying_bytes_ || index < MaxAppliable(allow_unstable);
}

void RaftLog::AppliedTo(Index index, uint64_t bytes) {
  RAFT_CHECK(index <= committed_ && index >= applied_, "applied ", index, ": ", Describe());
  applied_ = index;
  applying_ = std::max(applying_, index);
  applying_bytes_ -= std::min(applying_bytes_, bytes);
  applying_paused_ = applying_bytes_ >= max_applying_bytes_;
}

void RaftLog::Restore(const SnapshotRef& snapshot) {
  logger_->Log(LogLevel::kInfo, "log [", Describe(),
               "] starts to restore snapshot [index: ", snapshot->index, ", term: ", snapshot->term,
               "]");
  committed_ = snapshot->index;
  unstable_.Restore(snapshot);
}

std::string RaftLog::Describe() const {
  return Cat("committed=", committed_, ", applied=", applied_, ", applying=", applying_,
             ", unstable.offset=", unstable_.offset(),
             ", unstable.offsetInProgress=", unstable_.offset_in_progress(),
             ", len(unstable.Entries)=", unstable_.size());
}

}  // namespace raft
