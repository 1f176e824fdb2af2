// File locks of one process.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void show(const char *what, int result) {
  printf("%s: %s\n", what,
         result == 0       ? "ok"
         : errno == EBADF  ? "EBADF"
         : errno == EINVAL ? "EINVAL"
         : errno == ENOENT ? "ENOENT"
                           : "other error");
}

int main(void) {
  char path[] = "locks-XXXXXX";
  const int both = mkstemp(path);
  const int reader = open(path, O_RDONLY);
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5};
  show("write lock", fcntl(both, F_SETLK, &lock));
  show("waiting lock", fcntl(both, F_SETLKW, &lock));
  show("write lock on a reader", fcntl(reader, F_SETLK, &lock));
  lock.l_type = F_RDLCK;
  show("read lock on a reader", fcntl(reader, F_SETLK, &lock));
  lock.l_type = F_WRLCK;
  show("query", fcntl(both, F_GETLK, &lock));
  printf("unlocked: %d\n", lock.l_type == F_UNLCK);
  lock.l_whence = 77;
  show("bad whence", fcntl(both, F_SETLK, &lock));
  lock.l_whence = SEEK_SET;
  lock.l_type = 99;
  show("bad type", fcntl(both, F_SETLK, &lock));
  lock.l_type = F_UNLCK;
  show("unlock", fcntl(both, F_SETLK, &lock));
  lock.l_type = F_WRLCK;
  show("bad descriptor", fcntl(999, F_SETLK, &lock));
  show("flock", flock(both, LOCK_EX | LOCK_NB));
  show("flock", flock(both, LOCK_UN));
  show("flock", flock(both, 0));
  show("lockf", lockf(both, F_LOCK, 0));
  show("lockf", lockf(both, F_ULOCK, 0));
  show("lockf", lockf(both, 77, 0));
  printf("append: %d\n", fcntl(both, F_SETFL, O_APPEND));
  printf("append: %d\n", (fcntl(both, F_GETFL) & O_APPEND) != 0);
  show("chmod", chmod(path, 0600));
  show("fchmod", fchmod(both, 0600));
  show("chown", chown(path, getuid(), getgid()));
  show("fchown", fchown(both, (uid_t)-1, (gid_t)-1));
  umask(027);
  printf("umask: %o\n", umask(022));
  unlink(path);
  show("chmod", chmod(path, 0600));
  show("chown", chown(path, (uid_t)-1, (gid_t)-1));
  return 0;
}
