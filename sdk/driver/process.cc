#include "process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

extern char** environ;

namespace backtab {
namespace {

constexpr int kCannotStart = 127;

// The pointers stay valid as long as `command` does.
std::vector<char*> ArgumentVector(const std::vector<std::string>& command) {
  std::vector<char*> pointers;
  for (const std::string& argument : command) {
    // exec and spawn take char* for historical reasons and do not write through it.
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

int Run(const std::vector<std::string>& command) {
  const std::vector<char*> arguments = ArgumentVector(command);
  pid_t child = 0;
  if (posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
    return kCannotStart;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return kCannotStart;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int Become(const std::vector<std::string>& command) {
  const std::vector<char*> arguments = ArgumentVector(command);
  execvp(arguments[0], arguments.data());
  return kCannotStart;
}

}  // namespace backtab
