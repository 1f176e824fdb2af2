// Reading and writing: positions, ranges, holes, ends of files, several descriptors on one file.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "support/report.h"

namespace {

constexpr off_t kGiB = off_t{1} << 30;

int Make(const char* path, const std::string& content = "") {
  const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, content.data(), content.size()) < 0) std::perror(path);
  return fd;
}

long long Size(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? static_cast<long long>(status.st_size) : -1;
}

// The file's bytes from `offset` on, with everything but letters, digits and '-' escaped.
std::string Bytes(int fd, size_t length = 100, off_t offset = 0) {
  std::string bytes(length, '?');
  const ssize_t count = pread(fd, bytes.data(), length, offset);
  if (count < 0) return ErrnoName(errno);
  std::string text;
  for (ssize_t i = 0; i < count; i++) {
    const unsigned char byte = static_cast<unsigned char>(bytes[i]);
    if (byte > ' ' && byte < 0x7f) {
      text += bytes[i];
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\%02x", byte);
      text += escaped;
    }
  }
  return text;
}

void Positions() {
  Section("positions");
  const int fd = Make("positions", "0123456789");
  char buffer[100];
  VALUE(lseek(fd, 0, SEEK_CUR));
  VALUE(read(fd, buffer, 10));
  VALUE(lseek(fd, 3, SEEK_SET));
  VALUE(read(fd, buffer, 4));
  VALUE(lseek(fd, 0, SEEK_CUR));
  VALUE(lseek(fd, -2, SEEK_END));
  VALUE(read(fd, buffer, 100));
  VALUE(read(fd, buffer, 100));
  VALUE(lseek(fd, -11, SEEK_END));
  VALUE(lseek(fd, -1, SEEK_SET));
  VALUE(lseek(fd, 5, 99));
  VALUE(lseek(fd, 100, SEEK_SET));
  VALUE(read(fd, buffer, 1));
  Print("size", Size(fd));
  VALUE(write(fd, "x", 1));
  Print("size", Size(fd));
  VALUE(pread(fd, buffer, 5, 8));
  VALUE(pread(fd, buffer, 5, 101));
  VALUE(pread(fd, buffer, 5, 1000));
  VALUE(pread(fd, buffer, 0, 0));
  VALUE(pread(fd, buffer, 5, -1));
  VALUE(pwrite(fd, "yy", 2, 4));
  VALUE(pwrite(fd, "z", 1, -1));
  VALUE(pwrite(fd, "", 0, 5000));
  VALUE(lseek(fd, 0, SEEK_CUR));
  Print("size", Size(fd));
  Print("bytes", Bytes(fd, 14));
  VALUE(write(fd, buffer, 0));
  VALUE(read(fd, buffer, 0));
  close(fd);
  VALUE(lseek(fd, 0, SEEK_CUR));
  VALUE(read(fd, buffer, 1));
  VALUE(write(fd, buffer, 1));
  VALUE(pread(fd, buffer, 1, 0));
  VALUE(pwrite(fd, buffer, 1, 0));
  VALUE(fsync(fd));
  VALUE(close(fd));
}

void Alternating() {
  Section("reading and writing in turns");
  const int fd = Make("turns", "abcdefghij");
  char buffer[10] = {};
  VALUE(lseek(fd, 0, SEEK_SET));
  VALUE(read(fd, buffer, 2));
  VALUE(write(fd, "XY", 2));
  VALUE(read(fd, buffer, 2));
  Print("read after a write", std::string(buffer, 2));
  VALUE(lseek(fd, 0, SEEK_CUR));
  VALUE(lseek(fd, 6, SEEK_SET));
  VALUE(read(fd, buffer, 2));
  Print("read after a seek", std::string(buffer, 2));
  VALUE(lseek(fd, 8, SEEK_SET));
  VALUE(write(fd, "Z", 1));
  Print("bytes", Bytes(fd));
  close(fd);
}

void Vectors() {
  Section("vectors");
  const int fd = Make("vectors");
  char a[] = "abc";
  char b[] = "defgh";
  iovec parts[] = {{a, 3}, {nullptr, 0}, {b, 5}};
  VALUE(writev(fd, parts, 3));
  VALUE(writev(fd, parts, 0));
  VALUE(pwritev(fd, parts, 3, 20));
  Print("bytes", Bytes(fd));
  char c[4] = {};
  char d[100] = {};
  iovec into[] = {{c, 4}, {d, 100}};
  VALUE(lseek(fd, 6, SEEK_SET));
  VALUE(readv(fd, into, 2));
  VALUE(readv(fd, into, 2));
  close(fd);
}

