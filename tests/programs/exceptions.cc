// Throws and catches with a call in between that suspends the program (JSPI), so that the unwinder
// crosses a stack that was set aside and resumed.
#include <setjmp.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeinfo>

namespace {

struct Base {
  virtual ~Base() = default;
};
struct Derived : Base {};

struct Tracer {
  explicit Tracer(std::string name) : name(std::move(name)) {}
  ~Tracer() { std::printf("unwound %s\n", name.c_str()); }
  std::string name;
};

void Deep(int levels) {
  const Tracer tracer("level " + std::to_string(levels));
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (levels == 0) throw std::out_of_range("the bottom");
  Deep(levels - 1);
}

jmp_buf mark;

void Jump() {
  usleep(5000);
  longjmp(mark, 7);
}

}  // namespace

int main() {
  try {
    Deep(2);
  } catch (const std::logic_error& error) {
    usleep(5000);
    std::printf("caught %s\n", error.what());
  }
  try {
    try {
      throw 42;
    } catch (int) {
      usleep(5000);
      throw;
    }
  } catch (int number) {
    std::printf("caught %d again\n", number);
  }
  const std::unique_ptr<Base> owner = std::make_unique<Derived>();
  const Base& object = *owner;
  std::printf("dynamic type is Derived: %s\n", typeid(object) == typeid(Derived) ? "yes" : "no");
  const int jumped = setjmp(mark);
  if (jumped == 0) Jump();
  std::printf("longjmp brought %d\n", jumped);
  return 0;
}
