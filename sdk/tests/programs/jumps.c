// setjmp, longjmp and their signal forms.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static jmp_buf target;
static sigjmp_buf signal_target;

static void leave(int value) { longjmp(target, value); }

static void on_signal(int number) {
  printf("signal %d\n", number == SIGUSR1);
  siglongjmp(signal_target, 5);
}

int main(void) {
  volatile int rounds = 0;
  const int value = setjmp(target);
  printf("setjmp %d round %d\n", value, rounds);
  if (++rounds < 4) leave(rounds == 3 ? 0 : rounds);
  signal(SIGUSR1, on_signal);
  const int from_signal = sigsetjmp(signal_target, 1);
  printf("sigsetjmp %d\n", from_signal);
  if (from_signal == 0) raise(SIGUSR1);
  return 0;
}
