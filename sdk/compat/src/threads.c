// What is left of threads when there is one: semaphores, and registrations that never matter.
// pthread_create itself is wasi-libc's and fails with ENOTSUP.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

static int fail(int error) {
  errno = error;
  return -1;
}

// wasi-libc's sem_t is an opaque array of ints; the first is the count.
static volatile int *count_of(sem_t *semaphore) { return (volatile int *)(void *)semaphore; }

int sem_init(sem_t *semaphore, int shared, unsigned value) {
  (void)shared;
  if (value > INT_MAX) return fail(EINVAL);
  *count_of(semaphore) = (int)value;
  return 0;
}

int sem_destroy(sem_t *semaphore) {
  (void)semaphore;
  return 0;
}

int sem_getvalue(sem_t *restrict semaphore, int *restrict value) {
  *value = *count_of(semaphore);
  return 0;
}

int sem_post(sem_t *semaphore) {
  if (*count_of(semaphore) == INT_MAX) return fail(EOVERFLOW);
  ++*count_of(semaphore);
  return 0;
}

int sem_trywait(sem_t *semaphore) {
  if (*count_of(semaphore) == 0) return fail(EAGAIN);
  --*count_of(semaphore);
  return 0;
}

// With no other thread to post it, an empty semaphore would be waited for forever.
int sem_wait(sem_t *semaphore) { return sem_trywait(semaphore) == 0 ? 0 : fail(EDEADLK); }

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
  if (sem_trywait(semaphore) == 0) return 0;
  if (deadline->tv_nsec < 0 || deadline->tv_nsec >= 1000000000) return fail(EINVAL);
  clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, deadline, NULL);
  return fail(ETIMEDOUT);
}

sem_t *sem_open(const char *name, int flags, ...) {
  (void)name, (void)flags;
  errno = ENOSYS;
  return SEM_FAILED;
}

int sem_close(sem_t *semaphore) {
  (void)semaphore;
  return fail(EINVAL);
}

int sem_unlink(const char *name) {
  (void)name;
  return fail(ENOSYS);
}

// fork never happens, so neither do its handlers.
int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
  (void)prepare, (void)parent, (void)child;
  return 0;
}

int pthread_setname_np(pthread_t thread, const char *name) {
  (void)thread, (void)name;
  return 0;
}

// The program ends with its last thread.
_Noreturn void pthread_exit(void *result) {
  (void)result;
  exit(0);
}
