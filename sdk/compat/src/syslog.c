// The system log: one line on standard error for each message.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static const char *identity;
static int options;
static int mask = LOG_UPTO(LOG_DEBUG);

void openlog(const char *name, int new_options, int facility) {
  (void)facility;
  identity = name;
  options = new_options;
}

void closelog(void) {
  identity = NULL;
  options = 0;
}

// A mask of 0 only asks.
int setlogmask(int new_mask) {
  const int before = mask;
  if (new_mask != 0) mask = new_mask;
  return before;
}

void vsyslog(int priority, const char *format, va_list arguments) {
  if (!(LOG_MASK(LOG_PRI(priority)) & mask)) return;
  // %m stands for the error there was when syslog was called.
  const int error = errno;
  char line[1024];
  size_t length = 0;
  if (identity != NULL) {
    const int written = options & LOG_PID
                            ? snprintf(line, sizeof line, "%s[%d]: ", identity, (int)getpid())
                            : snprintf(line, sizeof line, "%s: ", identity);
    length = (size_t)written < sizeof line ? (size_t)written : sizeof line - 1;
  }
  errno = error;
  const int written = vsnprintf(line + length, sizeof line - length, format, arguments);
  if (written < 0) return;
  length = strlen(line);
  if (length > 0 && line[length - 1] == '\n') --length;
  fprintf(stderr, "%.*s\n", (int)length, line);
  errno = error;
}

void syslog(int priority, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsyslog(priority, format, arguments);
  va_end(arguments);
}
