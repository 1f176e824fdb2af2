// Starting other programs.

#ifndef BACKTAB_SDK_DRIVER_PROCESS_H_
#define BACKTAB_SDK_DRIVER_PROCESS_H_

#include <string>
#include <vector>

namespace backtab {

// Runs a command (looked up in PATH when its name has no slash) and waits for it. Returns its exit
// status, 128 plus the signal that ended it, or 127 when it cannot be started.
int Run(const std::vector<std::string>& command);

// Becomes the command. Returns only when it cannot be started: 127.
int Become(const std::vector<std::string>& command);

}  // namespace backtab

#endif  // BACKTAB_SDK_DRIVER_PROCESS_H_
