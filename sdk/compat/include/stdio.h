// Completes wasi-libc's <stdio.h>; sdk/compat/README.md says what each function does.
// wasi-libc declares these two as deprecated because it does not define them.
#define tmpfile __wasi_libc_tmpfile
#define tmpnam __wasi_libc_tmpnam
#include_next <stdio.h>
#undef tmpfile
#undef tmpnam

#ifndef BACKTAB_COMPAT_STDIO_H
#define BACKTAB_COMPAT_STDIO_H

#ifndef L_tmpnam
#define L_tmpnam 20
#endif
#ifndef TMP_MAX
#define TMP_MAX 10000
#endif
#ifndef P_tmpdir
#define P_tmpdir "/tmp"
#endif
#ifndef L_ctermid
#define L_ctermid 20
#endif

#ifdef __cplusplus
extern "C" {
#endif

FILE *tmpfile(void);
char *tmpnam(char *);
char *tempnam(const char *, const char *);
void flockfile(FILE *);
int ftrylockfile(FILE *);
void funlockfile(FILE *);
FILE *popen(const char *, const char *);
int pclose(FILE *);

#ifdef __cplusplus
}
#endif

#endif
