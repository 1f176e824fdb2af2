// Ends in the way its arguments ask for: `return N`, `exit N`, `abort`, `trap`, `throw`, `sleep`.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace {

struct SaysGoodbye {
  ~SaysGoodbye() { std::puts("destructor"); }
};

[[gnu::noinline]] void InnermostFunction(volatile int* nowhere) {
  __builtin_trap();
  *nowhere = 1;
}

[[gnu::noinline]] void MiddleFunction(volatile int* nowhere) {
  InnermostFunction(nowhere);
  *nowhere = 2;
}

}  // namespace

int main(int argc, char** argv) {
  const char* way = argc > 1 ? argv[1] : "return";
  const int status = argc > 2 ? std::atoi(argv[2]) : 0;
  static SaysGoodbye at_exit;
  std::atexit([] { std::puts("atexit"); });
  if (std::strcmp(way, "exit") == 0) std::exit(status);
  if (std::strcmp(way, "_exit") == 0) _exit(status);
  if (std::strcmp(way, "abort") == 0) std::abort();
  if (std::strcmp(way, "trap") == 0) {
    volatile int nowhere = 0;
    MiddleFunction(&nowhere);
  }
  if (std::strcmp(way, "throw") == 0) throw std::runtime_error("nobody catches this");
  if (std::strcmp(way, "sleep") == 0) {
    std::puts("asleep");
    std::fflush(stdout);
    for (;;) sleep(1000);
  }
  return status;
}
