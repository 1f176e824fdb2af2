// Random operations on a small tree, a function of a seed, with a rolling hash over every outcome.
//
//   file-random                             seeds 1 to 200, a line with the hash of each
//   file-random --seed N                    one seed, a line per operation
//   file-random --seeds FIRST COUNT         other seeds
//   … --operations N                        instead of 2,000 for each seed
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "support/report.h"

namespace {

// Files are written around these places: the first bytes, page and block boundaries, far out.
constexpr off_t kPlaces[] = {0, 0, 100, 4096, 16384, 32768, 65536, 200000, 1 << 20};
constexpr size_t kMaxHandles = 8;

// splitmix64: the same numbers everywhere, and far apart for neighbouring seeds.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0xd1342543de82ef95u) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  size_t Below(size_t limit) { return static_cast<size_t>(Next() % limit); }
  bool OneIn(size_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

class Hash {
 public:
  void Add(const char* bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
      value_ = (value_ ^ static_cast<unsigned char>(bytes[i])) * 0x100000001b3u;
    }
  }
  void Add(const std::string& text) { Add(text.data(), text.size() + 1); }
  std::string Text() const {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value_));
    return text;
  }

 private:
  uint64_t value_ = 0xcbf29ce484222325u;
};

std::string HashOf(const char* bytes, size_t size) {
  Hash hash;
  hash.Add(bytes, size);
  return hash.Text();
}

struct Handle {
  int fd;
  bool appends;
  // Whether read() or write() is called on it: wasi-libc loses the position between the two, see
  // differences.md. pread() and pwrite() are called on all.
  bool reads;
};

class Workload {
 public:
  Workload(uint64_t seed, bool trace)
      : random_(seed), root_("random-" + std::to_string(seed)), trace_(trace) {}

  std::string Run(int operations) {
    if (mkdir(root_.c_str(), 0755) != 0) std::perror(root_.c_str());
    for (int i = 0; i < operations; i++) Step();
    for (const Handle& handle : handles_) {
      Note("contents of an open file", ContentsOf(handle.fd));
      close(handle.fd);
    }
    Walk(root_);
    std::filesystem::remove_all(root_);
    return hash_.Text();
  }

 private:
  void Note(const std::string& operation, const std::string& outcome) {
    hash_.Add(operation);
    hash_.Add(outcome);
    if (trace_) Print(operation, outcome + " " + hash_.Text());
  }

  // The outcome of a call that returns a negative number when it fails.
  static std::string Outcome(long long result) {
    return result < 0 ? ErrnoName(errno) : std::to_string(result);
  }

  std::string Name() {
    static const char* const names[] = {"a", "b", "c", "d", "e", "\xc3\xa9"};
    return names[random_.Below(6)];
  }

  std::string Path() {
    std::string path = root_;
    const size_t depth = 1 + random_.Below(3);
    for (size_t i = 0; i < depth; i++) {
      path += "/" + Name();
      if (random_.OneIn(25)) path += "/..";
      if (random_.OneIn(25)) path += "/.";
    }
    if (random_.OneIn(20)) path += "/";
    return path;
  }

  off_t Offset() {
    return kPlaces[random_.Below(std::size(kPlaces))] + static_cast<off_t>(random_.Below(300));
  }

  size_t Length() {
    if (random_.OneIn(30)) return random_.Below(100000);
    return random_.OneIn(4) ? random_.Below(20000) : random_.Below(300);
  }

  std::string Data(size_t length) {
    std::string data(length, '\0');
    uint64_t word = 0;
    for (size_t i = 0; i < length; i++) {
      if (i % 8 == 0) word = random_.Next();
      data[i] = static_cast<char>(word >> (i % 8 * 8));
    }
    return data;
  }

