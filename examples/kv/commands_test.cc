#include "commands.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "testing_files.h"

namespace kv {
namespace {

class CommandsTest : public testing::Test {
 protected:
  // The reply to a request; afterwards_ tells what follows it.
  std::string Reply(Arguments request) {
    std::string reply;
    afterwards_ = Execute(&request, &store_, &reply);
    return reply;
  }

  FakeFileState file_;
  Store store_{{}, LogWriter(std::make_unique<FakeFile>(&file_), 0)};
  Afterwards afterwards_ = Afterwards::kGoOn;
};

TEST_F(CommandsTest, AnswerAsRedisDoes) {
  EXPECT_EQ(Reply({"PING"}), "+PONG\r\n");
  EXPECT_EQ(Reply({"ping", "hello"}), "$5\r\nhello\r\n");
  EXPECT_EQ(Reply({"Echo", ""}), "$0\r\n\r\n");
  EXPECT_EQ(Reply({"GET", "a"}), "$-1\r\n");
  EXPECT_EQ(Reply({"SET", "a", "1"}), "+OK\r\n");
  EXPECT_EQ(Reply({"SET", "b", ""}), "+OK\r\n");
  EXPECT_EQ(Reply({"GET", "a"}), "$1\r\n1\r\n");
  EXPECT_EQ(Reply({"GET", "b"}), "$0\r\n\r\n");
  EXPECT_EQ(Reply({"EXISTS", "a", "a", "missing"}), ":2\r\n");
  EXPECT_EQ(Reply({"DBSIZE"}), ":2\r\n");
  EXPECT_EQ(Reply({"DEL", "a", "a", "b", "missing"}), ":2\r\n");
  EXPECT_EQ(Reply({"DBSIZE"}), ":0\r\n");
  EXPECT_EQ(afterwards_, Afterwards::kGoOn);
  EXPECT_EQ(Reply({"QUIT"}), "+OK\r\n");
  EXPECT_EQ(afterwards_, Afterwards::kEndConnection);
  EXPECT_EQ(Reply({"SHUTDOWN"}), "");
  EXPECT_EQ(afterwards_, Afterwards::kShutDown);
}

TEST_F(CommandsTest, RefuseWrongRequests) {
  EXPECT_EQ(Reply({"NoSuch"}), "-ERR unknown command 'NoSuch', with args beginning with: \r\n");
  EXPECT_EQ(Reply({"NoSuch", "a", "b\r\n"}),
            "-ERR unknown command 'NoSuch', with args beginning with: 'a' 'b  ' \r\n");
  EXPECT_LT(Reply(Arguments(1000, std::string(1000, 'x'))).size(), 400u);
  EXPECT_EQ(Reply({"GET"}), "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(Reply({"GET", "a", "b"}), "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(Reply({"SET", "a"}), "-ERR wrong number of arguments for 'set' command\r\n");
  EXPECT_EQ(Reply({"SET", "a", "b", "EX", "1"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Reply({"DEL"}), "-ERR wrong number of arguments for 'del' command\r\n");
  EXPECT_EQ(Reply({"DBSIZE", "x"}), "-ERR wrong number of arguments for 'dbsize' command\r\n");
  EXPECT_EQ(Reply({"PING", "a", "b"}), "-ERR wrong number of arguments for 'ping' command\r\n");
  EXPECT_EQ(store_.staged_size(), 0u);
}

TEST_F(CommandsTest, DescribeThemselves) {
  EXPECT_EQ(Reply({"COMMAND", "COUNT"}), ":10\r\n");
  EXPECT_EQ(Reply({"COMMAND"}), Reply({"COMMAND", "INFO"}));
  EXPECT_EQ(Reply({"COMMAND", "info", "set", "nosuch"}),
            "*2\r\n*6\r\n$3\r\nset\r\n:-3\r\n*1\r\n+write\r\n:1\r\n:1\r\n:1\r\n$-1\r\n");
  EXPECT_EQ(Reply({"COMMAND", "DOCS", "nosuch"}), "*0\r\n");
  EXPECT_TRUE(Reply({"COMMAND", "DOCS"}).starts_with("*20\r\n$4\r\nping\r\n"));
  EXPECT_EQ(Reply({"COMMAND", "nosuch"}), "-ERR unknown subcommand 'nosuch'.\r\n");
}

TEST_F(CommandsTest, RefuseChangesOnceOneCouldNotBeStored) {
  Reply({"SET", "a", "1"});
  ASSERT_TRUE(store_.Commit().ok());
  file_.fail_sync = true;
  Reply({"SET", "a", "2"});
  ASSERT_FALSE(store_.Commit().ok());
  file_.fail_sync = false;
  EXPECT_TRUE(Reply({"SET", "a", "3"}).starts_with("-MISCONF Errors writing to the log: Input"));
  EXPECT_TRUE(Reply({"DEL", "a"}).starts_with("-MISCONF "));
  EXPECT_EQ(Reply({"GET", "a"}), "$1\r\n1\r\n");
}

}  // namespace
}  // namespace kv
