#include "command_line.h"

#include <gtest/gtest.h>

namespace backtab {
namespace {

using Arguments = std::vector<std::string>;

CommandLine Parse(const Arguments& arguments) { return ParseCommandLine(Mode::kC, arguments); }

TEST(ModeOfProgramName, IsCppForNamesThatEndInTwoPluses) {
  EXPECT_EQ(ModeOfProgramName("backtab-c++"), Mode::kCpp);
  EXPECT_EQ(ModeOfProgramName("backtab-cc"), Mode::kC);
}

TEST(ParseCommandLine, LinksWhenThereIsAnInputAndNothingStopsEarlier) {
  const CommandLine command = Parse({"main.c"});
  EXPECT_EQ(command.action, Action::kLink);
  EXPECT_EQ(command.output, "a.out");
  EXPECT_EQ(command.arguments, Arguments({"main.c"}));
  EXPECT_TRUE(command.component);
}

TEST(ParseCommandLine, TakesTheOutputInEveryForm) {
  for (const Arguments& arguments :
       {Arguments{"-o", "x", "a.o"}, Arguments{"a.o", "-ox"}, Arguments{"--output=x", "a.o"},
        Arguments{"--output", "x", "a.o"}}) {
    const CommandLine command = Parse(arguments);
    EXPECT_EQ(command.output, "x");
    EXPECT_EQ(command.arguments, Arguments({"a.o"}));
  }
}

TEST(ParseCommandLine, GivesTheOutputBackToClangWhenNotLinking) {
  const CommandLine command = Parse({"-c", "-o", "x.o", "x.c"});
  EXPECT_EQ(command.action, Action::kCompile);
  EXPECT_EQ(command.arguments, Arguments({"-c", "x.c", "-o", "x.o"}));
}

TEST(ParseCommandLine, DoesNotLinkForModesThatStopEarlierOrQuestions) {
  for (const char* option : {"-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", "--version", "-###",
                             "-print-search-dirs", "--print-file-name=libc.a", "-dumpmachine"}) {
    EXPECT_EQ(Parse({option, "x.c"}).action, Action::kCompile) << option;
  }
}

TEST(ParseCommandLine, LinksWithDependencyFilesAsASideEffect) {
  EXPECT_EQ(Parse({"-MD", "-MF", "x.d", "x.c"}).action, Action::kLink);
  EXPECT_EQ(Parse({"-MMD", "x.c"}).action, Action::kLink);
}

TEST(ParseCommandLine, DoesNotLinkWithoutInput) {
  EXPECT_EQ(Parse({}).action, Action::kCompile);
  EXPECT_EQ(Parse({"-v"}).action, Action::kCompile);
  EXPECT_EQ(Parse({"-I", "include", "-x", "c"}).action, Action::kCompile);
}

TEST(ParseCommandLine, CountsLibrariesAndStandardInputAsInput) {
  EXPECT_EQ(Parse({"-lm"}).action, Action::kLink);
  EXPECT_EQ(Parse({"-l", "m"}).action, Action::kLink);
  EXPECT_EQ(Parse({"-xc", "-"}).action, Action::kLink);
}

TEST(ParseCommandLine, DoesNotTakeTheValueOfAnOptionForAnOption) {
  const CommandLine command = Parse({"-D", "-c", "-I", "-shared", "-include", "-E", "x.c"});
  EXPECT_EQ(command.action, Action::kLink);
  EXPECT_EQ(command.arguments, Arguments({"-D", "-c", "-I", "-shared", "-include", "-E", "x.c"}));
}

TEST(ParseCommandLine, RecognizesCppByModeExtensionAndLanguage) {
  EXPECT_TRUE(ParseCommandLine(Mode::kCpp, {"x.o"}).cpp);
  EXPECT_FALSE(Parse({"x.c", "y.o"}).cpp);
  for (const char* file : {"x.cc", "x.cpp", "x.cxx", "x.C", "dir.c/x.c++"}) {
    EXPECT_TRUE(Parse({file}).cpp) << file;
  }
  EXPECT_TRUE(Parse({"-x", "c++", "-"}).cpp);
  EXPECT_TRUE(Parse({"-xc++", "-"}).cpp);
  EXPECT_TRUE(Parse({"x.o", "-lstdc++"}).cpp);
  EXPECT_FALSE(Parse({"directory.cc/x"}).cpp);
}

TEST(ParseCommandLine, LetsTheLastWordOnExceptionsCount) {
  EXPECT_TRUE(Parse({"x.cc"}).exceptions);
  EXPECT_FALSE(Parse({"-fno-exceptions", "x.cc"}).exceptions);
  EXPECT_TRUE(Parse({"-fno-exceptions", "-fexceptions", "x.cc"}).exceptions);
  EXPECT_FALSE(Parse({"-fwasm-exceptions", "-fno-exceptions", "x.cc"}).exceptions);
  EXPECT_EQ(Parse({"-fno-exceptions", "x.cc"}).arguments, Arguments({"x.cc"}));
}

TEST(ParseCommandLine, RefusesSharedLibrariesInEveryForm) {
  for (const Arguments& arguments :
       {Arguments{"-shared", "x.o"}, Arguments{"--shared", "x.o"}, Arguments{"-Wl,-shared", "x.o"},
        Arguments{"-Xlinker", "--shared", "x.o"}, Arguments{"-dynamiclib", "x.o"}}) {
    const CommandLine command = Parse(arguments);
    EXPECT_EQ(command.action, Action::kRefuse);
    EXPECT_NE(command.refusal.find("static library"), std::string::npos) << command.refusal;
  }
}

TEST(ParseCommandLine, DropsWhatConcernsOnlyDynamicLoadingAndThreads) {
  EXPECT_EQ(Parse({"-pthread", "-rdynamic", "-pie", "x.o", "-static-libgcc"}).arguments,
            Arguments({"x.o"}));
  EXPECT_EQ(Parse({"x.o", "-Wl,-z,relro,-z,now", "-Wl,--as-needed", "-Wl,-E"}).arguments,
            Arguments({"x.o"}));
  EXPECT_EQ(Parse({"x.o", "-Wl,-rpath,/lib,--gc-sections,-rpath=/lib"}).arguments,
            Arguments({"x.o", "-Wl,--gc-sections"}));
  EXPECT_EQ(Parse({"x.o", "-Wl,-soname", "-Wl,libx.so", "-Wl,--start-group"}).arguments,
            Arguments({"x.o"}));
  EXPECT_EQ(Parse({"x.o", "-Xlinker", "-rpath", "-Xlinker", "/lib"}).arguments, Arguments({"x.o"}));
  EXPECT_EQ(Parse({"x.o", "-z", "relro", "-znow"}).arguments, Arguments({"x.o"}));
}

TEST(ParseCommandLine, KeepsTheStackSize) {
  for (const Arguments& arguments :
       {Arguments{"x.o", "-z", "stack-size=1024"}, Arguments{"x.o", "-Wl,-z,stack-size=1024"},
        Arguments{"x.o", "-Wl,-zstack-size=1024"}, Arguments{"x.o", "-zstack-size=1024"},
        Arguments{"x.o", "-Xlinker", "-z", "-Xlinker", "stack-size=1024"}}) {
    EXPECT_EQ(Parse(arguments).arguments, Arguments({"x.o", "-Wl,-z,stack-size=1024"}));
  }
}

TEST(ParseCommandLine, FindsTheUsersLinkMap) {
  EXPECT_EQ(Parse({"x.o"}).link_map, "");
  for (const Arguments& arguments :
       {Arguments{"x.o", "-Wl,-Map=x.map"}, Arguments{"x.o", "-Wl,-Map,x.map"},
        Arguments{"x.o", "-Xlinker", "--Map", "-Xlinker", "x.map"}}) {
    EXPECT_EQ(Parse(arguments).link_map, "x.map");
    EXPECT_EQ(Parse(arguments).arguments, arguments);
  }
}

TEST(ParseCommandLine, DropsLibrariesThatAreBuiltIn) {
  EXPECT_EQ(Parse({"x.o", "-lgcc", "-lstdc++", "-latomic", "-lm", "-lz"}).arguments,
            Arguments({"x.o", "-lm", "-lz"}));
}

TEST(ParseCommandLine, KeepsDebugInformationOnlyWhenAsked) {
  EXPECT_FALSE(Parse({"x.o"}).debug_information);
  EXPECT_TRUE(Parse({"-g", "x.o"}).debug_information);
  EXPECT_TRUE(Parse({"-gdwarf-4", "x.o"}).debug_information);
  EXPECT_FALSE(Parse({"-g", "-g0", "x.o"}).debug_information);
}

TEST(ParseCommandLine, UnderstandsWhatToLinkWithout) {
  EXPECT_FALSE(Parse({"-nostdlib", "x.o"}).start_files);
  EXPECT_FALSE(Parse({"-nostdlib", "x.o"}).default_libraries);
  EXPECT_FALSE(Parse({"-nostartfiles", "x.o"}).start_files);
  EXPECT_TRUE(Parse({"-nostartfiles", "x.o"}).default_libraries);
  EXPECT_FALSE(Parse({"-nodefaultlibs", "x.o"}).default_libraries);
  EXPECT_FALSE(Parse({"-nostdlib++", "x.o"}).cpp_library);
}

TEST(ParseCommandLine, KnowsItsOwnSwitchAndPartialLinks) {
  EXPECT_FALSE(Parse({"--no-component", "x.o"}).component);
  EXPECT_EQ(Parse({"--no-component", "x.o"}).arguments, Arguments({"x.o"}));
  EXPECT_EQ(Parse({"-r", "x.o", "y.o"}).action, Action::kPartialLink);
}

TEST(ParseCommandLine, TakesEverythingAfterTwoDashesForInputs) {
  EXPECT_EQ(Parse({"--", "-shared", "x.c"}).arguments, Arguments({"./-shared", "x.c"}));
}

TEST(ParseCommandLine, LeavesAMissingValueToClang) {
  EXPECT_EQ(Parse({"x.c", "-o"}).arguments, Arguments({"x.c", "-o"}));
  EXPECT_EQ(Parse({"x.c", "-I"}).arguments, Arguments({"x.c", "-I"}));
}

}  // namespace
}  // namespace backtab
