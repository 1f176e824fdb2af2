#include "client.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace kv {
namespace {

Reply Text(Reply::Type type, std::string text) {
  Reply reply;
  reply.type = type;
  reply.text = std::move(text);
  return reply;
}

Reply Integer(int64_t value) {
  Reply reply;
  reply.type = Reply::Type::kInteger;
  reply.integer = value;
  return reply;
}

TEST(FormatReply, NamesTypesWhenReadable) {
  const auto format = [](const Reply& reply) { return FormatReply(reply, ReplyFormat::kReadable); };
  EXPECT_EQ(format(Text(Reply::Type::kSimpleString, "OK")), "OK\n");
  EXPECT_EQ(format(Text(Reply::Type::kError, "ERR no")), "(error) ERR no\n");
  EXPECT_EQ(format(Text(Reply::Type::kBulkString, "a \"b\"\n")), "\"a \\\"b\\\"\\n\"\n");
  EXPECT_EQ(format(Integer(-3)), "(integer) -3\n");
  EXPECT_EQ(format(Reply()), "(nil)\n");
  Reply array;
  array.type = Reply::Type::kArray;
  EXPECT_EQ(format(array), "(empty array)\n");
  Reply inner = array;
  inner.elements = {Integer(1), Reply()};
  array.elements = {Text(Reply::Type::kBulkString, "x"), inner};
  EXPECT_EQ(format(array), "1) \"x\"\n2) 1) (integer) 1\n   2) (nil)\n");
}

TEST(FormatReply, IsBareWhenRaw) {
  const auto format = [](const Reply& reply) { return FormatReply(reply, ReplyFormat::kRaw); };
  EXPECT_EQ(format(Text(Reply::Type::kBulkString, "a \"b\"")), "a \"b\"\n");
  EXPECT_EQ(format(Text(Reply::Type::kError, "ERR no")), "ERR no\n");
  EXPECT_EQ(format(Integer(3)), "3\n");
  EXPECT_EQ(format(Reply()), "\n");
}

TEST(Connection, SaysWhyItCouldNotConnect) {
  // Port 1 of the loopback interface: nothing listens there, and no test could.
  Connection refused("127.0.0.1", "1");
  EXPECT_EQ(refused.Connect().message(), "Could not connect to 127.0.0.1:1: Connection refused");
  EXPECT_FALSE(refused.connected());
  EXPECT_FALSE(refused.Call({"PING"}).ok());
  Connection unknown("no-such-host.invalid", "1");
  EXPECT_FALSE(unknown.Connect().ok());
}

}  // namespace
}  // namespace kv
