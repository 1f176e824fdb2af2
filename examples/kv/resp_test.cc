#include "resp.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kv {
namespace {

using Requests = std::vector<Arguments>;

// What a parser makes of `input` given in pieces: the requests, and the error that ended them.
struct Parsed {
  Requests requests;
  std::string error;

  bool operator==(const Parsed&) const = default;
};

Parsed Parse(const std::vector<std::string>& pieces) {
  RequestParser parser;
  Parsed parsed;
  for (const std::string& piece : pieces) {
    parser.Append(piece);
    while (true) {
      Arguments request;
      const RequestParser::Outcome outcome = parser.Next(&request);
      if (outcome == RequestParser::Outcome::kIncomplete) break;
      if (outcome == RequestParser::Outcome::kError) {
        parsed.error = parser.error();
        return parsed;
      }
      parsed.requests.push_back(request);
    }
  }
  return parsed;
}

Parsed Expect(Requests requests, std::string error = "") {
  return Parsed{std::move(requests), std::move(error)};
}

// Checks one input whole, split once at every byte, and byte by byte.
void CheckAtEverySplit(const std::string& input, const Parsed& expected) {
  EXPECT_EQ(Parse({input}), expected);
  std::vector<std::string> bytes;
  for (size_t split = 0; split < input.size(); ++split) {
    EXPECT_EQ(Parse({input.substr(0, split), input.substr(split)}), expected)
        << "split at byte " << split << " of " << Quote(input);
    bytes.push_back(input.substr(split, 1));
  }
  EXPECT_EQ(Parse(bytes), expected) << Quote(input);
}

TEST(RequestParser, ReadsPipelinedRequestsAtEverySplit) {
  const std::string binary("a\0\r\n$b", 6);
  std::string input = EncodeRequest({"SET", "key", binary});
  input += "PING\r\n";
  input += "*0\r\n\r\n  \r\n*-1\r\n";
  input += EncodeRequest({"ECHO", ""});
  input += "get \"two words\"\n";
  CheckAtEverySplit(input,
                    Expect({{"SET", "key", binary}, {"PING"}, {"ECHO", ""}, {"get", "two words"}}));
}

TEST(RequestParser, ReportsProtocolErrorsAtEverySplit) {
  const Requests before = {{"PING"}};
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"*x\r\n", "Protocol error: invalid multibulk length"},
      {"*\r\n", "Protocol error: invalid multibulk length"},
      {"*1048577\r\n", "Protocol error: invalid multibulk length"},
      {"*99999999999999999999\r\n", "Protocol error: invalid multibulk length"},
      {"*1\r\n:1\r\n", "Protocol error: expected '$', got ':'"},
      {"*1\r\n$-1\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$4x\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$536870913\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$1\r\nabc", "Protocol error: expected CRLF after a bulk string"},
      {"get \"x\r\n", "Protocol error: unbalanced quotes in request"},
      {"*3\r\n$536870912\r\n", ""},  // the largest bulk: waited for, not refused
  };
  for (const auto& [input, error] : cases) {
    CheckAtEverySplit("PING\r\n" + input, Expect(before, error));
  }
}

TEST(RequestParser, RefusesEndlessLines) {
  const std::string endless(kMaxLineSize + 1, 'x');
  EXPECT_EQ(Parse({endless}), Expect({}, "Protocol error: too big inline request"));
  EXPECT_EQ(Parse({"*" + endless}), Expect({}, "Protocol error: too big mbulk count string"));
  EXPECT_EQ(Parse({"*1\r\n$" + endless}), Expect({}, "Protocol error: too big bulk count string"));
  EXPECT_EQ(Parse({std::string(kMaxLineSize - 1, 'x') + "\r\n"}).requests.size(), 1u);
}

TEST(RequestParser, RefusesRequestsThatAreTooBigTogether) {
  // Declared sizes alone must not reserve memory: these three are never sent.
  EXPECT_EQ(Parse({"*3\r\n$0\r\n\r\n$536870912\r\n"}), Expect({}));
  RequestParser parser;
  parser.Append("*3\r\n");
  Arguments request;
  const std::string piece(1024 * 1024, 'v');
  parser.Append("$536870912\r\n");
  for (int i = 0; i < 512; ++i) {
    parser.Append(piece);
    ASSERT_EQ(parser.Next(&request), RequestParser::Outcome::kIncomplete);
  }
  parser.Append("\r\n$536870912\r\n");
  for (int i = 0; i < 512; ++i) {
    parser.Append(piece);
    ASSERT_EQ(parser.Next(&request), RequestParser::Outcome::kIncomplete);
  }
  parser.Append("\r\n$1\r\n");
  EXPECT_EQ(parser.Next(&request), RequestParser::Outcome::kError);
  EXPECT_EQ(parser.error(), "Protocol error: too big request");
}

