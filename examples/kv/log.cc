#include "log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "crc32c.h"

namespace kv {
namespace {

constexpr std::string_view kFrameMarker = "KVF1";
constexpr size_t kScanSize = 1024 * 1024;

Status SystemError(const std::string& what) {
  return Status::Error(what + ": " + std::strerror(errno));
}

// The head of a frame that lies at `position` of the file.
std::string EncodeFrameHeader(std::string_view payload, uint64_t position) {
  std::string header(kFrameMarker);
  AppendUnsigned(payload.size(), 4, &header);
  AppendUnsigned(Crc32c(payload), 4, &header);
  std::string place;
  AppendUnsigned(position, 8, &place);
  AppendUnsigned(Crc32c(place, Crc32c(header)), 4, &header);
  return header;
}

struct FrameHeader {
  uint32_t payload_size;
  uint32_t payload_crc;
};

// Nothing when `bytes` are not the head of a frame at `position`.
std::optional<FrameHeader> DecodeFrameHeader(std::string_view bytes, uint64_t position) {
  if (bytes.size() < kFrameHeaderSize || !bytes.starts_with(kFrameMarker)) return std::nullopt;
  std::string place;
  AppendUnsigned(position, 8, &place);
  if (ReadUnsigned(bytes.substr(12, 4)) != Crc32c(place, Crc32c(bytes.substr(0, 12)))) {
    return std::nullopt;
  }
  return FrameHeader{static_cast<uint32_t>(ReadUnsigned(bytes.substr(4, 4))),
                     static_cast<uint32_t>(ReadUnsigned(bytes.substr(8, 4)))};
}

// A file that is read at given positions. Reading past the end gives fewer bytes.
class LogReader {
 public:
  explicit LogReader(const std::string& path) : stream_(path, std::ios::in | std::ios::binary) {}

  bool ok() const { return stream_.is_open() && !stream_.bad(); }

  std::string Read(uint64_t position, size_t size) {
    std::string bytes(size, '\0');
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(position));
    stream_.read(bytes.data(), static_cast<std::streamsize>(size));
    bytes.resize(static_cast<size_t>(stream_.gcount()));
    return bytes;
  }

 private:
  std::ifstream stream_;
};

// The payload of the frame at `position`; nothing when there is no whole, valid frame.
std::optional<std::string> ReadFrame(LogReader* reader, uint64_t position, uint64_t file_size) {
  const std::optional<FrameHeader> header =
      DecodeFrameHeader(reader->Read(position, kFrameHeaderSize), position);
  if (!header.has_value()) return std::nullopt;
  if (header->payload_size > file_size - position - kFrameHeaderSize) return std::nullopt;
  std::string payload = reader->Read(position + kFrameHeaderSize, header->payload_size);
  if (payload.size() != header->payload_size || Crc32c(payload) != header->payload_crc) {
    return std::nullopt;
  }
  return payload;
}

// The position of the first valid frame at or after `position`.
std::optional<uint64_t> FindFrame(LogReader* reader, uint64_t position, uint64_t file_size) {
  while (position + kFrameHeaderSize <= file_size) {
    const std::string bytes = reader->Read(position, kScanSize);
    for (size_t i = bytes.find(kFrameMarker); i != std::string::npos;
         i = bytes.find(kFrameMarker, i + 1)) {
      if (ReadFrame(reader, position + i, file_size).has_value()) return position + i;
    }
    if (bytes.size() < kScanSize) return std::nullopt;
    // A marker may lie across two pieces.
    position += bytes.size() - (kFrameMarker.size() - 1);
  }
  return std::nullopt;
}

class PosixAppendFile : public AppendFile {
 public:
  PosixAppendFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  PosixAppendFile(const PosixAppendFile&) = delete;
  PosixAppendFile& operator=(const PosixAppendFile&) = delete;
  ~PosixAppendFile() override { close(fd_); }

  int fd() const { return fd_; }

  Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return SystemError("cannot write " + path_);
      }
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return Status::Ok();
  }

  Status Sync() override {
    if (fsync(fd_) != 0) return SystemError("cannot sync " + path_);
    return Status::Ok();
  }

 private:
  const std::string path_;
  const int fd_;
};

Status SyncDirectory(const std::filesystem::path& directory) {
  const std::string name = directory.empty() ? "." : directory.string();
  const int fd = open(name.c_str(), O_RDONLY | O_DIRECTORY);
  if (fd < 0) return SystemError("cannot open " + name);
  Status status = fsync(fd) == 0 ? Status::Ok() : SystemError("cannot sync " + name);
  close(fd);
  return status;
}

// Systems without record locks (WASI, where a disk has one owner anyway) define no F_SETLK.
Status LockFile([[maybe_unused]] int fd, [[maybe_unused]] const std::string& path) {
#ifdef F_SETLK
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(fd, F_SETLK, &lock) != 0 && (errno == EACCES || errno == EAGAIN)) {
    return Status::Error(path + " is in use by another process");
  }
