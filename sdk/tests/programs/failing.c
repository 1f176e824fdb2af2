// Calls everything in failing_calls.def and prints the error of each.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *error_name(int error) {
  switch (error) {
    case ENOSYS:
      return "ENOSYS";
    case EAGAIN:
      return "EAGAIN";
    case EPERM:
      return "EPERM";
    case ENOTSUP:
      return "ENOTSUP";
    default:
      return strerror(error);
  }
}

static void *never(void *argument) { return argument; }

// Each reports a failure by its return value, in one of three ways.
static void minus_one(const char *name, long result) {
  printf("%s %s\n", name, result == -1 ? error_name(errno) : "succeeded");
}

static void null(const char *name, const void *result) {
  printf("%s %s\n", name, result == NULL || result == MAP_FAILED ? error_name(errno) : "succeeded");
}

static void error_number(const char *name, int result) {
  printf("%s %s\n", name, result != 0 ? error_name(result) : "succeeded");
}

int main(void) {
  char *const arguments[] = {"true", NULL};
  char page[16];
  struct statvfs space;
  pid_t child;
  pthread_t thread;
  minus_one("fork", fork());
  minus_one("vfork", vfork());
  minus_one("execve", execve("/bin/true", arguments, arguments));
  minus_one("execv", execv("/bin/true", arguments));
  minus_one("execvp", execvp("true", arguments));
  minus_one("execvpe", execvpe("true", arguments, arguments));
  minus_one("fexecve", fexecve(0, arguments, arguments));
  minus_one("execl", execl("/bin/true", "true", (char *)NULL));
  minus_one("execle", execle("/bin/true", "true", (char *)NULL, arguments));
  minus_one("execlp", execlp("true", "true", (char *)NULL));
  error_number("posix_spawn", posix_spawn(&child, "/bin/true", NULL, NULL, arguments, arguments));
  error_number("posix_spawnp", posix_spawnp(&child, "true", NULL, NULL, arguments, arguments));
  minus_one("system", system("true"));
  null("popen", popen("true", "r"));
  error_number("pthread_create", pthread_create(&thread, NULL, never, NULL));
  minus_one("dup", dup(1));
  minus_one("dup2", dup2(1, 9));
  minus_one("dup3", dup3(1, 9, 0));
  minus_one("fchdir", fchdir(open("/", O_RDONLY | O_DIRECTORY)));
  minus_one("chroot", chroot("/"));
  minus_one("mknod", mknod("/device", S_IFCHR, 0));
  minus_one("mkfifo", mkfifo("/fifo", 0600));
  minus_one("fallocate", fallocate(1, 0, 0, 1));
  error_number("posix_fallocate", posix_fallocate(open("/file", O_RDWR | O_CREAT, 0600), 0, 1));
  minus_one("statvfs", statvfs("/", &space));
  minus_one("fstatvfs", fstatvfs(1, &space));
  minus_one("msync", msync(page, sizeof page, MS_SYNC));
  null("mremap", mremap(page, sizeof page, 32, 0));
  minus_one("mlock", mlock(page, sizeof page));
  minus_one("mlockall", mlockall(MCL_CURRENT));
  minus_one("shm_open", shm_open("/memory", O_RDWR, 0600));
  minus_one("memfd_create", memfd_create("memory", 0));
  null("sem_open", sem_open("/semaphore", O_CREAT, 0600, 1));
  return 0;
}
