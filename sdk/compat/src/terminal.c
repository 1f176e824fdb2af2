// Terminals. What a program sets is remembered and given back; the page's terminal stays as it is.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int fail(int error) {
  errno = error;
  return -1;
}

// Returns 0 for a terminal. isatty sets errno: EBADF or ENOTTY.
static int check_terminal(int descriptor) { return isatty(descriptor) ? 0 : -1; }

static struct termios settings = {
    .c_iflag = ICRNL | IXON | IUTF8,
    .c_oflag = OPOST | ONLCR,
    .c_cflag = CS8 | CREAD,
    .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    .c_cc = {[VINTR] = 3,
             [VQUIT] = 28,
             [VERASE] = 127,
             [VKILL] = 21,
             [VEOF] = 4,
             [VMIN] = 1,
             [VSTART] = 17,
             [VSTOP] = 19,
             [VSUSP] = 26,
             [VREPRINT] = 18,
             [VDISCARD] = 15,
             [VWERASE] = 23,
             [VLNEXT] = 22},
    .__c_ispeed = B38400,
    .__c_ospeed = B38400,
};

int tcgetattr(int descriptor, struct termios *result) {
  if (check_terminal(descriptor) != 0) return -1;
  *result = settings;
  return 0;
}

int tcsetattr(int descriptor, int when, const struct termios *wanted) {
  if (check_terminal(descriptor) != 0) return -1;
  if (when < TCSANOW || when > TCSAFLUSH) return fail(EINVAL);
  settings = *wanted;
  return 0;
}

speed_t cfgetispeed(const struct termios *terminal) { return terminal->__c_ispeed; }
speed_t cfgetospeed(const struct termios *terminal) { return terminal->__c_ospeed; }

int cfsetispeed(struct termios *terminal, speed_t speed) {
  terminal->__c_ispeed = speed;
  return 0;
}

int cfsetospeed(struct termios *terminal, speed_t speed) {
  terminal->__c_ospeed = speed;
  return 0;
}

void cfmakeraw(struct termios *terminal) {
  terminal->c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  terminal->c_oflag &= ~OPOST;
  terminal->c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  terminal->c_cflag &= ~(CSIZE | PARENB);
  terminal->c_cflag |= CS8;
  terminal->c_cc[VMIN] = 1;
  terminal->c_cc[VTIME] = 0;
}

int tcdrain(int descriptor) { return check_terminal(descriptor); }

int tcflush(int descriptor, int queue) {
  (void)queue;
  return check_terminal(descriptor);
}

int tcflow(int descriptor, int action) {
  (void)action;
  return check_terminal(descriptor);
}

int tcsendbreak(int descriptor, int duration) {
  (void)duration;
  return check_terminal(descriptor);
}

pid_t tcgetsid(int descriptor) { return check_terminal(descriptor) == 0 ? getpid() : -1; }
pid_t tcgetpgrp(int descriptor) { return check_terminal(descriptor) == 0 ? getpid() : -1; }

int tcsetpgrp(int descriptor, pid_t group) {
  if (check_terminal(descriptor) != 0) return -1;
  return group == getpid() ? 0 : fail(EPERM);
}

// Terminals have no path on a disk.
int ttyname_r(int descriptor, char *buffer, size_t size) {
  (void)buffer, (void)size;
  return isatty(descriptor) ? ENODEV : errno;
}

char *ttyname(int descriptor) {
  const int error = ttyname_r(descriptor, NULL, 0);
  errno = error;
  return NULL;
}

char *ctermid(char *buffer) {
  static char internal[L_ctermid];
  return strcpy(buffer != NULL ? buffer : internal, "/dev/tty");
}

// Typed characters are shown by the page's terminal; they cannot be hidden from here.
char *getpass(const char *prompt) {
  static char line[128];
  fputs(prompt, stderr);
  fflush(stderr);
  if (fgets(line, sizeof line, stdin) == NULL) return NULL;
  line[strcspn(line, "\n")] = '\0';
  return line;
}

static unsigned short size_from_environment(const char *name, unsigned short otherwise) {
  const char *const text = getenv(name);
  const long value = text != NULL ? strtol(text, NULL, 10) : 0;
  return value > 0 && value < 10000 ? (unsigned short)value : otherwise;
}

// wasi-libc's ioctl knows FIONREAD and FIONBIO; the driver puts this in front of it.
int __real_ioctl(int descriptor, int request, ...);
int __wrap_ioctl(int descriptor, int request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *const argument = va_arg(arguments, void *);
  va_end(arguments);

  switch (request) {
    case TIOCGWINSZ: {
      if (check_terminal(descriptor) != 0) return -1;
      struct winsize *const size = argument;
      *size = (struct winsize){.ws_row = size_from_environment("LINES", 24),
                               .ws_col = size_from_environment("COLUMNS", 80)};
      return 0;
    }
    case TIOCSWINSZ:
      return check_terminal(descriptor) != 0 ? -1 : fail(EPERM);
    case TIOCNOTTY:
      return fail(ENOTTY);
    default:
      return __real_ioctl(descriptor, request, argument);
  }
}
