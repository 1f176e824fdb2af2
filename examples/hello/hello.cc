// Counts how often it was run on this disk. Build and run it, twice, with
//
//   ./backtab c++ -std=c++20 examples/hello/hello.cc -o build/hello.wasm
//   ./backtab run --disk greetings build/hello.wasm
#include <filesystem>
#include <fstream>
#include <iostream>

int main() {
  const std::filesystem::path path = "/hello/runs.txt";
  std::filesystem::create_directories(path.parent_path());
  int runs = 0;
  std::ifstream(path) >> runs;
  ++runs;
  if (!(std::ofstream(path) << runs << '\n' << std::flush)) {
    std::cerr << "hello: cannot write " << path << '\n';
    return 1;
  }
  std::cout << "Hello from C++. Runs on this disk: " << runs << '\n';
}
