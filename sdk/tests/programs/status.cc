// Ways to end: the argument says which.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>

struct Global {
  ~Global() { std::puts("global destroyed"); }
} global;

struct Local {
  ~Local() { std::puts("local destroyed"); }
};

int main(int argc, char** argv) {
  std::atexit([] { std::puts("atexit"); });
  const char* way = argc > 1 ? argv[1] : "";
  const int status = argc > 2 ? std::atoi(argv[2]) : 0;
  Local local;
  if (std::strcmp(way, "return") == 0) return status;
  if (std::strcmp(way, "exit") == 0) std::exit(status);
  if (std::strcmp(way, "_exit") == 0) _exit(status);
  if (std::strcmp(way, "_Exit") == 0) std::_Exit(status);
  if (std::strcmp(way, "quick_exit") == 0) std::quick_exit(status);
  if (std::strcmp(way, "abort") == 0) std::abort();
  if (std::strcmp(way, "raise") == 0) std::raise(status);
  if (std::strcmp(way, "throw") == 0) throw std::runtime_error("nobody catches this");
}
