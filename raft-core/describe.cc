#include "raft-core/describe.h"

namespace raft {
namespace {

const char* EntryTypeName(EntryType type) {
  switch (type) {
    case EntryType::kNormal:
      return "EntryNormal";
    case EntryType::kMembershipChange:
      return "EntryConfChange";
    case EntryType::kJointChange:
      return "EntryConfChangeV2";
  }
  return "unknown entry type";
}

const char* ChangeTypeName(MembershipChangeType type) {
  switch (type) {
    case MembershipChangeType::kAddVoter:
      return "ConfChangeAddNode";
    case MembershipChangeType::kRemove:
      return "ConfChangeRemoveNode";
    case MembershipChangeType::kUpdate:
      return "ConfChangeUpdateNode";
    case MembershipChangeType::kAddLearner:
      return "ConfChangeAddLearnerNode";
  }
  return "unknown change type";
}

const char* TransitionName(Transition transition) {
  switch (transition) {
    case Transition::kAuto:
      return "ConfChangeTransitionAuto";
    case Transition::kJointImplicit:
      return "ConfChangeTransitionJointImplicit";
    case Transition::kJointExplicit:
      return "ConfChangeTransitionJointExplicit";
  }
  return "unknown transition";
}

std::string IdList(const std::vector<NodeId>& ids) {
  std::string out = "[";
  for (const NodeId id : ids) {
    if (out.size() > 1) out.push_back(' ');
    AppendNumber(&out, id.value(), 10);
  }
  out.push_back(']');
  return out;
}

std::string Address(NodeId id) {
  if (id == kNoNode) return "None";
  if (id == kAppendThread) return "AppendThread";
  if (id == kApplyThread) return "ApplyThread";
  return Cat(id);
}

void AppendMessage(std::string* out, const Message& message, const std::string& indent) {
  out->append(Cat(indent, Address(message.from), "->", Address(message.to), " ",
                  MessageTypeName(message.type), " Term:", message.term, " Log:", message.log_term,
                  "/", message.index));
  if (message.reject) out->append(Cat(" Rejected (Hint: ", message.reject_hint, ")"));
  if (message.commit != Index()) out->append(Cat(" Commit:", message.commit));
  if (message.vote != kNoNode) out->append(Cat(" Vote:", message.vote.value()));
  if (message.entries.size() == 1) {
    out->append(Cat(" Entries:[", DescribeEntry(message.entries[0]), "]"));
  } else if (message.entries.size() > 1) {
    out->append(" Entries:[");
    for (const Entry& entry : message.entries) {
      out->append(Cat("\n", indent, "  ", DescribeEntry(entry)));
    }
    out->append(Cat("\n", indent, "]"));
  }
  if (message.snapshot != nullptr) {
    out->append(Cat("\n", indent, "  Snapshot: ", DescribeSnapshot(*message.snapshot)));
  }
  if (!message.responses.empty()) {
    out->append(" Responses:[");
    for (const Message& response : message.responses) {
      out->push_back('\n');
      AppendMessage(out, response, indent + "  ");
    }
    out->append(Cat("\n", indent, "]"));
  }
}

}  // namespace

std::string Quote(std::string_view text) {
  constexpr std::string_view kLetters = "abtnvfr";  // for the characters 7 to 13
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte >= 7 && byte <= 13) {
      out.push_back('\\');
      out.push_back(kLetters[byte - 7u]);
    } else if (byte < 0x20 || byte >= 0x7f) {
      out.append(byte < 0x10 ? "\\x0" : "\\x");
      AppendNumber(&out, static_cast<unsigned>(byte), 16);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

std::string DescribeEntry(const Entry& entry) {
  std::string content;
  if (entry.type == EntryType::kNormal) {
    content = Quote(entry.data.view());
  } else {
    MembershipChange change;
    const Status status = DecodeChange(entry.data.view(), &change);
    content = status.ok() ? StepsText(change.steps) : status.message();
  }
  return Cat(entry.term, "/", entry.index, " ", EntryTypeName(entry.type),
             content.empty() ? "" : " ", content);
}

std::string DescribeEntries(const std::vector<Entry>& entries) {
  std::string out;
  for (const Entry& entry : entries) out.append(Cat(DescribeEntry(entry), "\n"));
  return out;
}

std::string DescribeChangeFields(const Entry& entry) {
  MembershipChange change;
  if (const Status status = DecodeChange(entry.data.view(), &change); !status.ok()) {
    return status.message();
  }
  std::string out;
  const auto append = [&out](const std::string& field) {
    if (!out.empty()) out.push_back(' ');
    out.append(field);
  };
  const auto step_fields = [](const SingleChange& step) {
    return Cat("type:", ChangeTypeName(step.type), " node_id:", step.node.value());
  };
  if (entry.type == EntryType::kMembershipChange) {
    for (const SingleChange& step : change.steps) append(step_fields(step));
  } else {
    // No data stands for the change that has no field set.
    if (!entry.data.empty()) append(Cat("transition:", TransitionName(change.transition)));
    for (const SingleChange& step : change.steps) append(Cat("changes:{", step_fields(step), "}"));
  }
  if (!change.context.empty()) append(Cat("context:", Quote(change.context.view())));
  return out;
}

std::string DescribeHardState(const HardState& state) {
  std::string out = Cat("Term:", state.term);
  if (state.vote != kNoNode) out.append(Cat(" Vote:", state.vote.value()));
  out.append(Cat(" Commit:", state.commit));
  return out;
}

std::string DescribeConfState(const ConfState& state) {
  return Cat("Voters:", IdList(state.voters), " VotersOutgoing:", IdList(state.voters_outgoing),
             " Learners:", IdList(state.learners), " LearnersNext:", IdList(state.learners_next),
             " AutoLeave:", state.auto_leave);
}

std::string DescribeSnapshot(const Snapshot& snapshot) {
  return Cat("Index:", snapshot.index, " Term:", snapshot.term,
             " ConfState:", DescribeConfState(snapshot.membership));
}

std::string DescribeMessage(const Message& message) {
  std::string out;
  AppendMessage(&out, message, "");
  return out;
}

std::string DescribeReady(const Ready& ready) {
  std::string out;
  if (ready.soft_state.has_value()) {
    out.append(Cat("Lead:", ready.soft_state->leader.value(),
                   " State:", RoleName(ready.soft_state->role), "\n"));
  }
  if (ready.hard_state.has_value()) {
    out.append(Cat("HardState ", DescribeHardState(*ready.hard_state), "\n"));
  }
  if (!ready.read_states.empty()) {
    out.append("ReadStates [");
    for (const ReadState& state : ready.read_states) {
      if (out.back() != '[') out.push_back(' ');
      out.append(Cat("{", state.index, " ", Quote(state.context.view()), "}"));
    }
    out.append("]\n");
  }
  if (!ready.entries.empty()) out.append(Cat("Entries:\n", DescribeEntries(ready.entries)));
  if (ready.snapshot != nullptr) {
    out.append(Cat("Snapshot ", DescribeSnapshot(*ready.snapshot), "\n"));
  }
  if (!ready.committed_entries.empty()) {
    out.append(Cat("CommittedEntries:\n", DescribeEntries(ready.committed_entries)));
  }
  if (!ready.messages.empty()) {
    out.append("Messages:\n");
    for (const Message& message : ready.messages) out.append(Cat(DescribeMessage(message), "\n"));
  }
  if (out.empty()) return "<empty Ready>";
  return Cat("Ready MustSync=", ready.must_sync, ":\n", out);
}

}  // namespace raft
