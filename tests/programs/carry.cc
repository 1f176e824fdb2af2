// Copies a file (first argument) to another (second), whose parent directories it makes, and adds
// the environment variable SUFFIX as a last line. Standard C++ file streams only.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream in(argv[1]);
  if (!in) {
    std::cerr << "cannot read " << argv[1] << "\n";
    return 1;
  }
  std::filesystem::create_directories(std::filesystem::path(argv[2]).parent_path());
  std::ofstream out(argv[2]);
  out << in.rdbuf();
  const char* suffix = std::getenv("SUFFIX");
  out << (suffix != nullptr ? suffix : "") << "\n";
  out.close();
  return out ? 0 : 1;
}
