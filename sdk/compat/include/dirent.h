// Completes wasi-libc's <dirent.h>; sdk/compat/README.md says what each function does.
#include_next <dirent.h>

#ifndef BACKTAB_COMPAT_DIRENT_H
#define BACKTAB_COMPAT_DIRENT_H

#ifdef __cplusplus
extern "C" {
#endif

int readdir_r(DIR *__restrict, struct dirent *__restrict, struct dirent **__restrict);

#ifdef __cplusplus
}
#endif

#endif
