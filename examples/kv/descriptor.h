// A file descriptor that is closed with its owner.
#ifndef EXAMPLES_KV_DESCRIPTOR_H_
#define EXAMPLES_KV_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace kv {

class Descriptor {
 public:
  Descriptor() = default;
  // Takes ownership of `fd`; negative means none.
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { Reset(); }

  bool ok() const { return fd_ >= 0; }
  int get() const { return fd_; }
  // Closes it, if there is one.
  void Reset() {
    if (ok()) close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

}  // namespace kv

#endif  // EXAMPLES_KV_DESCRIPTOR_H_
