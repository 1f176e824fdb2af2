// Owners and modes. A disk keeps neither yet, and one user owns everything: what would leave a file
// as it is succeeds, so that programs that tidy up after themselves go on.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static mode_t creation_mask = 022;

static int fail(int error) {
  errno = error;
  return -1;
}

static int may_own(uid_t user, gid_t group) {
  return (user == (uid_t)-1 || user == getuid()) && (group == (gid_t)-1 || group == getgid());
}

mode_t umask(mode_t mask) {
  const mode_t before = creation_mask;
  creation_mask = mask & 0777;
  return before;
}

int fchownat(int directory, const char *path, uid_t user, gid_t group, int flags) {
  struct stat status;
  if (fstatat(directory, path, &status, flags & AT_SYMLINK_NOFOLLOW) != 0) return -1;
  return may_own(user, group) ? 0 : fail(EPERM);
}

int chown(const char *path, uid_t user, gid_t group) {
  return fchownat(AT_FDCWD, path, user, group, 0);
}

int lchown(const char *path, uid_t user, gid_t group) {
  return fchownat(AT_FDCWD, path, user, group, AT_SYMLINK_NOFOLLOW);
}

int fchown(int descriptor, uid_t user, gid_t group) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) return -1;
  return may_own(user, group) ? 0 : fail(EPERM);
}

// wasi-libc has chmod and its relatives, which always fail; the driver puts these in their place.
int __wrap_fchmodat(int directory, const char *path, mode_t mode, int flags) {
  (void)mode;
  struct stat status;
  return fstatat(directory, path, &status, flags & AT_SYMLINK_NOFOLLOW);
}

int __wrap_chmod(const char *path, mode_t mode) { return __wrap_fchmodat(AT_FDCWD, path, mode, 0); }

int __wrap_fchmod(int descriptor, mode_t mode) {
  (void)mode;
  struct stat status;
  return fstat(descriptor, &status);
}

// Special files do not exist on a disk.
int mknodat(int directory, const char *path, mode_t mode, dev_t device) {
  (void)directory, (void)path, (void)mode, (void)device;
  return fail(ENOTSUP);
}

int mknod(const char *path, mode_t mode, dev_t device) {
  return mknodat(AT_FDCWD, path, mode, device);
}

int mkfifoat(int directory, const char *path, mode_t mode) {
  return mknodat(directory, path, mode | S_IFIFO, 0);
}

int mkfifo(const char *path, mode_t mode) { return mkfifoat(AT_FDCWD, path, mode); }
