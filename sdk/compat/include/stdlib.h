// Completes wasi-libc's <stdlib.h>; sdk/compat/README.md says what each function does.
#include_next <stdlib.h>

#ifndef BACKTAB_COMPAT_STDLIB_H
#define BACKTAB_COMPAT_STDLIB_H

#include <__wait_status.h>

#ifdef __cplusplus
extern "C" {
#endif

int system(const char *);
int mkstemp(char *);
int mkostemp(char *, int);
int mkstemps(char *, int);
int mkostemps(char *, int, int);
char *mkdtemp(char *);
char *mktemp(char *);
void *reallocarray(void *, size_t, size_t);
void *memalign(size_t, size_t);
void *valloc(size_t);
int getloadavg(double *, int);

#ifdef __cplusplus
}
#endif

#endif
