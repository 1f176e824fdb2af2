// The C++ and C libraries' own ways to files: std::filesystem, streams, stdio.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "support/report.h"

namespace {

namespace fs = std::filesystem;

std::string Contents(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return "(cannot be opened)";
  return {std::istreambuf_iterator<char>(stream), {}};
}

void Write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string Name(const std::error_code& error) { return error ? ErrnoName(error.value()) : "ok"; }

template <typename Call>
void Try(const std::string& what, const Call& call) {
  std::error_code error;
  std::ostringstream result;
  result << std::boolalpha << call(error);
  Print(what, Name(error) + " " + (error ? "" : result.str()));
}

std::string Tree(const fs::path& root) {
  std::vector<std::string> lines;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    std::string line = entry.path().lexically_relative(root).generic_string();
    if (entry.is_symlink()) {
      line += "@" + fs::read_symlink(entry).generic_string();
    } else if (entry.is_directory()) {
      line += "/";
    } else {
      line += "=" + Contents(entry.path());
    }
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : " ") + line;
  return text;
}

void Filesystem() {
  Section("std::filesystem");
  using E = std::error_code&;
  Try("create_directories", [](E e) { return fs::create_directories("a/b/c", e); });
  Try("create_directories again", [](E e) { return fs::create_directories("a/b/c", e); });
  Try("create_directory below nothing", [](E e) { return fs::create_directory("x/y", e); });
  Write("a/file", "content");
  Try("create_directory on a file", [](E e) { return fs::create_directory("a/file", e); });
  Try("create_directories through a file",
      [](E e) { return fs::create_directories("a/file/x", e); });
  Try("exists", [](E e) { return fs::exists("a/file", e); });
  Try("exists not", [](E e) { return fs::exists("a/none", e); });
  Try("exists below a file", [](E e) { return fs::exists("a/file/x", e); });
  Try("file_size", [](E e) { return fs::file_size("a/file", e); });
  Try("file_size of a directory", [](E e) { return fs::file_size("a", e); });
  Try("file_size of nothing", [](E e) { return fs::file_size("none", e); });
  Try("is_empty file", [](E e) { return fs::is_empty("a/file", e); });
  Try("is_empty directory", [](E e) { return fs::is_empty("a/b/c", e); });
  Try("is_empty full directory", [](E e) { return fs::is_empty("a", e); });
  Try("copy_file", [](E e) { return fs::copy_file("a/file", "a/copy", e); });
  Try("copy_file onto", [](E e) { return fs::copy_file("a/file", "a/copy", e); });
  Write("a/file", "changed");
  Try("copy_file overwriting", [](E e) {
    return fs::copy_file("a/file", "a/copy", fs::copy_options::overwrite_existing, e);
  });
  Try("create_symlink", [](E e) { return fs::create_symlink("file", "a/link", e), 0; });
  Try("create_directory_symlink",
      [](E e) { return fs::create_directory_symlink("b", "a/to-b", e), 0; });
  Try("read_symlink", [](E e) { return fs::read_symlink("a/link", e).generic_string(); });
  Try("read_symlink of a file", [](E e) { return fs::read_symlink("a/file", e).generic_string(); });
  Try("create_hard_link", [](E e) { return fs::create_hard_link("a/file", "a/hard", e), 0; });
  Try("hard_link_count", [](E e) { return fs::hard_link_count("a/file", e); });
  Try("equivalent", [](E e) { return fs::equivalent("a/file", "a/hard", e); });
  Try("equivalent through a link", [](E e) { return fs::equivalent("a/file", "a/link", e); });
  Try("equivalent not", [](E e) { return fs::equivalent("a/file", "a/copy", e); });
  Try("equivalent with nothing", [](E e) { return fs::equivalent("a/file", "a/none", e); });
  Try("rename", [](E e) { return fs::rename("a/copy", "a/b/moved", e), 0; });
  Try("rename of a directory", [](E e) { return fs::rename("a/b", "a/d", e), 0; });
  Try("rename into itself", [](E e) { return fs::rename("a/d", "a/d/c/e", e), 0; });
  Try("resize_file", [](E e) { return fs::resize_file("a/file", 3, e), 0; });
  Try("resize_file longer", [](E e) { return fs::resize_file("a/d/moved", 8, e), 0; });
  Try("status", [](E e) { return int(fs::status("a/link", e).type() == fs::file_type::regular); });
  Try("symlink_status",
      [](E e) { return int(fs::symlink_status("a/link", e).type() == fs::file_type::symlink); });
  Print("tree", Tree("a"));
  Try("copy recursively", [](E e) {
    return fs::copy("a", "z", fs::copy_options::recursive | fs::copy_options::copy_symlinks, e), 0;
  });
  Print("tree of the copy", Tree("z"));
  Try("weakly_canonical", [](E e) {
    return fs::weakly_canonical("a/./d/../none/x", e)
        .lexically_relative(fs::current_path())
        .generic_string();
  });
  Try("canonical", [](E e) {
    return fs::canonical("a/d/../link", e).lexically_relative(fs::current_path()).generic_string();
  });
  Try("canonical of nothing", [](E e) { return fs::canonical("a/none", e).generic_string(); });
  Try("last_write_time", [](E e) {
    const auto time = fs::last_write_time("a/file", e);
    const auto earlier = time - std::chrono::hours(48);
    fs::last_write_time("a/file", earlier, e);
    return fs::last_write_time("a/file", e) == earlier;
  });
  Try("remove file", [](E e) { return fs::remove("a/hard", e); });
  Try("remove nothing", [](E e) { return fs::remove("a/hard", e); });
  Try("remove link", [](E e) { return fs::remove("a/link", e); });
  Try("remove full directory", [](E e) { return fs::remove("a", e); });
  Try("remove_all", [](E e) { return fs::remove_all("a", e); });
  Try("remove_all of nothing", [](E e) { return fs::remove_all("a", e); });
  Try("remove_all of the copy", [](E e) { return fs::remove_all("z", e); });
  std::error_code error;
  const fs::directory_iterator none("none", error);
  Print("directory_iterator of nothing", Name(error));
  try {
    fs::rename("none", "other");
  } catch (const fs::filesystem_error& failure) {
    Print("thrown",
          Name(failure.code()) + " " + failure.path1().string() + " " + failure.path2().string());
  }
}

