#include "raft-core/status.h"

namespace raft {

const char* StatusText(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "ok";
    case StatusCode::kProposalDropped:
      return "raft proposal dropped";
    case StatusCode::kPeerNotFound:
      return "raft: cannot step as peer not found";
    case StatusCode::kLocalMessage:
      return "raft: cannot step raft local message";
    case StatusCode::kMalformed:
      return "raft: malformed message";
    case StatusCode::kCompacted:
      return "requested index is unavailable due to compaction";
    case StatusCode::kUnavailable:
      return "requested entry at index is unavailable";
    case StatusCode::kSnapshotOutOfDate:
      return "requested index is older than the existing snapshot";
    case StatusCode::kSnapshotTemporarilyUnavailable:
      return "snapshot is temporarily unavailable";
    case StatusCode::kInvalidConfig:
      return "invalid options";
    case StatusCode::kInvalidMembershipChange:
      return "invalid membership change";
  }
  return "unknown status";
}

}  // namespace raft
