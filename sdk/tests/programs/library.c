// Smaller functions of the library.
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <malloc.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void semaphores(void) {
  sem_t semaphore;
  int value = -1;
  printf("%d", sem_init(&semaphore, 0, 1));
  printf(" %d", sem_wait(&semaphore));
  printf(" %d", sem_trywait(&semaphore));
  printf(" %d", errno == EAGAIN);
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_nsec += deadline.tv_nsec < 990000000 ? 1000000 : 0;
  printf(" %d", sem_timedwait(&semaphore, &deadline));
  printf(" %d", errno == ETIMEDOUT);
  printf(" %d", sem_post(&semaphore));
  printf(" %d", sem_getvalue(&semaphore, &value));
  printf(" %d", value);
  printf(" %d\n", sem_destroy(&semaphore));
}

static void directories(void) {
  char directory[] = "/tmp/library-XXXXXX", path[64];
  mkdtemp(directory);
  snprintf(path, sizeof path, "%s/entry", directory);
  const int descriptor = open(path, O_RDWR | O_CREAT, 0600);
  printf("%d", ftruncate(descriptor, 5000));
  const struct timeval times[2] = {{1000000, 0}, {1234567, 500000}};
  printf(" %d", futimes(descriptor, times));
  struct stat status;
  fstat(descriptor, &status);
  printf(" %d %d %d\n", (int)status.st_size, (int)status.st_mtim.tv_sec,
         (int)status.st_mtim.tv_nsec);
  close(descriptor);
  sync();
  printf("%d %d\n", eaccess(path, R_OK), eaccess("/no/such/file", R_OK));

  DIR *const stream = opendir(directory);
  union {
    struct dirent entry;
    char room[offsetof(struct dirent, d_name) + 256];
  } space;
  struct dirent *entry;
  int entries = 0;
  while (readdir_r(stream, &space.entry, &entry) == 0 && entry != NULL) {
    if (strcmp(entry->d_name, "entry") == 0) ++entries;
  }
  closedir(stream);
  printf("%d\n", entries);
  unlink(path);
  rmdir(directory);
}

static void interfaces(void) {
  char name[IF_NAMESIZE];
  printf("%s %u\n", if_indextoname(1, name), if_nametoindex("lo"));
  struct ifaddrs *list;
  printf("%d", getifaddrs(&list));
  for (const struct ifaddrs *item = list; item != NULL; item = item->ifa_next) {
    if (strcmp(item->ifa_name, "lo") != 0 || item->ifa_addr == NULL) continue;
    if (item->ifa_addr->sa_family != AF_INET) continue;
    const struct sockaddr_in *const address =
        (const struct sockaddr_in *)(const void *)item->ifa_addr;
    printf(" %s %d", inet_ntoa(address->sin_addr), (item->ifa_flags & IFF_LOOPBACK) != 0);
  }
  printf("\n");
  freeifaddrs(list);
}

int main(void) {
  semaphores();
  directories();
  interfaces();
  unsigned char bytes[32] = {0}, zeros[32] = {0};
  printf("%zd", getrandom(bytes, sizeof bytes, 0));
  printf(" %d\n", memcmp(bytes, zeros, sizeof bytes) != 0);
  const struct timespec wait = {0, 1000000};
  printf("%d\n", ppoll(NULL, 0, &wait, NULL));
  flockfile(stdout);
  printf("%d\n", ftrylockfile(stdout));
  funlockfile(stdout);
  setenv("NAME", "value", 1);
  printf("%s\n", secure_getenv("NAME"));
  void *const block = memalign(256, 100);
  printf("%d\n", (int)((size_t)block % 256));
  tzset();
  return 0;
}
