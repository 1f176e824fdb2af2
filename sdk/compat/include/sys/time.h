// Completes wasi-libc's <sys/time.h>; sdk/compat/README.md says what each function does.
#include_next <sys/time.h>

#ifndef BACKTAB_COMPAT_SYS_TIME_H
#define BACKTAB_COMPAT_SYS_TIME_H

#ifndef ITIMER_REAL
#define ITIMER_REAL 0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF 2

struct itimerval {
  struct timeval it_interval;
  struct timeval it_value;
};
#endif

struct timezone;

#ifdef __cplusplus
extern "C" {
#endif

int futimes(int, const struct timeval[2]);
int lutimes(const char *, const struct timeval[2]);
int settimeofday(const struct timeval *, const struct timezone *);
int getitimer(int, struct itimerval *);
int setitimer(int, const struct itimerval *__restrict, struct itimerval *__restrict);

#ifdef __cplusplus
}
#endif

#endif
