// Paths that leave where they start from, and what lies outside the program's own directory.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <string>

#include "support/report.h"

namespace {

void Make(const char* path) {
  const int fd = open(path, O_WRONLY | O_CREAT, 0644);
  if (fd < 0) std::perror(path);
  close(fd);
}

void AboveTheRoot() {
  Section("above the root");
  TRY(open("/..", O_RDONLY));
  TRY(open("/../../..", O_RDONLY));
  std::string up;
  for (int i = 0; i < 50; i++) up += "../";
  TRY(open(up.c_str(), O_RDONLY));
  struct stat root;
  struct stat above;
  TRY(stat("/", &root));
  TRY(stat("/..", &above));
}

void Links() {
  Section("symbolic links with absolute and climbing targets");
  Make("file");
  mkdir("directory", 0755);
  Make("directory/inner");
  char buffer[PATH_MAX];
  TRY(symlink("/", "absolute"));
  VALUE(readlink("absolute", buffer, sizeof buffer));
  TRY(symlink("../file", "directory/up"));
  TRY(open("directory/up", O_RDONLY));
  const int directory = open("directory", O_RDONLY | O_DIRECTORY);
  struct stat status;
  TRY(openat(directory, "up", O_RDONLY));
  TRY(openat(directory, "..", O_RDONLY));
  TRY(openat(directory, "../file", O_RDONLY));
  TRY(openat(directory, "inner/../../file", O_RDONLY));
  TRY(fstatat(directory, "up", &status, AT_SYMLINK_NOFOLLOW));
  TRY(fstatat(directory, "up", &status, 0));
  VALUE(readlinkat(directory, "up", buffer, sizeof buffer));
  TRY(mkdirat(directory, "../made", 0755));
  TRY(unlinkat(directory, "../made", AT_REMOVEDIR));
  TRY(openat(directory, "sub/../inner", O_RDONLY));
  TRY(mkdirat(directory, "sub", 0755));
  TRY(openat(directory, "sub/../inner", O_RDONLY));
  close(directory);
}

void AbsolutePaths() {
  Section("absolute paths");
  char buffer[PATH_MAX];
  if (getcwd(buffer, sizeof buffer) == nullptr) return;
  const std::string here = std::string(buffer) == "/" ? "" : buffer;
  TRY(open((here + "/file").c_str(), O_RDONLY));
  TRY(open((here + "/directory/../file").c_str(), O_RDONLY));
  TRY(open((here + "//directory//inner").c_str(), O_RDONLY));
  TRY(open((here + "/none").c_str(), O_RDONLY));
  TRY(rename((here + "/file").c_str(), "renamed"));
  TRY(rename("renamed", (here + "/file").c_str()));
  const int directory = open("directory", O_RDONLY | O_DIRECTORY);
  TRY(openat(directory, (here + "/file").c_str(), O_RDONLY));
  close(directory);
}

}  // namespace

int main() {
  AboveTheRoot();
  Links();
  AbsolutePaths();
}
