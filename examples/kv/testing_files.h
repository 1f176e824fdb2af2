// What several unit tests need: a directory that goes away, whole files, and files that fail.
#ifndef EXAMPLES_KV_TESTING_FILES_H_
#define EXAMPLES_KV_TESTING_FILES_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "log.h"

namespace kv {

// A new empty directory, removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kv-test-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string ReadWholeFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

inline void WriteWholeFile(const std::string& path, std::string_view bytes) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// What a FakeFile was asked to do, and what it shall answer.
struct FakeFileState {
  std::string appended;
  int syncs = 0;
  bool fail_append = false;
  bool fail_sync = false;
};

// An AppendFile in memory that fails on demand. The state outlives it.
class FakeFile : public AppendFile {
 public:
  explicit FakeFile(FakeFileState* state) : state_(state) {}

  Status Append(std::string_view bytes) override {
    if (state_->fail_append) return Status::Error("No space left on device");
    state_->appended += bytes;
    return Status::Ok();
  }
  Status Sync() override {
    ++state_->syncs;
    return state_->fail_sync ? Status::Error("Input/output error") : Status::Ok();
  }

 private:
  FakeFileState* const state_;
};

}  // namespace kv

#endif  // EXAMPLES_KV_TESTING_FILES_H_