void Streams() {
  Section("std::fstream");
  Print("opens nothing", std::ifstream("none").is_open());
  {
    std::ofstream out("stream");
    out << "line 1\nline 2\n" << 42 << ' ' << 2.5 << '\n';
    Print("tellp", static_cast<long long>(out.tellp()));
  }
  {
    std::ofstream out("stream", std::ios::app);
    out << "appended\n";
  }
  Print("contents", Contents("stream") == "line 1\nline 2\n42 2.5\nappended\n");
  {
    std::fstream both("stream", std::ios::in | std::ios::out);
    std::string line;
    std::getline(both, line);
    Print("line", line);
    both.seekp(5);
    both << "X";
    both.seekg(0);
    std::getline(both, line);
    Print("line", line);
    both.seekg(-3, std::ios::end);
    Print("tellg", static_cast<long long>(both.tellg()));
    both >> line;
    Print("word", line);
    both.get();
    both.get();
    Print("end", both.eof());
    both.clear();
    both.seekp(0, std::ios::end);
    both << "more";
  }
  Print("size", static_cast<long long>(fs::file_size("stream")));
  Print("no write through an input", [] {
    std::fstream in("stream", std::ios::in);
    in << "x" << std::flush;
    return in.good();
  }());
  Print("truncated", [] {
    std::ofstream out("stream", std::ios::trunc);
    return static_cast<long long>(fs::file_size("stream"));
  }());
  Print("a directory as a file", [] {
    std::ifstream in(".");
    std::string word;
    in >> word;
    return in.good();
  }());
  {
    std::ofstream out("big", std::ios::binary);
    for (int i = 0; i < 100000; i++) out << i << ' ';
  }
  std::ifstream in("big");
  long long sum = 0;
  for (int number; in >> number;) sum += number;
  Print("sum", sum);
}

