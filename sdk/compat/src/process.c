// The program as a process: alone in its session and process group, with process 1 as its parent.
#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const pid_t kParent = 1;

static int fail(int error) {
  errno = error;
  return -1;
}

// Whether `process` names this process, for calls in which 0 means the caller.
static int is_self(pid_t process) { return process == 0 || process == getpid(); }

pid_t getppid(void) { return kParent; }
pid_t getpgrp(void) { return getpid(); }
pid_t gettid(void) { return getpid(); }
pid_t getpgid(pid_t process) { return is_self(process) ? getpid() : fail(ESRCH); }
pid_t getsid(pid_t process) { return is_self(process) ? getpid() : fail(ESRCH); }

// A session leader may neither move to another group nor start a session; daemons expect both to
// work, and both would leave this process where it is.
pid_t setsid(void) { return getpid(); }
pid_t setpgrp(void) { return getpid(); }

int setpgid(pid_t process, pid_t group) {
  if (!is_self(process)) return fail(ESRCH);
  return is_self(group) ? 0 : fail(EPERM);
}

// The calling program goes on; there is no parent that could end before it.
int daemon(int keep_directory, int keep_descriptors) {
  (void)keep_descriptors;
  return keep_directory ? 0 : chdir("/");
}

pid_t waitpid(pid_t process, int *status, int options) {
  (void)process, (void)status, (void)options;
  return fail(ECHILD);
}

pid_t wait(int *status) { return waitpid(-1, status, 0); }

pid_t wait3(int *status, int options, struct rusage *usage) {
  (void)usage;
  return waitpid(-1, status, options);
}

pid_t wait4(pid_t process, int *status, int options, struct rusage *usage) {
  (void)usage;
  return waitpid(process, status, options);
}

// Priorities mean nothing for one program; 0 is what it has.
int getpriority(int which, id_t who) {
  if (which < PRIO_PROCESS || which > PRIO_USER) return fail(EINVAL);
  return who == 0 || (which != PRIO_USER && (pid_t)who == getpid()) ? 0 : fail(ESRCH);
}

int setpriority(int which, id_t who, int priority) {
  if (getpriority(which, who) != 0) return -1;
  return priority < 0 ? fail(EACCES) : 0;
}

int nice(int increment) { return increment < 0 ? fail(EPERM) : 0; }
