// <pwd.h> and <grp.h>: three fixed accounts, each with a group of the same name.
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct account {
  const char *name;
  unsigned id;
  const char *directory;
  const char *shell;
};

static const struct account kAccounts[] = {
    {"root", 0, "/", "/bin/sh"},
    {"user", 1000, "/", "/bin/sh"},
    {"nobody", 65534, "/", "/bin/false"},
};
enum { kAccountCount = sizeof kAccounts / sizeof *kAccounts };

static const struct account *account_by_name(const char *name) {
  for (size_t i = 0; i < kAccountCount; ++i) {
    if (strcmp(kAccounts[i].name, name) == 0) return &kAccounts[i];
  }
  return NULL;
}

static const struct account *account_by_id(unsigned id) {
  for (size_t i = 0; i < kAccountCount; ++i) {
    if (kAccounts[i].id == id) return &kAccounts[i];
  }
  return NULL;
}

// Strings and pointers of one entry, cut from the caller's buffer.
struct arena {
  char *next;
  size_t left;
};

static char *copy(struct arena *arena, const char *text) {
  const size_t size = strlen(text) + 1;
  if (size > arena->left) return NULL;
  char *const result = memcpy(arena->next, text, size);
  arena->next += size;
  arena->left -= size;
  return result;
}

// The reentrant functions return an error number; no such entry is no error.
static int fill_user(const struct account *account, struct passwd *user, char *buffer, size_t size,
                     struct passwd **result) {
  *result = NULL;
  if (account == NULL) return 0;
  struct arena arena = {buffer, size};
  user->pw_name = copy(&arena, account->name);
  user->pw_passwd = copy(&arena, "x");
  user->pw_uid = account->id;
  user->pw_gid = account->id;
  user->pw_gecos = copy(&arena, account->name);
  user->pw_dir = copy(&arena, account->directory);
  user->pw_shell = copy(&arena, account->shell);
  if (user->pw_shell == NULL) return ERANGE;
  *result = user;
  return 0;
}

static int fill_group(const struct account *account, struct group *group, char *buffer, size_t size,
                      struct group **result) {
  *result = NULL;
  if (account == NULL) return 0;
  // The empty list of members first, where the buffer can be aligned for a pointer.
  const size_t skip = -(uintptr_t)buffer % _Alignof(char *);
  if (size < skip + sizeof(char *)) return ERANGE;
  group->gr_mem = (char **)(void *)(buffer + skip);
  group->gr_mem[0] = NULL;
  struct arena arena = {buffer + skip + sizeof(char *), size - skip - sizeof(char *)};
  group->gr_name = copy(&arena, account->name);
  group->gr_passwd = copy(&arena, "x");
  group->gr_gid = account->id;
  if (group->gr_passwd == NULL) return ERANGE;
  *result = group;
  return 0;
}

static struct passwd *static_user(const struct account *account) {
  static struct passwd user;
  static char buffer[64];
  struct passwd *result;
  fill_user(account, &user, buffer, sizeof buffer, &result);
  return result;
}

static struct group *static_group(const struct account *account) {
  static struct group group;
  static char buffer[64];
  struct group *result;
  fill_group(account, &group, buffer, sizeof buffer, &result);
  return result;
}

struct passwd *getpwnam(const char *name) {
  return static_user(account_by_name(name));
}
struct passwd *getpwuid(uid_t id) {
  return static_user(account_by_id(id));
}
struct group *getgrnam(const char *name) {
  return static_group(account_by_name(name));
}
struct group *getgrgid(gid_t id) {
  return static_group(account_by_id(id));
}

int getpwnam_r(const char *name, struct passwd *user, char *buffer, size_t size,
               struct passwd **result) {
  return fill_user(account_by_name(name), user, buffer, size, result);
}

int getpwuid_r(uid_t id, struct passwd *user, char *buffer, size_t size, struct passwd **result) {
  return fill_user(account_by_id(id), user, buffer, size, result);
}

int getgrnam_r(const char *name, struct group *group, char *buffer, size_t size,
               struct group **result) {
  return fill_group(account_by_name(name), group, buffer, size, result);
}

int getgrgid_r(gid_t id, struct group *group, char *buffer, size_t size, struct group **result) {
  return fill_group(account_by_id(id), group, buffer, size, result);
}

static size_t next_user;
static size_t next_group;

void setpwent(void) { next_user = 0; }
void endpwent(void) { next_user = 0; }
void setgrent(void) { next_group = 0; }
void endgrent(void) { next_group = 0; }

struct passwd *getpwent(void) {
  return next_user < kAccountCount ? static_user(&kAccounts[next_user++]) : NULL;
}

struct group *getgrent(void) {
  return next_group < kAccountCount ? static_group(&kAccounts[next_group++]) : NULL;
}
