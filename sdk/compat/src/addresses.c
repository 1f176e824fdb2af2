// getaddrinfo and getnameinfo as POSIX has them. wasi-libc's getaddrinfo looks a name up, but
// ignores most hints, and some versions give loopback to a server that asks for every address.
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int __real_getaddrinfo(const char *restrict name, const char *restrict service,
                       const struct addrinfo *restrict hints, struct addrinfo **restrict result);
void __real_freeaddrinfo(struct addrinfo *list);

enum { kMaximumAddresses = 32 };

struct address {
  int family;
  union {
    struct in_addr v4;
    struct in6_addr v6;
  };
};

struct address_list {
  struct address items[kMaximumAddresses];
  size_t count;
};

struct transport {
  int type;
  int protocol;
  const char *name;
};

static const struct transport kTransports[] = {
    {SOCK_STREAM, IPPROTO_TCP, "tcp"},
    {SOCK_DGRAM, IPPROTO_UDP, "udp"},
};
enum { kTransportCount = sizeof kTransports / sizeof *kTransports };

// One allocation for each entry, the address and the canonical name included.
struct entry {
  struct addrinfo information;
  union {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } address;
  char name[];
};

static void add(struct address_list *list, const struct address *address) {
  const size_t size = address->family == AF_INET ? sizeof address->v4 : sizeof address->v6;
  for (size_t i = 0; i < list->count; ++i) {
    if (list->items[i].family == address->family &&
        memcmp(&list->items[i].v4, &address->v4, size) == 0) {
      return;
    }
  }
  if (list->count < kMaximumAddresses) list->items[list->count++] = *address;
}

static bool wants(int wanted, int family) { return wanted == AF_UNSPEC || wanted == family; }

// The order of the families is the one that Linux gives.
static void add_own_addresses(struct address_list *list, int family, bool passive) {
  const struct address any4 = {.family = AF_INET, .v4.s_addr = htonl(INADDR_ANY)};
  const struct address any6 = {.family = AF_INET6, .v6 = IN6ADDR_ANY_INIT};
  const struct address loopback4 = {.family = AF_INET, .v4.s_addr = htonl(INADDR_LOOPBACK)};
  const struct address loopback6 = {.family = AF_INET6, .v6 = IN6ADDR_LOOPBACK_INIT};
  if (passive) {
    if (wants(family, AF_INET)) add(list, &any4);
    if (wants(family, AF_INET6)) add(list, &any6);
  } else {
    if (wants(family, AF_INET6)) add(list, &loopback6);
    if (wants(family, AF_INET)) add(list, &loopback4);
  }
}

// Reads a numeric address. Returns whether `name` is one.
static bool parse_address(const char *name, struct address *address) {
  if (inet_aton(name, &address->v4)) {
    address->family = AF_INET;
    return true;
  }
  address->family = AF_INET6;
  return inet_pton(AF_INET6, name, &address->v6) == 1;
}

static int look_up(const char *name, int family, struct address_list *list) {
  const struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
  struct addrinfo *found = NULL;
  const int error = __real_getaddrinfo(name, NULL, &hints, &found);
  if (error != 0) return error;
  for (const struct addrinfo *item = found; item != NULL; item = item->ai_next) {
    if (!wants(family, item->ai_family)) continue;
    struct address address = {.family = item->ai_family};
    if (item->ai_family == AF_INET) {
      address.v4 = ((const struct sockaddr_in *)(const void *)item->ai_addr)->sin_addr;
    } else if (item->ai_family == AF_INET6) {
      address.v6 = ((const struct sockaddr_in6 *)(const void *)item->ai_addr)->sin6_addr;
    } else {
      continue;
    }
    add(list, &address);
  }
  __real_freeaddrinfo(found);
  return list->count > 0 ? 0 : EAI_NONAME;
}

// Sets the port, in host order, that `service` means for a transport.
static int find_port(const char *service, const struct transport *transport, int flags,
                     in_port_t *port) {
  if (service == NULL) {
    *port = 0;
    return 0;
  }
  char *end;
  const unsigned long number = strtoul(service, &end, 10);
  if (service[0] >= '0' && service[0] <= '9' && *end == '\0') {
    *port = (in_port_t)number;
    return number <= 65535 ? 0 : EAI_SERVICE;
  }
  if (flags & AI_NUMERICSERV) return EAI_NONAME;
  const struct servent *const entry = getservbyname(service, transport->name);
  if (entry == NULL) return EAI_SERVICE;
  *port = ntohs((in_port_t)entry->s_port);
  return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *list) {
  while (list != NULL) {
    struct addrinfo *const next = list->ai_next;
    free(list);
    list = next;
  }
}