  static std::string ContentsOf(int fd) {
    std::string all;
    std::string buffer(70000, '\0');
    for (;;) {
      const ssize_t count = pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(all.size()));
      if (count < 0) return ErrnoName(errno);
      if (count == 0) return std::to_string(all.size()) + " " + HashOf(all.data(), all.size());
      all.append(buffer, 0, static_cast<size_t>(count));
    }
  }

  static std::string Describe(const struct stat& status) {
    if (S_ISDIR(status.st_mode)) return "directory";
    return std::string(S_ISLNK(status.st_mode) ? "symlink" : "file") + " of " +
           std::to_string(status.st_size) + " with " + std::to_string(status.st_nlink) + " links";
  }

  static std::string List(const std::string& path) {
    DIR* directory = opendir(path.c_str());
    if (directory == nullptr) return ErrnoName(errno);
    std::vector<std::string> names;
    while (const dirent* entry = readdir(directory)) {
      names.push_back(entry->d_name + std::string("=") + std::to_string(entry->d_type == DT_DIR) +
                      std::to_string(entry->d_type == DT_LNK));
    }
    closedir(directory);
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += name + " ";
    return text;
  }

  void Step() {
    const size_t choice = random_.Below(100);
    if (choice < 45) {
      StepData();
    } else if (choice < 58) {
      Open();
    } else {
      StepTree(choice);
    }
  }

  void Open() {
    if (handles_.size() == kMaxHandles) {
      const size_t index = random_.Below(handles_.size());
      Note("close", Outcome(close(handles_[index].fd)));
      handles_.erase(handles_.begin() + static_cast<std::ptrdiff_t>(index));
      return;
    }
    const std::string path = Path();
    const struct {
      const char* name;
      int flags;
    } modes[] = {
        {"r", O_RDONLY},
        {"r+", O_RDWR},
        {"create", O_RDWR | O_CREAT},
        {"create", O_RDWR | O_CREAT},
        {"append", O_RDWR | O_CREAT | O_APPEND},
        {"exclusive", O_RDWR | O_CREAT | O_EXCL},
        {"truncate", O_RDWR | O_CREAT | O_TRUNC},
        {"nofollow", O_RDWR | O_CREAT | O_NOFOLLOW},
    };
    const auto& mode = modes[random_.Below(std::size(modes))];
    const int fd = open(path.c_str(), mode.flags, 0644);
    Note(std::string("open ") + mode.name + " " + path, fd < 0 ? ErrnoName(errno) : "ok");
    if (fd < 0) return;
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
      const bool appends = (mode.flags & O_APPEND) != 0;
      handles_.push_back({fd, appends, !appends && random_.OneIn(2)});
    } else {
      close(fd);
    }
  }

  void StepData() {
    if (handles_.empty()) return Open();
    const Handle handle = handles_[random_.Below(handles_.size())];
    const int fd = handle.fd;
    const off_t offset = Offset();
    const size_t length = Length();
    const std::string range = " " + std::to_string(offset) + " " + std::to_string(length);
    switch (random_.Below(10)) {
      case 0:
      case 1:
      case 2: {
        const std::string data = Data(length);
        // Linux appends with pwrite, too, when the descriptor appends; POSIX does not.
        if (handle.appends) {
          Note("append" + range, Outcome(write(fd, data.data(), length)));
        } else {
          Note("pwrite" + range, Outcome(pwrite(fd, data.data(), length, offset)));
        }
        break;
      }
      case 3: {
        const std::string data = Data(length);
        if (handle.reads) break;
        Note("write" + range, Outcome(write(fd, data.data(), length)));
        break;
      }
      case 4: {
        if (!handle.reads) break;
        std::string data(length, '\0');
        const long long position = lseek(fd, 0, SEEK_CUR);
        const ssize_t count = read(fd, data.data(), length);
        Note("read " + std::to_string(length) + " at " + std::to_string(position),
             Outcome(count) + " " + HashOf(data.data(), data.size()));
        break;
      }
      case 5:
        Note("lseek" + range, Outcome(lseek(fd, offset, SEEK_SET)));
        break;
      case 6:
        Note("ftruncate" + range, Outcome(ftruncate(fd, offset)));
        break;
      case 7: {
        struct stat status;
        const int result = fstat(fd, &status);
        Note("fstat", result != 0 ? ErrnoName(errno) : Describe(status));
        if (random_.OneIn(20)) Note("fsync", Outcome(fsync(fd)));
        break;
      }
      default: {
        std::string data(length, '\0');
        const ssize_t count = pread(fd, data.data(), length, offset);
        Note("pread" + range, Outcome(count) + " " + HashOf(data.data(), data.size()));
      }
    }
  }

  void StepTree(size_t choice) {
    const std::string path = Path();
    const char* const at = path.c_str();
    if (choice < 65) {
      Note("mkdir " + path, Outcome(mkdir(at, 0755)));
    } else if (choice < 69) {
      Note("rmdir " + path, Outcome(rmdir(at)));
    } else if (choice < 75) {
      Note("unlink " + path, Outcome(unlink(at)));
    } else if (choice < 82) {
      const std::string to = Path();
      Note("rename " + path + " " + to, Outcome(rename(at, to.c_str())));
    } else if (choice < 86) {
      const std::string to = Path();
      Note("link " + path + " " + to, Outcome(link(at, to.c_str())));
    } else if (choice < 89) {
      // None leads out of the root: `..` comes after a name only.
      static const char* const targets[] = {"a", "b", "a/b", "c/", "./d", "a/../b", "e/../e/c"};
      const std::string target = targets[random_.Below(std::size(targets))];
      Note("symlink " + target + " " + path, Outcome(symlink(target.c_str(), at)));
    } else if (choice < 91) {
      char target[100];
      const ssize_t length = readlink(at, target, sizeof target);
      Note("readlink " + path, length < 0 ? ErrnoName(errno) : std::string(target, length));
    } else if (choice < 93) {
      const off_t size = Offset();
      Note("truncate " + path + " " + std::to_string(size), Outcome(truncate(at, size)));
    } else if (choice < 95) {
      Note("readdir " + path, List(path));
    } else if (choice < 98) {
      struct stat status;
      Note("stat " + path, stat(at, &status) != 0 ? ErrnoName(errno) : Describe(status));
    } else {
      struct stat status;
      Note("lstat " + path, lstat(at, &status) != 0 ? ErrnoName(errno) : Describe(status));
    }
  }

  // Every name, type and byte there is at the end.
  void Walk(const std::string& path) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      const std::string child = path + "/" + name;
      struct stat status;
      if (lstat(child.c_str(), &status) != 0) {
        Note(child, ErrnoName(errno));
        continue;
      }
      std::string what = Describe(status);
      if (S_ISREG(status.st_mode)) {
        const int fd = open(child.c_str(), O_RDONLY);
        what += " " + ContentsOf(fd);
        close(fd);
      }
      Note(child, what);
      if (S_ISDIR(status.st_mode)) Walk(child);
    }
  }

  Random random_;
  const std::string root_;
  const bool trace_;
  std::vector<Handle> handles_;
  Hash hash_;
};

}  // namespace

int main(int argc, char** argv) {
  uint64_t first = 1;
  uint64_t count = 200;
  int operations = 2000;
  bool trace = false;
  for (int i = 1; i < argc; i++) {
    const std::string option = argv[i];
    if (option == "--seed" && i + 1 < argc) {
      first = std::strtoull(argv[++i], nullptr, 10);
      count = 1;
      trace = true;
    } else if (option == "--seeds" && i + 2 < argc) {
      first = std::strtoull(argv[++i], nullptr, 10);
      count = std::strtoull(argv[++i], nullptr, 10);
    } else if (option == "--operations" && i + 1 < argc) {
      operations = std::atoi(argv[++i]);
    } else {
      std::fprintf(stderr, "usage: %s [--seed N | --seeds FIRST COUNT] [--operations N]\n",
                   argv[0]);
      return 2;
    }
  }
  for (uint64_t seed = first; seed < first + count; seed++) {
    Print("seed " + std::to_string(seed), Workload(seed, trace).Run(operations));
  }
}