#endif
  return Status::Ok();
}

}  // namespace

void AppendUnsigned(uint64_t value, size_t bytes, std::string* out) {
  for (size_t i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}

uint64_t ReadUnsigned(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return value;
}

Result<ReplayedLog> ReplayLog(const std::string& path,
                              const std::function<Status(std::string_view payload)>& apply) {
  std::error_code error;
  const std::filesystem::file_status file = std::filesystem::status(path, error);
  if (file.type() == std::filesystem::file_type::not_found) return ReplayedLog();
  if (error) return Status::Error("cannot read " + path + ": " + error.message());
  if (file.type() != std::filesystem::file_type::regular) {
    return Status::Error(path + " is not a file");
  }
  const uint64_t file_size = std::filesystem::file_size(path, error);
  if (error) return Status::Error("cannot read " + path + ": " + error.message());
  LogReader reader(path);
  if (!reader.ok()) return Status::Error("cannot read " + path);

  const std::string start = reader.Read(0, kLogHeader.size());
  if (!reader.ok()) return Status::Error("cannot read " + path);
  if (start != kLogHeader) {
    // The file's creation may itself have been cut short, with nothing or zeros behind it.
    const bool torn = file_size <= kLogHeader.size() &&
                      (kLogHeader.starts_with(start) ||
                       std::all_of(start.begin(), start.end(), [](char c) { return c == '\0'; }));
    if (!torn) return Status::Error(path + " is not a log of this program");
    return ReplayedLog{.size = 0, .frames = 0, .torn_size = file_size};
  }

  ReplayedLog replayed{.size = kLogHeader.size(), .frames = 0, .torn_size = 0};
  while (replayed.size < file_size) {
    std::optional<std::string> payload;
    if (file_size - replayed.size >= kFrameHeaderSize) {
      payload = ReadFrame(&reader, replayed.size, file_size);
    }
    if (!reader.ok()) return Status::Error("cannot read " + path);
    if (!payload.has_value()) {
      const std::optional<uint64_t> next = FindFrame(&reader, replayed.size + 1, file_size);
      if (!reader.ok()) return Status::Error("cannot read " + path);
      if (next.has_value()) {
        return Status::Error(path + " is corrupt: bytes " + std::to_string(replayed.size) + " to " +
                             std::to_string(*next) +
                             " do not check, but intact data follows them; restore the file from "
                             "a copy, or move it away to start empty");
      }
      replayed.torn_size = file_size - replayed.size;
      return replayed;
    }
    Status status = apply(*payload);
    if (!status.ok()) {
      return Status::Error(path + " is corrupt: the frame at byte " +
                           std::to_string(replayed.size) + " " + status.message());
    }
    replayed.size += kFrameHeaderSize + payload->size();
    ++replayed.frames;
  }
  return replayed;
}

Result<std::unique_ptr<AppendFile>> OpenLogFile(const std::string& path,
                                                const ReplayedLog& replayed) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (fd < 0) return SystemError("cannot open " + path);
  auto file = std::make_unique<PosixAppendFile>(path, fd);
  Status status = LockFile(fd, path);
  if (!status.ok()) return status;
  struct stat attributes = {};
  if (fstat(fd, &attributes) != 0) return SystemError("cannot stat " + path);
  if (static_cast<uint64_t>(attributes.st_size) != replayed.size + replayed.torn_size) {
    return Status::Error(path + " was written to by another process");
  }
  if (replayed.torn_size != 0 && ftruncate(fd, static_cast<off_t>(replayed.size)) != 0) {
    return SystemError("cannot cut " + path);
  }
  if (replayed.size == 0) status = file->Append(kLogHeader);
  // Also what an earlier process wrote but did not live to sync must be durable before it is
  // served.
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = SyncDirectory(std::filesystem::path(path).parent_path());
  if (!status.ok()) return status;
  return std::unique_ptr<AppendFile>(std::move(file));
}

LogWriter::LogWriter(std::unique_ptr<AppendFile> file, uint64_t size)
    : file_(std::move(file)), size_(size) {}

Status LogWriter::Commit(std::string_view payload) {
  if (!failure_.ok()) return failure_;
  if (payload.size() > std::numeric_limits<uint32_t>::max()) {
    return Status::Error("a batch of more than 4 GiB cannot be logged");
  }
  Status status = file_->Append(EncodeFrameHeader(payload, size_));
  if (status.ok()) status = file_->Append(payload);
  if (status.ok()) status = file_->Sync();
  if (!status.ok()) {
    failure_ = status;
    return status;
  }
  size_ += kFrameHeaderSize + payload.size();
  return status;
}

}  // namespace kv
