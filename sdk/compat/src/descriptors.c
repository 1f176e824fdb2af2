// File descriptors.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

static int fail(int error) {
  errno = error;
  return -1;
}

// wasi-libc's descriptors each own their stream and position, so two cannot share one. Only the
// duplicate that changes nothing can be had.
int dup(int descriptor) { return fcntl(descriptor, F_GETFD) < 0 ? -1 : fail(ENOSYS); }

int dup2(int from, int to) {
  if (fcntl(from, F_GETFD) < 0) return -1;
  return from == to ? to : fail(ENOSYS);
}

int dup3(int from, int to, int flags) {
  (void)flags;
  if (from == to) return fail(EINVAL);
  return dup2(from, to);
}

// A directory's path cannot be found from its descriptor.
int fchdir(int descriptor) { return fcntl(descriptor, F_GETFD) < 0 ? -1 : fail(ENOSYS); }

int chroot(const char *path) {
  (void)path;
  return fail(EPERM);
}

// A commit covers the whole disk, whichever file asks for it.
int syncfs(int descriptor) { return fsync(descriptor); }

void sync(void) {
  const int root = open("/", O_RDONLY | O_DIRECTORY);
  if (root < 0) return;
  fsync(root);
  close(root);
}

// Limits are the same everywhere and cannot be raised; lowering one is accepted and changes
// nothing.
enum { kOpenFiles = 1024 };

int getdtablesize(void) { return kOpenFiles; }

int getrlimit(int resource, struct rlimit *limit) {
  if (resource < 0 || resource >= RLIM_NLIMITS) return fail(EINVAL);
  rlim_t value = RLIM_INFINITY;
  if (resource == RLIMIT_NOFILE) value = kOpenFiles;
  if (resource == RLIMIT_CORE) value = 0;
  if (resource == RLIMIT_AS || resource == RLIMIT_DATA) value = UINT_MAX;
  limit->rlim_cur = limit->rlim_max = value;
  return 0;
}

int setrlimit(int resource, const struct rlimit *limit) {
  struct rlimit present;
  if (getrlimit(resource, &present) != 0) return -1;
  if (limit->rlim_cur > limit->rlim_max) return fail(EINVAL);
  return limit->rlim_max > present.rlim_max ? fail(EPERM) : 0;
}
