// Signals that the program sends itself.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static const char *name(int number) {
  switch (number) {
    case SIGUSR1:
      return "SIGUSR1";
    case SIGUSR2:
      return "SIGUSR2";
    case SIGALRM:
      return "SIGALRM";
    default:
      return "?";
  }
}

static void on_signal(int number) { printf("handler %s\n", name(number)); }

static void on_information(int number, siginfo_t *information, void *context) {
  (void)context;
  printf("information %s %d %d\n", name(number), information->si_signo == number,
         information->si_pid == getpid());
}

static void on_nested(int number) {
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  printf("blocked inside: %d %d\n", sigismember(&mask, SIGUSR1), sigismember(&mask, SIGUSR2));
  raise(SIGUSR2);
  printf("leaving %s\n", name(number));
}

int main(void) {
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  printf("%d\n", sigaction(SIGUSR1, &action, &before));
  printf("default before: %d\n", before.sa_handler == SIG_DFL);
  raise(SIGUSR1);
  kill(getpid(), SIGUSR1);
  printf("kill 0: %d\n", kill(getpid(), 0));

  action.sa_sigaction = on_information;
  action.sa_flags = SA_SIGINFO | (int)SA_RESETHAND;
  sigaction(SIGUSR2, &action, NULL);
  kill(getpid(), SIGUSR2);
  sigaction(SIGUSR2, NULL, &before);
  printf("reset: %d\n", before.sa_handler == SIG_DFL);

  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  printf("members: %d %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  sigpending(&pending);
  printf("pending: %d\n", sigismember(&pending, SIGUSR1));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  sigpending(&pending);
  printf("pending: %d\n", sigismember(&pending, SIGUSR1));

  memset(&action, 0, sizeof action);
  action.sa_handler = on_nested;
  sigaddset(&action.sa_mask, SIGUSR2);
  sigaction(SIGUSR1, &action, NULL);
  signal(SIGUSR2, on_signal);
  raise(SIGUSR1);

  printf("ignored: %d\n", signal(SIGUSR2, SIG_IGN) == on_signal);
  raise(SIGUSR2);
  printf("was ignored: %d\n", signal(SIGUSR2, SIG_DFL) == SIG_IGN);

  signal(SIGALRM, on_signal);
  const struct itimerval soon = {.it_value = {.tv_usec = 1000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  printf("pause: %d", pause());
  printf(" %d\n", errno == EINTR);
  printf("alarm: %u", alarm(100));
  printf(" %u\n", alarm(0));

  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  setitimer(ITIMER_REAL, &soon, NULL);
  int number = 0;
  printf("sigwait: %d", sigwait(&set, &number));
  printf(" %s\n", name(number));

  sigset_t none;
  sigemptyset(&none);
  setitimer(ITIMER_REAL, &soon, NULL);
  printf("sigsuspend: %d\n", sigsuspend(&none));

  printf("invalid: %d", sigaction(SIGKILL, &action, NULL));
  printf(" %d", errno == EINVAL);
  printf(" %d", raise(1000));
  printf(" %d\n", errno == EINVAL);
  return 0;
}
