#include "log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "testing_files.h"

namespace kv {
namespace {

class LogTest : public testing::Test {
 protected:
  // Replays the log; the payloads land in payloads_.
  Result<ReplayedLog> Replay() {
    payloads_.clear();
    return ReplayLog(path_, [this](std::string_view payload) {
      payloads_.emplace_back(payload);
      return Status::Ok();
    });
  }

  // Replays, opens and appends; true when all of it worked.
  bool Append(const std::vector<std::string>& payloads) {
    Result<ReplayedLog> replayed = Replay();
    if (!replayed.ok()) return false;
    Result<std::unique_ptr<AppendFile>> file = OpenLogFile(path_, replayed.value());
    if (!file.ok()) return false;
    const uint64_t size = replayed.value().size == 0 ? kLogHeader.size() : replayed.value().size;
    LogWriter writer(std::move(file.value()), size);
    for (const std::string& payload : payloads) {
      if (!writer.Commit(payload).ok()) return false;
    }
    return true;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/kv.log";
  std::vector<std::string> payloads_;
};

TEST_F(LogTest, MissingFileIsAnEmptyLog) {
  Result<ReplayedLog> replayed = Replay();
  ASSERT_TRUE(replayed.ok());
  EXPECT_EQ(replayed.value().size, 0u);
}

TEST_F(LogTest, ReplaysWhatWasAppendedOverSeveralOpenings) {
  ASSERT_TRUE(Append({"one", ""}));
  ASSERT_TRUE(Append({}));
  ASSERT_TRUE(Append({std::string(300000, 'x')}));
  Result<ReplayedLog> replayed = Replay();
  ASSERT_TRUE(replayed.ok());
  EXPECT_EQ(payloads_, (std::vector<std::string>{"one", "", std::string(300000, 'x')}));
  EXPECT_EQ(replayed.value().frames, 3u);
  EXPECT_EQ(replayed.value().size, std::filesystem::file_size(path_));
  EXPECT_EQ(replayed.value().torn_size, 0u);
}

TEST_F(LogTest, CutsATailTornAtEveryByte) {
  ASSERT_TRUE(Append({"first", "second"}));
  const std::string before = ReadWholeFile(path_);
  ASSERT_TRUE(Append({"the third"}));
  const std::string whole = ReadWholeFile(path_);
  for (size_t size = 0; size < whole.size(); ++size) {
    WriteWholeFile(path_, whole.substr(0, size));
    Result<ReplayedLog> replayed = Replay();
    ASSERT_TRUE(replayed.ok()) << size << ": " << replayed.status().message();
    if (size >= before.size()) {
      EXPECT_EQ(payloads_, (std::vector<std::string>{"first", "second"})) << size;
      EXPECT_EQ(replayed.value().torn_size, size - before.size()) << size;
    }
    ASSERT_TRUE(Append({"after"})) << size;
    std::vector<std::string> expected = std::move(payloads_);
    expected.push_back("after");
    ASSERT_TRUE(Replay().ok()) << size;
    EXPECT_EQ(payloads_, expected) << size;
  }
}

TEST_F(LogTest, CutsATailWhoseBytesWereNotAllWritten) {
  ASSERT_TRUE(Append({"first"}));
  const size_t before = ReadWholeFile(path_).size();
  ASSERT_TRUE(Append({"the second"}));
  const std::string whole = ReadWholeFile(path_);
  // A file's size may grow before its bytes arrive: zeros stand for those.
  for (size_t from = before; from < whole.size(); ++from) {
    for (size_t to = from + 1; to <= whole.size(); ++to) {
      std::string torn = whole;
      torn.replace(from, to - from, to - from, '\0');
      if (torn == whole) continue;
      WriteWholeFile(path_, torn);
      Result<ReplayedLog> replayed = Replay();
      ASSERT_TRUE(replayed.ok()) << replayed.status().message();
      EXPECT_EQ(payloads_, std::vector<std::string>{"first"}) << from << " to " << to;
      EXPECT_EQ(replayed.value().torn_size, whole.size() - before);
    }
  }
}

TEST_F(LogTest, ReportsEveryDamagedByteBeforeTheLastFrame) {
  ASSERT_TRUE(Append({"first", "second"}));
  const size_t before_last = ReadWholeFile(path_).size();
  ASSERT_TRUE(Append({"third"}));
  const std::string whole = ReadWholeFile(path_);
  for (size_t position = 0; position < before_last; ++position) {
    std::string damaged = whole;
    damaged[position] = static_cast<char>(damaged[position] ^ 0x10);
    WriteWholeFile(path_, damaged);
    Result<ReplayedLog> replayed = Replay();
    EXPECT_FALSE(replayed.ok()) << position;
    EXPECT_EQ(ReadWholeFile(path_), damaged) << "a corrupt log must be left as it is";
  }
}

TEST_F(LogTest, FindsDamageThatLiesFarBeforeIntactData) {
  ASSERT_TRUE(Append({std::string(3 * 1024 * 1024, 'x'), "last"}));
  std::string damaged = ReadWholeFile(path_);
  damaged[kLogHeader.size()] = '?';
  WriteWholeFile(path_, damaged);
  Result<ReplayedLog> replayed = Replay();
  ASSERT_FALSE(replayed.ok());
  EXPECT_NE(replayed.status().message().find("is corrupt: bytes 8 to 3145752"), std::string::npos)
      << replayed.status().message();
}

TEST_F(LogTest, AFrameInsideATornPayloadIsNotMistakenForIntactData) {
  ASSERT_TRUE(Append({"first"}));
  const std::string log = ReadWholeFile(path_);
  ASSERT_TRUE(Append({log + log}));
  const std::string whole = ReadWholeFile(path_);
  WriteWholeFile(path_, whole.substr(0, whole.size() - 1));
  Result<ReplayedLog> replayed = Replay();
  ASSERT_TRUE(replayed.ok()) << replayed.status().message();
  EXPECT_EQ(payloads_, std::vector<std::string>{"first"});
}

TEST_F(LogTest, RefusesOtherFiles) {
  WriteWholeFile(path_, "something else entirely");
  EXPECT_FALSE(Replay().ok());
  EXPECT_FALSE(ReplayLog(directory_.path(), [](std::string_view) { return Status::Ok(); }).ok());
}

TEST_F(LogTest, StopsAtAPayloadThatIsRefused) {
  ASSERT_TRUE(Append({"one", "two"}));
  Result<ReplayedLog> replayed =
      ReplayLog(path_, [](std::string_view) { return Status::Error("is refused"); });
  ASSERT_FALSE(replayed.ok());
  EXPECT_NE(replayed.status().message().find("the frame at byte 8 is refused"), std::string::npos);
}

TEST_F(LogTest, RefusesToOpenWhatChangedSinceTheReplay) {
  ASSERT_TRUE(Append({"one"}));
  Result<ReplayedLog> replayed = Replay();
  ASSERT_TRUE(replayed.ok());
  ASSERT_TRUE(Append({"two"}));
  EXPECT_FALSE(OpenLogFile(path_, replayed.value()).ok());
}

TEST(LogWriter, RefusesEverythingAfterAFailure) {
  for (const bool in_sync : {false, true}) {
    FakeFileState file;
    LogWriter writer(std::make_unique<FakeFile>(&file), kLogHeader.size());
    ASSERT_TRUE(writer.Commit("one").ok());
    EXPECT_EQ(file.syncs, 1);
    file.fail_append = !in_sync;
    file.fail_sync = in_sync;
    EXPECT_FALSE(writer.Commit("two").ok());
    file.fail_append = false;
    file.fail_sync = false;
    const std::string appended = file.appended;
    EXPECT_FALSE(writer.Commit("three").ok());
    EXPECT_EQ(file.appended, appended);
  }
}

TEST(Unsigned, RoundTrips) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{0x01020304}, ~uint64_t{0}}) {
    std::string bytes;
    AppendUnsigned(value, 8, &bytes);
    EXPECT_EQ(ReadUnsigned(bytes), value);
  }
}

}  // namespace
}  // namespace kv
