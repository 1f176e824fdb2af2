#include "server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "descriptor.h"
#include "resp.h"
#include "testing_files.h"

namespace kv {
namespace {

// A connection of a test, never blocking: the server runs in the same thread.
class Peer {
 public:
  explicit Peer(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // A small receive buffer makes this peer a slow reader soon.
    const int size = 64 * 1024;
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    EXPECT_EQ(connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
  }

  // Sends as much as the connection takes now; returns how much.
  size_t Send(std::string_view bytes) {
    const ssize_t sent =
        send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<size_t>(sent);
  }
  void Receive() {
    char buffer[64 * 1024];
    while (true) {
      const ssize_t size = recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (size > 0) {
        received_.append(buffer, static_cast<size_t>(size));
        continue;
      }
      if (size == 0 || errno == ECONNRESET) closed_ = true;
      return;
    }
  }
  void EndInput() { shutdown(socket_.get(), SHUT_WR); }
  void Close() { socket_.Reset(); }

  const std::string& received() const { return received_; }
  bool closed() const { return closed_; }

 private:
  Descriptor socket_;
  std::string received_;
  bool closed_ = false;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    Result<std::unique_ptr<Server>> server = Server::Listen(
        "127.0.0.1", 0,
        std::make_unique<Store>(Values(), LogWriter(std::make_unique<FakeFile>(&file_), 0)));
    EXPECT_TRUE(server.ok()) << server.status().message();
    server_ = std::move(server.value());
  }

  std::unique_ptr<Peer> Connect() { return std::make_unique<Peer>(server_->port()); }

  // Runs the server until a peer has received that many bytes.
  void RunUntilReceived(Peer* peer, size_t size) {
    for (peer->Receive(); peer->received().size() < size && !peer->closed(); peer->Receive()) {
      ASSERT_TRUE(server_->RunOnce(-1).ok());
    }
  }
  void RunUntilClosed(Peer* peer) {
    for (peer->Receive(); !peer->closed(); peer->Receive()) {
      ASSERT_TRUE(server_->RunOnce(-1).ok());
    }
  }
  void RunUntilClientCount(size_t count) {
    while (server_->client_count() != count) ASSERT_TRUE(server_->RunOnce(-1).ok());
  }

