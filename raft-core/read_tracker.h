// ReadTracker: linearizable reads without log entries (thesis section 6.4). A read is safe at the
// commit index of its arrival once the leader knows that it was still leader afterwards: when a
// majority answers a heartbeat round that was sent after the read arrived. Rounds are numbered
// within the leader's term; one round confirms every earlier read.
//
// The same acknowledgements give the leader's lease (thesis section 6.4.1): voters that answered a
// round sent at time t refuse to elect anyone else before t + election timeout.
#ifndef RAFT_CORE_READ_TRACKER_H_
#define RAFT_CORE_READ_TRACKER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "raft-core/message.h"
#include "raft-core/quorum.h"
#include "raft-core/types.h"

namespace raft {

class ReadTracker {
 public:
  struct Request {
    // The node that asked; kNoNode: this one.
    NodeId from;
    Bytes context;
    // The commit index at arrival: what the reader must have applied.
    Index index;
  };

  // Begins a round of heartbeats at the given time (ticks of the leader) and returns its number.
  uint64_t BeginRound(uint64_t now_ticks);
  // Adds a read that the next round confirms.
  void Add(Request request);
  // A node answered the round.
  void Acknowledge(NodeId from, uint64_t round);
  // Confirms what `voters` allows; `self` counts as having answered every round. Returns the reads
  // that became safe, in order of arrival.
  std::vector<Request> Confirm(const JointQuorum& voters, NodeId self);
  // When the last confirmed round was sent, in ticks; false if none was.
  bool LastConfirmedSent(uint64_t* ticks) const;
  bool HasPending() const { return !requests_.empty(); }
  // Forgets everything: a new term. Pending reads are dropped; their clients ask again.
  void Reset();

 private:
  struct Pending {
    Request request;
    uint64_t round;
  };
  struct Round {
    uint64_t number;
    uint64_t sent_ticks;
  };

  uint64_t last_round_ = 0;
  uint64_t confirmed_round_ = 0;
  uint64_t confirmed_sent_ticks_ = 0;
  std::map<NodeId, uint64_t> acknowledged_;
  std::deque<Pending> requests_;
  // Rounds after the confirmed one.
  std::deque<Round> rounds_;
};

}  // namespace raft

#endif  // RAFT_CORE_READ_TRACKER_H_
