// getaddrinfo and its relatives, on what every machine answers alike: localhost, literals,
// nonsense.
#include <netdb.h>

#include <algorithm>
#include <cstring>

#include "support/net.h"

namespace {

std::string ErrorName(int error) {
  switch (error) {
    case 0:
      return "ok";
    case EAI_AGAIN:
      return "EAI_AGAIN";
    case EAI_BADFLAGS:
      return "EAI_BADFLAGS";
    case EAI_FAIL:
      return "EAI_FAIL";
    case EAI_FAMILY:
      return "EAI_FAMILY";
    case EAI_NONAME:
      return "EAI_NONAME";
    case EAI_SERVICE:
      return "EAI_SERVICE";
    case EAI_SOCKTYPE:
      return "EAI_SOCKTYPE";
    case EAI_SYSTEM:
      return "EAI_SYSTEM";
    default:
      return "error " + std::to_string(error);
  }
}

void Look(const char* host, const char* service, int family, int flags) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host, service, &hints, &found);
  std::vector<std::string> lines;
  for (addrinfo* entry = found; error == 0 && entry != nullptr; entry = entry->ai_next) {
    Address address;
    std::memcpy(address.get(), entry->ai_addr, entry->ai_addrlen);
    lines.push_back(" " + address.host() + " port " + std::to_string(address.port()) +
                    (entry->ai_socktype == SOCK_STREAM ? " stream" : " other"));
  }
  if (error == 0) freeaddrinfo(found);
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  std::string text = ErrorName(error);
  for (const std::string& line : lines) text += line;
  Print(std::string(host == nullptr ? "null" : host) + (service == nullptr ? "" : ":") +
            (service == nullptr ? "" : service) +
            (family == AF_INET    ? " IPv4"
             : family == AF_INET6 ? " IPv6"
                                  : ""),
        text);
}

}  // namespace

int main() {
  Section("names");
  Look("localhost", "80", AF_INET, 0);
  Look("LOCALHOST", "80", AF_INET, 0);
  Look("no-such-host.invalid", "80", AF_UNSPEC, 0);
  Look("", "80", AF_INET, 0);

  Section("literals");
  Look("127.0.0.1", "80", AF_UNSPEC, 0);
  Look("127.0.0.1", "80", AF_INET6, 0);
  Look("10.1", "80", AF_INET, 0);
  Look("0x7f.1", "80", AF_INET, 0);
  Look("::1", "80", AF_UNSPEC, 0);
  Look("::1", "80", AF_INET, 0);
  Look("DEAD:BEEF::0", "80", AF_INET6, 0);
  Look("2001:0db8:0:0:0:0:0:1", nullptr, AF_INET6, 0);
  Look("localhost", "80", AF_INET, AI_NUMERICHOST);
  Look("127.0.0.1", "80", AF_INET, AI_NUMERICHOST);
  Look("300.0.0.1", "80", AF_INET, AI_NUMERICHOST);

  Section("no name");
  Look(nullptr, "80", AF_INET, 0);
  Look(nullptr, "80", AF_INET, AI_PASSIVE);
  Look(nullptr, "80", AF_INET6, AI_PASSIVE);
  Look(nullptr, nullptr, AF_INET, 0);

  Section("services");
  Look("127.0.0.1", "0", AF_INET, AI_NUMERICSERV);
  Look("127.0.0.1", "65535", AF_INET, AI_NUMERICSERV);
  Look("127.0.0.1", "http", AF_INET, AI_NUMERICSERV);
  Look("127.0.0.1", "no-such-service", AF_INET, 0);

  Section("getnameinfo");
  Address address = At("127.0.0.1", 8080);
  char host[64] = "";
  char service[32] = "";
  Print("numeric", ErrorName(getnameinfo(address.get(), address.length, host, sizeof host, service,
                                         sizeof service, NI_NUMERICHOST | NI_NUMERICSERV)));
  Print("host", host);
  Print("service", service);

  Section("inet_pton and inet_ntop");
  for (const char* text : {"10.0.0.1", "10.0.0.256", "10.0.0", "::ffff:10.0.0.1", "fe80::1"}) {
    const bool six = std::strchr(text, ':') != nullptr;
    unsigned char bytes[16];
    const int result = inet_pton(six ? AF_INET6 : AF_INET, text, bytes);
    char back[INET6_ADDRSTRLEN] = "";
    if (result == 1) inet_ntop(six ? AF_INET6 : AF_INET, bytes, back, sizeof back);
    Print(text, result == 1 ? back : "invalid");
  }
}
