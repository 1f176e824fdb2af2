// NodeSet: a small sorted set of nodes, iterated in order.
#ifndef RAFT_CORE_NODE_SET_H_
#define RAFT_CORE_NODE_SET_H_

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "raft-core/types.h"

namespace raft {

class NodeSet {
 public:
  NodeSet() = default;
  NodeSet(std::initializer_list<NodeId> ids) : NodeSet(std::vector<NodeId>(ids)) {}
  // Takes the ids in any order, with or without repetition.
  explicit NodeSet(std::vector<NodeId> ids) : ids_(std::move(ids)) {
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
  }

  bool Contains(NodeId id) const { return std::binary_search(ids_.begin(), ids_.end(), id); }
  void Insert(NodeId id) {
    const auto position = std::lower_bound(ids_.begin(), ids_.end(), id);
    if (position == ids_.end() || *position != id) ids_.insert(position, id);
  }
  void Erase(NodeId id) {
    const auto position = std::lower_bound(ids_.begin(), ids_.end(), id);
    if (position != ids_.end() && *position == id) ids_.erase(position);
  }
  void Clear() { ids_.clear(); }

  bool empty() const { return ids_.empty(); }
  size_t size() const { return ids_.size(); }
  auto begin() const { return ids_.begin(); }
  auto end() const { return ids_.end(); }
  // The members in ascending order.
  const std::vector<NodeId>& ids() const { return ids_; }
  friend bool operator==(const NodeSet&, const NodeSet&) = default;

 private:
  std::vector<NodeId> ids_;
};

// Returns the members of either set.
inline NodeSet Union(const NodeSet& a, const NodeSet& b) {
  std::vector<NodeId> ids = a.ids();
  ids.insert(ids.end(), b.begin(), b.end());
  return NodeSet(std::move(ids));
}

// "(1 2 3)": members are decimal here, as in every printed membership.
inline void AppendText(std::string* out, const NodeSet& set) {
  out->push_back('(');
  bool first = true;
  for (const NodeId id : set) {
    if (!first) out->push_back(' ');
    first = false;
    AppendNumber(out, id.value(), 10);
  }
  out->push_back(')');
}

}  // namespace raft

#endif  // RAFT_CORE_NODE_SET_H_
