// Transcripts of nodes that exchange messages. A cluster lives in memory; commands drive it step by
// step and print what the nodes do and log.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "raft-core/describe.h"
#include "raft-core/memory_storage.h"
#include "raft-core/node.h"
#include "raft-core/testing/transcripts.h"

namespace raft::testing {
namespace {

using Arguments = std::vector<Argument>;

constexpr std::string_view kLevelNames[] = {"DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE"};
constexpr int kQuiet = 5;

// What a command prints: its own lines and those the nodes log. At level NONE both vanish.
class Output : public Logger {
 public:
  bool Enabled(LogLevel level) const override { return level_ <= static_cast<int>(level); }
  void Write(LogLevel level, std::string_view line) override {
    text_.append(Cat(kLevelNames[static_cast<size_t>(level)], " ", line, "\n"));
  }
  template <class... Args>
  void Print(const Args&... args) {
    if (!quiet()) text_.append(Cat(args...));
  }
  // Indents everything that `print` prints, and ends its last line.
  void Indented(const std::function<void()>& print) {
    std::string outer = std::exchange(text_, {});
    print();
    std::string_view inner = text_;
    while (!inner.empty()) {
      const size_t end = inner.find('\n');
      outer.append(Cat("  ", inner.substr(0, end), "\n"));
      inner.remove_prefix(end == std::string_view::npos ? inner.size() : end + 1);
    }
    text_ = std::move(outer);
  }
  bool quiet() const { return level_ == kQuiet; }
  int level() const { return level_; }
  void set_level(int level) { level_ = level; }
  std::string Take() { return std::exchange(text_, {}); }

 private:
  int level_ = 0;
  std::string text_;
};

// Elections in transcripts are started by commands, so any sequence will do.
class SeededRandom : public RandomSource {
 public:
  uint64_t Below(uint64_t bound) override { return generator_() % bound; }

 private:
  std::mt19937_64 generator_{1};
};

// Storage whose snapshot is always that of the latest applied entry.
class NodeStorage : public MemoryStorage {
 public:
  Status LatestSnapshot(SnapshotRef* snapshot) const override {
    *snapshot = history.back();
    return Status::Ok();
  }
  // The state machine after each applied entry: all applied data, one after the other.
  std::vector<SnapshotRef> history;
};

struct Member {
  Config config;
  NodeStorage storage;
  std::unique_ptr<Node> node;
  // Asynchronous storage work, in order.
  std::vector<Message> append_work;
  std::vector<Message> apply_work;
};

// A command's failure; empty: none.
using Error = std::string;

class Cluster {
 public:
  std::string Handle(const Directive& directive) {
    Error error;
    if (directive.command == "propose-conf-change") {
      error = ProposeChange(directive.arguments, directive.input);
    } else {
      error = Run(directive.command, directive.arguments);
      // Input lines are further commands.
      std::string_view rest = directive.input;
      while (error.empty() && !rest.empty()) {
        const size_t end = rest.find('\n');
        std::string command;
        Arguments arguments;
        ParseCommandLine(rest.substr(0, end), &command, &arguments);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        error = Run(command, arguments);
      }
    }
    std::string text = output_.Take() + error;
    return text.empty() ? "ok" : text;
  }

