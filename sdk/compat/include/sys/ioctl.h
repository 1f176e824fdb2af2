// Completes wasi-libc's <sys/ioctl.h>; sdk/compat/README.md says what each request does.
#include_next <sys/ioctl.h>

#ifndef BACKTAB_COMPAT_SYS_IOCTL_H
#define BACKTAB_COMPAT_SYS_IOCTL_H

// The numbers are Linux's.
#ifndef TIOCGWINSZ
#define TIOCGWINSZ 0x5413
#define TIOCSWINSZ 0x5414
#define TIOCNOTTY 0x5422

struct winsize {
  unsigned short ws_row;
  unsigned short ws_col;
  unsigned short ws_xpixel;
  unsigned short ws_ypixel;
};
#endif

#endif
