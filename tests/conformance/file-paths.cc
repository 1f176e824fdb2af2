// Every function that takes a path, on every kind of path. Each call starts from the same tree.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "support/report.h"

namespace {

namespace fs = std::filesystem;

void Write(const char* path, const char* text) { std::ofstream(path) << text; }

// Makes the tree that every call begins with: an empty directory "tree", filled and entered.
void MakeTree() {
  fs::remove_all("tree");
  fs::create_directory("tree");
  fs::current_path("tree");
  Write("file", "content");
  Write("other", "others");
  fs::create_directory("empty");
  fs::create_directory("full");
  Write("full/inner", "inner");
  fs::create_directory("full/sub");
  fs::create_symlink("file", "to-file");
  fs::create_symlink("full", "to-full");
  fs::create_symlink("empty", "to-empty");
  fs::create_symlink("nowhere", "dangling");
  fs::create_symlink("loop", "loop");
  fs::create_symlink("loop-b", "loop-a");
  fs::create_symlink("loop-a", "loop-b");
  fs::create_symlink("full/inner/", "to-slash");
  fs::create_symlink("to-full/../file", "winding");
}

const fs::path start = fs::current_path();

void LeaveTree() { fs::current_path(start); }

struct Named {
  std::string name;
  std::string path;
};

std::string Repeat(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; i++) result += text;
  return result;
}

std::vector<Named> Paths() {
  std::vector<Named> paths;
  for (const char* path :
       {"missing",    "missing/",     "missing/x",      "file",        "file/",
        "file/.",     "file/x",       "file/..",        "empty",       "empty/",
        "empty/.",    "full",         "full/",          "full/.",      "full/..",
        "full/inner", "full//inner",  "./full/./inner", "full/sub/..", "full/new",
        "full/new/",  "full/../file", "to-file",        "to-file/",    "to-full",
        "to-full/",   "to-full/.",    "to-full/inner",  "to-full/new", "to-empty",
        "to-empty/",  "dangling",     "dangling/",      "dangling/x",  "loop",
        "loop/",      "loop/x",       "loop-a",         "to-slash",    "winding",
        ".",          "./",           "to-full/..",     "missing/..",  "missing/../file"}) {
    paths.push_back({path, path});
  }
  paths.push_back({"(empty)", ""});
  paths.push_back({"(255 bytes)", std::string(255, 'x')});
  paths.push_back({"(256 bytes)", std::string(256, 'x')});
  paths.push_back({"(256 bytes)/x", std::string(256, 'x') + "/x"});
  paths.push_back({"(127 two-byte letters and 1)", Repeat("é", 127) + "x"});
  paths.push_back({"(128 two-byte letters)", Repeat("é", 128)});
  paths.push_back({"(4000 bytes of ./)file", Repeat("./", 2000) + "file"});
  paths.push_back({"(5000 bytes of ./)file", Repeat("./", 2500) + "file"});
  return paths;
}

using Call = std::function<long(const char*)>;

long Open(const char* path, int flags) {
  const int fd = open(path, flags, 0644);
  if (fd < 0) return fd;
  struct stat status;
  if (fstat(fd, &status) != 0) return -1;
  const long size = S_ISREG(status.st_mode) ? static_cast<long>(status.st_size) : 1000000;
  close(fd);
  return size;
}

void EachPath(const std::string& what, const Call& call) {
  Section(what);
  for (const Named& path : Paths()) {
    MakeTree();
    errno = 0;
    PrintResult(what + " " + path.name, call(path.path.c_str()));
    LeaveTree();
  }
}

long TypeOf(const struct stat& status) {
  return S_ISDIR(status.st_mode)   ? 2
         : S_ISLNK(status.st_mode) ? 3
         : S_ISREG(status.st_mode) ? 1
                                   : 9;
}

