#include "clang_arguments.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace backtab {
namespace {

using Arguments = std::vector<std::string>;

Configuration TestConfiguration() {
  Configuration configuration;
  configuration.clang = "/bin/clang";
  configuration.clangxx = "/bin/clang++";
  configuration.linker = "/bin/wasm-ld";
  configuration.sysroot = "/sysroot";
  configuration.cpp_include = "/sysroot/c++";
  configuration.cpp_libraries = "/sysroot/lib";
  configuration.builtins = "/builtins.a";
  configuration.runtime = "/runtime";
  configuration.compat = "/compat";
  configuration.componentize = "/component.mjs";
  return configuration;
}

Arguments Clang(Mode mode, const Arguments& arguments,
                const Configuration& configuration = TestConfiguration()) {
  return ClangArguments(mode, configuration, ParseCommandLine(mode, arguments), "/tmp/core.wasm",
                        "/tmp/link.map");
}

bool Has(const Arguments& list, const std::string& argument) {
  return std::find(list.begin(), list.end(), argument) != list.end();
}

// Whether `first` and `second` are both there, in this order.
bool InOrder(const Arguments& list, const std::string& first, const std::string& second) {
  const auto one = std::find(list.begin(), list.end(), first);
  return one != list.end() && std::find(one, list.end(), second) != list.end();
}

TEST(ClangArguments, CompilesForWasiWithTheCompletedLibc) {
  const Arguments list = Clang(Mode::kC, {"-c", "x.c"});
  EXPECT_EQ(list.front(), "/bin/clang");
  EXPECT_TRUE(Has(list, "--target=wasm32-wasip2"));
  EXPECT_TRUE(Has(list, "--sysroot=/sysroot"));
  EXPECT_TRUE(InOrder(list, "-isystem", "/compat"));
  EXPECT_TRUE(Has(list, "-D_WASI_EMULATED_SIGNAL"));
  EXPECT_TRUE(Has(list, "-wasm-enable-sjlj"));
  EXPECT_FALSE(Has(list, "-fwasm-exceptions"));
  EXPECT_FALSE(Has(list, "-nodefaultlibs"));
}

TEST(ClangArguments, PutsTheUsersOptionsAfterItsOwn) {
  EXPECT_TRUE(InOrder(Clang(Mode::kC, {"-c", "-O2", "x.c"}), "--target=wasm32-wasip2", "-O2"));
}

TEST(ClangArguments, GivesCppExceptionsUnlessTheyAreSwitchedOffOrMissing) {
  EXPECT_TRUE(Has(Clang(Mode::kCpp, {"-c", "x.cc"}), "-fwasm-exceptions"));
  EXPECT_TRUE(Has(Clang(Mode::kC, {"-c", "x.cc"}), "-fwasm-exceptions"));
  const Arguments off = Clang(Mode::kCpp, {"-c", "-fno-exceptions", "x.cc"});
  EXPECT_FALSE(Has(off, "-fwasm-exceptions"));
  EXPECT_TRUE(Has(off, "-fno-exceptions"));
  Configuration without = TestConfiguration();
  without.exceptions = false;
  const Arguments missing = Clang(Mode::kCpp, {"x.cc"}, without);
  EXPECT_FALSE(Has(missing, "-fwasm-exceptions"));
  EXPECT_FALSE(Has(missing, "-lunwind"));
  EXPECT_TRUE(Has(missing, "/runtime/main.o"));
}

TEST(ClangArguments, LinksTheRuntimeAfterTheUsersInputs) {
  const Arguments list = Clang(Mode::kC, {"x.o", "-lz", "-o", "x"});
  EXPECT_TRUE(Has(list, "-fuse-ld=/bin/wasm-ld"));
  EXPECT_TRUE(InOrder(list, "-lz", "/runtime/exit.o"));
  EXPECT_TRUE(InOrder(list, "-lc", "/runtime/libcompat.a"));
  EXPECT_TRUE(InOrder(list, "/runtime/libcompat.a", "-lwasi-emulated-signal"));
  EXPECT_TRUE(Has(list, "-Wl,--wrap=fcntl"));
  EXPECT_TRUE(Has(list, "-Wl,--strip-debug"));
  EXPECT_FALSE(Has(list, "-lc++"));
  EXPECT_TRUE(Has(list, "/runtime/main.o"));
  EXPECT_TRUE(InOrder(list, "-o", "/tmp/core.wasm"));
}

TEST(ClangArguments, LinksTheCppLibraryForCppOnly) {
  EXPECT_TRUE(InOrder(Clang(Mode::kCpp, {"x.o"}), "-lc++", "-lc"));
  EXPECT_TRUE(Has(Clang(Mode::kC, {"x.cc"}), "-lc++"));
  EXPECT_TRUE(Has(Clang(Mode::kCpp, {"x.o"}), "/runtime/main_cpp.o"));
  EXPECT_FALSE(Has(Clang(Mode::kCpp, {"-nostdlib++", "x.o"}), "-lc++"));
}

TEST(ClangArguments, LeavesOutWhatTheUserLeavesOut) {
  const Arguments bare = Clang(Mode::kC, {"-nostdlib", "x.o"});
  EXPECT_FALSE(Has(bare, "-lc"));
  EXPECT_FALSE(Has(bare, "-Wl,--wrap=__main_void"));
  EXPECT_TRUE(Has(Clang(Mode::kC, {"-nostartfiles", "x.o"}), "-lc"));
  EXPECT_FALSE(Has(Clang(Mode::kC, {"-g", "x.o"}), "-Wl,--strip-debug"));
}

TEST(ClangArguments, LetsTheUsersStackSizeWin) {
  EXPECT_TRUE(InOrder(Clang(Mode::kC, {"x.o", "-z", "stack-size=4096"}),
                      "-Wl,-z,stack-size=8388608", "-Wl,-z,stack-size=4096"));
}

TEST(ClangArguments, LimitsTheLanguageToTheUsersInputs) {
  EXPECT_TRUE(InOrder(Clang(Mode::kCpp, {"-xc++", "-"}), "-xc++", "none"));
  EXPECT_TRUE(InOrder(Clang(Mode::kCpp, {"-xc++", "-"}), "none", "/runtime/exit.o"));
}

TEST(ClangArguments, LinksPartiallyWithoutLibraries) {
  const Arguments list = Clang(Mode::kC, {"-r", "x.o", "y.o", "-o", "z.o"});
  EXPECT_TRUE(InOrder(list, "-o", "z.o"));
  EXPECT_FALSE(Has(list, "-lc"));
}

}  // namespace
}  // namespace backtab
