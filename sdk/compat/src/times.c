// Times. Local time is UTC, and the clocks belong to the browser.
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

static char utc[] = "UTC";
char *tzname[2] = {utc, utc};
int daylight;
long timezone;

void tzset(void) {}

int clock_settime(clockid_t clock, const struct timespec *time) {
  (void)clock, (void)time;
  errno = EPERM;
  return -1;
}

int settimeofday(const struct timeval *time, const struct timezone *zone) {
  (void)time, (void)zone;
  errno = EPERM;
  return -1;
}

static void convert(const struct timeval times[2], struct timespec result[2]) {
  for (int i = 0; i < 2; ++i) {
    result[i] = (struct timespec){times[i].tv_sec, (long)times[i].tv_usec * 1000};
  }
}

int futimes(int descriptor, const struct timeval times[2]) {
  if (times == NULL) return futimens(descriptor, NULL);
  struct timespec converted[2];
  convert(times, converted);
  return futimens(descriptor, converted);
}

int lutimes(const char *path, const struct timeval times[2]) {
  if (times == NULL) return utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
  struct timespec converted[2];
  convert(times, converted);
  return utimensat(AT_FDCWD, path, converted, AT_SYMLINK_NOFOLLOW);
}
