// Smaller gaps: the environment, access checks, random bytes, directories, space.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

// Programs never run with more rights than who started them.
char *secure_getenv(const char *name) { return getenv(name); }

char *get_current_dir_name(void) { return getcwd(NULL, 0); }

int euidaccess(const char *path, int mode) { return access(path, mode); }
int eaccess(const char *path, int mode) { return access(path, mode); }

ssize_t getrandom(void *buffer, size_t size, unsigned flags) {
  if (flags & ~(unsigned)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) {
    errno = EINVAL;
    return -1;
  }
  arc4random_buf(buffer, size);
  return (ssize_t)size;
}

// Returns an error number; the end of the directory is no error.
int readdir_r(DIR *restrict directory, struct dirent *restrict entry,
              struct dirent **restrict result) {
  const int before = errno;
  errno = 0;
  const struct dirent *const next = readdir(directory);
  const int error = errno;
  errno = before;
  *result = NULL;
  if (next == NULL) return error;
  // The name is an array without a size at the end of the structure.
  memcpy(entry, next, offsetof(struct dirent, d_name) + strlen(next->d_name) + 1);
  *result = entry;
  return 0;
}

// Space cannot be reserved; wasi-libc's posix_fallocate says the same.
int fallocate(int descriptor, int mode, off_t offset, off_t length) {
  (void)descriptor, (void)mode, (void)offset, (void)length;
  errno = ENOTSUP;
  return -1;
}
