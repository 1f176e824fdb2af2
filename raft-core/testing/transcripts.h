// The commands of the transcripts, by kind. Each function makes the handler for one file: what one
// command does, the later ones of the same file see.
#ifndef RAFT_CORE_TESTING_TRANSCRIPTS_H_
#define RAFT_CORE_TESTING_TRANSCRIPTS_H_

#include "raft-core/testing/data_driven.h"

namespace raft::testing {

// committed, vote: decisions by majority.
Handler MakeQuorumHandler();
// simple, enter-joint, leave-joint: membership changes.
Handler MakeMembershipHandler();
// add-nodes, propose, stabilize, ...: nodes that exchange messages.
Handler MakeInteractionHandler();

}  // namespace raft::testing

#endif  // RAFT_CORE_TESTING_TRANSCRIPTS_H_
