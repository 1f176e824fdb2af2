// Status: the outcome of an operation that may fail for reasons outside the program.
#ifndef RAFT_CORE_STATUS_H_
#define RAFT_CORE_STATUS_H_

#include <string>
#include <utility>

namespace raft {

enum class StatusCode {
  kOk,
  // The proposal was not accepted and never will be; propose again, perhaps elsewhere.
  kProposalDropped,
  // A response from a node that is not a member.
  kPeerNotFound,
  // A message of a kind that only the node itself may create came from outside.
  kLocalMessage,
  // A message whose fields contradict each other or its kind.
  kMalformed,
  // The log was compacted beyond the requested index.
  kCompacted,
  // The requested entry is beyond the end of the log.
  kUnavailable,
  // The snapshot is older than the one in place.
  kSnapshotOutOfDate,
  // A snapshot is being made; ask again later.
  kSnapshotTemporarilyUnavailable,
  // Options that contradict each other.
  kInvalidConfig,
  // A membership change that does not fit the current membership, or cannot be decoded.
  kInvalidMembershipChange,
};

// Returns the sentence that stands for the code when there is no better one.
const char* StatusText(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  explicit Status(StatusCode code) : code_(code) {}
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  static Status Ok() { return Status(); }

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  // One sentence for people; empty when ok.
  std::string message() const {
    if (ok()) return {};
    return message_.empty() ? StatusText(code_) : message_;
  }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

}  // namespace raft

#endif  // RAFT_CORE_STATUS_H_
