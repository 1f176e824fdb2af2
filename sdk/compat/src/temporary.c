// Temporary files and directories. A fresh disk has no /tmp, so it is made when it is first needed.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kAttempts = 100, kRandomCharacters = 6 };

static int fail(int error) {
  errno = error;
  return -1;
}

static void fill_random(char *place) {
  static const char kCharacters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  unsigned char bytes[kRandomCharacters];
  arc4random_buf(bytes, sizeof bytes);
  for (int i = 0; i < kRandomCharacters; ++i) {
    place[i] = kCharacters[bytes[i] % (sizeof kCharacters - 1)];
  }
}

// Whether making /tmp may help after ENOENT.
static int make_tmp(const char *path) {
  return errno == ENOENT && strncmp(path, P_tmpdir "/", sizeof P_tmpdir) == 0 &&
         mkdir(P_tmpdir, 01777) == 0;
}

static int make_file(const char *path, int flags) {
  return open(path, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
}

static int make_directory(const char *path, int flags) {
  (void)flags;
  return mkdir(path, 0700);
}

static int check_free(const char *path, int flags) {
  (void)flags;
  struct stat status;
  if (lstat(path, &status) == 0) return fail(EEXIST);
  return errno == ENOENT ? 0 : -1;
}

// Replaces the six X before the suffix until `make` succeeds.
static int make_unique(char *path, int suffix_length, int flags, int (*make)(const char *, int)) {
  const size_t length = strlen(path);
  if (suffix_length < 0 || length < (size_t)kRandomCharacters + (size_t)suffix_length) {
    return fail(EINVAL);
  }
  char *const place = path + length - (size_t)suffix_length - kRandomCharacters;
  if (memcmp(place, "XXXXXX", kRandomCharacters) != 0) return fail(EINVAL);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    fill_random(place);
    int result = make(path, flags);
    if (result < 0 && make_tmp(path)) result = make(path, flags);
    if (result >= 0) return result;
    if (errno != EEXIST) break;
  }
  memcpy(place, "XXXXXX", kRandomCharacters);
  return -1;
}

int mkostemps(char *path, int suffix_length, int flags) {
  return make_unique(path, suffix_length, flags & ~O_ACCMODE, make_file);
}

int mkostemp(char *path, int flags) { return mkostemps(path, 0, flags); }
int mkstemps(char *path, int suffix_length) { return mkostemps(path, suffix_length, 0); }
int mkstemp(char *path) { return mkostemps(path, 0, 0); }

char *mkdtemp(char *path) { return make_unique(path, 0, 0, make_directory) < 0 ? NULL : path; }

char *mktemp(char *path) {
  if (make_unique(path, 0, 0, check_free) < 0) path[0] = '\0';
  return path;
}

char *tmpnam(char *buffer) {
  static char internal[L_tmpnam];
  char *const path = strcpy(buffer != NULL ? buffer : internal, P_tmpdir "/tmp-XXXXXX");
  if (make_unique(path, 0, 0, check_free) < 0) return NULL;
  mkdir(P_tmpdir, 01777);
  return path;
}

char *tempnam(const char *directory, const char *prefix) {
  if (directory == NULL) directory = P_tmpdir;
  if (prefix == NULL) prefix = "tmp";
  const size_t size = strlen(directory) + strlen(prefix) + sizeof "/-XXXXXX";
  char *const path = malloc(size);
  if (path == NULL) return NULL;
  snprintf(path, size, "%s/%s-XXXXXX", directory, prefix);
  if (make_unique(path, 0, 0, check_free) < 0) {
    free(path);
    return NULL;
  }
  return path;
}

FILE *tmpfile(void) {
  char path[] = P_tmpdir "/tmp-XXXXXX";
  const int descriptor = mkstemp(path);
  if (descriptor < 0) return NULL;
  unlink(path);
  FILE *const stream = fdopen(descriptor, "w+");
  if (stream == NULL) close(descriptor);
  return stream;
}
