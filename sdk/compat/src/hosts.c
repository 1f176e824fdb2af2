// The older lookups of <netdb.h>, over getaddrinfo.
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

// Space for one host in the caller's buffer: the pointers come first, for their alignment.
struct host_space {
  char *aliases[1];
  char *addresses[9];
  unsigned char bytes[8][sizeof(struct in6_addr)];
  char name[];
};
enum { kHostAddresses = 8 };

static int host_error(int error) {
  switch (error) {
    case EAI_AGAIN:
      return TRY_AGAIN;
    case EAI_NONAME:
      return HOST_NOT_FOUND;
    case EAI_ADDRFAMILY:
    case EAI_NODATA:
      return NO_DATA;
    default:
      return NO_RECOVERY;
  }
}

static struct host_space *take_space(char *buffer, size_t size, const char *name) {
  const size_t skip = -(uintptr_t)buffer % _Alignof(struct host_space);
  if (size < skip + sizeof(struct host_space) + strlen(name) + 1) return NULL;
  struct host_space *const space = (struct host_space *)(void *)(buffer + skip);
  space->aliases[0] = NULL;
  space->addresses[0] = NULL;
  strcpy(space->name, name);
  return space;
}

static void set_host(struct hostent *host, struct host_space *space, int family) {
  host->h_name = space->name;
  host->h_aliases = space->aliases;
  host->h_addrtype = family;
  host->h_length = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
  host->h_addr_list = space->addresses;
}

// The reentrant functions return an error number and leave *result null when nothing was found.
int gethostbyname2_r(const char *name, int family, struct hostent *host, char *buffer, size_t size,
                     struct hostent **result, int *error) {
  *result = NULL;
  struct host_space *const space = take_space(buffer, size, name);
  if (space == NULL) return ERANGE;
  const struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
  struct addrinfo *list;
  const int lookup = getaddrinfo(name, NULL, &hints, &list);
  if (lookup != 0) {
    *error = host_error(lookup);
    return 0;
  }
  set_host(host, space, family);
  size_t count = 0;
  for (const struct addrinfo *item = list; item != NULL && count < kHostAddresses;
       item = item->ai_next) {
    const void *const address =
        family == AF_INET
            ? (const void *)&((const struct sockaddr_in *)(const void *)item->ai_addr)->sin_addr
            : (const void *)&((const struct sockaddr_in6 *)(const void *)item->ai_addr)->sin6_addr;
    memcpy(space->bytes[count], address, (size_t)host->h_length);
    space->addresses[count] = (char *)space->bytes[count];
    ++count;
  }
  space->addresses[count] = NULL;
  freeaddrinfo(list);
  *result = host;
  return 0;
}

int gethostbyname_r(const char *name, struct hostent *host, char *buffer, size_t size,
                    struct hostent **result, int *error) {
  return gethostbyname2_r(name, AF_INET, host, buffer, size, result, error);
}

int gethostbyaddr_r(const void *address, socklen_t length, int family, struct hostent *host,
                    char *buffer, size_t size, struct hostent **result, int *error) {
  *result = NULL;
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
  struct sockaddr_in v4 = {.sin_family = AF_INET};
  char name[NI_MAXHOST];
  int lookup = EAI_FAMILY;
  if (family == AF_INET && length == sizeof v4.sin_addr) {
    memcpy(&v4.sin_addr, address, length);
    lookup = getnameinfo((const struct sockaddr *)&v4, sizeof v4, name, sizeof name, NULL, 0,
                         NI_NAMEREQD);
  } else if (family == AF_INET6 && length == sizeof v6.sin6_addr) {
    memcpy(&v6.sin6_addr, address, length);
    lookup = getnameinfo((const struct sockaddr *)&v6, sizeof v6, name, sizeof name, NULL, 0,
                         NI_NAMEREQD);
  }
  if (lookup != 0) {
    *error = host_error(lookup);
    return 0;
  }
  struct host_space *const space = take_space(buffer, size, name);
  if (space == NULL) return ERANGE;
  set_host(host, space, family);
  memcpy(space->bytes[0], address, length);
  space->addresses[0] = (char *)space->bytes[0];
  space->addresses[1] = NULL;
  *result = host;
  return 0;
}

static struct hostent static_host;
static char static_buffer[sizeof(struct host_space) + NI_MAXHOST + 1];

struct hostent *gethostbyname2(const char *name, int family) {
  struct hostent *result;
  int error = NO_RECOVERY;
  gethostbyname2_r(name, family, &static_host, static_buffer, sizeof static_buffer, &result,
                   &error);
  if (result == NULL) h_errno = error;
  return result;
}

// wasi-libc has these two, which always fail; the driver puts ours in their place.
struct hostent *__wrap_gethostbyname(const char *name) {
  return gethostbyname2(name, AF_INET);
}

struct hostent *__wrap_gethostbyaddr(const void *address, socklen_t length, int family) {
  struct hostent *result;
  int error = NO_RECOVERY;
  gethostbyaddr_r(address, length, family, &static_host, static_buffer, sizeof static_buffer,
                  &result, &error);
  if (result == NULL) h_errno = error;
  return result;
}

const char *__wrap_hstrerror(int error) {
  switch (error) {
    case 0:
      return "No error";
    case HOST_NOT_FOUND:
      return "Host not found";
    case TRY_AGAIN:
      return "Name server cannot be asked now";
    case NO_RECOVERY:
      return "Lookup failed for good";
    case NO_DATA:
      return "Host has no such address";
    default:
      return "Unknown lookup error";
  }
}

void herror(const char *prefix) {
  if (prefix != NULL && *prefix != '\0') fprintf(stderr, "%s: ", prefix);
  fprintf(stderr, "%s\n", hstrerror(h_errno));
}

// There is no list of hosts to walk through.
void sethostent(int stay_open) { (void)stay_open; }
void endhostent(void) {}
struct hostent *gethostent(void) {
  return NULL;
}

// wasi-libc's <netinet/in.h> leaves this one out.
enum { kProtocolIcmpV6 = 58 };

static char *no_aliases[] = {NULL};
static struct protoent protocols[] = {
    {"ip", no_aliases, IPPROTO_IP},     {"icmp", no_aliases, IPPROTO_ICMP},
    {"tcp", no_aliases, IPPROTO_TCP},   {"udp", no_aliases, IPPROTO_UDP},
    {"ipv6", no_aliases, IPPROTO_IPV6}, {"ipv6-icmp", no_aliases, kProtocolIcmpV6},
};
enum { kProtocolCount = sizeof protocols / sizeof *protocols };
static size_t next_protocol;

struct protoent *__wrap_getprotobyname(const char *name) {
  for (size_t i = 0; i < kProtocolCount; ++i) {
    if (strcasecmp(protocols[i].p_name, name) == 0) return &protocols[i];
  }
  return NULL;
}

struct protoent *getprotobynumber(int number) {
  for (size_t i = 0; i < kProtocolCount; ++i) {
    if (protocols[i].p_proto == number) return &protocols[i];
  }
  return NULL;
}

struct protoent *getprotoent(void) {
  return next_protocol < kProtocolCount ? &protocols[next_protocol++] : NULL;
}

void setprotoent(int stay_open) {
  (void)stay_open;
  next_protocol = 0;
}

void endprotoent(void) { next_protocol = 0; }

int res_init(void) { return 0; }
