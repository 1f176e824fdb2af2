// read, write and their vector forms.
//
// wasi-libc reads and writes a file through an input and an output stream with a position each, so
// that a program which does both in turns gets the wrong bytes, and its vector forms move the first
// buffer only. Here a file has the one position that POSIX gives it, and all buffers are moved.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t __real_read(int descriptor, void *buffer, size_t size);
ssize_t __real_write(int descriptor, const void *buffer, size_t size);
ssize_t __real_readv(int descriptor, const struct iovec *buffers, int count);

// Buffers that together are at most this long go out in one write: a line and its end, mostly.
enum { kGathered = 4096 };

// The position of a file, or -1 for what only a stream can serve: sockets, standard streams, and
// files that are appended to, since only the host knows where their end is at that moment (and
// wasi-libc's lseek would move them there).
static off_t position_of(int descriptor) {
  const int before = errno;
  const int flags = fcntl(descriptor, F_GETFL);
  const off_t position =
      flags >= 0 && (flags & O_APPEND) == 0 ? lseek(descriptor, 0, SEEK_CUR) : -1;
  if (position < 0) errno = before;
  return position;
}

// What to return after moving `total` bytes and then failing or not.
static ssize_t moved(ssize_t total, ssize_t last) { return last < 0 && total == 0 ? -1 : total; }

static int valid(const struct iovec *buffers, int count) {
  size_t total = 0;
  if (count < 0 || count > IOV_MAX) {
    errno = EINVAL;
    return 0;
  }
  for (int i = 0; i < count; i++) {
    if (buffers[i].iov_len > SSIZE_MAX - total) {
      errno = EINVAL;
      return 0;
    }
    total += buffers[i].iov_len;
  }
  return 1;
}

ssize_t __wrap_read(int descriptor, void *buffer, size_t size) {
  const off_t position = position_of(descriptor);
  if (position < 0) return __real_read(descriptor, buffer, size);
  const ssize_t got = pread(descriptor, buffer, size, position);
  if (got > 0) lseek(descriptor, position + got, SEEK_SET);
  return got;
}

ssize_t __wrap_write(int descriptor, const void *buffer, size_t size) {
  const off_t position = position_of(descriptor);
  if (position < 0) return __real_write(descriptor, buffer, size);
  const ssize_t put = pwrite(descriptor, buffer, size, position);
  if (put > 0) lseek(descriptor, position + put, SEEK_SET);
  return put;
}

ssize_t __wrap_readv(int descriptor, const struct iovec *buffers, int count) {
  if (!valid(buffers, count)) return -1;
  // A second read of a stream could wait for bytes although the first has brought some.
  if (position_of(descriptor) < 0) return __real_readv(descriptor, buffers, count);
  ssize_t total = 0;
  for (int i = 0; i < count; i++) {
    const ssize_t got = __wrap_read(descriptor, buffers[i].iov_base, buffers[i].iov_len);
    if (got < 0) return moved(total, got);
    total += got;
    if ((size_t)got < buffers[i].iov_len) break;
  }
  return total;
}

ssize_t __wrap_writev(int descriptor, const struct iovec *buffers, int count) {
  if (!valid(buffers, count)) return -1;
  char gathered[kGathered];
  size_t length = 0;
  for (int i = 0; i < count && length <= kGathered; i++) {
    if (buffers[i].iov_len > kGathered - length) {
      length = kGathered + 1;
      break;
    }
    memcpy(gathered + length, buffers[i].iov_base, buffers[i].iov_len);
    length += buffers[i].iov_len;
  }
  if (length <= kGathered) return __wrap_write(descriptor, gathered, length);
  ssize_t total = 0;
  for (int i = 0; i < count; i++) {
    const ssize_t put = __wrap_write(descriptor, buffers[i].iov_base, buffers[i].iov_len);
    if (put < 0) return moved(total, put);
    total += put;
    if ((size_t)put < buffers[i].iov_len) break;
  }
  return total;
}

ssize_t __wrap_preadv(int descriptor, const struct iovec *buffers, int count, off_t offset) {
  if (!valid(buffers, count)) return -1;
  ssize_t total = 0;
  for (int i = 0; i < count; i++) {
    const ssize_t got = pread(descriptor, buffers[i].iov_base, buffers[i].iov_len, offset + total);
    if (got < 0) return moved(total, got);
    total += got;
    if ((size_t)got < buffers[i].iov_len) break;
  }
  return total;
}

ssize_t __wrap_pwritev(int descriptor, const struct iovec *buffers, int count, off_t offset) {
  if (!valid(buffers, count)) return -1;
  ssize_t total = 0;
  for (int i = 0; i < count; i++) {
    const ssize_t put = pwrite(descriptor, buffers[i].iov_base, buffers[i].iov_len, offset + total);
    if (put < 0) return moved(total, put);
    total += put;
    if ((size_t)put < buffers[i].iov_len) break;
  }
  return total;
}

// pread and preadv copy and free the result without looking whether there is one: an error must
// leave an empty one. The names and types are those of wasi-libc's generated bindings, whose header
// changes between versions.
struct read_result {
  uint8_t *bytes;
  size_t length;
  bool at_end;
};

bool __real_filesystem_method_descriptor_read(int32_t descriptor, uint64_t length, uint64_t offset,
                                              struct read_result *result, uint8_t *error);

bool __wrap_filesystem_method_descriptor_read(int32_t descriptor, uint64_t length, uint64_t offset,
                                              struct read_result *result, uint8_t *error) {
  *result = (struct read_result){0};
  return __real_filesystem_method_descriptor_read(descriptor, length, offset, result, error);
}