std::string ReadAll(FILE* file) {
  std::rewind(file);
  char buffer[200] = {};
  const size_t count = std::fread(buffer, 1, sizeof buffer, file);
  return std::string(buffer, count);
}

void Stdio() {
  Section("stdio");
  Print("r of nothing", std::fopen("none", "r") == nullptr ? ErrnoName(errno) : "ok");
  Print("r+ of nothing", std::fopen("none", "r+") == nullptr ? ErrnoName(errno) : "ok");
  Print("an unknown mode", std::fopen("none", "q") == nullptr ? ErrnoName(errno) : "ok");
  FILE* file = std::fopen("stdio", "w+");
  std::fputs("hello world\n", file);
  std::fprintf(file, "%d %s\n", 7, "seven");
  Print("ftell", std::ftell(file));
  Print("contents", ReadAll(file).size());
  Print("fseek", std::fseek(file, 6, SEEK_SET));
  std::fputs("W", file);
  std::fflush(file);
  Print("contents", ReadAll(file).substr(0, 11));
  Print("ungetc", std::fseek(file, 0, SEEK_SET) == 0 && std::ungetc('J', file) == 'J' &&
                      std::fgetc(file) == 'J' && std::fgetc(file) == 'h');
  std::fclose(file);
  Print("wx of a file", std::fopen("stdio", "wx") == nullptr ? ErrnoName(errno) : "ok");
  file = std::fopen("stdio", "a+");
  std::fputs("end", file);
  Print("ftell", std::ftell(file));
  std::fseek(file, 0, SEEK_SET);
  std::fputs("!", file);
  std::fflush(file);
  Print("size", static_cast<long long>(fs::file_size("stdio")));
  std::fclose(file);
  file = std::fopen("stdio", "r");
  Print("fputs to r", std::fputs("x", file) == EOF ? ErrnoName(errno) : "ok");
  Print("ferror", std::ferror(file) != 0);
  std::clearerr(file);
  char line[100];
  Print("fgets", std::fgets(line, sizeof line, file) == nullptr ? "nothing" : "a line");
  int number = 0;
  Print("fscanf", std::fscanf(file, "%d", &number));
  Print("number", number);
  while (std::fgetc(file) != EOF) {
  }
  Print("feof", std::feof(file) != 0);
  std::fclose(file);
  file = std::fopen("stdio", "w");
  std::setvbuf(file, nullptr, _IONBF, 0);
  std::fputs("unbuffered", file);
  Print("size without fflush", static_cast<long long>(fs::file_size("stdio")));
  std::fclose(file);
  FILE* temporary = std::tmpfile();
  Print("tmpfile", temporary != nullptr);
  if (temporary != nullptr) {
    std::fputs("temporary", temporary);
    Print("contents", ReadAll(temporary));
    std::fclose(temporary);
  }
  char name[] = "made-XXXXXX";
  const int fd = mkstemp(name);
  Print("mkstemp", fd >= 0 && std::strlen(name) == 11 && fs::exists(name));
  close(fd);
  char directory[] = "dir-XXXXXX";
  Print("mkdtemp", mkdtemp(directory) != nullptr && fs::is_directory(directory));
  Print("rename", std::rename("stdio", "stdio2"));
  Print("remove", std::remove("stdio2"));
  Print("remove of nothing", std::remove("stdio2") == 0 ? "ok" : ErrnoName(errno));
}

}  // namespace

int main() {
  Filesystem();
  Streams();
  Stdio();
}
