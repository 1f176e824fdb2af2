// What stat tells: types, sizes, link counts, identities, and times with their rules.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/report.h"

namespace {

void Make(const char* path, const std::string& content) {
  const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, content.data(), content.size()) < 0) std::perror(path);
  close(fd);
}

struct stat Stat(const char* path) {
  struct stat status = {};
  if (lstat(path, &status) != 0) std::perror(path);
  return status;
}

const char* Type(const struct stat& status) {
  if (S_ISREG(status.st_mode)) return "file";
  if (S_ISDIR(status.st_mode)) return "directory";
  if (S_ISLNK(status.st_mode)) return "symbolic link";
  return "other";
}

void Fields() {
  Section("fields");
  Make("file", "twelve bytes");
  mkdir("directory", 0755);
  symlink("file", "symlink");
  symlink("somewhere/else", "dangling");
  for (const char* path : {"file", "directory", "symlink", "dangling"}) {
    const struct stat status = Stat(path);
    Print(std::string("type of ") + path, Type(status));
    Print(std::string("links of ") + path, static_cast<long long>(status.st_nlink));
    if (!S_ISDIR(status.st_mode)) {
      Print(std::string("size of ") + path, static_cast<long long>(status.st_size));
    }
    Print(std::string("has an inode number: ") + path, status.st_ino != 0);
  }
}

void Links() {
  Section("links");
  Make("links", "x");
  const struct stat first = Stat("links");
  TRY(link("links", "links2"));
  TRY(link("links2", "links3"));
  const struct stat second = Stat("links2");
  Print("links", static_cast<long long>(second.st_nlink));
  Print("the same inode", first.st_ino == second.st_ino && first.st_dev == second.st_dev);
  Print("another inode", first.st_ino != Stat("file").st_ino);
  TRY(unlink("links"));
  Print("links", static_cast<long long>(Stat("links3").st_nlink));
  TRY(rename("links2", "links3"));
  Print("both are still there", access("links2", F_OK) == 0 && access("links3", F_OK) == 0);
  TRY(link("symlink", "symlink2"));
  Print("a link to a symbolic link is a", Type(Stat("symlink2")));
  Print("links", static_cast<long long>(Stat("symlink").st_nlink));
  const long long before = static_cast<long long>(Stat("directory").st_nlink);
  TRY(mkdir("directory/a", 0755));
  TRY(mkdir("directory/b", 0755));
  Make("directory/c", "");
  Print("more links", static_cast<long long>(Stat("directory").st_nlink) - before);
  TRY(rename("directory/a", "a"));
  TRY(rmdir("directory/b"));
  Print("more links", static_cast<long long>(Stat("directory").st_nlink) - before);
  const ino_t inode = Stat("a").st_ino;
  TRY(rename("a", "moved"));
  Print("the same inode after a rename", Stat("moved").st_ino == inode);
}

