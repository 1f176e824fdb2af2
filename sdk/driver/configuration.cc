#include "configuration.h"

#include <array>
#include <utility>

namespace backtab {

std::optional<Configuration> ParseConfiguration(std::string_view text, std::string& error) {
  Configuration configuration;
  std::string exceptions;
  std::string unused;
  const std::array<std::pair<std::string_view, std::string*>, 15> fields = {{
      {"clang", &configuration.clang},
      {"clang++", &configuration.clangxx},
      {"linker", &configuration.linker},
      // For sdk/cmake/backtab.cmake.
      {"archiver", &unused},
      {"ranlib", &unused},
      {"names", &unused},
      {"sysroot", &configuration.sysroot},
      {"c++-include", &configuration.cpp_include},
      {"c++-libraries", &configuration.cpp_libraries},
      {"builtins", &configuration.builtins},
      {"runtime", &configuration.runtime},
      {"compat", &configuration.compat},
      {"componentize", &configuration.componentize},
      {"wasi-sdk", &configuration.wasi_sdk},
      {"exceptions", &exceptions},
  }};

  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find('=');
    std::string* field = nullptr;
    for (const auto& [key, target] : fields) {
      if (equals != std::string_view::npos && line.substr(0, equals) == key) field = target;
    }
    if (field == nullptr) {
      error = "unknown line '" + std::string(line) + "'";
      return std::nullopt;
    }
    *field = line.substr(equals + 1);
  }

  for (const auto& [key, value] : fields) {
    if (value->empty() && key != "wasi-sdk") {
      error = "'" + std::string(key) + "' is missing";
      return std::nullopt;
    }
  }
  configuration.exceptions = exceptions == "yes";
  return configuration;
}

}  // namespace backtab
