// Transcripts of membership changes.
#include <memory>
#include <string>
#include <vector>

#include "raft-core/membership.h"
#include "raft-core/progress.h"
#include "raft-core/testing/transcripts.h"

namespace raft::testing {
namespace {

class MembershipTranscript {
 public:
  std::string Handle(const Directive& directive) {
    // Every command counts as one entry, so that "next" shows when a progress was created.
    const Index last = last_;
    last_ = last_.Next();
    std::vector<SingleChange> steps;
    if (const Status status = ParseSteps(directive.input, &steps); !status.ok()) {
      return status.message();
    }
    MembershipResult result;
    if (directive.command == "simple") {
      result = ApplySimple(membership_, steps);
    } else if (directive.command == "enter-joint") {
      const Argument* auto_leave = directive.Find("autoleave");
      result = EnterJoint(membership_,
                          auto_leave != nullptr && auto_leave->values.front() == "true", steps);
    } else if (directive.command == "leave-joint") {
      if (!steps.empty()) return "this command takes no input";
      result = LeaveJoint(membership_);
    } else {
      return "unknown command";
    }
    if (!result.status.ok()) return result.status.message();
    membership_ = result.membership;
    UpdateProgressMap(membership_, last, {10, 0}, &progress_);
    return Cat(membership_, "\n", DescribeProgress(progress_));
  }

 private:
  Membership membership_;
  ProgressMap progress_;
  Index last_;
};

}  // namespace

Handler MakeMembershipHandler() {
  return [transcript = std::make_shared<MembershipTranscript>()](const Directive& directive) {
    return transcript->Handle(directive);
  };
}

}  // namespace raft::testing
