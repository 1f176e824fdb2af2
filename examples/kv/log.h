// The append-only log: a file header and frames, each frame one payload that is on disk wholly or
// not at all.
//
//   file header  8 bytes   "KVLOG 1\n"
//   frame       16 bytes   "KVF1", payload size, CRC-32C of the payload, CRC-32C of the twelve
//   bytes
//                          before it and of the frame's position in the file (8 bytes, not stored)
//               n bytes    payload
//
// Numbers are unsigned, 32 bits unless said otherwise, least significant byte first. A frame is
// synced before the next one is written. So after a crash at most the last frame is unfinished:
// what is damaged and has no valid frame after it is a torn tail, which is cut off and said so;
// anything else that does not check is corruption, which is reported and never repaired by
// guessing. (Damage to the very last frame cannot be told from a torn write.) The position in the
// checksum keeps a frame that a client stored inside a value from passing for one of the log's own.
#ifndef EXAMPLES_KV_LOG_H_
#define EXAMPLES_KV_LOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "status.h"

namespace kv {

inline constexpr std::string_view kLogHeader = "KVLOG 1\n";
inline constexpr size_t kFrameHeaderSize = 16;

// What a LogWriter needs of a file; tests put faulty ones in place.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  // Writes all of `bytes` at the end.
  virtual Status Append(std::string_view bytes) = 0;
  // Returns ok only when everything appended so far is durable.
  virtual Status Sync() = 0;
};

struct ReplayedLog {
  uint64_t size = 0;       // of the valid prefix; 0 when there is no log yet
  uint64_t frames = 0;     // frames in it
  uint64_t torn_size = 0;  // bytes of an unfinished write behind it
};

// Calls `apply` with each frame's payload, in order. A missing file is an empty log. Fails on
// corruption, on a file that cannot be read, and with the first failure of `apply`.
Result<ReplayedLog> ReplayLog(const std::string& path,
                              const std::function<Status(std::string_view payload)>& apply);

// Opens the log for appending, as ReplayLog found it: creates what is missing, cuts the torn tail,
// takes the file's lock where the system has one, and returns once all that is durable. Fails when
// another process has the log open for appending, or wrote to it since it was replayed.
Result<std::unique_ptr<AppendFile>> OpenLogFile(const std::string& path,
                                                const ReplayedLog& replayed);

// Appends frames. After the first failure nobody knows what reached the disk, so every further
// Commit is refused with the same failure.
class LogWriter {
 public:
  // `size` is the file's size now: the position of the next frame.
  LogWriter(std::unique_ptr<AppendFile> file, uint64_t size);

  // Appends one frame and syncs it; ok only when it is durable. The payload must be shorter than
  // 4 GiB.
  Status Commit(std::string_view payload);

 private:
  std::unique_ptr<AppendFile> file_;
  uint64_t size_;
  Status failure_ = Status::Ok();
};

// Appends `value` to *out in `bytes` bytes, least significant first; and reads it back.
void AppendUnsigned(uint64_t value, size_t bytes, std::string* out);
uint64_t ReadUnsigned(std::string_view bytes);

}  // namespace kv

#endif  // EXAMPLES_KV_LOG_H_
