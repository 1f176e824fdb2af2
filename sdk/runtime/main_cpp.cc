// As main.c, for programs with C++ exceptions. One that nobody catches would leave the program for
// the host, which cannot name it; here it ends in std::terminate, which prints it and aborts.
#include <cstdlib>
#include <exception>

extern "C" {
int __real___main_void();
int __wrap___main_void();
}

static int CallMain() {
  // Not noexcept: std::terminate knows the exception only inside a handler.
  try {
    return __real___main_void();
  } catch (...) {
    std::terminate();
  }
}

int __wrap___main_void() { std::exit(CallMain()); }