void OnePath() {
  const struct {
    const char* name;
    int flags;
  } flag_sets[] = {
      {"O_RDONLY", O_RDONLY},
      {"O_WRONLY", O_WRONLY},
      {"O_RDWR", O_RDWR},
      {"O_RDONLY|O_DIRECTORY", O_RDONLY | O_DIRECTORY},
      {"O_RDONLY|O_NOFOLLOW", O_RDONLY | O_NOFOLLOW},
      {"O_RDWR|O_CREAT", O_RDWR | O_CREAT},
      {"O_RDONLY|O_CREAT", O_RDONLY | O_CREAT},
      {"O_RDWR|O_CREAT|O_EXCL", O_RDWR | O_CREAT | O_EXCL},
      {"O_RDWR|O_TRUNC", O_RDWR | O_TRUNC},
      {"O_WRONLY|O_CREAT|O_TRUNC", O_WRONLY | O_CREAT | O_TRUNC},
      {"O_WRONLY|O_CREAT|O_APPEND", O_WRONLY | O_CREAT | O_APPEND},
      {"O_RDWR|O_CREAT|O_NOFOLLOW", O_RDWR | O_CREAT | O_NOFOLLOW},
      {"O_WRONLY|O_DIRECTORY", O_WRONLY | O_DIRECTORY},
  };
  for (const auto& set : flag_sets) {
    EachPath(std::string("open ") + set.name,
             [&](const char* path) { return Open(path, set.flags); });
  }
  EachPath("stat", [](const char* path) {
    struct stat status;
    return stat(path, &status) != 0 ? -1L : TypeOf(status);
  });
  EachPath("lstat", [](const char* path) {
    struct stat status;
    return lstat(path, &status) != 0 ? -1L : TypeOf(status);
  });
  EachPath("access F_OK", [](const char* path) { return long{access(path, F_OK)}; });
  EachPath("access W_OK", [](const char* path) { return long{access(path, W_OK)}; });
  EachPath("mkdir", [](const char* path) { return long{mkdir(path, 0755)}; });
  EachPath("rmdir", [](const char* path) { return long{rmdir(path)}; });
  EachPath("unlink", [](const char* path) { return long{unlink(path)}; });
  EachPath("remove", [](const char* path) { return long{remove(path)}; });
  EachPath("truncate 3", [](const char* path) { return long{truncate(path, 3)}; });
  EachPath("readlink", [](const char* path) {
    char buffer[100];
    return static_cast<long>(readlink(path, buffer, sizeof buffer));
  });
  EachPath("symlink file to", [](const char* path) { return long{symlink("file", path)}; });
  EachPath("opendir", [](const char* path) {
    DIR* directory = opendir(path);
    if (directory == nullptr) return -1L;
    closedir(directory);
    return 0L;
  });
  EachPath("utimensat", [](const char* path) {
    const timespec times[2] = {{1, 2}, {3, 4}};
    return long{utimensat(AT_FDCWD, path, times, 0)};
  });
  EachPath("utimensat nofollow", [](const char* path) {
    const timespec times[2] = {{1, 2}, {3, 4}};
    return long{utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW)};
  });
}

// What is in the tree now, so that a failed call is seen to have changed nothing.
std::string Tree() {
  std::vector<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(".")) {
    std::string line = entry.path().string().substr(2);
    struct stat status;
    if (lstat(line.c_str(), &status) != 0) line += "?";
    line += ":" + std::to_string(TypeOf(status));
    if (S_ISREG(status.st_mode)) {
      line += ":" + std::to_string(status.st_size) + ":" + std::to_string(status.st_nlink);
    }
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line + " ";
  return all;
}