TEST(RequestParser, StaysAtItsError) {
  RequestParser parser;
  parser.Append("*x\r\nPING\r\n");
  Arguments request;
  EXPECT_EQ(parser.Next(&request), RequestParser::Outcome::kError);
  EXPECT_EQ(parser.Next(&request), RequestParser::Outcome::kError);
}

TEST(SplitLine, UnderstandsQuotesAndEscapes) {
  EXPECT_EQ(SplitLine(""), Arguments());
  EXPECT_EQ(SplitLine(" \t "), Arguments());
  EXPECT_EQ(SplitLine("set  key value"), (Arguments{"set", "key", "value"}));
  EXPECT_EQ(SplitLine(R"("a b" 'c d' "")"), (Arguments{"a b", "c d", ""}));
  EXPECT_EQ(SplitLine(R"("\x41\n\r\t\b\a\\\"\q")"), (Arguments{"A\n\r\t\b\a\\\"q"}));
  EXPECT_EQ(SplitLine(R"('it\'s \n')"), (Arguments{"it's \\n"}));
  EXPECT_EQ(SplitLine(R"("\x4")"), (Arguments{"x4"}));
  EXPECT_EQ(SplitLine(R"("open)"), std::nullopt);
  EXPECT_EQ(SplitLine(R"('open)"), std::nullopt);
  EXPECT_EQ(SplitLine(R"("a"b)"), std::nullopt);
}

TEST(Quote, IsTheInverseOfSplitLine) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  EXPECT_EQ(SplitLine(Quote(all)), Arguments{all});
  EXPECT_EQ(Quote("a\"\\\n\x01\xff"), R"("a\"\\\n\x01\xff")");
}

TEST(Append, WritesReplies) {
  std::string out;
  AppendSimpleString("OK", &out);
  AppendError("ERR a\r\nb", &out);
  AppendInteger(-7, &out);
  AppendBulkString(std::string("a\0b", 3), &out);
  AppendNull(&out);
  AppendArrayHeader(2, &out);
  EXPECT_EQ(out, std::string("+OK\r\n-ERR a  b\r\n:-7\r\n$3\r\na\0b\r\n$-1\r\n*2\r\n", 39));
}

TEST(ReplyParser, ReadsRepliesAtEverySplit) {
  std::string input;
  AppendSimpleString("OK", &input);
  AppendError("ERR no", &input);
  AppendInteger(-7, &input);
  AppendBulkString("a\r\nb", &input);
  AppendNull(&input);
  AppendArrayHeader(3, &input);
  AppendInteger(1, &input);
  AppendArrayHeader(1, &input);
  AppendBulkString("", &input);
  AppendNull(&input);
  for (size_t split = 0; split <= input.size(); ++split) {
    ReplyParser parser;
    std::vector<Reply> replies;
    for (const std::string& piece : {input.substr(0, split), input.substr(split)}) {
      parser.Append(piece);
      Reply reply;
      ReplyParser::Outcome outcome;
      while ((outcome = parser.Next(&reply)) == ReplyParser::Outcome::kReply) {
        replies.push_back(reply);
      }
      ASSERT_EQ(outcome, ReplyParser::Outcome::kIncomplete) << split;
    }
    ASSERT_EQ(replies.size(), 6u) << split;
    EXPECT_EQ(replies[0].type, Reply::Type::kSimpleString);
    EXPECT_EQ(replies[0].text, "OK");
    EXPECT_EQ(replies[1].type, Reply::Type::kError);
    EXPECT_EQ(replies[1].text, "ERR no");
    EXPECT_EQ(replies[2].integer, -7);
    EXPECT_EQ(replies[3].text, "a\r\nb");
    EXPECT_EQ(replies[4].type, Reply::Type::kNull);
    ASSERT_EQ(replies[5].elements.size(), 3u);
    EXPECT_EQ(replies[5].elements[1].elements[0].type, Reply::Type::kBulkString);
    EXPECT_EQ(replies[5].elements[2].type, Reply::Type::kNull);
  }
}

TEST(ReplyParser, RefusesWhatIsNotResp) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "*1\r\n";
  for (const std::string& input :
       {std::string("HTTP/1.1 400 Bad Request\r\n"), std::string("\r\n"), std::string("$x\r\n"),
        std::string("$-2\r\n"), std::string("*-2\r\n"), std::string("$1\r\nabc"),
        std::string("$536870913\r\n"), deep, std::string(kMaxLineSize + 1, '+')}) {
    ReplyParser parser;
    parser.Append(input);
    Reply reply;
    EXPECT_EQ(parser.Next(&reply), ReplyParser::Outcome::kError) << Quote(input.substr(0, 40));
  }
}

}  // namespace
}  // namespace kv
