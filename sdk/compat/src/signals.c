// Signals within one program. Nothing outside can send one, so a signal is delivered when the
// program raises it, when it unblocks a pending one, or when an alarm comes due while it waits in
// pause, sigsuspend or sigwait. This replaces wasi-libc's emulation, which has no sigaction.
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef uint64_t mask_t;

static struct sigaction actions[_NSIG];
static mask_t blocked;
static mask_t pending;
// How often a handler has run; pause and sigsuspend end after one did.
static unsigned handled;

static int fail(int error) {
  errno = error;
  return -1;
}

static int is_signal(int number) { return number > 0 && number < _NSIG; }

static mask_t bit(int number) { return (mask_t)1 << (number - 1); }

static const mask_t kNeverBlocked = ((mask_t)1 << (SIGKILL - 1)) | ((mask_t)1 << (SIGSTOP - 1));

static mask_t mask_of_set(const sigset_t *set) {
  mask_t mask;
  memcpy(&mask, set, sizeof mask);
  return mask;
}

static void set_of_mask(mask_t mask, sigset_t *set) {
  memset(set, 0, sizeof *set);
  memcpy(set, &mask, sizeof mask);
}

int sigemptyset(sigset_t *set) {
  set_of_mask(0, set);
  return 0;
}

int sigfillset(sigset_t *set) {
  set_of_mask(~(mask_t)0, set);
  return 0;
}

int sigaddset(sigset_t *set, int number) {
  if (!is_signal(number)) return fail(EINVAL);
  set_of_mask(mask_of_set(set) | bit(number), set);
  return 0;
}

int sigdelset(sigset_t *set, int number) {
  if (!is_signal(number)) return fail(EINVAL);
  set_of_mask(mask_of_set(set) & ~bit(number), set);
  return 0;
}

int sigismember(const sigset_t *set, int number) {
  if (!is_signal(number)) return fail(EINVAL);
  return (mask_of_set(set) & bit(number)) != 0;
}

// SIG_ERR and SIG_IGN are the addresses of these in wasi-libc's <signal.h>.
void __SIG_ERR(int number) {
  (void)number;
  abort();
}

void __SIG_IGN(int number) { (void)number; }

static void act_by_default(int number) {
  switch (number) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
    case SIGCONT:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
      return;
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGQUIT:
    case SIGSEGV:
    case SIGSYS:
    case SIGTRAP:
      // What would leave a core file leaves a trap's stack.
      abort();
    default:
      // As a shell reports it.
      _Exit(128 + number);
  }
}

static void deliver_pending(void);

static void deliver(int number) {
  const struct sigaction action = actions[number];
  if (action.sa_handler == SIG_IGN) return;
  if (action.sa_handler == SIG_DFL) {
    act_by_default(number);
    return;
  }
  if (action.sa_flags & (int)SA_RESETHAND) actions[number].sa_handler = SIG_DFL;
  const mask_t before = blocked;
  blocked |= mask_of_set(&action.sa_mask) & ~kNeverBlocked;
  if (!(action.sa_flags & SA_NODEFER)) blocked |= bit(number);
  if (action.sa_flags & SA_SIGINFO) {
    siginfo_t information = {
        .si_signo = number, .si_code = SI_USER, .si_pid = getpid(), .si_uid = getuid()};
    action.sa_sigaction(number, &information, NULL);
  } else {
    action.sa_handler(number);
  }
  ++handled;
  blocked = before;
  deliver_pending();
}

static void deliver_pending(void) {
  mask_t ready;
  while ((ready = pending & ~blocked) != 0) {
    const int number = __builtin_ctzll(ready) + 1;
    pending &= ~bit(number);
    deliver(number);
  }
}

int raise(int number) {
  if (!is_signal(number)) return fail(EINVAL);
  if (blocked & bit(number)) {
    pending |= bit(number);
  } else {
    deliver(number);
  }
  return 0;
}

int kill(pid_t process, int number) {
  if (number != 0 && !is_signal(number)) return fail(EINVAL);
  if (process != getpid() && process != 0 && process != -getpid()) return fail(ESRCH);
  return number == 0 ? 0 : raise(number);
}

int killpg(pid_t group, int number) {
  return group < 0 ? fail(EINVAL) : kill(group == 0 ? 0 : -group, number);
}

int pthread_kill(pthread_t thread, int number) {
  if (number != 0 && !is_signal(number)) return EINVAL;
  if (!pthread_equal(thread, pthread_self())) return ESRCH;
  return number == 0 || raise(number) == 0 ? 0 : errno;
}

int sigaction(int number, const struct sigaction *restrict wanted,
              struct sigaction *restrict before) {
  if (!is_signal(number)) return fail(EINVAL);
  if (wanted != NULL && (kNeverBlocked & bit(number))) return fail(EINVAL);
  if (before != NULL) *before = actions[number];
  if (wanted != NULL) {
    actions[number] = *wanted;
    if (wanted->sa_handler == SIG_IGN) pending &= ~bit(number);
  }
  return 0;
}

static void (*install(int number, void (*handler)(int), int flags))(int) {
  struct sigaction wanted = {.sa_flags = flags}, before;
  wanted.sa_handler = handler;
  return sigaction(number, &wanted, &before) == 0 ? before.sa_handler : SIG_ERR;
}