 private:
  Error Run(const std::string& command, const Arguments& arguments) {
    struct Command {
      std::string_view name;
      Error (Cluster::*run)(const Arguments&);
    };
    static constexpr Command kCommands[] = {
        {"add-nodes", &Cluster::AddNodes},
        {"campaign", &Cluster::Campaign},
        {"compact", &Cluster::Compact},
        {"deliver-msgs", &Cluster::DeliverMessages},
        {"forget-leader", &Cluster::ForgetLeader},
        {"log-level", &Cluster::SetLogLevel},
        {"process-append-thread", &Cluster::ProcessAppendThreads},
        {"process-apply-thread", &Cluster::ProcessApplyThreads},
        {"process-ready", &Cluster::ProcessReadies},
        {"propose", &Cluster::Propose},
        {"raft-log", &Cluster::PrintLog},
        {"raft-state", &Cluster::PrintStates},
        {"read-index", &Cluster::ReadIndex},
        {"report-snapshot", &Cluster::ReportSnapshot},
        {"report-unreachable", &Cluster::ReportUnreachable},
        {"send-snapshot", &Cluster::SendSnapshot},
        {"set-randomized-election-timeout", &Cluster::SetElectionTimeout},
        {"stabilize", &Cluster::Stabilize},
        {"status", &Cluster::PrintStatus},
        {"tick-election", &Cluster::TickElection},
        {"tick-heartbeat", &Cluster::TickHeartbeat},
        {"transfer-leadership", &Cluster::TransferLeadership},
    };
    for (const Command& known : kCommands) {
      if (known.name == command) return (this->*known.run)(arguments);
    }
    return "unknown command";
  }

  // ---- arguments ----

  // The existing members named by the plain arguments, in their order.
  Error Members(const Arguments& arguments, std::vector<Member*>* members) {
    members->clear();
    for (const Argument& argument : arguments) {
      if (!argument.values.empty()) continue;
      const std::optional<uint64_t> id = ParseNumber(argument.key);
      if (!id.has_value() || *id == 0 || *id > members_.size()) {
        return Cat("no such node: ", argument.key);
      }
      members->push_back(members_[*id - 1].get());
    }
    return {};
  }
  Error FirstMember(const Arguments& arguments, Member** member) {
    if (arguments.empty()) return "the node is missing";
    std::vector<Member*> members;
    const Error error = Members({arguments.front()}, &members);
    if (!error.empty()) return error;
    if (members.empty()) return "the node is missing";
    *member = members.front();
    return {};
  }
  static std::string Value(const Arguments& arguments, std::string_view key) {
    for (const Argument& argument : arguments) {
      if (argument.key == key && !argument.values.empty()) return argument.values.front();
    }
    return {};
  }
  // Runs `action` on each named member, under a heading if there are several.
  Error ForEach(const Arguments& arguments, std::string_view heading,
                Error (Cluster::*action)(Member*)) {
    std::vector<Member*> members;
    Error error = Members(arguments, &members);
    for (Member* member : members) {
      if (!error.empty()) break;
      if (members.size() == 1) return (this->*action)(member);
      output_.Print("> ", member->config.id.value(), " ", heading, "\n");
      output_.Indented([&] { error = (this->*action)(member); });
    }
    return error;
  }

  // ---- setting up ----

  Error AddNodes(const Arguments& arguments) {
    Config config;
    config.election_ticks = 3;
    config.heartbeat_ticks = 1;
    config.max_inflight_messages = std::numeric_limits<int32_t>::max();
    Snapshot snapshot;
    bool bootstrap = false;
    const std::optional<uint64_t> count =
        arguments.empty() ? std::nullopt : ParseNumber(arguments.front().key);
    if (!count.has_value()) return "the number of nodes is missing";
    for (const Argument& argument : arguments) {
      for (const std::string& value : argument.values) {
        const uint64_t number = ParseNumber(value).value_or(0);
        const bool flag = value == "true";
        bootstrap |= argument.key == "voters" || argument.key == "learners" ||
                     argument.key == "index" || argument.key == "content";
        if (argument.key == "voters") {
          snapshot.membership.voters.push_back(NodeId(number));
        } else if (argument.key == "learners") {
          snapshot.membership.learners.push_back(NodeId(number));
        } else if (argument.key == "inflight") {
          config.max_inflight_messages = number;
        } else if (argument.key == "index") {
          snapshot.index = Index(number);
          config.applied = Index(number);
        } else if (argument.key == "content") {
          snapshot.data = Bytes(value);
        } else if (argument.key == "async-storage-writes") {
          config.async_storage_writes = flag;
        } else if (argument.key == "prevote") {
          config.pre_vote = flag;
        } else if (argument.key == "checkquorum") {
          config.check_quorum = flag;
        } else if (argument.key == "max-committed-size-per-ready") {
          config.max_applying_bytes = number;
        } else if (argument.key == "disable-conf-change-validation") {
          config.disable_membership_change_validation = flag;
        } else if (argument.key == "step-down-on-removal") {
          config.step_down_on_removal = flag;
        } else if (argument.key == "read-only") {
          if (value != "safe" && value != "lease-based") {
            return Cat("invalid read-only option ", Quote(value));
          }
          config.read_mode = value == "safe" ? ReadMode::kSafe : ReadMode::kLease;
        } else {
          return Cat("unknown argument ", argument.key);
        }
      }
    }
    if (bootstrap && snapshot.index <= Index(1)) {
      return "index must be specified as > 1 due to bootstrap";
    }
    if (bootstrap) snapshot.term = Term(1);
    for (uint64_t i = 0; i < *count; ++i) {
      auto member = std::make_unique<Member>();
      member->config = config;
      member->config.id = NodeId(members_.size() + 1);
      const auto shared = std::make_shared<const Snapshot>(snapshot);
      if (bootstrap) {
        if (const Status status = member->storage.ApplySnapshot(shared); !status.ok()) {
          return status.message();
        }
      }
      member->storage.history.push_back(shared);
      if (const Status status = member->config.Validate(); !status.ok()) return status.message();
      member->node = std::make_unique<Node>(member->config, &member->storage, &random_, &output_);
      members_.push_back(std::move(member));
    }
    return {};
  }