void Modes() {
  Section("access modes");
  close(Make("modes", "content"));
  char buffer[10];
  const int reader = open("modes", O_RDONLY);
  VALUE(write(reader, "x", 1));
  VALUE(pwrite(reader, "x", 1, 0));
  VALUE(ftruncate(reader, 1));
  VALUE(fsync(reader));
  VALUE(fdatasync(reader));
  Print("flags", (fcntl(reader, F_GETFL) & O_ACCMODE) == O_RDONLY ? "O_RDONLY" : "other");
  close(reader);
  const int writer = open("modes", O_WRONLY);
  VALUE(read(writer, buffer, 1));
  VALUE(write(writer, "C", 1));
  VALUE(ftruncate(writer, 3));
  Print("size", Size(writer));
  Print("flags", (fcntl(writer, F_GETFL) & O_ACCMODE) == O_WRONLY ? "O_WRONLY" : "other");
  close(writer);
  const int directory = open(".", O_RDONLY | O_DIRECTORY);
  VALUE(read(directory, buffer, 1));
  VALUE(write(directory, buffer, 1));
  VALUE(pwrite(directory, buffer, 1, 0));
  VALUE(ftruncate(directory, 0));
  VALUE(fsync(directory));
  VALUE(fdatasync(directory));
  close(directory);
}

void Append() {
  Section("append");
  close(Make("append", "start"));
  const int a = open("append", O_RDWR | O_APPEND);
  const int b = open("append", O_WRONLY | O_APPEND);
  const int plain = open("append", O_RDWR);
  VALUE(lseek(a, 0, SEEK_CUR));
  VALUE(write(a, "-a", 2));
  VALUE(write(b, "-b", 2));
  VALUE(write(a, "-c", 2));
  VALUE(lseek(a, 0, SEEK_CUR));
  VALUE(lseek(a, 0, SEEK_SET));
  VALUE(write(a, "-d", 2));
  VALUE(lseek(a, 0, SEEK_CUR));
  VALUE(write(plain, "S", 1));
  VALUE(ftruncate(plain, 3));
  VALUE(write(b, "-e", 2));
  Print("bytes", Bytes(plain));
  VALUE(lseek(a, 1, SEEK_SET));
  char buffer[2];
  VALUE(read(a, buffer, 2));
  Print("flag", (fcntl(a, F_GETFL) & O_APPEND) != 0 ? "O_APPEND" : "none");
  VALUE(fcntl(plain, F_SETFL, O_APPEND));
  VALUE(lseek(plain, 0, SEEK_SET));
  VALUE(write(plain, "-f", 2));
  VALUE(lseek(plain, 0, SEEK_CUR));
  Print("bytes", Bytes(plain));
  close(a);
  close(b);
  close(plain);
}

void Truncate() {
  Section("truncate");
  const int fd = Make("truncate", "0123456789");
  VALUE(ftruncate(fd, 4));
  VALUE(ftruncate(fd, 8));
  Print("bytes", Bytes(fd));
  VALUE(ftruncate(fd, 0));
  Print("size", Size(fd));
  VALUE(ftruncate(fd, -1));
  VALUE(truncate("truncate", -1));
  VALUE(ftruncate(fd, 5 * kGiB));
  Print("size", Size(fd));
  Print("bytes", Bytes(fd, 3, 5 * kGiB - 2));
  VALUE(ftruncate(fd, LLONG_MAX));
  VALUE(ftruncate(fd, 1));
  Print("bytes", Bytes(fd));
  // Bytes that were cut off do not come back, at any distance from the end.
  for (const int size : {100, 5000, 16384, 16385, 40000}) {
    const std::string content(50000, 'x');
    VALUE(pwrite(fd, content.data(), content.size(), 0));
    VALUE(ftruncate(fd, size));
    VALUE(ftruncate(fd, 50000));
    std::string back(50000, '?');
    VALUE(pread(fd, back.data(), back.size(), 0));
    Print("as it should be", back == std::string(size, 'x') + std::string(50000 - size, '\0'));
  }
  close(fd);
}

void Sparse() {
  Section("sparse");
  const int fd = Make("sparse");
  VALUE(pwrite(fd, "far", 3, 5 * kGiB));
  VALUE(pwrite(fd, "mid", 3, 100000));
  Print("size", Size(fd));
  Print("bytes", Bytes(fd, 5, 0));
  Print("bytes", Bytes(fd, 5, 99999));
  Print("bytes", Bytes(fd, 5, 5 * kGiB - 1));
  VALUE(lseek(fd, 0, SEEK_END));
  VALUE(lseek(fd, 6 * kGiB, SEEK_SET));
  VALUE(write(fd, "x", 1));
  Print("size", Size(fd));
  VALUE(pwrite(fd, "x", 1, LLONG_MAX - 1));
  VALUE(lseek(fd, LLONG_MAX, SEEK_SET));
  close(fd);
  unlink("sparse");
}

