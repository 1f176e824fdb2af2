// Where the parts of the toolchain are, as set-up found or built them.

#ifndef BACKTAB_SDK_DRIVER_CONFIGURATION_H_
#define BACKTAB_SDK_DRIVER_CONFIGURATION_H_

#include <optional>
#include <string>
#include <string_view>

namespace backtab {

struct Configuration {
  std::string clang;        // clang
  std::string clangxx;      // clang++
  std::string linker;       // wasm-ld
  std::string sysroot;      // wasi-libc and libc++, in the layout of wasi-sdk's share/wasi-sysroot
  std::string cpp_include;  // libc++'s headers
  std::string cpp_libraries;  // the directory of libc++.a
  std::string builtins;       // compiler-rt's builtins for wasm32
  std::string runtime;        // the objects and the library that every program is linked with
  std::string compat;         // headers that complete wasi-libc's
  std::string componentize;   // the script that turns a core module into a component
  std::string wasi_sdk;       // the wasi-sdk that set-up was told to use; empty for none
  bool exceptions = true;     // whether libc++ was built with exceptions
};

// Reads lines `key=value`; `#` begins a comment line. Returns nothing, with one sentence in
// `error`, when a key is unknown or a needed one is missing.
std::optional<Configuration> ParseConfiguration(std::string_view text, std::string& error);

}  // namespace backtab

#endif  // BACKTAB_SDK_DRIVER_CONFIGURATION_H_
