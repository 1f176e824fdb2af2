// Completes wasi-libc's <sys/stat.h>; sdk/compat/README.md says what each function does.
#include_next <sys/stat.h>

#ifndef BACKTAB_COMPAT_SYS_STAT_H
#define BACKTAB_COMPAT_SYS_STAT_H

#ifndef S_ISUID
#define S_ISUID 04000
#define S_ISGID 02000
#define S_ISVTX 01000
#endif

#ifdef __cplusplus
extern "C" {
#endif

mode_t umask(mode_t);
int mkfifo(const char *, mode_t);
int mkfifoat(int, const char *, mode_t);
int mknod(const char *, mode_t, dev_t);
int mknodat(int, const char *, mode_t, dev_t);

#ifdef __cplusplus
}
#endif

#endif
