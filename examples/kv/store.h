// The key-value map, backed by the log.
//
// Changes are staged: they are visible at once, and durable when Commit returned ok. When it fails
// the map is rolled back to what is durable, and every later change is refused: who reads the store
// after a Commit, failed or not, sees durable values only.
#ifndef EXAMPLES_KV_STORE_H_
#define EXAMPLES_KV_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "log.h"
#include "status.h"

namespace kv {

using Values = std::unordered_map<std::string, std::string>;

class Store {
 public:
  // A store over an existing map. Set and Delete must not be called once failure() is not ok.
  Store(Values values, LogWriter log);

  // The value of `key`, or null. Valid until the next change.
  const std::string* Get(const std::string& key) const;
  void Set(std::string key, std::string value);
  // Whether the key was there.
  bool Delete(const std::string& key);
  size_t size() const { return values_.size(); }

  // The bytes staged since the last Commit.
  size_t staged_size() const { return batch_.size(); }

  // Makes all staged changes durable with one sync; nothing staged costs nothing.
  Status Commit();

  // Why changes are refused; ok while they are not.
  const Status& failure() const { return failure_; }

 private:
  Values values_;
  LogWriter log_;
  std::string batch_;  // the staged changes as the log will hold them
  // What staged changes replaced, oldest first; nothing where there was no value.
  std::vector<std::pair<std::string, std::optional<std::string>>> undo_;
  Status failure_ = Status::Ok();
};

// The map as a log left it, and what of the log that was.
struct RecoveredValues {
  Values values;
  ReplayedLog log;
};

// Reads the log at `path`; fails as ReplayLog does.
Result<RecoveredValues> RecoverValues(const std::string& path);

// Opens the store in `directory` (made if missing), in its file kv.log.
struct OpenedStore {
  std::unique_ptr<Store> store;
  std::string path;
  ReplayedLog log;
};
Result<OpenedStore> OpenStore(const std::string& directory);

}  // namespace kv

#endif  // EXAMPLES_KV_STORE_H_
