// The identity of the program. Not compared with the build machine, which has its own users.
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  printf("%u %u %u %u %d\n", getuid(), geteuid(), getgid(), getegid(), getppid() != getpid());
  const struct passwd *const user = getpwuid(getuid());
  printf("%s %s %s %s\n", user->pw_name, user->pw_dir, user->pw_shell, getlogin());
  printf("%d %d\n", getpwnam("nobody")->pw_uid, getpwnam("stranger") == NULL);
  struct passwd entry, *result;
  char small[4], large[128];
  printf("%d", getpwnam_r("user", &entry, small, sizeof small, &result) == ERANGE);
  printf(" %d", getpwnam_r("user", &entry, large, sizeof large, &result));
  printf(" %d %s\n", result == &entry, entry.pw_name);
  printf("%d", getpwnam_r("stranger", &entry, large, sizeof large, &result));
  printf(" %d\n", result == NULL);
  printf("%s %d\n", getgrgid(getgid())->gr_name, getgrnam("root")->gr_mem[0] == NULL);
  int users = 0;
  while (getpwent() != NULL) ++users;
  printf("%d\n", users);
  printf("%d %d", setuid(getuid()), setuid(0));
  printf(" %d\n", errno == EPERM);
  printf("%d", waitpid(-1, NULL, 0));
  printf(" %d\n", errno == ECHILD);
  printf("%d %d\n", setsid() == getpid(), daemon(0, 0));
  char directory[16];
  printf("%s\n", getcwd(directory, sizeof directory));
  struct rlimit limit;
  printf("%d %llu\n", getrlimit(RLIMIT_NOFILE, &limit), limit.rlim_cur);
  return 0;
}
