#include "command_line.h"

#include <algorithm>
#include <array>
#include <optional>

namespace backtab {
namespace {

template <std::size_t N>
bool Contains(const std::array<std::string_view, N>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// clang's options whose value is the next argument.
constexpr std::array<std::string_view, 33> kSeparateValue = {"-I",
                                                             "-D",
                                                             "-U",
                                                             "-L",
                                                             "-x",
                                                             "-include",
                                                             "-imacros",
                                                             "-isystem",
                                                             "-iquote",
                                                             "-idirafter",
                                                             "-isysroot",
                                                             "-iprefix",
                                                             "-iwithprefix",
                                                             "-iwithprefixbefore",
                                                             "-include-pch",
                                                             "-MF",
                                                             "-MT",
                                                             "-MQ",
                                                             "-MJ",
                                                             "-Xclang",
                                                             "-Xassembler",
                                                             "-Xpreprocessor",
                                                             "-mllvm",
                                                             "-T",
                                                             "-u",
                                                             "-e",
                                                             "-F",
                                                             "-framework",
                                                             "-target",
                                                             "-arch",
                                                             "--param",
                                                             "--sysroot",
                                                             "-working-directory"};

// Options after which clang does not link.
constexpr std::array<std::string_view, 21> kNoLink = {
    "-c",           "-S",           "-E",
    "-M",           "-MM",          "-fsyntax-only",
    "--analyze",    "--precompile", "-###",
    "--version",    "--help",       "-dumpmachine",
    "-dumpversion", "-emit-ast",    "--compile",
    "--assemble",   "--preprocess", "-cc1",
    "-cc1as",       "-emit-pch",    "--help-hidden",
};

// Options that choose how native programs are loaded, or that name threads, which a program here
// has only one of. They change nothing and are dropped.
constexpr std::array<std::string_view, 11> kMeaningless = {
    "-pthread",  "-pthreads",      "-rdynamic",         "-pie",           "-no-pie", "-static-pie",
    "-symbolic", "-static-libgcc", "-static-libstdc++", "-shared-libgcc", "-nopie",
};

// Libraries of native toolchains whose contents are in the C and C++ library or in clang here.
constexpr std::array<std::string_view, 8> kBuiltInLibraries = {
    "gcc", "gcc_s", "gcc_eh", "atomic", "stdc++", "supc++", "nsl", "c++abi",
};

// Linker options about dynamic loading and ELF, with their value in the same argument or without
// one; the names before '=' count.
constexpr std::array<std::string_view, 23> kMeaninglessLinkerOptions = {
    "start-group",
    "end-group",
    "as-needed",
    "no-as-needed",
    "push-state",
    "pop-state",
    "hash-style",
    "sort-common",
    "warn-common",
    "eh-frame-hdr",
    "enable-new-dtags",
    "disable-new-dtags",
    "E",
    "export-dynamic",
    "rpath",
    "rpath-link",
    "soname",
    "no-undefined",
    "copy-dt-needed-entries",
    "(",
    ")",
    "no-copy-dt-needed-entries",
    "allow-shlib-undefined",
};

// Of those, the ones whose value may be the next linker argument.
constexpr std::array<std::string_view, 3> kLinkerSeparateValue = {"rpath", "rpath-link", "soname"};

bool HasCppExtension(std::string_view path) {
  constexpr std::array<std::string_view, 9> kExtensions = {"cc",  "cp", "cxx", "cpp", "CPP",
                                                           "c++", "C",  "ii",  "cppm"};
  const std::size_t dot = path.rfind('.');
  return dot != std::string_view::npos && Contains(kExtensions, path.substr(dot + 1));
}

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

std::string_view WithoutDashes(std::string_view option) {
  option.remove_prefix(std::min(option.find_first_not_of('-'), option.size()));
  return option;
}

class Parser {
 public:
  Parser(Mode mode, const std::vector<std::string>& arguments) : input_(arguments) {
    result_.cpp = mode == Mode::kCpp;
  }

  CommandLine Parse() {
    while (position_ < input_.size()) ParseArgument();
    if (result_.action != Action::kRefuse) {
      if (no_link_ || !has_input_) {
        result_.action = Action::kCompile;
        if (has_output_) {
          result_.arguments.push_back("-o");
          result_.arguments.push_back(result_.output);
        }
      } else {
        result_.action = partial_ ? Action::kPartialLink : Action::kLink;
      }
    }
    return std::move(result_);
  }

 private:
  void Keep(std::string_view argument) { result_.arguments.emplace_back(argument); }

  void Refuse(std::string refusal) {
    if (result_.action == Action::kRefuse) return;
    result_.action = Action::kRefuse;
    result_.refusal = std::move(refusal);
  }

  // The value of an option that is the next argument; clang complains when there is none.
  std::optional<std::string> TakeValue() {
    if (position_ >= input_.size()) return std::nullopt;
    return input_[position_++];
  }

  void SetOutput(std::string path) {
    result_.output = std::move(path);
    has_output_ = true;
  }

  void ParseArgument() {
    const std::string& argument = input_[position_++];
    if (only_inputs_ || argument.empty() || argument == "-" || argument[0] != '-') {
      has_input_ = true;
      if (HasCppExtension(argument)) result_.cpp = true;
      // "--" itself is dropped, since more options follow the inputs of a link.
      Keep(only_inputs_ && argument.starts_with('-') ? "./" + argument : argument);
      return;
    }
    if (argument == "--") {
      only_inputs_ = true;
      return;
    }
    if (ParseOwn(argument) || ParseExceptions(argument) || ParseOutput(argument) ||
        ParseLinker(argument))
      return;
    ParseMode(argument);
    if (Contains(kMeaningless, argument)) return;
    Keep(argument);
    if (Contains(kSeparateValue, argument)) {
      if (const std::optional<std::string> value = TakeValue()) {
        if (argument == "-x" && value->starts_with("c++")) result_.cpp = true;
        Keep(*value);
      }
    }
  }

  bool ParseOwn(std::string_view argument) {
    if (argument != "--no-component") return false;
    result_.component = false;
    return true;
  }

  // The last of these counts; the driver passes on what follows from it.
  bool ParseExceptions(std::string_view argument) {
    if (argument == "-fno-exceptions") {
      result_.exceptions = false;
    } else if (argument == "-fexceptions" || argument == "-fwasm-exceptions") {
      result_.exceptions = true;
    } else {
      return false;
    }
    return true;
  }

  bool ParseOutput(std::string_view argument) {
    if (argument == "-o" || argument == "--output") {
      if (std::optional<std::string> value = TakeValue()) {
        SetOutput(std::move(*value));
      } else {
        Keep(argument);
      }
      return true;
    }
    if (argument.starts_with("--output=")) {
      SetOutput(std::string(argument.substr(9)));
      return true;
    }
    // -o is clang's only option whose value may follow at once and that starts with these two
    // characters, apart from -object and -objcmt-…, which belong to Objective-C.
    if (argument.starts_with("-o") && !argument.starts_with("-objc") && argument != "-object") {
      SetOutput(std::string(argument.substr(2)));
      return true;
    }
    return false;
  }

  bool ParseLinker(std::string_view argument) {
    if (argument.starts_with("-Wl,")) {
      std::string kept;
      for (const std::string& part : FilterLinkerOptions(SplitAtCommas(argument.substr(4)))) {
        kept += ',' + part;
      }
      if (!kept.empty()) Keep("-Wl" + kept);
      return true;
    }
    if (argument == "-Xlinker") {
      const std::optional<std::string> value = TakeValue();
      if (!value) {
        Keep(argument);
      } else {
        for (const std::string& part : FilterLinkerOptions({*value})) {
          Keep("-Xlinker");
          Keep(part);
        }
      }
      return true;
    }
    if (argument == "-z") {
      if (const std::optional<std::string> value = TakeValue()) KeepLinkerKeyword(*value);
      return true;
    }
    if (argument.starts_with("-z")) {
      KeepLinkerKeyword(argument.substr(2));
      return true;
    }
    if (argument == "-l" || (argument.starts_with("-l") && argument.size() > 2)) {
      std::optional<std::string> name =
          argument == "-l" ? TakeValue() : std::optional<std::string>(argument.substr(2));
      has_input_ = true;
      if (name && !Contains(kBuiltInLibraries, *name)) Keep("-l" + *name);
      if (name && (*name == "stdc++" || *name == "supc++")) result_.cpp = true;
      return true;
    }
    return false;
  }

  // -z takes keywords; wasm-ld knows one of them.
  void KeepLinkerKeyword(std::string_view keyword) {
    if (keyword.starts_with("stack-size=")) Keep("-Wl,-z," + std::string(keyword));
  }

  // Drops what only concerns dynamic loading. A value may be in the next part, and with -Xlinker in
  // the next -Xlinker, which is why the pending option outlives the call.
  std::vector<std::string> FilterLinkerOptions(const std::vector<std::string>& parts) {
    std::vector<std::string> kept;
    for (const std::string& part : parts) {
      if (drop_linker_value_) {
        drop_linker_value_ = false;
        continue;
      }
      if (linker_keyword_follows_) {
        linker_keyword_follows_ = false;
        KeepLinkerKeyword(part);
        continue;
      }
      if (link_map_follows_) {
        link_map_follows_ = false;
        result_.link_map = part;
      }
      if (part == "-z") {
        linker_keyword_follows_ = true;
        continue;
      }
      if (part == "-shared" || part == "--shared") RefuseShared(part);
      const std::string_view option = WithoutDashes(part);
      const std::string_view name = option.substr(0, option.find('='));
      if (part.starts_with('-') && name == "Map") {
        link_map_follows_ = name == option;
        if (name != option) result_.link_map = option.substr(name.size() + 1);
      }
      if (part.starts_with('-') && Contains(kMeaninglessLinkerOptions, name)) {
        drop_linker_value_ = name == option && Contains(kLinkerSeparateValue, name);
        continue;
      }
      if (part.starts_with("-z") && part.size() > 2) {
        KeepLinkerKeyword(std::string_view(part).substr(2));
        continue;
      }
      kept.push_back(part);
    }
    return kept;
  }

  void RefuseShared(std::string_view option) {
    Refuse(
        std::string(option) +
        ": there are no shared libraries here, since a program is one file; make a static library "
        "with ar, or link the objects into the program");
  }

  void ParseMode(std::string_view argument) {
    if (Contains(kNoLink, argument) || argument.starts_with("-print-") ||
        argument.starts_with("--print-")) {
      no_link_ = true;
    }
    if (argument == "-shared" || argument == "--shared" || argument == "-dynamiclib" ||
        argument == "-bundle") {
      RefuseShared(argument);
    }
    if (argument == "-r" || argument == "--relocatable") partial_ = true;
    if (argument == "-nostdlib" || argument == "--nostdlib") {
      result_.start_files = false;
      result_.default_libraries = false;
    }
    if (argument == "-nostartfiles") result_.start_files = false;
    if (argument == "-nodefaultlibs") result_.default_libraries = false;
    if (argument == "-nostdlib++") result_.cpp_library = false;
    if (argument.starts_with("-g")) result_.debug_information = argument != "-g0";
    if (argument.starts_with("-xc++")) result_.cpp = true;
  }

  const std::vector<std::string>& input_;
  std::size_t position_ = 0;
  CommandLine result_;
  bool no_link_ = false;
  bool partial_ = false;
  bool has_input_ = false;
  bool has_output_ = false;
  bool only_inputs_ = false;
  bool drop_linker_value_ = false;
  bool linker_keyword_follows_ = false;
  bool link_map_follows_ = false;
};

}  // namespace

CommandLine ParseCommandLine(Mode mode, const std::vector<std::string>& arguments) {
  return Parser(mode, arguments).Parse();
}

Mode ModeOfProgramName(std::string_view program) {
  return program.ends_with("++") ? Mode::kCpp : Mode::kC;
}

}  // namespace backtab
