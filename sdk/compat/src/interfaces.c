// Network interfaces: lo, and eth0 with the address that the node has in its network.
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kNames[] = {"lo", "eth0"};
enum { kLoopback, kEthernet, kInterfaceCount };

unsigned int if_nametoindex(const char *name) {
  for (unsigned i = 0; i < kInterfaceCount; ++i) {
    if (strcmp(kNames[i], name) == 0) return i + 1;
  }
  errno = ENODEV;
  return 0;
}

char *if_indextoname(unsigned int index, char *name) {
  if (index < 1 || index > kInterfaceCount) {
    errno = ENXIO;
    return NULL;
  }
  return strcpy(name, kNames[index - 1]);
}

struct if_nameindex *if_nameindex(void) {
  struct if_nameindex *const list = calloc(kInterfaceCount + 1, sizeof *list);
  if (list == NULL) return NULL;
  for (unsigned i = 0; i < kInterfaceCount; ++i) {
    // The names are constants; nothing writes to them, and only the list itself is freed.
    list[i] = (struct if_nameindex){.if_index = i + 1, .if_name = (char *)kNames[i]};
  }
  return list;
}

void if_freenameindex(struct if_nameindex *list) { free(list); }

struct interface_entry {
  struct ifaddrs information;
  struct sockaddr_in address;
  struct sockaddr_in netmask;
};

static struct ifaddrs *add_interface(struct ifaddrs *next, int index, struct in_addr address,
                                     in_addr_t netmask, unsigned flags) {
  struct interface_entry *const entry = calloc(1, sizeof *entry);
  if (entry == NULL) return NULL;
  entry->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = address};
  entry->netmask = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(netmask)};
  entry->information = (struct ifaddrs){.ifa_next = next,
                                        .ifa_name = (char *)kNames[index],
                                        .ifa_flags = flags | IFF_UP | IFF_RUNNING,
                                        .ifa_addr = (struct sockaddr *)&entry->address,
                                        .ifa_netmask = (struct sockaddr *)&entry->netmask};
  return &entry->information;
}

// A datagram socket connected towards the network shows the address it would send from.
static int find_own_address(struct in_addr *address) {
  const int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  if (descriptor < 0) return -1;
  struct sockaddr_in remote = {.sin_family = AF_INET, .sin_port = htons(9)};
  inet_pton(AF_INET, "10.0.0.1", &remote.sin_addr);
  struct sockaddr_in local;
  socklen_t length = sizeof local;
  const int failed = connect(descriptor, (const struct sockaddr *)&remote, sizeof remote) != 0 ||
                     getsockname(descriptor, (struct sockaddr *)&local, &length) != 0 ||
                     local.sin_addr.s_addr == htonl(INADDR_ANY);
  close(descriptor);
  if (failed) return -1;
  *address = local.sin_addr;
  return 0;
}

int getifaddrs(struct ifaddrs **result) {
  struct ifaddrs *list = NULL;
  struct in_addr address;
  if (find_own_address(&address) == 0) {
    list = add_interface(list, kEthernet, address, 0xffff0000, 0);
    if (list == NULL) goto fail;
  }
  address.s_addr = htonl(INADDR_LOOPBACK);
  struct ifaddrs *const first = add_interface(list, kLoopback, address, 0xff000000, IFF_LOOPBACK);
  if (first == NULL) goto fail;
  *result = first;
  return 0;

fail:
  freeifaddrs(list);
  errno = ENOMEM;
  return -1;
}

void freeifaddrs(struct ifaddrs *list) {
  while (list != NULL) {
    struct ifaddrs *const next = list->ifa_next;
    free(list);
    list = next;
  }
}
