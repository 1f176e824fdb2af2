// Overwrites a file for ever without blocking for long and without a pause, fsync after fsync: a
// node that is killed while it is busy, whose late commits must not reach the next owner's disk.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int fd = open(argv[1], O_RDWR | O_CREAT, 0644);
  if (fd < 0) return 1;
  std::vector<char> page(4096);
  unsigned spin = 1;
  for (long round = 0;; ++round) {
    std::memset(page.data(), static_cast<char>('A' + round % 26), page.size());
    if (pwrite(fd, page.data(), page.size(), 0) < 0) return 1;
    if (fsync(fd) != 0) return 1;
    if (round == 0) {
      std::puts("busy");
      std::fflush(stdout);
    }
    for (int i = 0; i < 200000; ++i) spin = spin * 1664525u + 1013904223u;
    page[0] = static_cast<char>(spin);
  }
}
