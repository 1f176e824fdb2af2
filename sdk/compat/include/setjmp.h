// Completes wasi-libc's <setjmp.h>: jumps out of signal handlers are ordinary jumps here, since
// handlers run only inside raise(). Macros, because the compiler must see the call to setjmp.
#include_next <setjmp.h>

#ifndef BACKTAB_COMPAT_SETJMP_H
#define BACKTAB_COMPAT_SETJMP_H

#define sigsetjmp(environment, save_mask) ((void)(save_mask), setjmp(environment))
#define siglongjmp(environment, value) longjmp(environment, value)
#ifndef _setjmp
#define _setjmp(environment) setjmp(environment)
#define _longjmp(environment, value) longjmp(environment, value)
#endif

#endif
