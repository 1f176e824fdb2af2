// ppoll: no signal arrives during a wait, so the mask it would set makes no difference.
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

int ppoll(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout,
          const sigset_t *mask) {
  (void)mask;
  int milliseconds = -1;
  if (timeout != NULL) {
    if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000) {
      errno = EINVAL;
      return -1;
    }
    // Rounded up, so that the wait is never shorter than asked for.
    milliseconds = timeout->tv_sec >= INT_MAX / 1000 - 1
                       ? INT_MAX
                       : (int)timeout->tv_sec * 1000 + (int)((timeout->tv_nsec + 999999) / 1000000);
  }
  return poll(descriptors, count, milliseconds);
}
