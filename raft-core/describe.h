// Texts for people: of entries, messages and what a Ready holds. The format is that of the
// transcripts (testdata/README.md) and changes only together with them.
#ifndef RAFT_CORE_DESCRIBE_H_
#define RAFT_CORE_DESCRIBE_H_

#include <string>
#include <string_view>
#include <vector>

#include "raft-core/message.h"
#include "raft-core/node.h"

namespace raft {

// A string in quotes, with escapes for what is not printable ASCII.
std::string Quote(std::string_view text);

// "1/4 EntryNormal \"foo\""
std::string DescribeEntry(const Entry& entry);
// One such line for each entry.
std::string DescribeEntries(const std::vector<Entry>& entries);
// The fields of the membership change an entry holds, by name.
std::string DescribeChangeFields(const Entry& entry);
// "Term:1 Vote:2 Commit:3"
std::string DescribeHardState(const HardState& state);
std::string DescribeConfState(const ConfState& state);
std::string DescribeSnapshot(const Snapshot& snapshot);
// One line, or several where there are many entries or responses; without a final line end.
std::string DescribeMessage(const Message& message);
// Several lines, or "<empty Ready>" without a line end.
std::string DescribeReady(const Ready& ready);

}  // namespace raft

#endif  // RAFT_CORE_DESCRIBE_H_
