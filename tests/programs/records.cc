// Appends numbered records to a file and acknowledges each once fsync has returned; or checks what
// a killed run left behind.
//
//   records append FILE [COUNT]   goes on after the last whole record; prints "synced N" per record
//   records check FILE            prints "intact N", and fails on any byte that was not written so
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr size_t kRecordSize = 100;

std::string Record(long number) {
  std::string record = "record " + std::to_string(number) + " ";
  unsigned state = static_cast<unsigned>(number) * 2654435761u + 1;
  while (record.size() < kRecordSize - 1) {
    state = state * 1664525u + 1013904223u;
    record += static_cast<char>('a' + (state >> 24) % 26);
  }
  return record + "\n";
}

// Returns how many whole records the file holds, or -1 when a byte differs from what was written.
long CountIntact(int fd) {
  char buffer[kRecordSize];
  for (long number = 0;; ++number) {
    const ssize_t got = pread(fd, buffer, kRecordSize, number * kRecordSize);
    if (got < 0) return -1;
    if (std::memcmp(buffer, Record(number).data(), got) != 0) return -1;
    if (static_cast<size_t>(got) < kRecordSize) return number;
  }
}

int Fail(const char* what) {
  std::perror(what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const bool append = std::strcmp(argv[1], "append") == 0;
  const long count = argc > 3 ? std::atol(argv[3]) : -1;
  const int fd = open(argv[2], append ? O_RDWR | O_CREAT : O_RDONLY, 0644);
  if (fd < 0) return Fail("open");
  const long intact = CountIntact(fd);
  if (intact < 0) {
    std::puts("damaged");
    return 1;
  }
  std::printf("intact %ld\n", intact);
  std::fflush(stdout);
  if (!append) return 0;
  if (ftruncate(fd, intact * kRecordSize) != 0) return Fail("ftruncate");
  for (long number = intact; count < 0 || number < intact + count; ++number) {
    const std::string record = Record(number);
    if (pwrite(fd, record.data(), record.size(), number * kRecordSize) !=
        static_cast<ssize_t>(record.size())) {
      return Fail("pwrite");
    }
    if (fsync(fd) != 0) return Fail("fsync");
    std::printf("synced %ld\n", number + 1);
    std::fflush(stdout);
  }
  return 0;
}
