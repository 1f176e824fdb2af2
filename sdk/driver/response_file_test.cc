#include "response_file.h"

#include <gtest/gtest.h>

#include <map>

namespace backtab {
namespace {

using Arguments = std::vector<std::string>;

TEST(SplitResponseFile, SplitsAtWhiteSpaceAndHonoursQuotesAndBackslashes) {
  EXPECT_EQ(SplitResponseFile(" a\tb\r\nc "), Arguments({"a", "b", "c"}));
  EXPECT_EQ(SplitResponseFile("\"a b\" 'c \"d' e\\ f"), Arguments({"a b", "c \"d", "e f"}));
  EXPECT_EQ(SplitResponseFile("-D\"x=1 2\"y ''"), Arguments({"-Dx=1 2y", ""}));
  EXPECT_EQ(SplitResponseFile(""), Arguments());
}

TEST(QuoteResponseFile, IsReadBackUnchanged) {
  const Arguments arguments = {"plain", "", "two words", "a\"b", "back\\slash", "'", "new\nline"};
  EXPECT_EQ(SplitResponseFile(QuoteResponseFile(arguments)), arguments);
}

TEST(ExpandResponseFiles, ReplacesFilesInPlaceAndNested) {
  const std::map<std::string, std::string> files = {{"one", "b @two d"}, {"two", "c"}};
  const auto read = [&](const std::string& path) -> std::optional<std::string> {
    const auto file = files.find(path);
    if (file == files.end()) return std::nullopt;
    return file->second;
  };
  EXPECT_EQ(ExpandResponseFiles({"a", "@one", "e", "@none", "@"}, read),
            Arguments({"a", "b", "c", "d", "e", "@none", "@"}));
}

TEST(ExpandResponseFiles, EndsForAFileThatNamesItself) {
  const auto read = [](const std::string&) { return std::optional<std::string>("@self"); };
  EXPECT_EQ(ExpandResponseFiles({"@self"}, read), Arguments({"@self"}));
}

}  // namespace
}  // namespace backtab
