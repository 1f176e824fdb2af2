// From what the user asked for to clang's command lines.

#ifndef BACKTAB_SDK_DRIVER_CLANG_ARGUMENTS_H_
#define BACKTAB_SDK_DRIVER_CLANG_ARGUMENTS_H_

#include <string>
#include <vector>

#include "command_line.h"
#include "configuration.h"

namespace backtab {

// The whole command, clang's path first. For a link, `core_module` is where the core module goes
// and `link_map` where the linker lists what went into it; both are unused otherwise.
std::vector<std::string> ClangArguments(Mode mode, const Configuration& configuration,
                                        const CommandLine& command, const std::string& core_module,
                                        const std::string& link_map);

}  // namespace backtab

#endif  // BACKTAB_SDK_DRIVER_CLANG_ARGUMENTS_H_