void (*signal(int number, void (*handler)(int)))(int) {
  return install(number, handler, SA_RESTART);
}

void (*bsd_signal(int number, void (*handler)(int)))(int) {
  return install(number, handler, SA_RESTART);
}

void (*__sysv_signal(int number, void (*handler)(int)))(int) {
  return install(number, handler, (int)(SA_RESETHAND | SA_NODEFER));
}

int siginterrupt(int number, int interrupt) {
  if (!is_signal(number)) return fail(EINVAL);
  if (interrupt) {
    actions[number].sa_flags &= ~SA_RESTART;
  } else {
    actions[number].sa_flags |= SA_RESTART;
  }
  return 0;
}

// Returns an error number.
static int change_mask(int how, const sigset_t *set, sigset_t *before) {
  const mask_t present = blocked;
  if (set != NULL) {
    const mask_t mask = mask_of_set(set);
    switch (how) {
      case SIG_BLOCK:
        blocked |= mask;
        break;
      case SIG_UNBLOCK:
        blocked &= ~mask;
        break;
      case SIG_SETMASK:
        blocked = mask;
        break;
      default:
        return EINVAL;
    }
    blocked &= ~kNeverBlocked;
  }
  if (before != NULL) set_of_mask(present, before);
  deliver_pending();
  return 0;
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict before) {
  const int error = change_mask(how, set, before);
  return error == 0 ? 0 : fail(error);
}

int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict before) {
  return change_mask(how, set, before);
}

int sigpending(sigset_t *set) {
  set_of_mask(pending & blocked, set);
  return 0;
}

// Handlers run on the only stack there is.
int sigaltstack(const stack_t *restrict wanted, stack_t *restrict before) {
  if (before != NULL) *before = (stack_t){.ss_flags = SS_DISABLE};
  return wanted == NULL || (wanted->ss_flags & SS_DISABLE) ? 0 : fail(ENOSYS);
}

// The one timer, of alarm and of setitimer(ITIMER_REAL). Times are in nanoseconds of the monotonic
// clock; 0 means that none is set.
static int64_t alarm_due;
static int64_t alarm_interval;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int64_t alarm_remaining(void) {
  if (alarm_due == 0) return 0;
  const int64_t left = alarm_due - now();
  // A due alarm has not been delivered yet, so it is not over.
  return left > 0 ? left : 1;
}

static void sleep_for(int64_t nanoseconds) {
  struct timespec time = {nanoseconds / 1000000000, (long)(nanoseconds % 1000000000)};
  nanosleep(&time, NULL);
}

// Sleeps until the alarm is due and raises it. Without an alarm nothing can end the wait.
static void wait_for_alarm(void) {
  while (alarm_due == 0) sleep_for(INT64_C(86400000000000));
  const int64_t left = alarm_due - now();
  if (left > 0) sleep_for(left);
  alarm_due = alarm_interval == 0 ? 0 : alarm_due + alarm_interval;
  raise(SIGALRM);
}

unsigned alarm(unsigned seconds) {
  const int64_t left = alarm_remaining();
  alarm_due = seconds == 0 ? 0 : now() + seconds * INT64_C(1000000000);
  alarm_interval = 0;
  return (unsigned)((left + 999999999) / 1000000000);
}

static struct timeval timeval_of(int64_t nanoseconds) {
  return (struct timeval){nanoseconds / 1000000000, nanoseconds % 1000000000 / 1000};
}

static int64_t nanoseconds_of(struct timeval time) {
  return time.tv_sec * INT64_C(1000000000) + time.tv_usec * INT64_C(1000);
}

int getitimer(int which, struct itimerval *value) {
  if (which != ITIMER_REAL) return fail(EINVAL);
  value->it_value = timeval_of(alarm_remaining());
  value->it_interval = timeval_of(alarm_interval);
  return 0;
}

int setitimer(int which, const struct itimerval *restrict wanted,
              struct itimerval *restrict before) {
  if (which != ITIMER_REAL)
    return fail(which == ITIMER_VIRTUAL || which == ITIMER_PROF ? ENOSYS : EINVAL);
  const int64_t delay = nanoseconds_of(wanted->it_value);
  const int64_t interval = nanoseconds_of(wanted->it_interval);
  if (delay < 0 || interval < 0) return fail(EINVAL);
  if (before != NULL) getitimer(which, before);
  alarm_due = delay == 0 ? 0 : now() + delay;
  alarm_interval = interval;
  return 0;
}

int pause(void) {
  const unsigned before = handled;
  while (handled == before) wait_for_alarm();
  return fail(EINTR);
}

int sigsuspend(const sigset_t *set) {
  const unsigned before = handled;
  const mask_t mask = blocked;
  blocked = mask_of_set(set) & ~kNeverBlocked;
  deliver_pending();
  while (handled == before) wait_for_alarm();
  blocked = mask;
  deliver_pending();
  return fail(EINTR);
}

int sigwait(const sigset_t *restrict set, int *restrict number) {
  const mask_t wanted = mask_of_set(set);
  const mask_t mask = blocked;
  blocked |= wanted & ~kNeverBlocked;
  while ((pending & wanted) == 0) wait_for_alarm();
  *number = __builtin_ctzll(pending & wanted) + 1;
  pending &= ~bit(*number);
  blocked = mask;
  return 0;
}
