#include "failing_calls.h"

#include <gtest/gtest.h>

namespace backtab {
namespace {

// Lines as wasm-ld writes them.
constexpr char kMap[] =
    "    Addr      Off     Size Out     In      Symbol\n"
    "       -       46        a         main.o:(system)\n"
    "       -       46        a                 system\n"
    "       -       8f        6         /t/runtime/libcompat.a(exec.o):(fork)\n"
    "       -       8f        6                 fork\n"
    "       -       95        6         /t/runtime/libcompat.a(syslog.o):(syslog)\n"
    "       -       95        6                 syslog\n"
    "       -       9b        9         /s/lib/libc.a(pthread_create.c.obj):(__pthread_create)\n"
    "       -       9b        9                 __pthread_create\n"
    "       -       9b        9                 pthread_create\n"
    "       -       a4        9         other.o:(popen)\n"
    "       -       a4        9                 popen\n";

TEST(FailingCallsInMap, FindsThoseOfTheLibrariesAndNoOthers) {
  const std::vector<FailingCall> found = FailingCallsInMap(kMap);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "fork");
  EXPECT_EQ(found[0].error, "ENOSYS");
  EXPECT_EQ(found[1].name, "pthread_create");
}

TEST(FailingCallsInMap, FindsNothingInAnEmptyMap) { EXPECT_TRUE(FailingCallsInMap("").empty()); }

TEST(FailingCallNote, NamesTheCallAndTheError) {
  EXPECT_EQ(FailingCallNote({"fork", "ENOSYS"}),
            "this program calls fork(), which always fails here (ENOSYS)");
}

}  // namespace
}  // namespace backtab
