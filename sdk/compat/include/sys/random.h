// Completes wasi-libc's <sys/random.h>; sdk/compat/README.md says what each function does.
#include_next <sys/random.h>

#ifndef BACKTAB_COMPAT_SYS_RANDOM_H
#define BACKTAB_COMPAT_SYS_RANDOM_H

#define __NEED_size_t
#define __NEED_ssize_t
#include <bits/alltypes.h>

#ifndef GRND_NONBLOCK
#define GRND_NONBLOCK 0x0001
#define GRND_RANDOM 0x0002
#define GRND_INSECURE 0x0004
#endif

#ifdef __cplusplus
extern "C" {
#endif

ssize_t getrandom(void *, size_t, unsigned);

#ifdef __cplusplus
}
#endif

#endif
