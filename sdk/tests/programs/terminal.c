// What a program finds out about its standard input.
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <syslog.h>
#include <termios.h>
#include <unistd.h>

int main(void) {
  struct termios settings;
  struct winsize size;
  printf("%d", isatty(0));
  printf(" %d", tcgetattr(0, &settings) == 0 ? 0 : errno == ENOTTY ? -1 : -2);
  printf(" %d", ioctl(0, TIOCGWINSZ, &size) == 0 ? 0 : errno == ENOTTY ? -1 : -2);
  printf(" %d\n", tcgetattr(99, &settings) == 0 ? 0 : errno == EBADF ? -1 : -2);
  if (isatty(0)) {
    printf("%d %d\n", size.ws_row, size.ws_col);
    const tcflag_t before = settings.c_lflag;
    settings.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(0, TCSANOW, &settings);
    tcgetattr(0, &settings);
    printf("%d %d\n", (before & ECHO) != 0, (settings.c_lflag & ECHO) != 0);
  }
  openlog("terminal", 0, LOG_USER);
  setlogmask(LOG_UPTO(LOG_NOTICE));
  syslog(LOG_WARNING, "%d percent\n", 7);
  syslog(LOG_DEBUG, "not shown");
  return 0;
}
