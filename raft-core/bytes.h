// Bytes: an immutable byte string that is shared, not copied. A proposal's payload is allocated
// once and then referenced by the log, by every message that carries it and by the state machine.
#ifndef RAFT_CORE_BYTES_H_
#define RAFT_CORE_BYTES_H_

#include <atomic>
#include <cstddef>
#include <string_view>
#include <utility>

namespace raft {

// A counted reference to an immutable byte string. The count is atomic, so copies may be released
// on other threads. An empty string allocates nothing.
class Bytes {
 public:
  Bytes() = default;
  // Copies `content` once.
  explicit Bytes(std::string_view content);
  Bytes(const Bytes& other) : block_(other.block_) { Acquire(); }
  Bytes(Bytes&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Bytes& operator=(const Bytes& other) {
    Bytes copy(other);
    std::swap(block_, copy.block_);
    return *this;
  }
  Bytes& operator=(Bytes&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Bytes() { Release(); }

  size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  bool empty() const { return block_ == nullptr; }
  // The content; valid while any reference to it lives.
  std::string_view view() const {
    if (block_ == nullptr) return {};
    return {reinterpret_cast<const char*>(block_ + 1), block_->size};
  }
  friend bool operator==(const Bytes& a, const Bytes& b) {
    return a.block_ == b.block_ || a.view() == b.view();
  }

 private:
  // The header; the content follows it in the same allocation.
  struct Block {
    std::atomic<size_t> references;
    size_t size;
  };

  void Acquire() const {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void Release();

  Block* block_ = nullptr;
};

}  // namespace raft

#endif  // RAFT_CORE_BYTES_H_
