// Memory. wasi-libc emulates mmap by reading the file into memory, so nothing of a mapping can be
// written back, shared or protected.
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static int not_supported(void) {
  errno = ENOSYS;
  return -1;
}

int msync(void *address, size_t size, int flags) {
  (void)address, (void)size, (void)flags;
  return not_supported();
}

void *mremap(void *address, size_t old_size, size_t new_size, int flags, ...) {
  (void)address, (void)old_size, (void)new_size, (void)flags;
  errno = ENOSYS;
  return MAP_FAILED;
}

int mlock(const void *address, size_t size) {
  (void)address, (void)size;
  return not_supported();
}

int mlockall(int flags) {
  (void)flags;
  return not_supported();
}

// Nothing is locked, so unlocking it is done.
int munlock(const void *address, size_t size) {
  (void)address, (void)size;
  return 0;
}

int munlockall(void) { return 0; }

// Advice may be ignored.
int madvise(void *address, size_t size, int advice) {
  (void)address, (void)size, (void)advice;
  return 0;
}

int posix_madvise(void *address, size_t size, int advice) { return madvise(address, size, advice); }

int shm_open(const char *name, int flags, mode_t mode) {
  (void)name, (void)flags, (void)mode;
  return not_supported();
}

int shm_unlink(const char *name) {
  (void)name;
  return not_supported();
}

int memfd_create(const char *name, unsigned flags) {
  (void)name, (void)flags;
  return not_supported();
}

void *memalign(size_t alignment, size_t size) {
  void *block;
  if (alignment < sizeof(void *)) alignment = sizeof(void *);
  const int error = posix_memalign(&block, alignment, size);
  if (error == 0) return block;
  errno = error;
  return NULL;
}

void *valloc(size_t size) { return memalign(65536, size); }

int getloadavg(double *averages, int count) {
  (void)averages, (void)count;
  return -1;
}
