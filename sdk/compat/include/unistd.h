// Completes wasi-libc's <unistd.h>; sdk/compat/README.md says what each function does.
#include_next <unistd.h>

#ifndef BACKTAB_COMPAT_UNISTD_H
#define BACKTAB_COMPAT_UNISTD_H

#define __NEED_uid_t
#define __NEED_gid_t
#define __NEED_pid_t
#include <bits/alltypes.h>

#ifndef F_LOCK
#define F_ULOCK 0
#define F_LOCK 1
#define F_TLOCK 2
#define F_TEST 3
#endif

#ifdef __cplusplus
extern "C" {
#endif

int pipe(int[2]);
int pipe2(int[2], int);
int dup(int);
int dup2(int, int);
int dup3(int, int, int);

int chown(const char *, uid_t, gid_t);
int fchown(int, uid_t, gid_t);
int lchown(const char *, uid_t, gid_t);
int fchownat(int, const char *, uid_t, gid_t, int);
int fchdir(int);
int chroot(const char *);
int lockf(int, int, off_t);
void sync(void);
int syncfs(int);

pid_t fork(void);
pid_t vfork(void);
int execve(const char *, char *const[], char *const[]);
int execv(const char *, char *const[]);
int execvp(const char *, char *const[]);
int execvpe(const char *, char *const[], char *const[]);
int fexecve(int, char *const[], char *const[]);
int execl(const char *, const char *, ...);
int execle(const char *, const char *, ...);
int execlp(const char *, const char *, ...);
int daemon(int, int);
int nice(int);

pid_t getppid(void);
pid_t getpgrp(void);
pid_t getpgid(pid_t);
int setpgid(pid_t, pid_t);
pid_t setpgrp(void);
pid_t setsid(void);
pid_t getsid(pid_t);
pid_t gettid(void);

uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
int setuid(uid_t);
int seteuid(uid_t);
int setgid(gid_t);
int setegid(gid_t);
int setreuid(uid_t, uid_t);
int setregid(gid_t, gid_t);
int setresuid(uid_t, uid_t, uid_t);
int setresgid(gid_t, gid_t, gid_t);
int getresuid(uid_t *, uid_t *, uid_t *);
int getresgid(gid_t *, gid_t *, gid_t *);
int getgroups(int, gid_t[]);
int setgroups(size_t, const gid_t *);
int issetugid(void);
char *getlogin(void);
int getlogin_r(char *, size_t);

char *ttyname(int);
int ttyname_r(int, char *, size_t);
pid_t tcgetpgrp(int);
int tcsetpgrp(int, pid_t);
char *ctermid(char *);
char *getpass(const char *);

int eaccess(const char *, int);
int euidaccess(const char *, int);

unsigned alarm(unsigned);
int pause(void);
int getdtablesize(void);

#ifdef __cplusplus
}
#endif

#endif