  FakeFileState file_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  const auto peer = Connect();
  peer->Send("SET a 1\r\nGET a\r\nNOSUCH\r\n" + EncodeRequest({"DEL", "a"}) + "GET a\r\n");
  const std::string expected =
      "+OK\r\n$1\r\n1\r\n-ERR unknown command 'NOSUCH', with args beginning with: "
      "\r\n:1\r\n$-1\r\n";
  RunUntilReceived(peer.get(), expected.size());
  EXPECT_EQ(peer->received(), expected);
}

TEST_F(ServerTest, CommitsTheRequestsOfARoundWithOneSync) {
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 50; ++i) peers.push_back(Connect());
  RunUntilClientCount(peers.size());
  for (size_t i = 0; i < peers.size(); ++i) {
    peers[i]->Send("SET key" + std::to_string(i) + " 1\r\nSET other 2\r\n");
  }
  ASSERT_TRUE(server_->RunOnce(-1).ok());
  EXPECT_EQ(file_.syncs, 1);
  for (const auto& peer : peers) {
    RunUntilReceived(peer.get(), 10);
    EXPECT_EQ(peer->received(), "+OK\r\n+OK\r\n");
  }
  EXPECT_EQ(file_.syncs, 1);
}

TEST_F(ServerTest, NeverAcknowledgesAFailedSync) {
  const auto writer = Connect();
  const auto reader = Connect();
  RunUntilClientCount(2);
  writer->Send("SET a old\r\n");
  RunUntilReceived(writer.get(), 5);
  file_.fail_sync = true;
  writer->Send("SET a new\r\nGET a\r\n");
  reader->Send("GET a\r\nDBSIZE\r\n");
  const std::string error =
      "-MISCONF Errors writing to the log: Input/output error; nothing is written any more until "
      "the server is restarted\r\n";
  const std::string old = "$3\r\nold\r\n";
  RunUntilReceived(writer.get(), 5 + error.size() + old.size());
  EXPECT_EQ(writer->received(), "+OK\r\n" + error + old);
  RunUntilReceived(reader.get(), old.size() + 4);
  EXPECT_EQ(reader->received(), old + ":1\r\n");

  file_.fail_sync = false;
  const std::string before = writer->received();
  writer->Send("SET a newer\r\nPING\r\n");
  RunUntilReceived(writer.get(), before.size() + error.size() + 7);
  EXPECT_EQ(writer->received(), before + error + "+PONG\r\n");
}

TEST_F(ServerTest, ClosesAfterQuitAndProtocolErrors) {
  const auto quitting = Connect();
  quitting->Send("PING\r\nQUIT\r\nPING\r\n");
  RunUntilClosed(quitting.get());
  EXPECT_EQ(quitting->received(), "+PONG\r\n+OK\r\n");
  const auto wrong = Connect();
  wrong->Send("PING\r\n*1\r\n:1\r\n");
  RunUntilClosed(wrong.get());
  EXPECT_EQ(wrong->received(), "+PONG\r\n-ERR Protocol error: expected '$', got ':'\r\n");
  EXPECT_EQ(server_->client_count(), 0u);
}

TEST_F(ServerTest, ShutsDownAfterAnsweringTheRound) {
  const auto other = Connect();
  const auto peer = Connect();
  RunUntilClientCount(2);
  peer->Send("PING\r\nSHUTDOWN\r\n");
  other->Send("SET a 1\r\n");
  EXPECT_FALSE(server_->shut_down());
  while (!server_->shut_down()) ASSERT_TRUE(server_->RunOnce(-1).ok());
  EXPECT_EQ(file_.syncs, 1);
  server_.reset();
  for (const auto& client : {peer.get(), other.get()}) {
    client->Receive();
    EXPECT_TRUE(client->closed());
  }
  EXPECT_EQ(peer->received(), "+PONG\r\n");
  EXPECT_EQ(other->received(), "+OK\r\n");
}

TEST_F(ServerTest, AnswersAClientThatHasEndedItsInput) {
  const auto peer = Connect();
  peer->Send("PING\r\nPING\r\nPIN");
  peer->EndInput();
  RunUntilClosed(peer.get());
  EXPECT_EQ(peer->received(), "+PONG\r\n+PONG\r\n");
}

TEST_F(ServerTest, ForgetsClientsThatGo) {
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(Connect());
  RunUntilClientCount(20);
  peers[0]->Send("SET a");
  for (const auto& peer : peers) peer->Close();
  RunUntilClientCount(0);
}

TEST_F(ServerTest, StopsReadingFromAClientThatDoesNotReadAndServesTheOthers) {
  const auto slow = Connect();
  const auto other = Connect();
  RunUntilClientCount(2);

  // The slow one sends requests whose replies are as large, until they are no longer taken.
  const std::string message(100 * 1024, 'v');
  const std::string request = EncodeRequest({"ECHO", message});
  std::string_view rest = request;
  size_t requests = 0;
  for (int idle = 0; idle < 3;) {
    const size_t sent = slow->Send(rest);
    rest.remove_prefix(sent);
    if (rest.empty()) {
      rest = request;
      ++requests;
    }
    idle = sent == 0 ? idle + 1 : 0;
    ASSERT_TRUE(server_->RunOnce(0).ok());
    ASSERT_LT(requests, 1000u) << "the server goes on reading";
  }
  other->Send("PING\r\n");
  RunUntilReceived(other.get(), 7);
  EXPECT_EQ(other->received(), "+PONG\r\n");

  // As soon as it reads, it gets every answer.
  slow->EndInput();
  RunUntilClosed(slow.get());
  std::string reply;
  AppendBulkString(message, &reply);
  ASSERT_EQ(slow->received().size(), requests * reply.size());
  EXPECT_TRUE(slow->received().ends_with(reply));
}

TEST_F(ServerTest, RefusesWrongAddressesAndTakenPorts) {
  FakeFileState file;
  const auto listen = [&file](const std::string& address, uint16_t port) {
    return Server::Listen(
        address, port,
        std::make_unique<Store>(Values(), LogWriter(std::make_unique<FakeFile>(&file), 0)));
  };
  EXPECT_FALSE(listen("localhost", 0).ok());
  EXPECT_FALSE(listen("127.0.0.1", server_->port()).ok());
  EXPECT_FALSE(listen("192.0.2.1", 0).ok());
}

}  // namespace
}  // namespace kv
