// Exceptions, RTTI and std::exception_ptr, also through frames of C++ with destructors.
#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeinfo>
#include <vector>

struct Shape {
  virtual ~Shape() = default;
};
struct Circle : Shape {
  int radius = 3;
};
struct Square : Shape {};

struct Noisy {
  const char* name;
  ~Noisy() { std::cout << "destroyed " << name << "\n"; }
};

int Deep(int level) {
  Noisy noisy{level % 2 ? "odd" : "even"};
  if (level == 0) {
    // The stack that is unwound was suspended before.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    throw std::out_of_range("deep");
  }
  return Deep(level - 1) + 1;
}

int main() {
  try {
    Deep(3);
  } catch (const std::exception& error) {
    std::cout << "caught " << error.what() << "\n";
  }
  try {
    try {
      throw 42;
    } catch (int number) {
      std::cout << "int " << number << "\n";
      throw;
    }
  } catch (...) {
    std::cout << "again\n";
  }
  std::exception_ptr kept;
  try {
    (void)std::map<int, int>().at(7);
  } catch (...) {
    kept = std::current_exception();
  }
  try {
    std::rethrow_exception(kept);
  } catch (const std::out_of_range&) {
    std::cout << "rethrown\n";
  }
  try {
    (void)std::vector<int>(2).at(9);
  } catch (const std::exception& error) {
    std::cout << (std::string(typeid(error).name()).find("out_of_range") != std::string::npos)
              << "\n";
  }
  const std::unique_ptr<Shape> shape = std::make_unique<Circle>();
  const Circle* circle = dynamic_cast<Circle*>(shape.get());
  std::cout << (circle != nullptr ? circle->radius : -1) << " "
            << (dynamic_cast<Square*>(shape.get()) == nullptr) << "\n";
  try {
    (void)dynamic_cast<Square&>(*shape);
  } catch (const std::bad_cast&) {
    std::cout << "bad cast\n";
  }
}
