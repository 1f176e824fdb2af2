// Pipes and socket pairs.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void show(const char *what, ssize_t result) {
  if (result < 0) {
    const int error = errno;
    printf("%s: %s\n", what,
           error == EAGAIN            ? "EAGAIN"
           : error == EAFNOSUPPORT    ? "EAFNOSUPPORT"
           : error == EINVAL          ? "EINVAL"
           : error == EPROTONOSUPPORT ? "EPROTONOSUPPORT"
                                      : strerror(error));
  } else {
    printf("%s: %zd\n", what, result);
  }
}

static int readable(int descriptor, int timeout) {
  struct pollfd wait = {.fd = descriptor, .events = POLLIN};
  const int ready = poll(&wait, 1, timeout);
  return ready > 0 && (wait.revents & (POLLIN | POLLHUP)) != 0;
}

int main(void) {
  char buffer[64];
  int ends[2];

  show("pipe", pipe(ends));
  printf("empty: %d\n", readable(ends[0], 0));
  show("write", write(ends[1], "through", 7));
  printf("full: %d\n", readable(ends[0], 5000));
  const ssize_t size = read(ends[0], buffer, sizeof buffer);
  show("read", size);
  printf("%.*s\n", (int)size, buffer);
  close(ends[1]);
  show("end of file", read(ends[0], buffer, sizeof buffer));
  close(ends[0]);

  show("pipe2", pipe2(ends, O_NONBLOCK));
  show("read", read(ends[0], buffer, sizeof buffer));
  close(ends[0]);
  close(ends[1]);
  show("pipe2", pipe2(ends, 1 << 30));

  show("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  show("write", write(ends[0], "ping", 4));
  show("read", read(ends[1], buffer, sizeof buffer));
  show("write", write(ends[1], "pong!", 5));
  show("read", read(ends[0], buffer, sizeof buffer));
  show("shutdown", shutdown(ends[0], SHUT_WR));
  show("read", read(ends[1], buffer, sizeof buffer));
  show("write", write(ends[1], "half", 4));
  show("read", read(ends[0], buffer, sizeof buffer));
  close(ends[0]);
  close(ends[1]);

  show("datagrams", socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends));
  show("send", send(ends[0], "one", 3, 0));
  show("send", send(ends[0], "three", 5, 0));
  char first[2], second[2];
  struct iovec parts[] = {{first, sizeof first}, {second, sizeof second}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  if (!readable(ends[1], 5000)) puts("no datagram");
  show("recvmsg", recvmsg(ends[1], &message, 0));
  printf("truncated: %d\n", (message.msg_flags & MSG_TRUNC) != 0);
  if (!readable(ends[1], 5000)) puts("no datagram");
  show("recvmsg", recvmsg(ends[1], &message, 0));
  printf("truncated: %d\n", (message.msg_flags & MSG_TRUNC) != 0);
  show("recv", recv(ends[1], buffer, sizeof buffer, 0));
  struct iovec out[] = {{"scattered ", 10}, {"message", 7}};
  const struct msghdr outgoing = {.msg_iov = out, .msg_iovlen = 2};
  show("sendmsg", sendmsg(ends[1], &outgoing, 0));
  if (!readable(ends[0], 5000)) puts("no datagram");
  show("recv", recv(ends[0], buffer, sizeof buffer, 0));
  close(ends[0]);
  close(ends[1]);

  show("family", socketpair(12345, SOCK_STREAM, 0, ends));
  show("protocol", socketpair(AF_UNIX, SOCK_STREAM, 77, ends));
  return 0;
}