bool Equal(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool After(const timespec& a, const timespec& b) {
  return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

// Which times a call has moved, of a file whose times were long ago.
template <typename Call>
void Moves(const std::string& what, const char* path, const Call& call) {
  const timespec old[2] = {{1000, 1}, {2000, 2}};
  if (utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW) != 0) std::perror(path);
  const struct stat before = Stat(path);
  usleep(20000);  // The kernel's clock of file times moves in steps.
  call();
  const struct stat after = Stat(path);
  std::string moved;
  if (!Equal(before.st_atim, after.st_atim)) moved += " access";
  if (!Equal(before.st_mtim, after.st_mtim)) moved += " modification";
  if (After(after.st_ctim, before.st_ctim)) moved += " change";
  Print(what + " moves", moved.empty() ? "nothing" : moved.substr(1));
}

void TimeRules() {
  Section("which times move");
  Make("timed", "content");
  mkdir("timed-directory", 0755);
  const int fd = open("timed", O_RDWR);
  char buffer[10];
  Moves("write", "timed", [&] { return write(fd, "x", 1); });
  Moves("pwrite", "timed", [&] { return pwrite(fd, "x", 1, 3); });
  Moves("write of nothing", "timed", [&] { return write(fd, "x", 0); });
  Moves("ftruncate", "timed", [&] { return ftruncate(fd, 3); });
  Moves("ftruncate to the same size", "timed", [&] { return ftruncate(fd, 3); });
  Moves("truncate to the same size", "timed", [&] { return truncate("timed", 3); });
  Moves("open for writing", "timed", [&] { close(open("timed", O_WRONLY)); });
  Moves("open with O_TRUNC", "timed", [&] { close(open("timed", O_WRONLY | O_TRUNC)); });
  Moves("open with O_TRUNC of an empty file", "timed",
        [&] { close(open("timed", O_WRONLY | O_TRUNC)); });
  Moves("stat", "timed", [&] { Stat("timed"); });
  Moves("link", "timed", [&] { return link("timed", "timed2"); });
  Moves("unlink of another name", "timed", [&] { return unlink("timed2"); });
  Moves("rename", "timed", [&] {
    rename("timed", "timed3");
    return rename("timed3", "timed");
  });
  Moves("rename to itself", "timed", [&] { return rename("timed", "timed"); });
  Moves("fsync", "timed", [&] { return fsync(fd); });
  if (pwrite(fd, "content", 7, 0) < 0) std::perror("pwrite");
  Moves("read", "timed", [&] { return pread(fd, buffer, 3, 0); });
  Moves("read at the end", "timed", [&] { return pread(fd, buffer, 3, 1000); });
  close(fd);

  const char* directory = "timed-directory";
  Moves("create in a directory", directory, [] { Make("timed-directory/a", "x"); });
  Moves("write to a file in a directory", directory, [] { Make("timed-directory/a", "y"); });
  Moves("mkdir in a directory", directory, [] { return mkdir("timed-directory/d", 0755); });
  Moves("symlink in a directory", directory, [] { return symlink("x", "timed-directory/s"); });
  Moves("link in a directory", directory,
        [] { return link("timed-directory/a", "timed-directory/b"); });
  Moves("rename in a directory", directory,
        [] { return rename("timed-directory/b", "timed-directory/c"); });
  Moves("failed unlink in a directory", directory, [] { return unlink("timed-directory/none"); });
  Moves("unlink in a directory", directory, [] { return unlink("timed-directory/c"); });
  Moves("rmdir in a directory", directory, [] { return rmdir("timed-directory/d"); });
  Moves("rename of a directory", directory, [] {
    rename("timed-directory", "timed-directory2");
    return rename("timed-directory2", "timed-directory");
  });
  Make("replaced-a", "a");
  Make("replaced-b", "b");
  link("replaced-b", "replaced-c");
  Moves("being replaced", "replaced-c", [] { return rename("replaced-a", "replaced-b"); });
}

void PrintTimes(const char* path) {
  const struct stat status = Stat(path);
  char text[100];
  std::snprintf(text, sizeof text, "%lld.%09ld %lld.%09ld",
                static_cast<long long>(status.st_atim.tv_sec), status.st_atim.tv_nsec,
                static_cast<long long>(status.st_mtim.tv_sec), status.st_mtim.tv_nsec);
  Print(std::string("times of ") + path, text);
}

void SetTimes() {
  Section("setting times");
  Make("set", "x");
  symlink("set", "set-link");
  const timespec times[2] = {{1000000000, 123456789}, {4000000000, 987654321}};
  TRY(utimensat(AT_FDCWD, "set", times, 0));
  PrintTimes("set");
  const timespec link_times[2] = {{5, 6}, {7, 8}};
  TRY(utimensat(AT_FDCWD, "set-link", link_times, AT_SYMLINK_NOFOLLOW));
  PrintTimes("set");
  PrintTimes("set-link");
  const timespec omit_first[2] = {{0, UTIME_OMIT}, {11, 12}};
  TRY(utimensat(AT_FDCWD, "set-link", omit_first, 0));
  PrintTimes("set");
  const timespec omit_both[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  TRY(utimensat(AT_FDCWD, "set", omit_both, 0));
  PrintTimes("set");
  const int fd = open("set", O_RDONLY);
  const timespec by_descriptor[2] = {{21, 22}, {23, 24}};
  TRY(futimens(fd, by_descriptor));
  PrintTimes("set");
  const timespec one_now[2] = {{0, UTIME_NOW}, {31, 32}};
  TRY(futimens(fd, one_now));
  Print("access is now", Stat("set").st_atim.tv_sec > 1600000000);
  Print("modification", static_cast<long long>(Stat("set").st_mtim.tv_sec));
  TRY(utimensat(AT_FDCWD, "set", nullptr, 0));
  Print("both are now", Stat("set").st_mtim.tv_sec > 1600000000);
  const timespec invalid[2] = {{1, 1000000000}, {1, 0}};
  TRY(futimens(fd, invalid));
  close(fd);
  TRY(futimens(fd, by_descriptor));
  mkdir("set-directory", 0755);
  TRY(utimensat(AT_FDCWD, "set-directory", times, 0));
  PrintTimes("set-directory");
  const timespec before_1970[2] = {{-5, 0}, {-1, 0}};
  TRY(utimensat(AT_FDCWD, "set", before_1970, 0));
  PrintTimes("set");
}

void Kinds() {
  Section("kinds of descriptors");
  const int fd = open("file", O_RDONLY);
  Print("isatty of a file", isatty(fd));
  struct stat status;
  TRY(fstat(fd, &status));
  Print("fstat", Type(status));
  const int directory = open("directory", O_RDONLY | O_DIRECTORY);
  TRY(fstat(directory, &status));
  Print("fstat", Type(status));
  close(directory);
  close(fd);
  TRY(fstat(fd, &status));
}

}  // namespace

int main() {
  Fields();
  Links();
  TimeRules();
  SetTimes();
  Kinds();
}
