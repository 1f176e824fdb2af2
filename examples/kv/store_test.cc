#include "store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "testing_files.h"

namespace kv {
namespace {

TEST(Store, KeepsWhatWasCommittedOverReopening) {
  TemporaryDirectory directory;
  const std::string data = directory.path() + "/made/when/missing";
  const std::string binary("\0\r\n\xff", 4);
  {
    Result<OpenedStore> opened = OpenStore(data);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    Store* store = opened.value().store.get();
    store->Set("a", "1");
    store->Set("a", "2");
    store->Set(binary, binary);
    store->Set("gone", "x");
    ASSERT_TRUE(store->Commit().ok());
    EXPECT_TRUE(store->Delete("gone"));
    EXPECT_FALSE(store->Delete("gone"));
    ASSERT_TRUE(store->Commit().ok());
    store->Set("staged only", "x");
  }
  Result<OpenedStore> opened = OpenStore(data);
  ASSERT_TRUE(opened.ok());
  const Store& store = *opened.value().store;
  EXPECT_EQ(store.size(), 2u);
  ASSERT_NE(store.Get("a"), nullptr);
  EXPECT_EQ(*store.Get("a"), "2");
  ASSERT_NE(store.Get(binary), nullptr);
  EXPECT_EQ(*store.Get(binary), binary);
  EXPECT_EQ(store.Get("gone"), nullptr);
}

TEST(Store, SyncsOncePerCommitAndNotForNothing) {
  FakeFileState file;
  Store store({}, LogWriter(std::make_unique<FakeFile>(&file), 0));
  ASSERT_TRUE(store.Commit().ok());
  EXPECT_FALSE(store.Delete("missing"));
  ASSERT_TRUE(store.Commit().ok());
  EXPECT_EQ(file.syncs, 0);
  for (int i = 0; i < 100; ++i) store.Set(std::to_string(i), "x");
  ASSERT_TRUE(store.Commit().ok());
  EXPECT_EQ(file.syncs, 1);
}

TEST(Store, RollsBackWhatCouldNotBeMadeDurable) {
  for (const bool in_sync : {false, true}) {
    FakeFileState file;
    Store store({}, LogWriter(std::make_unique<FakeFile>(&file), 0));
    store.Set("a", "1");
    store.Set("b", "1");
    ASSERT_TRUE(store.Commit().ok());
    file.fail_append = !in_sync;
    file.fail_sync = in_sync;
    store.Set("a", "2");
    store.Set("a", "3");
    EXPECT_TRUE(store.Delete("b"));
    store.Set("c", "1");
    EXPECT_TRUE(store.Delete("c"));
    store.Set("c", "2");
    EXPECT_FALSE(store.Commit().ok());
    EXPECT_FALSE(store.failure().ok());
    EXPECT_EQ(store.size(), 2u);
    EXPECT_EQ(*store.Get("a"), "1");
    EXPECT_EQ(*store.Get("b"), "1");
    EXPECT_EQ(store.Get("c"), nullptr);
  }
}

TEST(Store, ReportsFramesThatCheckButAreNotItsOwn) {
  for (const std::string& payload :
       {std::string("X"), std::string("S\x05\0\0\0ab", 7), std::string("S\x01\0\0\0a", 6)}) {
    TemporaryDirectory directory;
    const std::string path = directory.path() + "/kv.log";
    Result<std::unique_ptr<AppendFile>> file = OpenLogFile(path, ReplayedLog());
    ASSERT_TRUE(file.ok());
    LogWriter writer(std::move(file.value()), kLogHeader.size());
    ASSERT_TRUE(writer.Commit(payload).ok());
    EXPECT_FALSE(OpenStore(directory.path()).ok());
  }
}

}  // namespace
}  // namespace kv
