// Looking up addresses that need no name server.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char *error_name(int error) {
  switch (error) {
    case EAI_NONAME:
      return "EAI_NONAME";
    case EAI_SERVICE:
      return "EAI_SERVICE";
    case EAI_FAMILY:
      return "EAI_FAMILY";
    case EAI_ADDRFAMILY:
      return "EAI_ADDRFAMILY";
    case EAI_BADFLAGS:
      return "EAI_BADFLAGS";
    default:
      return gai_strerror(error);
  }
}

static void show(const char *name, const char *service, int family, int type, int flags) {
  const struct addrinfo hints = {.ai_family = family, .ai_socktype = type, .ai_flags = flags};
  struct addrinfo *list;
  printf("%s %s:", name != NULL ? name : "-", service != NULL ? service : "-");
  const int error = getaddrinfo(name, service, &hints, &list);
  if (error != 0) {
    printf(" %s\n", error_name(error));
    return;
  }
  for (const struct addrinfo *item = list; item != NULL; item = item->ai_next) {
    char host[64], port[16];
    getnameinfo(item->ai_addr, item->ai_addrlen, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    printf(" [%s]:%s/%s%d", host, port, item->ai_socktype == SOCK_STREAM ? "tcp" : "udp",
           item->ai_protocol);
    if (item->ai_canonname != NULL) printf(" (%s)", item->ai_canonname);
  }
  printf("\n");
  freeaddrinfo(list);
}

int main(void) {
  show(NULL, "8080", AF_INET, SOCK_STREAM, AI_PASSIVE);
  show(NULL, "8080", AF_UNSPEC, SOCK_STREAM, AI_PASSIVE);
  show(NULL, "8080", AF_INET6, SOCK_STREAM, AI_PASSIVE);
  show(NULL, "8080", AF_INET, SOCK_STREAM, 0);
  show(NULL, "8080", AF_UNSPEC, SOCK_DGRAM, 0);
  show("10.0.0.7", "80", AF_UNSPEC, SOCK_STREAM, 0);
  show("10.0.0.7", "http", AF_UNSPEC, SOCK_STREAM, 0);
  show("10.0.0.7", "domain", AF_INET, SOCK_DGRAM, AI_NUMERICHOST);
  show("::1", NULL, AF_UNSPEC, SOCK_STREAM, 0);
  show("fe80::1:2", "53", AF_INET6, SOCK_DGRAM, AI_CANONNAME);
  show("10.0.0.7", NULL, AF_INET6, SOCK_STREAM, 0);
  show("not.numeric", NULL, AF_UNSPEC, SOCK_STREAM, AI_NUMERICHOST);
  show("10.0.0.7", "http", AF_UNSPEC, SOCK_STREAM, AI_NUMERICSERV);
  show("10.0.0.7", "no-such-service", AF_UNSPEC, SOCK_STREAM, 0);
  show("10.0.0.7", "1", 9999, SOCK_STREAM, 0);
  show(NULL, NULL, AF_UNSPEC, SOCK_STREAM, 0);
  show("localhost", "1", AF_INET, SOCK_STREAM, 0);

  const struct hostent *const host = gethostbyname("192.0.2.5");
  printf("%s %d %d %s\n", host->h_name, host->h_addrtype == AF_INET, host->h_length,
         inet_ntoa(*(struct in_addr *)(void *)host->h_addr_list[0]));
  printf("%d %d\n", getprotobyname("tcp")->p_proto, getprotobyname("no-such-protocol") == NULL);
  printf("%s\n", getprotobynumber(17)->p_name);
  printf("%d\n", ntohs((unsigned short)getservbyname("http", "tcp")->s_port));

  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(4242)};
  inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
  char text[3];
  printf("%d\n", getnameinfo((struct sockaddr *)&address, sizeof address, text, sizeof text, NULL,
                             0, NI_NUMERICHOST) == EAI_OVERFLOW);
  return 0;
}