void SeveralDescriptors() {
  Section("several descriptors on one file");
  const int a = Make("several", "one");
  link("several", "linked");
  const int b = open("linked", O_RDWR);
  VALUE(pwrite(a, "two", 3, 3));
  Print("through the other", Bytes(b));
  VALUE(ftruncate(b, 2));
  Print("through the first", Bytes(a));
  Print("size", Size(a));
  VALUE(lseek(a, 0, SEEK_CUR));
  VALUE(lseek(b, 0, SEEK_CUR));
  VALUE(write(a, "!", 1));
  Print("bytes", Bytes(b));
  const int again = open("several", O_RDWR | O_TRUNC);
  Print("size after O_TRUNC", Size(a));
  close(again);
  close(a);
  VALUE(write(b, "still", 5));
  Print("bytes", Bytes(b));
  close(b);
}

void Unlinked() {
  Section("unlinked but open");
  const int fd = Make("unlinked", "content");
  TRY(unlink("unlinked"));
  Print("bytes", Bytes(fd));
  VALUE(pwrite(fd, "more", 4, 7));
  Print("bytes", Bytes(fd));
  struct stat status;
  TRY(fstat(fd, &status));
  Print("links", static_cast<long long>(status.st_nlink));
  TRY(stat("unlinked", &status));
  const int other = Make("unlinked", "new");
  Print("old", Bytes(fd));
  Print("new", Bytes(other));
  TRY(ftruncate(fd, 2));
  TRY(fsync(fd));
  Print("old", Bytes(fd));
  close(other);
  close(fd);
  // Replaced by a rename.
  const int replaced = Make("replaced", "replaced");
  close(Make("replacement", "replacement"));
  TRY(rename("replacement", "replaced"));
  Print("the old file", Bytes(replaced));
  TRY(fstat(replaced, &status));
  Print("links", static_cast<long long>(status.st_nlink));
  close(replaced);
  const int now = open("replaced", O_RDONLY);
  Print("the new file", Bytes(now));
  close(now);
}

void Large() {
  Section("large transfers");
  const int fd = Make("large");
  std::vector<char> bytes(9 << 20);
  unsigned state = 1;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
  VALUE(write(fd, bytes.data(), bytes.size()));
  Print("size", Size(fd));
  std::vector<char> back(bytes.size());
  VALUE(pread(fd, back.data(), back.size(), 0));
  Print("equal", bytes == back);
  VALUE(pread(fd, back.data(), 100, 9 << 20));
  VALUE(pread(fd, back.data(), 100, (9 << 20) - 10));
  VALUE(lseek(fd, 12345, SEEK_SET));
  VALUE(read(fd, back.data(), 1 << 20));
  Print("equal", std::memcmp(back.data(), bytes.data() + 12345, 1 << 20) == 0);
  VALUE(fsync(fd));
  close(fd);
}

void Synchronous() {
  Section("synchronous descriptors");
  const int fd = open("synchronous", O_RDWR | O_CREAT | O_SYNC, 0644);
  VALUE(write(fd, "abc", 3));
  VALUE(pwrite(fd, "x", 1, 10));
  close(fd);
  const int data = open("synchronous", O_RDWR | O_DSYNC | O_APPEND);
  VALUE(write(data, "abc", 3));
  Print("bytes", Bytes(data));
  close(data);
}

void Allocation() {
  Section("allocation and advice");
  const int fd = Make("allocation", "abc");
  Print("posix_fallocate", posix_fallocate(fd, 0, 100) == 0 ? "ok" : "fails");
  Print("size", Size(fd));
  Print("posix_fallocate within", posix_fallocate(fd, 10, 10) == 0 ? "ok" : "fails");
  Print("size", Size(fd));
  for (const int advice : {POSIX_FADV_NORMAL, POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                           POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE}) {
    VALUE(posix_fadvise(fd, 0, 0, advice));
  }
  Print("posix_fadvise of an unknown kind", ErrnoName(posix_fadvise(fd, 0, 0, 99)));
  Print("bytes", Bytes(fd, 5));
  close(fd);
}

}  // namespace

int main() {
  Positions();
  Alternating();
  Vectors();
  Modes();
  Append();
  Truncate();
  Sparse();
  SeveralDescriptors();
  Unlinked();
  Large();
  Synchronous();
  Allocation();
}
