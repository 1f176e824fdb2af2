#include "clang_arguments.h"

#include <initializer_list>

namespace backtab {
namespace {

// As much as Linux gives the main thread; pages that are never touched cost nothing.
constexpr const char kStackSize[] = "8388608";

void Append(std::vector<std::string>& list, std::initializer_list<std::string> items) {
  list.insert(list.end(), items);
}

// Functions that wasi-libc has but that always fail, or do less or other than they should there;
// sdk/compat has a __wrap_ function for each.
constexpr const char* kReplacedFunctions[] = {
    "chmod",
    "fchmod",
    "fchmodat",
    "fcntl",
    "freeaddrinfo",
    "getaddrinfo",
    "getnameinfo",
    "gethostbyaddr",
    "gethostbyname",
    "getprotobyname",
    "hstrerror",
    "ioctl",
    "preadv",
    "pwritev",
    "read",
    "readv",
    "write",
    "writev",
    "filesystem_method_descriptor_read",
};

void AppendCompileOptions(const Configuration& configuration, const CommandLine& command,
                          std::vector<std::string>& list) {
  Append(list, {"--target=wasm32-wasip2", "--sysroot=" + configuration.sysroot});
  Append(list, {"-isystem", configuration.compat});
  if (command.cpp) {
    // clang ignores this for C; named here because a libc++ need not lie where clang looks.
    Append(list, {"-stdlib++-isystem", configuration.cpp_include});
  }
  for (const char* part : {"SIGNAL", "MMAN", "GETPID", "PROCESS_CLOCKS"}) {
    list.push_back(std::string("-D_WASI_EMULATED_") + part);
  }
  // setjmp and exceptions both use the standardized exception handling (exnref).
  Append(list, {"-mllvm", "-wasm-enable-sjlj", "-mllvm", "-wasm-use-legacy-eh=false"});
  if (!command.exceptions || !configuration.exceptions) {
    list.push_back("-fno-exceptions");
  } else if (command.cpp) {
    list.push_back("-fwasm-exceptions");
  }
  // Which of the options above a step uses depends on the step.
  list.push_back("-Wno-unused-command-line-argument");
}

void AppendLibraries(Mode mode, const Configuration& configuration, const CommandLine& command,
                     std::vector<std::string>& list) {
  // A language the user named with -x is not that of what follows.
  Append(list, {"-x", "none"});
  const std::string libraries = configuration.sysroot + "/lib/wasm32-wasip2";
  const bool link_cpp =
      command.cpp_library && command.default_libraries && (mode == Mode::kCpp || command.cpp);
  if (command.start_files) {
    const bool cpp_main = link_cpp && configuration.exceptions;
    Append(list, {libraries + "/crt1-command.o",
                  configuration.runtime + (cpp_main ? "/main_cpp.o" : "/main.o"),
                  "-Wl,--wrap=__main_void"});
  }
  if (!command.default_libraries) return;
  Append(list, {configuration.runtime + "/exit.o", configuration.runtime + "/component_type.o",
                configuration.runtime + "/cpp_exception.o"});
  if (link_cpp) {
    Append(list, {"-L" + configuration.cpp_libraries, "-lc++", "-lc++abi"});
    if (configuration.exceptions) list.push_back("-lunwind");
  }
  // libcompat comes after libc, so that it only fills gaps and shrinks as wasi-libc grows, and
  // before the emulated signals, which it replaces.
  Append(list, {"-lc", configuration.runtime + "/libcompat.a", "-lwasi-emulated-signal",
                "-lwasi-emulated-mman", "-lwasi-emulated-getpid", "-lwasi-emulated-process-clocks",
                "-lsetjmp", configuration.builtins});
  for (const char* function : kReplacedFunctions) {
    list.push_back(std::string("-Wl,--wrap=") + function);
  }
}

}  // namespace

std::vector<std::string> ClangArguments(Mode mode, const Configuration& configuration,
                                        const CommandLine& command, const std::string& core_module,
                                        const std::string& link_map) {
  std::vector<std::string> list;
  list.push_back(mode == Mode::kCpp ? configuration.clangxx : configuration.clang);
  AppendCompileOptions(configuration, command, list);

  if (command.action == Action::kCompile) {
    list.insert(list.end(), command.arguments.begin(), command.arguments.end());
    return list;
  }

  // clang would run wasm-opt after the link if it found one; it must not depend on that.
  Append(list,
         {"-fuse-ld=" + configuration.linker, "-nostartfiles", "-nodefaultlibs", "--no-wasm-opt"});
  if (command.action == Action::kPartialLink) {
    list.insert(list.end(), command.arguments.begin(), command.arguments.end());
    Append(list, {"-o", command.output});
    return list;
  }
  // With -flto it is the linker that generates code, and clang tells it nothing about exceptions.
  list.push_back(
      "-Wl,-mllvm,-wasm-enable-eh,-mllvm,-wasm-use-legacy-eh=false,-mllvm,-wasm-enable-sjlj,"
      "-mllvm,-exception-model=wasm");
  Append(list, {std::string("-Wl,-z,stack-size=") + kStackSize, "-Wl,-Map," + link_map});
  // wasi-libc's archives carry debug information, which would triple the size of a small program.
  if (!command.debug_information) list.push_back("-Wl,--strip-debug");
  list.insert(list.end(), command.arguments.begin(), command.arguments.end());
  AppendLibraries(mode, configuration, command, list);
  Append(list, {"-o", core_module});
  return list;
}

}  // namespace backtab
