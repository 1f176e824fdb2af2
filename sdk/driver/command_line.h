// What one call of the driver asks for.
//
// The driver takes clang's command line. ParseCommandLine finds out what has to be known to turn it
// into a call for WebAssembly: whether it links, where to, and with which languages. Everything it
// does not have to understand stays in `arguments`, in order, for clang.

#ifndef BACKTAB_SDK_DRIVER_COMMAND_LINE_H_
#define BACKTAB_SDK_DRIVER_COMMAND_LINE_H_

#include <string>
#include <string_view>
#include <vector>

namespace backtab {

// The name the driver was called by decides how libraries are linked and how inputs of unknown
// language are compiled, as with clang and clang++.
enum class Mode { kC, kCpp };

enum class Action {
  kCompile,      // No linking: -c, -S, -E, -M, a question such as --version, or no input at all.
  kLink,         // Make a program, compiling sources on the way.
  kPartialLink,  // -r: make one object of several.
  kRefuse,       // Something that cannot be done; see `refusal`.
};

struct CommandLine {
  Action action = Action::kCompile;
  // One sentence that names the cause and the remedy, when `action` is kRefuse.
  std::string refusal;
  // For clang, without what the driver itself handles (the output of a link, its own switches) and
  // without what means nothing for WebAssembly.
  std::vector<std::string> arguments;
  // Where a link goes; "a.out" unless told.
  std::string output = "a.out";
  // Where the user wants the linker's map; empty for nowhere.
  std::string link_map;
  // Whether anything on the command line is, or may be, C++.
  bool cpp = false;
  // False after -fno-exceptions.
  bool exceptions = true;
  // -g on the link keeps debug information in the program.
  bool debug_information = false;
  // False after --no-component: the result is the core module with its component type inside.
  bool component = true;
  // False after -nostdlib or -nostartfiles, and -nostdlib or -nodefaultlibs.
  bool start_files = true;
  bool default_libraries = true;
  // False after -nostdlib++.
  bool cpp_library = true;
};

// `arguments` excludes the program's name and has response files already expanded.
CommandLine ParseCommandLine(Mode mode, const std::vector<std::string>& arguments);

// Mode::kCpp when the last part of `program`, the path the driver was called by, ends in "++".
Mode ModeOfProgramName(std::string_view program);

}  // namespace backtab

#endif  // BACKTAB_SDK_DRIVER_COMMAND_LINE_H_
