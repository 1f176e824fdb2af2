// Copies stdin to stdout until the end of the input; says on stderr how many bytes it was.
#include <unistd.h>

#include <cstdio>
#include <vector>

int main() {
  std::vector<char> buffer(64 * 1024);
  size_t total = 0;
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0) {
      std::perror("read");
      return 1;
    }
    if (got == 0) break;
    for (ssize_t done = 0; done < got;) {
      const ssize_t put = write(STDOUT_FILENO, buffer.data() + done, got - done);
      if (put < 0) {
        std::perror("write");
        return 1;
      }
      done += put;
    }
    total += got;
  }
  std::fprintf(stderr, "%zu bytes\n", total);
  return 0;
}
