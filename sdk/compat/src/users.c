// The identity of the program: an ordinary user, because servers refuse to run as root or try to
// become someone else.
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uid_t kUser = 1000;
static const gid_t kGroup = 1000;
static const char kName[] = "user";

static int fail(int error) {
  errno = error;
  return -1;
}

// Becoming who one is, or leaving an identity as it is (-1), succeeds.
static int change(unsigned wanted, unsigned present) {
  return wanted == present || wanted == (unsigned)-1 ? 0 : fail(EPERM);
}

uid_t getuid(void) { return kUser; }
uid_t geteuid(void) { return kUser; }
gid_t getgid(void) { return kGroup; }
gid_t getegid(void) { return kGroup; }

int setuid(uid_t user) { return change(user, kUser); }
int seteuid(uid_t user) { return change(user, kUser); }
int setgid(gid_t group) { return change(group, kGroup); }
int setegid(gid_t group) { return change(group, kGroup); }

int setreuid(uid_t real, uid_t effective) {
  return change(real, kUser) == 0 ? change(effective, kUser) : -1;
}

int setregid(gid_t real, gid_t effective) {
  return change(real, kGroup) == 0 ? change(effective, kGroup) : -1;
}

int setresuid(uid_t real, uid_t effective, uid_t saved) {
  return setreuid(real, effective) == 0 ? change(saved, kUser) : -1;
}

int setresgid(gid_t real, gid_t effective, gid_t saved) {
  return setregid(real, effective) == 0 ? change(saved, kGroup) : -1;
}

int getresuid(uid_t *real, uid_t *effective, uid_t *saved) {
  *real = *effective = *saved = kUser;
  return 0;
}

int getresgid(gid_t *real, gid_t *effective, gid_t *saved) {
  *real = *effective = *saved = kGroup;
  return 0;
}

int getgroups(int size, gid_t groups[]) {
  if (size == 0) return 1;
  if (size < 1) return fail(EINVAL);
  groups[0] = kGroup;
  return 1;
}

int setgroups(size_t count, const gid_t *groups) {
  return count == 1 && groups[0] == kGroup ? 0 : fail(EPERM);
}

int initgroups(const char *name, gid_t group) {
  return strcmp(name, kName) == 0 ? change(group, kGroup) : fail(EPERM);
}

int getgrouplist(const char *name, gid_t group, gid_t *groups, int *count) {
  (void)name;
  const int room = *count;
  *count = 1;
  if (room < 1) return -1;
  groups[0] = group;
  return 1;
}

int issetugid(void) { return 0; }

char *getlogin(void) {
  static char name[sizeof kName];
  return strcpy(name, kName);
}

int getlogin_r(char *name, size_t size) {
  if (size < sizeof kName) return ERANGE;
  strcpy(name, kName);
  return 0;
}