unsigned HashOf(const std::string& text) {
  unsigned hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

void TwoPaths(const std::string& what, int (*call)(const char*, const char*)) {
  Section(what);
  const char* from_paths[] = {
      "missing",    "missing/", "file",    "file/",    "empty",    "empty/", "full",   "full/",
      "full/inner", "to-file",  "to-full", "to-full/", "dangling", "loop",   "full/.", "full/.."};
  const char* to_paths[] = {
      "new",     "new/",    "new/x",    "file",        "file/",        "other",     "file/x",
      "empty",   "empty/",  "full",     "full/",       "full/inner",   "full/new",  "full/sub",
      "to-file", "to-full", "to-full/", "to-empty",    "dangling",     "dangling/", "loop",
      "loop/x",  "full/..", "empty/in", "to-full/new", "full/sub/deep"};
  for (const char* from : from_paths) {
    for (const char* to : to_paths) {
      MakeTree();
      errno = 0;
      const int result = call(from, to);
      const std::string outcome = result != 0 ? ErrnoName(errno) : "ok";
      char tree[20];
      std::snprintf(tree, sizeof tree, " %08x", HashOf(Tree()));
      Print(what + " " + from + " " + to, outcome + tree);
      LeaveTree();
    }
  }
}

int LinkFollowing(const char* from, const char* to) {
  return linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
}

// Symbolic links that follow one another: Linux gives up after 40.
void LongChains() {
  Section("chains of symbolic links");
  MakeTree();
  std::string target = "file";
  for (int i = 1; i <= 45; i++) {
    const std::string name = "chain" + std::to_string(i);
    fs::create_symlink(target, name);
    Print("open chain " + std::to_string(i),
          Open(name.c_str(), O_RDONLY) < 0 ? ErrnoName(errno) : "ok");
    target = name;
  }
  LeaveTree();
}

// The working directory itself, and no path at all, as either end.
void Degenerate() {
  Section("the working directory and the empty path");
  MakeTree();
  TRY(rename(".", "new"));
  TRY(rename("file", "."));
  TRY(rename("", "new"));
  TRY(rename("file", ""));
  TRY(link(".", "new"));
  TRY(link("file", "."));
  TRY(link("", "new"));
  TRY(link("file", ""));
  TRY(symlink("", "new"));
  Print("tree", Tree());
  LeaveTree();
}

void RelativeToDescriptor() {
  Section("relative to a descriptor");
  MakeTree();
  const int full = open("full", O_RDONLY | O_DIRECTORY);
  const int file = open("file", O_RDONLY);
  struct stat status;
  TRY(fstatat(full, "inner", &status, 0));
  TRY(fstatat(full, "../file", &status, 0));
  TRY(fstatat(full, "missing", &status, 0));
  TRY(fstatat(file, "inner", &status, 0));
  TRY(fstatat(-1, "inner", &status, 0));
  TRY(faccessat(full, "inner", F_OK, 0));
  TRY(mkdirat(full, "made", 0755));
  TRY(mkdirat(full, "made", 0755));
  TRY(symlinkat("inner", full, "link"));
  TRY(linkat(full, "inner", full, "second", 0));
  TRY(renameat(full, "second", full, "third"));
  TRY(renameat(full, "third", file, "third"));
  TRY(unlinkat(full, "third", 0));
  TRY(unlinkat(full, "made", 0));
  TRY(unlinkat(full, "made", AT_REMOVEDIR));
  TRY(unlinkat(full, "inner", AT_REMOVEDIR));
  char buffer[10];
  VALUE(readlinkat(full, "link", buffer, sizeof buffer));
  VALUE(readlinkat(full, "link", buffer, 3));
  const int inner = openat(full, "inner", O_RDONLY);
  PrintOutcome("openat inner", inner);
  TRY(openat(inner, "x", O_RDONLY));
  // The directory is moved, and the descriptor with it; then it is removed.
  TRY(rename("full", "moved"));
  TRY(fstatat(full, "inner", &status, 0));
  const int empty = open("empty", O_RDONLY | O_DIRECTORY);
  TRY(rmdir("empty"));
  TRY(mkdirat(empty, "x", 0755));
  TRY(openat(empty, "x", O_RDWR | O_CREAT, 0644));
  TRY(symlinkat("x", empty, "y"));
  TRY(renameat(full, "inner", empty, "inner"));
  TRY(fstat(empty, &status));
  Print("links of a removed directory", static_cast<long long>(status.st_nlink));
  close(empty);
  close(inner);
  close(full);
  close(file);
  LeaveTree();
}

void WorkingDirectory() {
  Section("working directory");
  MakeTree();
  TRY(chdir("full"));
  struct stat status;
  TRY(stat("inner", &status));
  TRY(chdir("inner"));
  TRY(chdir("missing"));
  TRY(chdir("../to-full"));
  TRY(stat("inner", &status));
  TRY(chdir(".."));
  TRY(stat("file", &status));
  LeaveTree();
}

}  // namespace

int main() {
  OnePath();
  TwoPaths("rename", rename);
  TwoPaths("link", link);
  TwoPaths("link following", LinkFollowing);
  Degenerate();
  LongChains();
  RelativeToDescriptor();
  WorkingDirectory();
  fs::remove_all("tree");
}
