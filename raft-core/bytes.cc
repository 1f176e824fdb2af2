#include "raft-core/bytes.h"

#include <cstring>
#include <new>

namespace raft {

Bytes::Bytes(std::string_view content) {
  if (content.empty()) return;
  void* memory = ::operator new(sizeof(Block) + content.size());
  block_ = new (memory) Block{1, content.size()};
  std::memcpy(static_cast<void*>(block_ + 1), content.data(), content.size());
}

void Bytes::Release() {
  if (block_ == nullptr) return;
  if (block_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block_->~Block();
  ::operator delete(block_);
}

}  // namespace raft