static struct addrinfo *make_entry(const struct address *address, const struct transport *transport,
                                   in_port_t port, const char *name) {
  const size_t name_size = name != NULL ? strlen(name) + 1 : 0;
  struct entry *const entry = calloc(1, sizeof *entry + name_size);
  if (entry == NULL) return NULL;
  struct addrinfo *const information = &entry->information;
  information->ai_family = address->family;
  information->ai_socktype = transport->type;
  information->ai_protocol = transport->protocol;
  information->ai_addr = (struct sockaddr *)&entry->address;
  if (address->family == AF_INET) {
    entry->address.v4 = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address->v4};
    information->ai_addrlen = sizeof entry->address.v4;
  } else {
    entry->address.v6 = (struct sockaddr_in6){
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = address->v6};
    information->ai_addrlen = sizeof entry->address.v6;
  }
  if (name != NULL) information->ai_canonname = memcpy(entry->name, name, name_size);
  return information;
}

int __wrap_getaddrinfo(const char *restrict name, const char *restrict service,
                       const struct addrinfo *restrict hints, struct addrinfo **restrict result) {
  static const struct addrinfo kNoHints = {.ai_family = AF_UNSPEC};
  if (hints == NULL) hints = &kNoHints;
  const int flags = hints->ai_flags;
  if (name == NULL && service == NULL) return EAI_NONAME;
  if (name == NULL && (flags & AI_CANONNAME)) return EAI_BADFLAGS;
  if (!wants(hints->ai_family, AF_INET) && !wants(hints->ai_family, AF_INET6)) return EAI_FAMILY;

  struct address_list list = {.count = 0};
  struct address numeric;
  if (name == NULL) {
    add_own_addresses(&list, hints->ai_family, flags & AI_PASSIVE);
  } else if (parse_address(name, &numeric)) {
    if (!wants(hints->ai_family, numeric.family)) return EAI_ADDRFAMILY;
    add(&list, &numeric);
  } else if (flags & AI_NUMERICHOST) {
    return EAI_NONAME;
  } else {
    const int error = look_up(name, hints->ai_family, &list);
    if (error != 0) return error;
  }

  struct addrinfo *first = NULL, **last = &first;
  const char *canonical = flags & AI_CANONNAME ? name : NULL;
  int service_error = EAI_SOCKTYPE;
  for (size_t i = 0; i < list.count; ++i) {
    for (size_t j = 0; j < kTransportCount; ++j) {
      const struct transport *const transport = &kTransports[j];
      if (hints->ai_socktype != 0 && hints->ai_socktype != transport->type) continue;
      if (hints->ai_protocol != 0 && hints->ai_protocol != transport->protocol) continue;
      in_port_t port;
      const int error = find_port(service, transport, flags, &port);
      if (error != 0) {
        service_error = error;
        continue;
      }
      *last = make_entry(&list.items[i], transport, port, canonical);
      if (*last == NULL) {
        __wrap_freeaddrinfo(first);
        return EAI_MEMORY;
      }
      last = &(*last)->ai_next;
      canonical = NULL;
    }
  }
  if (first == NULL) return service_error;
  *result = first;
  return 0;
}

// Names are looked up forwards only; the one address whose name is known is loopback.
static bool is_loopback(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) {
    const struct sockaddr_in *const v4 = (const struct sockaddr_in *)(const void *)address;
    return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
  }
  const struct sockaddr_in6 *const v6 = (const struct sockaddr_in6 *)(const void *)address;
  return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

int __wrap_getnameinfo(const struct sockaddr *restrict address, socklen_t length,
                       char *restrict host, socklen_t host_size, char *restrict service,
                       socklen_t service_size, int flags) {
  const void *bytes;
  in_port_t port;
  if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
    const struct sockaddr_in *const v4 = (const struct sockaddr_in *)(const void *)address;
    bytes = &v4->sin_addr;
    port = v4->sin_port;
  } else if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
    const struct sockaddr_in6 *const v6 = (const struct sockaddr_in6 *)(const void *)address;
    bytes = &v6->sin6_addr;
    port = v6->sin6_port;
  } else {
    return EAI_FAMILY;
  }

  if (host != NULL && host_size > 0) {
    char text[INET6_ADDRSTRLEN];
    if (!(flags & NI_NUMERICHOST) && is_loopback(address)) {
      strcpy(text, "localhost");
    } else if (flags & NI_NAMEREQD) {
      return EAI_NONAME;
    } else {
      inet_ntop(address->sa_family, bytes, text, sizeof text);
    }
    if (strlen(text) >= host_size) return EAI_OVERFLOW;
    strcpy(host, text);
  }
  if (service != NULL && service_size > 0) {
    const struct servent *const entry =
        flags & NI_NUMERICSERV ? NULL : getservbyport(port, flags & NI_DGRAM ? "udp" : "tcp");
    const int written = entry != NULL ? snprintf(service, service_size, "%s", entry->s_name)
                                      : snprintf(service, service_size, "%u", ntohs(port));
    if (written < 0 || (socklen_t)written >= service_size) return EAI_OVERFLOW;
  }
  return 0;
}
