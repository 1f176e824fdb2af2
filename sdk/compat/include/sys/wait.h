// Waiting for children, of which there are none here.
#ifndef BACKTAB_COMPAT_SYS_WAIT_H
#define BACKTAB_COMPAT_SYS_WAIT_H

#define __NEED_pid_t
#include <__wait_status.h>
#include <bits/alltypes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rusage;

pid_t wait(int *);
pid_t waitpid(pid_t, int *, int);
pid_t wait3(int *, int, struct rusage *);
pid_t wait4(pid_t, int *, int, struct rusage *);

#ifdef __cplusplus
}
#endif

#endif
