// Starting programs. A node is one program, so all of these fail with ENOSYS.
#include <errno.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int not_supported(void) {
  errno = ENOSYS;
  return -1;
}

pid_t fork(void) { return not_supported(); }
pid_t vfork(void) { return not_supported(); }

int execve(const char *path, char *const arguments[], char *const environment[]) {
  (void)path, (void)arguments, (void)environment;
  return not_supported();
}

int execv(const char *path, char *const arguments[]) {
  (void)path, (void)arguments;
  return not_supported();
}

int execvp(const char *file, char *const arguments[]) {
  (void)file, (void)arguments;
  return not_supported();
}

int execvpe(const char *file, char *const arguments[], char *const environment[]) {
  (void)file, (void)arguments, (void)environment;
  return not_supported();
}

int fexecve(int descriptor, char *const arguments[], char *const environment[]) {
  (void)descriptor, (void)arguments, (void)environment;
  return not_supported();
}

int execl(const char *path, const char *argument, ...) {
  (void)path, (void)argument;
  return not_supported();
}

int execle(const char *path, const char *argument, ...) {
  (void)path, (void)argument;
  return not_supported();
}

int execlp(const char *file, const char *argument, ...) {
  (void)file, (void)argument;
  return not_supported();
}

// A null command asks whether there is a shell; there is none.
int system(const char *command) { return command == NULL ? 0 : not_supported(); }

FILE *popen(const char *command, const char *mode) {
  (void)command, (void)mode;
  errno = ENOSYS;
  return NULL;
}

int pclose(FILE *stream) {
  (void)stream;
  errno = ECHILD;
  return -1;
}

// These two return the error instead of setting errno.
int posix_spawn(pid_t *restrict child, const char *restrict path,
                const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes, char *const arguments[],
                char *const environment[]) {
  (void)child, (void)path, (void)actions, (void)attributes, (void)arguments, (void)environment;
  return ENOSYS;
}

int posix_spawnp(pid_t *restrict child, const char *restrict file,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *restrict attributes, char *const arguments[],
                 char *const environment[]) {
  (void)child, (void)file, (void)actions, (void)attributes, (void)arguments, (void)environment;
  return ENOSYS;
}

// What only prepares a posix_spawn succeeds, so that the spawn itself reports the error.
int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions) {
  (void)actions;
  return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions) {
  (void)actions;
  return 0;
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int descriptor) {
  (void)actions, (void)descriptor;
  return 0;
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to) {
  (void)actions, (void)from, (void)to;
  return 0;
}

int posix_spawnattr_init(posix_spawnattr_t *attributes) {
  (void)attributes;
  return 0;
}

int posix_spawnattr_destroy(posix_spawnattr_t *attributes) {
  (void)attributes;
  return 0;
}

int posix_spawnattr_setflags(posix_spawnattr_t *attributes, short flags) {
  (void)attributes, (void)flags;
  return 0;
}
