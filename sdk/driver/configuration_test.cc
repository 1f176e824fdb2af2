#include "configuration.h"

#include <gtest/gtest.h>

namespace backtab {
namespace {

constexpr char kComplete[] =
    "# comment\nclang=/c\nclang++=/c++\nlinker=/l\narchiver=/a\nranlib=/r\nnames=/n\nsysroot=/s\n"
    "c++-include=/i\nc++-libraries=/lib\nbuiltins=/b\nruntime=/rt\ncompat=/cp\ncomponentize=/w\n"
    "wasi-sdk=\nexceptions=yes\n";

TEST(ParseConfiguration, ReadsEveryKey) {
  std::string error;
  const std::optional<Configuration> configuration = ParseConfiguration(kComplete, error);
  ASSERT_TRUE(configuration.has_value()) << error;
  EXPECT_EQ(configuration->clang, "/c");
  EXPECT_EQ(configuration->clangxx, "/c++");
  EXPECT_EQ(configuration->cpp_libraries, "/lib");
  EXPECT_EQ(configuration->wasi_sdk, "");
  EXPECT_TRUE(configuration->exceptions);
}

TEST(ParseConfiguration, NamesAnUnknownLine) {
  std::string error;
  EXPECT_FALSE(ParseConfiguration(std::string(kComplete) + "colour=blue\n", error).has_value());
  EXPECT_EQ(error, "unknown line 'colour=blue'");
  EXPECT_FALSE(ParseConfiguration("nonsense", error).has_value());
  EXPECT_EQ(error, "unknown line 'nonsense'");
}

TEST(ParseConfiguration, NamesAMissingKey) {
  std::string error;
  EXPECT_FALSE(ParseConfiguration("clang=/c\n", error).has_value());
  EXPECT_EQ(error, "'clang++' is missing");
}

}  // namespace
}  // namespace backtab
