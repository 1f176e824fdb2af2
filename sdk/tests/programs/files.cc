// <fstream> and <filesystem>.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace fs = std::filesystem;

int main() {
  const fs::path root = "files-test";
  fs::remove_all(root);
  fs::create_directories(root / "a" / "b");
  std::ofstream(root / "a" / "one.txt") << "first line\nsecond line\n";
  std::ofstream(root / "a" / "one.txt", std::ios::app) << "third\n";
  fs::copy_file(root / "a" / "one.txt", root / "a" / "b" / "two.txt");
  fs::rename(root / "a" / "one.txt", root / "a" / "three.txt");

  std::ifstream input(root / "a" / "b" / "two.txt");
  for (std::string line; std::getline(input, line);) std::cout << line << "|";
  std::cout << "\n";

  std::fstream both(root / "a" / "three.txt", std::ios::in | std::ios::out);
  both.seekp(6);
  both << "LINE";
  both.seekg(0);
  std::string line;
  std::getline(both, line);
  std::cout << line << " " << fs::file_size(root / "a" / "three.txt") << "\n";
  both.close();

  fs::resize_file(root / "a" / "three.txt", 5);
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    found.push_back(entry.path().generic_string() + (entry.is_directory() ? "/" : ""));
  }
  std::sort(found.begin(), found.end());
  for (const std::string& path : found) std::cout << path << "\n";

  std::error_code error;
  fs::create_directory(root / "missing" / "x", error);
  std::cout << (error == std::errc::no_such_file_or_directory) << fs::exists(root / "none") << "\n";
  std::cout << fs::remove_all(root) << "\n";
}
