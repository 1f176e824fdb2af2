// Completes wasi-libc's <time.h>; sdk/compat/README.md says what each function does.
#include_next <time.h>

#ifndef BACKTAB_COMPAT_TIME_H
#define BACKTAB_COMPAT_TIME_H

#ifdef __cplusplus
extern "C" {
#endif

void tzset(void);
extern char *tzname[2];
extern int daylight;
extern long timezone;
int clock_settime(clockid_t, const struct timespec *);

#ifdef __cplusplus
}
#endif

#endif
