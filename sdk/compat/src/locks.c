// File locks. A disk belongs to one program at a time, and a program never conflicts with its own
// POSIX locks, so every valid request is granted.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

static int fail(int error) {
  errno = error;
  return -1;
}

// Whether `descriptor` is open in a way that permits a lock of this type.
static int check_lock(int descriptor, const struct flock *lock) {
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return -1;
  if (lock->l_whence != SEEK_SET && lock->l_whence != SEEK_CUR && lock->l_whence != SEEK_END) {
    return fail(EINVAL);
  }
  switch (lock->l_type) {
    case F_RDLCK:
      return flags & O_RDONLY ? 0 : fail(EBADF);
    case F_WRLCK:
      return flags & O_WRONLY ? 0 : fail(EBADF);
    case F_UNLCK:
      return 0;
    default:
      return fail(EINVAL);
  }
}

// wasi-libc's fcntl knows only the flags; the driver puts this in front of it.
int __real_fcntl(int descriptor, int command, ...);
int __wrap_fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  // Every command has at most one argument, an int or a pointer, both of 4 bytes.
  void *const argument = va_arg(arguments, void *);
  va_end(arguments);

  switch (command) {
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return check_lock(descriptor, argument);
    case F_GETLK:
    case F_OFD_GETLK: {
      struct flock *const lock = argument;
      if (lock->l_type == F_UNLCK) return fail(EINVAL);
      if (check_lock(descriptor, lock) != 0) return -1;
      lock->l_type = F_UNLCK;
      return 0;
    }
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      // Not dup(): naming it would make the driver's note about it appear for every use of fcntl.
      return __real_fcntl(descriptor, F_GETFD) < 0 ? -1 : fail(ENOSYS);
    case F_GETOWN:
      return __real_fcntl(descriptor, F_GETFD) < 0 ? -1 : 0;
    case F_SETOWN:
      return __real_fcntl(descriptor, F_GETFD) < 0 ? -1 : 0;
    default:
      return __real_fcntl(descriptor, command, argument);
  }
}

int flock(int descriptor, int operation) {
  if (fcntl(descriptor, F_GETFD) < 0) return -1;
  switch (operation & ~LOCK_NB) {
    case LOCK_SH:
    case LOCK_EX:
    case LOCK_UN:
      return 0;
    default:
      return fail(EINVAL);
  }
}

int lockf(int descriptor, int command, off_t length) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = length};
  switch (command) {
    case F_ULOCK:
      lock.l_type = F_UNLCK;
      break;
    case F_LOCK:
    case F_TLOCK:
    case F_TEST:
      break;
    default:
      return fail(EINVAL);
  }
  return check_lock(descriptor, &lock);
}
