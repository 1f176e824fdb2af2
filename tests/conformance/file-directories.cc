// Listing directories: entries, types, positions, changes while listing, large directories.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/report.h"

namespace {

void Make(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT, 0644);
  if (fd < 0) std::perror(path.c_str());
  close(fd);
}

const char* TypeName(unsigned char type) {
  switch (type) {
    case DT_REG:
      return "file";
    case DT_DIR:
      return "directory";
    case DT_LNK:
      return "symbolic link";
    default:
      return "other";
  }
}

std::vector<std::string> Names(DIR* directory) {
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory)) names.push_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

std::string List(const char* path) {
  DIR* directory = opendir(path);
  if (directory == nullptr) return ErrnoName(errno);
  const std::string text = Joined(Names(directory));
  closedir(directory);
  return text;
}

void Entries() {
  Section("entries");
  mkdir("entries", 0755);
  Make("entries/file");
  Make("entries/.hidden");
  Make("entries/with space");
  Make("entries/\xc3\xa9t\xc3\xa9 \xf0\x9f\x8e\x89");
  Make("entries/back\\slash");
  Make("entries/colon:star*question?");
  Make("entries/" + std::string(255, 'n'));
  mkdir("entries/directory", 0755);
  symlink("file", "entries/link");
  Print("names", List("entries"));
  DIR* directory = opendir("entries");
  int matching = 0;
  std::vector<std::string> types;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    types.push_back(name + "=" + TypeName(entry->d_type));
    struct stat status;
    if (name != ".." &&
        fstatat(dirfd(directory), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_ino == entry->d_ino) {
      matching++;
    }
  }
  std::sort(types.begin(), types.end());
  Print("types", Joined(types));
  Print("entries with the inode number of their stat", matching);
  closedir(directory);
  Print("an empty directory", List("entries/directory"));
  Print("a file", List("entries/file"));
  Print("nothing", List("entries/none"));
}

void Positions() {
  Section("positions");
  DIR* directory = opendir("entries");
  const size_t all = Names(directory).size();
  Print("at the end", readdir(directory) == nullptr ? "no entry" : "an entry");
  rewinddir(directory);
  Print("as many after rewinddir", Names(directory).size() == all);
  rewinddir(directory);
  readdir(directory);
  readdir(directory);
  const long position = telldir(directory);
  const dirent* third = readdir(directory);
  const std::string name = third == nullptr ? "(end)" : third->d_name;
  readdir(directory);
  seekdir(directory, position);
  const dirent* again = readdir(directory);
  Print("seekdir goes back", again != nullptr && name == again->d_name);
  struct stat status;
  TRY(fstat(dirfd(directory), &status));
  TRY(fstatat(dirfd(directory), "file", &status, 0));
  closedir(directory);

  const int fd = open("entries", O_RDONLY | O_DIRECTORY);
  DIR* by_descriptor = fdopendir(fd);
  Print("fdopendir lists as many", by_descriptor != nullptr && Names(by_descriptor).size() == all);
  if (by_descriptor != nullptr) closedir(by_descriptor);
  const int file = open("entries/file", O_RDONLY);
  Print("fdopendir of a file", fdopendir(file) == nullptr ? ErrnoName(errno) : "ok");
  close(file);
}

void Changes() {
  Section("changes while listing");
  mkdir("changes", 0755);
  for (int i = 0; i < 300; i++) Make("changes/" + std::to_string(i));
  DIR* directory = opendir("changes");
  int removed = 0;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    if (unlinkat(dirfd(directory), entry->d_name, 0) == 0) removed++;
  }
  Print("removed while listing", removed);
  rewinddir(directory);
  Print("left", Joined(Names(directory)));
  Make("changes/new");
  rewinddir(directory);
  Print("after a new one", Joined(Names(directory)));
  TRY(unlink("changes/new"));
  TRY(rmdir("changes"));
  rewinddir(directory);
  Print("of a removed directory", static_cast<long long>(Names(directory).size()));
  closedir(directory);
}

void Large() {
  Section("a large directory");
  mkdir("large", 0755);
  for (int i = 0; i < 3000; i++) Make("large/entry-" + std::to_string(i));
  DIR* directory = opendir("large");
  std::vector<std::string> names = Names(directory);
  closedir(directory);
  Print("entries", static_cast<long long>(names.size()));
  Print("no name twice", std::adjacent_find(names.begin(), names.end()) == names.end());
  dirent** list = nullptr;
  const int count = scandir(
      "large", &list, [](const dirent* entry) { return int{entry->d_name[0] != '.'}; }, alphasort);
  Print("scandir", count);
  Print("first", count > 0 ? list[0]->d_name : "");
  Print("last", count > 0 ? list[count - 1]->d_name : "");
  for (int i = 0; i < count; i++) {
    unlink((std::string("large/") + list[i]->d_name).c_str());
    free(list[i]);
  }
  free(list);
  TRY(rmdir("large"));
}

}  // namespace

int main() {
  Entries();
  Positions();
  Changes();
  Large();
}
