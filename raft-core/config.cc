#include "raft-core/config.h"

namespace raft {

Status Config::Validate() const {
  const auto invalid = [](const char* reason) {
    return Status(StatusCode::kInvalidConfig, reason);
  };
  if (id == kNoNode) return invalid("the node id must not be 0");
  if (IsStorageThread(id)) return invalid("the node id is reserved for a storage thread");
  if (heartbeat_ticks <= 0) return invalid("heartbeat_ticks must be greater than 0");
  if (election_ticks <= heartbeat_ticks) {
    return invalid("election_ticks must be greater than heartbeat_ticks");
  }
  if (max_inflight_messages == 0) return invalid("max_inflight_messages must be greater than 0");
  if (max_inflight_bytes != 0 && max_inflight_bytes < max_message_bytes) {
    return invalid("max_inflight_bytes must be at least max_message_bytes");
  }
  if (read_mode == ReadMode::kLease && !check_quorum) {
    return invalid("reads by lease need check_quorum");
  }
  if (lease_margin_ticks < 0 || lease_margin_ticks >= election_ticks) {
    return invalid("lease_margin_ticks must be in [0, election_ticks)");
  }
  return Status::Ok();
}

}  // namespace raft
