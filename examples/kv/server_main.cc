// kv-server [--port 6379] [--bind 0.0.0.0] [--data /data]
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server.h"
#include "store.h"

namespace {

constexpr std::string_view kUsage =
    "Usage: kv-server [--port PORT] [--bind ADDRESS] [--data DIRECTORY]\n"
    "A key-value server that speaks the Redis protocol and answers a write when it is on disk.\n"
    "  --port PORT        the TCP port; 0 takes any free one (6379)\n"
    "  --bind ADDRESS     a numeric IPv4 or IPv6 address (0.0.0.0)\n"
    "  --data DIRECTORY   where kv.log lies (/data)\n";

struct Options {
  uint16_t port = 6379;
  std::string bind = "0.0.0.0";
  std::string data = "/data";
};

int Fail(const std::string& message) {
  std::fprintf(stderr, "kv-server: %s\n", message.c_str());
  return 1;
}

int FailUsage(const std::string& message) {
  std::fprintf(stderr, "kv-server: %s\n%s", message.c_str(), kUsage.data());
  return 2;
}

bool ParsePort(const std::string& text, uint16_t* port) {
  if (text.empty() || text.size() > 5) return false;
  uint32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<uint32_t>(c - '0');
  }
  if (value > UINT16_MAX) return false;
  *port = static_cast<uint16_t>(value);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--help") {
      std::fputs(kUsage.data(), stdout);
      return 0;
    }
    if (name != "--port" && name != "--bind" && name != "--data") {
      return FailUsage("unknown option '" + name + "'");
    }
    if (i + 1 == argc) return FailUsage(name + " needs a value");
    const std::string value = argv[i + 1];
    if (name == "--port") {
      if (!ParsePort(value, &options.port)) return FailUsage("'" + value + "' is not a port");
    } else if (name == "--bind") {
      options.bind = value;
    } else {
      options.data = value;
    }
  }

  kv::Result<kv::OpenedStore> opened = kv::OpenStore(options.data);
  if (!opened.ok()) return Fail(opened.status().message());
  const kv::OpenedStore& log = opened.value();
  if (log.log.torn_size > 0) {
    std::fprintf(stderr, "kv-server: cut %llu bytes of an unfinished write off the end of %s\n",
                 static_cast<unsigned long long>(log.log.torn_size), log.path.c_str());
  }
  std::printf("kv-server: keys read from %s: %zu\n", log.path.c_str(), log.store->size());

  kv::Result<std::unique_ptr<kv::Server>> server =
      kv::Server::Listen(options.bind, options.port, std::move(opened.value().store));
  if (!server.ok()) return Fail(server.status().message());
  std::printf("kv-server: ready to accept connections on %s port %u\n", options.bind.c_str(),
              static_cast<unsigned>(server.value()->port()));
  std::fflush(stdout);
  while (!server.value()->shut_down()) {
    kv::Status status = server.value()->RunOnce(-1);
    if (!status.ok()) return Fail(status.message());
  }
  std::printf("kv-server: shut down by a client\n");
  return 0;
}
