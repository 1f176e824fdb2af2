// Runs transcripts, one test for each file, comparing all they print.
//
//   transcript_test [--dir DIR] [GoogleTest flags]
//
// Without --dir: the project's own (raft-core/testdata) and the ones of etcd-io/raft, which are not
// a part of the project. Those are looked for where the environment variable BACKTAB_TRANSCRIPTS
// says, or else in shared/transcripts next to the checkout; where there are none, a skipped test
// says so. With --dir: all .txt files under DIR, which must exist.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "raft-core/testing/transcripts.h"
#include "raft-core/text.h"

namespace raft::testing {
namespace {

namespace fs = std::filesystem;

Handler MakeHandler(const std::vector<Directive>& directives) {
  const std::string& command = directives.front().command;
  if (command == "committed" || command == "vote") return MakeQuorumHandler();
  if (command == "simple" || command == "enter-joint" || command == "leave-joint") {
    return MakeMembershipHandler();
  }
  return MakeInteractionHandler();
}

class TranscriptTest : public ::testing::Test {
 public:
  explicit TranscriptTest(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    std::ifstream file(path_, std::ios::binary);
    ASSERT_TRUE(file.is_open()) << "cannot read " << path_;
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    std::vector<Directive> directives;
    const std::optional<std::string> malformed = ParseDirectives(text, &directives);
    ASSERT_FALSE(malformed.has_value()) << path_.string() << ": " << *malformed;
    ASSERT_FALSE(directives.empty()) << path_.string() << " holds no command";
    const std::optional<std::string> difference =
        RunDirectives(directives, MakeHandler(directives));
    EXPECT_FALSE(difference.has_value()) << path_.string() << ": " << *difference;
  }

 private:
  fs::path path_;
};

class SkippedTest : public ::testing::Test {
 public:
  explicit SkippedTest(std::string reason) : reason_(std::move(reason)) {}
  void TestBody() override { GTEST_SKIP() << reason_; }

 private:
  std::string reason_;
};

// Registers a test for each .txt file under the directory; returns how many.
size_t RegisterFiles(const char* suite, const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator i(directory, error), end; !error && i != end;
       i.increment(error)) {
    if (i->path().extension() == ".txt") files.push_back(i->path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const std::string name = fs::relative(file, directory, error).string();
    ::testing::RegisterTest(suite, name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [file]() -> ::testing::Test* { return new TranscriptTest(file); });
  }
  return files.size();
}

int Main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc == 3 && std::string_view(argv[1]) == "--dir") {
    if (RegisterFiles("Directory", argv[2]) == 0) {
      std::fprintf(stderr, "transcript_test: no .txt files under %s\n", argv[2]);
      return 1;
    }
    return RUN_ALL_TESTS();
  }
  if (argc != 1) {
    std::fprintf(stderr, "usage: transcript_test [--dir DIR]\n");
    return 1;
  }
  RegisterFiles("Own", RAFT_TESTDATA);
  const char* configured = std::getenv("BACKTAB_TRANSCRIPTS");
  const std::string shared = configured != nullptr ? configured : RAFT_SHARED_TRANSCRIPTS;
  if (RegisterFiles("EtcdRaft", shared) == 0) {
    const std::string reason =
        Cat("no transcripts of etcd-io/raft in ", shared, "; set BACKTAB_TRANSCRIPTS to run them");
    ::testing::RegisterTest("EtcdRaft", "transcripts", nullptr, nullptr, __FILE__, __LINE__,
                            [reason]() -> ::testing::Test* { return new SkippedTest(reason); });
  }
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace raft::testing

int main(int argc, char** argv) { return raft::testing::Main(argc, argv); }