  Error SetLogLevel(const Arguments& arguments) {
    if (arguments.empty()) return "the log level is missing";
    return SetLogLevelName(arguments.front().key);
  }
  Error SetLogLevelName(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    for (int level = 0; level <= kQuiet; ++level) {
      if (kLevelNames[level] != name) continue;
      output_.set_level(level);
      return {};
    }
    return "log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]";
  }

  // ---- input to nodes ----

  Error Campaign(const Arguments& arguments) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    member->node->Campaign();
    return {};
  }

  Error Tick(const Arguments& arguments, int Config::*ticks) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    for (int i = 0; i < member->config.*ticks; ++i) member->node->Tick();
    return {};
  }
  Error TickElection(const Arguments& arguments) {
    return Tick(arguments, &Config::election_ticks);
  }
  Error TickHeartbeat(const Arguments& arguments) {
    return Tick(arguments, &Config::heartbeat_ticks);
  }

  Error SetElectionTimeout(const Arguments& arguments) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    const std::optional<uint64_t> ticks = ParseNumber(Value(arguments, "timeout"));
    if (!ticks.has_value() || *ticks == 0) return "the timeout is missing";
    member->node->SetRandomizedElectionTicks(static_cast<int>(*ticks));
    return {};
  }

  Error Propose(const Arguments& arguments) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    if (arguments.size() != 2) return "expected one argument to propose";
    return member->node->Propose(Bytes(arguments[1].key)).message();
  }

  Error ProposeChange(const Arguments& arguments, const std::string& input) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    MembershipChange change;
    const std::string transition = Value(arguments, "transition");
    if (transition == "implicit") {
      change.transition = Transition::kJointImplicit;
    } else if (transition == "explicit") {
      change.transition = Transition::kJointExplicit;
    } else if (!transition.empty() && transition != "auto") {
      return Cat("unknown transition ", transition);
    }
    if (const Status status = ParseSteps(input, &change.steps); !status.ok()) {
      return status.message();
    }
    if (Value(arguments, "v1") != "true") {
      return member->node->ProposeMembershipChange(change).message();
    }
    if (change.steps.size() != 1 || change.transition != Transition::kAuto) {
      return "v1 conf change can only have one operation and no transition";
    }
    return member->node->ProposeSingleChange(change.steps.front()).message();
  }

  Error TransferLeadership(const Arguments& arguments) {
    Member* member = nullptr;
    if (Error error = FirstMember({{Value(arguments, "from"), {}}}, &member); !error.empty()) {
      return error;
    }
    const std::optional<uint64_t> to = ParseNumber(Value(arguments, "to"));
    if (!to.has_value() || *to == 0) return "the successor is missing";
    member->node->TransferLeadership(NodeId(*to));
    return {};
  }

  Error ForgetLeader(const Arguments& arguments) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    member->node->ForgetLeader();
    return {};
  }

  Error ReadIndex(const Arguments& arguments) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    if (arguments.size() != 2) return "expected one argument to read-index";
    member->node->ReadIndex(Bytes(arguments[1].key));
    return {};
  }

  Error ReportUnreachable(const Arguments& arguments) {
    std::vector<Member*> members;
    if (Error error = Members(arguments, &members); !error.empty()) return error;
    if (members.size() != 2) return "must specify exactly two node indexes";
    members[0]->node->ReportUnreachable(members[1]->config.id);
    return {};
  }

  Error ReportSnapshot(const Arguments& arguments) {
    std::vector<Member*> members;
    if (Error error = Members(arguments, &members); !error.empty()) return error;
    if (members.size() != 2) return "must specify exactly two node indexes";
    members[0]->node->ReportSnapshot(members[1]->config.id,
                                     Value(arguments, "delivered") != "false");
    return {};
  }

  Error SendSnapshot(const Arguments& arguments) {
    std::vector<Member*> members;
    if (Error error = Members(arguments, &members); !error.empty()) return error;
    if (members.size() != 2) return "must specify exactly two node indexes";
    Message message;
    message.type = MessageType::kSnap;
    message.term = members[0]->node->raft().term();
    message.from = members[0]->config.id;
    message.to = members[1]->config.id;
    message.snapshot = members[0]->storage.history.back();
    output_.Print(DescribeMessage(message));
    messages_.push_back(std::move(message));
    return {};
  }

  // ---- messages ----

  struct Recipient {
    NodeId id;
    bool drop = false;
  };

  static bool IsLocal(const Message& message) {
    return message.from == message.to || IsStorageThread(message.from) ||
           IsStorageThread(message.to);
  }

  static bool IsFor(const Message& message, const Recipient& recipient,
                    std::optional<MessageType> type) {
    // What a node sends itself is never lost.
    if (recipient.drop && IsLocal(message)) return false;
    return message.to == recipient.id && (!type.has_value() || message.type == *type);
  }

  size_t Deliver(const Recipient& recipient, std::optional<MessageType> type) {
    std::vector<Message> delivered;
    std::vector<Message> rest;
    for (Message& message : messages_) {
      (IsFor(message, recipient, type) ? delivered : rest).push_back(std::move(message));
    }
    messages_ = std::move(rest);
    for (Message& message : delivered) {
      output_.Print(recipient.drop ? "dropped: " : "", DescribeMessage(message), "\n");
      if (recipient.drop) continue;
      Node* node = members_[recipient.id.value() - 1]->node.get();
      const Status status = node->Step(std::move(message));
      if (!status.ok()) output_.Print(status.message(), "\n");
    }
    return delivered.size();
  }

  Error DeliverMessages(const Arguments& arguments) {
    std::optional<MessageType> type;
    std::vector<Recipient> recipients;
    for (const Argument& argument : arguments) {
      if (argument.values.empty()) {
        Member* member = nullptr;
        if (Error error = FirstMember({argument}, &member); !error.empty()) return error;
        recipients.push_back({member->config.id, false});
      }
      for (const std::string& value : argument.values) {
        if (argument.key == "drop") {
          // Nodes that do not exist yet may be named here.
          const NodeId id(ParseNumber(value).value_or(0));
          for (const Recipient& other : recipients) {
            if (other.id == id) return Cat("can't both deliver and drop msgs to ", id.value());
          }
          recipients.push_back({id, true});
        } else if (argument.key == "type") {
          for (int i = 0; i < kMessageTypeCount; ++i) {
            const auto candidate = static_cast<MessageType>(i);
            if (value == MessageTypeName(candidate)) type = candidate;
          }
          if (!type.has_value()) return Cat("unknown message type ", value);
        }
      }
    }
    size_t count = 0;
    for (const Recipient& recipient : recipients) count += Deliver(recipient, type);
    if (count == 0) output_.Print("no messages\n");
    return {};
  }

  // ---- work of the application ----

  static Error Store(Member* member, const HardState& state, const std::vector<Entry>& entries,
                     const SnapshotRef& snapshot) {
    if (state != HardState()) member->storage.SetHardState(state);
    if (snapshot != nullptr) {
      if (!entries.empty()) return "can't apply snapshot and entries at the same time";
      member->storage.history.push_back(snapshot);
      return member->storage.ApplySnapshot(snapshot).message();
    }
    member->storage.Append(entries);
    return {};
  }

  static Error Apply(Member* member, const std::vector<Entry>& entries) {
    for (const Entry& entry : entries) {
      const SnapshotRef& last = member->storage.history.back();
      auto next =
          std::make_shared<Snapshot>(Snapshot{entry.index, entry.term, last->membership, Bytes()});
      Bytes update = entry.data;
      if (entry.type != EntryType::kNormal) {
        MembershipChange change;
        if (const Status status = DecodeChange(entry.data.view(), &change); !status.ok()) {
          return status.message();
        }
        next->membership = member->node->ApplyMembershipChange(change);
        update = change.context;
      }
      next->data = Bytes(Cat(last->data.view(), update.view()));
      member->storage.history.push_back(std::move(next));
    }
    return {};
  }

  Error ProcessReady(Member* member) {
    Ready ready = member->node->TakeReady();
    output_.Print(DescribeReady(ready));
    const bool async = member->config.async_storage_writes;
    if (!async) {
      Error error =
          Store(member, ready.hard_state.value_or(HardState()), ready.entries, ready.snapshot);
      if (error.empty()) error = Apply(member, ready.committed_entries);
      if (!error.empty()) return error;
    }
    for (Message& message : ready.messages) {
      if (message.to == kAppendThread) {
        member->append_work.push_back(std::move(message));
      } else if (message.to == kApplyThread) {
        member->apply_work.push_back(std::move(message));
      } else {
        messages_.push_back(std::move(message));
      }
    }
    if (!async) member->node->Advance();
    return {};
  }
  Error ProcessReadies(const Arguments& arguments) {
    return ForEach(arguments, "handling Ready", &Cluster::ProcessReady);
  }

  // Takes the first message of a thread's work and prints it without its responses.
  Message TakeWork(std::vector<Message>* work, std::vector<Message>* responses) {
    Message message = std::move(work->front());
    work->erase(work->begin());
    *responses = std::exchange(message.responses, {});
    output_.Print("Processing:\n", DescribeMessage(message), "\n");
    return message;
  }
  void SendResponses(std::vector<Message> responses) {
    output_.Print("Responses:\n");
    for (Message& response : responses) {
      output_.Print(DescribeMessage(response), "\n");
      messages_.push_back(std::move(response));
    }
  }

  Error ProcessAppendThread(Member* member) {
    if (member->append_work.empty()) {
      output_.Print("no append work to perform");
      return {};
    }
    std::vector<Message> responses;
    const Message work = TakeWork(&member->append_work, &responses);
    Error error = Store(member, {work.term, work.vote, work.commit}, work.entries, work.snapshot);
    if (error.empty()) SendResponses(std::move(responses));
    return error;
  }
  Error ProcessAppendThreads(const Arguments& arguments) {
    return ForEach(arguments, "processing append thread", &Cluster::ProcessAppendThread);
  }

  Error ProcessApplyThread(Member* member) {
    if (member->apply_work.empty()) {
      output_.Print("no apply work to perform");
      return {};
    }
    std::vector<Message> responses;
    const Message work = TakeWork(&member->apply_work, &responses);
    Error error = Apply(member, work.entries);
    if (error.empty()) SendResponses(std::move(responses));
    return error;
  }
  Error ProcessApplyThreads(const Arguments& arguments) {
    return ForEach(arguments, "processing apply thread", &Cluster::ProcessApplyThread);
  }

  Error Compact(const Arguments& arguments) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    if (arguments.size() != 2) return "expected the index to compact up to";
    const std::optional<uint64_t> index = ParseNumber(arguments[1].key);
    if (!index.has_value()) return Cat("not an index: ", arguments[1].key);
    if (const Status status = member->storage.Compact(Index(*index)); !status.ok()) {
      return status.message();
    }
    return PrintLog({arguments.front()});
  }

  Error Stabilize(const Arguments& arguments) {
    std::vector<Member*> members;
    if (Error error = Members(arguments, &members); !error.empty()) return error;
    if (members.empty()) {
      for (const auto& member : members_) members.push_back(member.get());
    }
    const int level = output_.level();
    if (const std::string name = Value(arguments, "log-level"); !name.empty()) {
      if (Error error = SetLogLevelName(name); !error.empty()) return error;
    }
    const Error error = StabilizeMembers(members);
    output_.set_level(level);
    return error;
  }

  // Runs everything there is to do until nothing is left.
  Error StabilizeMembers(const std::vector<Member*>& members) {
    Error error;
    const auto heading = [&](Member* member, std::string_view text) {
      output_.Print("> ", member->config.id.value(), " ", text, "\n");
    };
    for (bool busy = true; busy && error.empty();) {
      busy = false;
      for (Member* member : members) {
        if (!error.empty() || !member->node->HasReady()) continue;
        heading(member, "handling Ready");
        output_.Indented([&] { error = ProcessReady(member); });
        busy = true;
      }
      for (Member* member : members) {
        const Recipient recipient{member->config.id, false};
        if (std::none_of(messages_.begin(), messages_.end(), [&](const Message& message) {
              return IsFor(message, recipient, std::nullopt);
            })) {
          continue;
        }
        heading(member, "receiving messages");
        output_.Indented([&] { Deliver(recipient, std::nullopt); });
        busy = true;
      }
      for (Member* member : members) {
        if (member->append_work.empty()) continue;
        heading(member, "processing append thread");
        while (error.empty() && !member->append_work.empty()) {
          output_.Indented([&] { error = ProcessAppendThread(member); });
        }
        busy = true;
      }
      for (Member* member : members) {
        if (member->apply_work.empty()) continue;
        heading(member, "processing apply thread");
        while (error.empty() && !member->apply_work.empty()) {
          output_.Indented([&] { error = ProcessApplyThread(member); });
        }
        busy = true;
      }
    }
    return error;
  }

  // ---- printing ----

  Error PrintLog(const Arguments& arguments) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    const MemoryStorage& storage = member->storage;
    if (storage.LastIndex() < storage.FirstIndex()) {
      output_.Print("log is empty: first index=", storage.FirstIndex(),
                    ", last index=", storage.LastIndex());
      return {};
    }
    std::vector<Entry> entries;
    const Status status =
        storage.Entries(storage.FirstIndex(), storage.LastIndex().Next(), kNoLimit, &entries);
    output_.Print(DescribeEntries(entries));
    return status.message();
  }

  Error PrintStates(const Arguments&) {
    for (const auto& member : members_) {
      const NodeStatus status = member->node->GetStatus();
      const bool voter = status.membership.voters.Contains(status.id);
      output_.Print(status.id.value(), ": ", RoleName(status.soft_state.role),
                    voter ? " (Voter)" : " (Non-Voter)", " Term:", status.hard_state.term,
                    " Lead:", status.soft_state.leader.value(), "\n");
    }
    return {};
  }

  Error PrintStatus(const Arguments& arguments) {
    Member* member = nullptr;
    if (Error error = FirstMember(arguments, &member); !error.empty()) return error;
    output_.Print(DescribeProgress(member->node->GetStatus().progress));
    return {};
  }

  Output output_;
  SeededRandom random_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<Message> messages_;
};

}  // namespace

Handler MakeInteractionHandler() {
  return [cluster = std::make_shared<Cluster>()](const Directive& directive) {
    return cluster->Handle(directive);
  };
}

}  // namespace raft::testing
