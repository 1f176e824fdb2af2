#include "store.h"

#include <filesystem>
#include <system_error>

namespace kv {
namespace {

// One change inside a frame: a tag, the key's size and the key; for kSet the value likewise.
constexpr char kSet = 'S';
constexpr char kDelete = 'D';
constexpr size_t kSizeBytes = 4;

void AppendSized(std::string_view bytes, std::string* out) {
  AppendUnsigned(bytes.size(), kSizeBytes, out);
  out->append(bytes);
}

bool TakeSized(std::string_view* input, std::string* bytes) {
  if (input->size() < kSizeBytes) return false;
  const uint64_t size = ReadUnsigned(input->substr(0, kSizeBytes));
  input->remove_prefix(kSizeBytes);
  if (input->size() < size) return false;
  *bytes = input->substr(0, static_cast<size_t>(size));
  input->remove_prefix(static_cast<size_t>(size));
  return true;
}

Status ApplyFrame(std::string_view payload, Values* values) {
  while (!payload.empty()) {
    const char tag = payload.front();
    payload.remove_prefix(1);
    std::string key;
    std::string value;
    if (tag != kSet && tag != kDelete) return Status::Error("holds an unknown kind of change");
    if (!TakeSized(&payload, &key) || (tag == kSet && !TakeSized(&payload, &value))) {
      return Status::Error("ends inside a change");
    }
    if (tag == kSet) {
      values->insert_or_assign(std::move(key), std::move(value));
    } else {
      values->erase(key);
    }
  }
  return Status::Ok();
}

}  // namespace

Store::Store(Values values, LogWriter log) : values_(std::move(values)), log_(std::move(log)) {}

const std::string* Store::Get(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

void Store::Set(std::string key, std::string value) {
  batch_.push_back(kSet);
  AppendSized(key, &batch_);
  AppendSized(value, &batch_);
  const auto [entry, inserted] = values_.try_emplace(std::move(key));
  undo_.emplace_back(entry->first,
                     inserted ? std::nullopt : std::optional(std::move(entry->second)));
  entry->second = std::move(value);
}

bool Store::Delete(const std::string& key) {
  const auto found = values_.find(key);
  if (found == values_.end()) return false;
  batch_.push_back(kDelete);
  AppendSized(key, &batch_);
  undo_.emplace_back(key, std::move(found->second));
  values_.erase(found);
  return true;
}

Status Store::Commit() {
  if (!failure_.ok()) return failure_;
  if (batch_.empty()) return Status::Ok();
  failure_ = log_.Commit(batch_);
  if (!failure_.ok()) {
    for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) {
      if (change->second.has_value()) {
        values_.insert_or_assign(change->first, std::move(*change->second));
      } else {
        values_.erase(change->first);
      }
    }
  }
  batch_.clear();
  undo_.clear();
  return failure_;
}

Result<RecoveredValues> RecoverValues(const std::string& path) {
  RecoveredValues recovered;
  Result<ReplayedLog> log = ReplayLog(path, [&recovered](std::string_view payload) {
    return ApplyFrame(payload, &recovered.values);
  });
  if (!log.ok()) return log.status();
  recovered.log = log.value();
  return recovered;
}

Result<OpenedStore> OpenStore(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Status::Error("cannot make " + directory + ": " + error.message());
  const std::string path = (std::filesystem::path(directory) / "kv.log").string();
  Result<RecoveredValues> recovered = RecoverValues(path);
  if (!recovered.ok()) return recovered.status();
  const ReplayedLog log = recovered.value().log;
  Result<std::unique_ptr<AppendFile>> file = OpenLogFile(path, log);
  if (!file.ok()) return file.status();
  const uint64_t size = log.size == 0 ? kLogHeader.size() : log.size;
  return OpenedStore{std::make_unique<Store>(std::move(recovered.value().values),
                                             LogWriter(std::move(file.value()), size)),
                     path, log};
}

}  // namespace kv
