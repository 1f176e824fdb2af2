// Calls one WASI function in a loop and prints how long a call takes: `calls OPERATION`.
//
// The core imports are called directly, below wasi-libc, so that the time is that of the binding
// and the host alone. Lists that come back are freed, as any program has to.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define WASI_IMPORT(interface, function) \
  __attribute__((import_module("wasi:" interface), import_name(function)))

extern "C" {
WASI_IMPORT("clocks/monotonic-clock@0.2.0", "now") uint64_t Now();
WASI_IMPORT("cli/stderr@0.2.0", "get-stderr") int32_t GetStderr();
WASI_IMPORT("io/poll@0.2.0", "poll") void Poll(const int32_t* in, size_t count, void* ret);
WASI_IMPORT("io/poll@0.2.0", "[method]pollable.ready") bool Ready(int32_t self);
WASI_IMPORT("io/poll@0.2.0", "[resource-drop]pollable") void DropPollable(int32_t self);
WASI_IMPORT("io/streams@0.2.0", "[method]output-stream.check-write")
void CheckWrite(int32_t self, void* ret);
WASI_IMPORT("io/streams@0.2.0", "[method]output-stream.write")
void StreamWrite(int32_t self, const void* data, size_t size, void* ret);
WASI_IMPORT("io/streams@0.2.0", "[method]output-stream.subscribe") int32_t Subscribe(int32_t self);
WASI_IMPORT("filesystem/preopens@0.2.0", "get-directories") void GetDirectories(void* ret);
WASI_IMPORT("filesystem/types@0.2.0", "[method]descriptor.open-at")
void OpenAt(int32_t self, int32_t path_flags, const char* path, size_t size, int32_t open_flags,
            int32_t flags, void* ret);
WASI_IMPORT("filesystem/types@0.2.0", "[method]descriptor.read")
void Read(int32_t self, uint64_t length, uint64_t offset, void* ret);
WASI_IMPORT("filesystem/types@0.2.0", "[method]descriptor.write")
void Write(int32_t self, const void* data, size_t size, uint64_t offset, void* ret);
}

namespace {

constexpr uint64_t kLongEnough = 250'000'000;  // nanoseconds; browser clocks step by up to 1 ms
constexpr uint64_t kFileSize = 1 << 20;

alignas(8) unsigned char result[64];
char data[4096];

int32_t Word(size_t offset) {
  int32_t word;
  std::memcpy(&word, result + offset, sizeof word);
  return word;
}

void RequireSuccess(const char* what) {
  if (result[0] == 0) return;
  std::fprintf(stdout, "%s failed\n", what);
  std::exit(1);
}

int32_t OpenFile() {
  GetDirectories(result);
  int32_t* directories;
  const auto address = static_cast<uintptr_t>(static_cast<uint32_t>(Word(0)));
  std::memcpy(&directories, &address, sizeof directories);
  OpenAt(directories[0], 0, "file", 4, /*create*/ 1, /*read, write*/ 3, result);
  RequireSuccess("open-at");
  const int32_t file = Word(4);
  for (uint64_t offset = 0; offset < kFileSize; offset += sizeof data) {
    Write(file, data, sizeof data, offset, result);
    RequireSuccess("write");
  }
  return file;
}

// Times `call` in loops of growing length until one takes long enough; prints ns per call.
template <typename Call>
void Measure(Call call) {
  for (uint64_t count = 64;; count *= 2) {
    const uint64_t start = Now();
    for (uint64_t i = 0; i < count; i++) call(i);
    const uint64_t elapsed = Now() - start;
    if (elapsed >= kLongEnough) {
      std::printf("%.1f\n", static_cast<double>(elapsed) / static_cast<double>(count));
      return;
    }
  }
}

void MeasureRead(size_t size) {
  const int32_t file = OpenFile();
  Measure([=](uint64_t i) {
    Read(file, size, i * size % kFileSize, result);
    std::free(reinterpret_cast<void*>(static_cast<uintptr_t>(static_cast<uint32_t>(Word(4)))));
  });
  RequireSuccess("read");
}

void MeasureWrite(size_t size) {
  const int32_t file = OpenFile();
  Measure([=](uint64_t i) { Write(file, data, size, i * size % kFileSize, result); });
  RequireSuccess("write");
}

}  // namespace

int main(int argc, char** argv) {
  const char* operation = argc == 2 ? argv[1] : "";
  const auto is = [=](const char* name) { return std::strcmp(operation, name) == 0; };
  const int32_t stream = GetStderr();
  if (is("now")) {
    uint64_t sum = 0;
    Measure([&](uint64_t) { sum += Now(); });
    result[0] = static_cast<unsigned char>(sum);
  } else if (is("ready")) {
    const int32_t pollable = Subscribe(stream);
    Measure([=](uint64_t) { result[0] = Ready(pollable); });
  } else if (is("poll")) {
    const int32_t pollable = Subscribe(stream);
    Measure([&](uint64_t) {
      Poll(&pollable, 1, result);
      std::free(reinterpret_cast<void*>(static_cast<uintptr_t>(static_cast<uint32_t>(Word(0)))));
    });
  } else if (is("check-write")) {
    Measure([=](uint64_t) { CheckWrite(stream, result); });
  } else if (is("check-write+write")) {
    Measure([=](uint64_t) {
      CheckWrite(stream, result);
      StreamWrite(stream, data, 16, result);
    });
    RequireSuccess("write");
  } else if (is("subscribe+drop")) {
    Measure([=](uint64_t) { DropPollable(Subscribe(stream)); });
  } else if (is("read-16")) {
    MeasureRead(16);
  } else if (is("read-4096")) {
    MeasureRead(4096);
  } else if (is("write-16")) {
    MeasureWrite(16);
  } else if (is("write-4096")) {
    MeasureWrite(4096);
  } else {
    std::printf("unknown operation %s\n", operation);
    return 2;
  }
  return 0;
}
