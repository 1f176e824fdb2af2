// Completes wasi-libc's <fcntl.h>; sdk/compat/README.md says what each function does.
#include_next <fcntl.h>

#ifndef BACKTAB_COMPAT_FCNTL_H
#define BACKTAB_COMPAT_FCNTL_H

// The commands that wasi-libc's fcntl does not know. Their numbers are out of the way of its own.
#ifndef F_DUPFD
#define F_DUPFD 0x1000
#endif
#ifndef F_DUPFD_CLOEXEC
#define F_DUPFD_CLOEXEC 0x1001
#endif
#ifndef F_GETLK
#define F_GETLK 0x1002
#define F_SETLK 0x1003
#define F_SETLKW 0x1004
#endif
#ifndef F_OFD_GETLK
#define F_OFD_GETLK 0x1005
#define F_OFD_SETLK 0x1006
#define F_OFD_SETLKW 0x1007
#endif
#ifndef F_GETOWN
#define F_GETOWN 0x1008
#define F_SETOWN 0x1009
#endif
#ifndef F_RDLCK
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#endif

#ifndef O_ASYNC
#define O_ASYNC 0
#endif
#ifndef O_PATH
#define O_PATH O_SEARCH
#endif
#ifndef O_LARGEFILE
#define O_LARGEFILE 0
#endif
#ifndef O_NDELAY
#define O_NDELAY O_NONBLOCK
#endif

// Open files carry these only by their type; musl leaves them out of the WASI headers.
#ifndef S_ISUID
#define S_ISUID 04000
#define S_ISGID 02000
#define S_ISVTX 01000
#endif
#ifndef S_IRUSR
#define S_IRUSR 0400
#define S_IWUSR 0200
#define S_IXUSR 0100
#define S_IRWXU 0700
#define S_IRGRP 0040
#define S_IWGRP 0020
#define S_IXGRP 0010
#define S_IRWXG 0070
#define S_IROTH 0004
#define S_IWOTH 0002
#define S_IXOTH 0001
#define S_IRWXO 0007
#endif

#ifdef __cplusplus
extern "C" {
#endif

int fallocate(int, int, off_t, off_t);

#ifdef __cplusplus
}
#endif

#endif
