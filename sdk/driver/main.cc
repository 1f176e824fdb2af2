// The compiler driver behind `backtab c++` and `backtab cc`: clang's command line in, WASI 0.2
// components out. One program with two names; see command_line.h.
//
// A compile-only call becomes clang at once. A link runs clang and wasm-ld into a temporary core
// module, then the component encoder, which needs Node.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "clang_arguments.h"
#include "command_line.h"
#include "configuration.h"
#include "failing_calls.h"
#include "process.h"
#include "response_file.h"

namespace backtab {
namespace {

namespace fs = std::filesystem;

// Longer commands go to clang through a response file; Linux takes 128 KiB in one argument and 2
// MiB in all, other systems as little as 256 KiB.
constexpr std::size_t kLongCommand = 100'000;

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class Driver {
 public:
  explicit Driver(const char* program)
      : path_(program), program_(path_.filename().string()), mode_(ModeOfProgramName(program_)) {}
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  ~Driver() {
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
  }

  int Main(const std::vector<std::string>& arguments) {
    if (!Configure()) return 1;
    const CommandLine command = ParseCommandLine(mode_, ExpandResponseFiles(arguments, ReadFile));
    switch (command.action) {
      case Action::kRefuse:
        return Fail(command.refusal);
      case Action::kCompile:
        return Compile(command);
      case Action::kPartialLink:
      case Action::kLink:
        return Link(command);
    }
    return Fail("unreachable");
  }

 private:
  int Fail(const std::string& message) const {
    std::fprintf(stderr, "%s: error: %s\n", program_.c_str(), message.c_str());
    return 1;
  }

  // The driver lies in the toolchain's bin directory, one below its configuration.
  bool Configure() {
    std::error_code error;
    fs::path self = fs::canonical("/proc/self/exe", error);
    // Systems other than Linux: `backtab c++` and build tools call the driver by its path.
    if (error) self = fs::canonical(path_, error);
    const std::string path = (self.parent_path().parent_path() / "driver.conf").string();
    const std::optional<std::string> text = ReadFile(path);
    if (error || !text) {
      Fail("the toolchain is not set up; run ./backtab setup");
      return false;
    }
    std::string problem;
    std::optional<Configuration> configuration = ParseConfiguration(*text, problem);
    if (!configuration) {
      Fail(path + ": " + problem + "; run ./backtab setup");
      return false;
    }
    const char* wasi_sdk = std::getenv("WASI_SDK_PATH");
    if (wasi_sdk != nullptr && *wasi_sdk != '\0' && configuration->wasi_sdk != wasi_sdk) {
      Fail("WASI_SDK_PATH is set, but the toolchain was set up without it; run ./backtab setup");
      return false;
    }
    configuration_ = std::move(*configuration);
    return true;
  }

  bool MakeTemporary() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "backtab-XXXXXX").string();
    if (error || mkdtemp(name.data()) == nullptr) return false;
    temporary_ = name;
    return true;
  }

  // Moves a long command's arguments to a response file.
  std::vector<std::string> Shorten(std::vector<std::string> command) {
    std::size_t length = 0;
    for (const std::string& argument : command) length += argument.size() + 1;
    if (length < kLongCommand || (temporary_.empty() && !MakeTemporary())) return command;
    const fs::path path = temporary_ / "arguments";
    std::ofstream file(path, std::ios::binary);
    file << QuoteResponseFile({command.begin() + 1, command.end()});
    file.close();
    if (!file) return command;
    return {command[0], "@" + path.string()};
  }

  int CannotStart(const std::string& what) const {
    return Fail("cannot start " + what + "; run ./backtab setup");
  }

  int Compile(const CommandLine& command) {
    const std::vector<std::string> clang =
        Shorten(ClangArguments(mode_, configuration_, command, "", ""));
    // A response file has to be removed afterwards.
    const int status = temporary_.empty() ? Become(clang) : Run(clang);
    return status == 127 ? CannotStart(clang[0]) : status;
  }

  int Link(const CommandLine& command) {
    std::error_code error;
    if (!MakeTemporary()) return Fail("cannot make a temporary directory");
    const bool encode = command.action == Action::kLink && command.component;
    // The linker names the module after its file, and traps print that name.
    const std::string core =
        encode ? (temporary_ / "core" / fs::path(command.output).filename()).string()
               : command.output;
    const std::string map =
        command.link_map.empty() ? (temporary_ / "link.map").string() : command.link_map;
    fs::create_directory(temporary_ / "core", error);

    // Like other linkers: no stale output survives a link that fails.
    if (fs::is_regular_file(command.output, error)) fs::remove(command.output, error);
    const std::vector<std::string> clang =
        Shorten(ClangArguments(mode_, configuration_, command, core, map));
    int status = Run(clang);
    if (status == 127) return CannotStart(clang[0]);
    if (status != 0) return status;

    if (encode) {
      status = Run({"node", configuration_.componentize, core, command.output});
      if (status == 127) return Fail("cannot start node; Node.js 20 or newer must be in PATH");
      if (status != 0) return status;
    }
    for (const FailingCall& call : FailingCallsInMap(ReadFile(map).value_or(""))) {
      std::fprintf(stderr, "%s: note: %s\n", program_.c_str(), FailingCallNote(call).c_str());
    }
    return 0;
  }

  const fs::path path_;
  const std::string program_;
  const Mode mode_;
  Configuration configuration_;
  fs::path temporary_;
};

}  // namespace
}  // namespace backtab

int main(int argc, char** argv) {
  if (argc < 1) return 1;
  return backtab::Driver(argv[0]).Main({argv + 1, argv + argc});
}
