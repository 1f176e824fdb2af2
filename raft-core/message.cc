#include "raft-core/message.h"

#include <array>

namespace raft {

uint64_t EncodedSize(const std::vector<Entry>& entries) {
  uint64_t size = 0;
  for (const Entry& entry : entries) size += entry.EncodedSize();
  return size;
}

uint64_t PayloadSize(const std::vector<Entry>& entries) {
  uint64_t size = 0;
  for (const Entry& entry : entries) size += entry.data.size();
  return size;
}

const char* MessageTypeName(MessageType type) {
  static constexpr std::array<const char*, kMessageTypeCount> kNames = {"MsgHup",
                                                                        "MsgBeat",
                                                                        "MsgProp",
                                                                        "MsgApp",
                                                                        "MsgAppResp",
                                                                        "MsgVote",
                                                                        "MsgVoteResp",
                                                                        "MsgSnap",
                                                                        "MsgHeartbeat",
                                                                        "MsgHeartbeatResp",
                                                                        "MsgUnreachable",
                                                                        "MsgSnapStatus",
                                                                        "MsgCheckQuorum",
                                                                        "MsgTransferLeader",
                                                                        "MsgTimeoutNow",
                                                                        "MsgReadIndex",
                                                                        "MsgReadIndexResp",
                                                                        "MsgPreVote",
                                                                        "MsgPreVoteResp",
                                                                        "MsgStorageAppend",
                                                                        "MsgStorageAppendResp",
                                                                        "MsgStorageApply",
                                                                        "MsgStorageApplyResp",
                                                                        "MsgForgetLeader"};
  return kNames[static_cast<size_t>(type)];
}

bool IsLocalMessage(MessageType type) {
  switch (type) {
    case MessageType::kHup:
    case MessageType::kBeat:
    case MessageType::kUnreachable:
    case MessageType::kSnapStatus:
    case MessageType::kCheckQuorum:
    case MessageType::kStorageAppend:
    case MessageType::kStorageAppendResp:
    case MessageType::kStorageApply:
    case MessageType::kStorageApplyResp:
    case MessageType::kForgetLeader:
      return true;
    default:
      return false;
  }
}

bool IsResponse(MessageType type) {
  switch (type) {
    case MessageType::kAppResp:
    case MessageType::kVoteResp:
    case MessageType::kHeartbeatResp:
    case MessageType::kUnreachable:
    case MessageType::kReadIndexResp:
    case MessageType::kPreVoteResp:
    case MessageType::kStorageAppendResp:
    case MessageType::kStorageApplyResp:
      return true;
    default:
      return false;
  }
}

}  // namespace raft
