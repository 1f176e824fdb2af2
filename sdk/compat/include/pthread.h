// Completes wasi-libc's <pthread.h>; sdk/compat/README.md says what each function does.
#include_next <pthread.h>

#ifndef BACKTAB_COMPAT_PTHREAD_H
#define BACKTAB_COMPAT_PTHREAD_H

#ifdef __cplusplus
extern "C" {
#endif

int pthread_cancel(pthread_t);
void pthread_exit(void *) __attribute__((__noreturn__));

#ifdef __cplusplus
}
#endif

#endif
