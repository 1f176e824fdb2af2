// /dev/null, /dev/zero, /dev/random and /dev/urandom.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/report.h"

namespace {

void Device(const std::string& path) {
  Section(path);
  const char* name = path.c_str();
  struct stat status;
  PrintOutcome("stat " + path, stat(name, &status));
  Print(path + " is a character device", S_ISCHR(status.st_mode));
  Print(path + " has the size", static_cast<long long>(status.st_size));
  Print(path + " exists", std::filesystem::exists(path));
  Print(path + " access", access(name, R_OK | W_OK) == 0 ? "ok" : ErrnoName(errno));
  char bytes[1000];
  std::memset(bytes, 'x', sizeof bytes);
  const int fd = open(name, O_RDWR);
  PrintOutcome("open " + path, fd);
  PrintResult("read " + path, read(fd, bytes, sizeof bytes));
  int zeros = 0;
  for (const char byte : bytes) zeros += byte == 0;
  Print(path + " gave", zeros == 1000                                        ? "zeros"
                        : bytes[0] == 'x' && bytes[999] == 'x' && zeros == 0 ? "nothing"
                                                                             : "randomness");
  PrintResult("pread " + path, pread(fd, bytes, 10, 5));
  PrintResult("write " + path, write(fd, bytes, 1000));
  PrintResult("pwrite " + path, pwrite(fd, bytes, 10, 5));
  PrintResult("lseek " + path, lseek(fd, 0, SEEK_SET));
  PrintOutcome("fstat " + path, fstat(fd, &status));
  Print(path + " is still a character device", S_ISCHR(status.st_mode));
  Print("isatty " + path, isatty(fd));
  close(fd);
  const int writer = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  PrintOutcome("open for writing " + path, writer);
  PrintResult("read from a writer " + path, read(writer, bytes, 1));
  PrintResult("write " + path, write(writer, bytes, 1000));
  close(writer);
  const int reader = open(name, O_RDONLY);
  PrintResult("write to a reader " + path, write(reader, bytes, 1));
  close(reader);
  const int appender = open(name, O_WRONLY | O_APPEND);
  PrintResult("append " + path, write(appender, bytes, 1000));
  close(appender);
  PrintOutcome("open as a directory " + path, open(name, O_RDONLY | O_DIRECTORY));
  PrintOutcome("open exclusively " + path, open(name, O_RDWR | O_CREAT | O_EXCL, 0644));
  PrintOutcome("open below " + path, open((path + "/x").c_str(), O_RDONLY));
  PrintOutcome("open with a slash " + path, open((path + "/").c_str(), O_RDONLY));
  PrintOutcome("opendir " + path, opendir(name) == nullptr ? -1 : 0);
}

bool Lists(const char* wanted) {
  DIR* directory = opendir("/dev");
  if (directory == nullptr) return false;
  bool found = false;
  while (const dirent* entry = readdir(directory)) {
    found = found || (std::string(entry->d_name) == wanted && entry->d_type == DT_CHR);
  }
  closedir(directory);
  return found;
}

}  // namespace

int main() {
  for (const char* name : {"null", "zero", "random", "urandom"}) {
    Device(std::string("/dev/") + name);
    Print(std::string("listed: ") + name, Lists(name));
  }
  Section("/dev");
  struct stat status;
  TRY(stat("/dev", &status));
  Print("is a directory", S_ISDIR(status.st_mode));
  TRY(open("/dev/none", O_RDONLY));
  TRY(open("/dev/../dev/null", O_RDONLY));
  TRY(open("/dev/./null", O_RDONLY));

  Section("streams");
  std::ofstream("/dev/null") << "gone";
  std::ifstream zeros("/dev/zero");
  char bytes[10];
  zeros.read(bytes, sizeof bytes);
  Print("read from /dev/zero", static_cast<long long>(zeros.gcount()));
  std::ifstream nothing("/dev/null");
  nothing.read(bytes, sizeof bytes);
  Print("read from /dev/null", static_cast<long long>(nothing.gcount()));
  FILE* random = std::fopen("/dev/urandom", "rb");
  Print("read from /dev/urandom", static_cast<long long>(std::fread(bytes, 1, 10, random)));
  std::fclose(random);
  TRY(symlink("/dev/null", "link"));
}
