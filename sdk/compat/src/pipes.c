// Pipes and socket pairs over loopback TCP, which never leaves the node.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(int error) {
  errno = error;
  return -1;
}

// Closes without disturbing the error that is being reported.
static void close_quietly(int descriptor) {
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  errno = error;
}

static int set_nonblocking(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

static int bind_loopback(int descriptor, struct sockaddr_in *address) {
  *address = (struct sockaddr_in){.sin_family = AF_INET};
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof *address;
  if (bind(descriptor, (const struct sockaddr *)address, length) != 0) return -1;
  return getsockname(descriptor, (struct sockaddr *)address, &length);
}

static int stream_pair(int ends[2]) {
  int listener = -1, client = -1, server = -1;
  struct sockaddr_in address, local, peer;
  socklen_t length = sizeof local;
  listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || bind_loopback(listener, &address) != 0 || listen(listener, 1) != 0) goto fail;
  client = socket(AF_INET, SOCK_STREAM, 0);
  if (client < 0 || connect(client, (const struct sockaddr *)&address, sizeof address) != 0) {
    goto fail;
  }
  if (getsockname(client, (struct sockaddr *)&local, &length) != 0) goto fail;
  // Anything else in this node might have connected first; only our own end is kept.
  do {
    close_quietly(server);
    length = sizeof peer;
    server = accept(listener, (struct sockaddr *)&peer, &length);
    if (server < 0) goto fail;
  } while (peer.sin_port != local.sin_port || peer.sin_addr.s_addr != local.sin_addr.s_addr);
  close(listener);
  ends[0] = server;
  ends[1] = client;
  return 0;

fail:
  close_quietly(listener);
  close_quietly(client);
  close_quietly(server);
  return -1;
}

static int datagram_pair(int ends[2]) {
  int first = -1, second = -1;
  struct sockaddr_in first_address, second_address;
  first = socket(AF_INET, SOCK_DGRAM, 0);
  second = socket(AF_INET, SOCK_DGRAM, 0);
  if (first < 0 || second < 0) goto fail;
  if (bind_loopback(first, &first_address) != 0 || bind_loopback(second, &second_address) != 0) {
    goto fail;
  }
  if (connect(first, (const struct sockaddr *)&second_address, sizeof second_address) != 0)
    goto fail;
  if (connect(second, (const struct sockaddr *)&first_address, sizeof first_address) != 0)
    goto fail;
  ends[0] = first;
  ends[1] = second;
  return 0;

fail:
  close_quietly(first);
  close_quietly(second);
  return -1;
}

// Gives both ends what `flags` ask for, or closes them.
static int finish(int ends[2], int nonblocking) {
  if (!nonblocking || (set_nonblocking(ends[0]) == 0 && set_nonblocking(ends[1]) == 0)) return 0;
  close_quietly(ends[0]);
  close_quietly(ends[1]);
  return -1;
}

int socketpair(int family, int type, int protocol, int ends[2]) {
  if (family != AF_UNIX) return fail(EAFNOSUPPORT);
  if (protocol != 0) return fail(EPROTONOSUPPORT);
  int result;
  switch (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) {
    case SOCK_STREAM:
      result = stream_pair(ends);
      break;
    case SOCK_DGRAM:
      result = datagram_pair(ends);
      break;
    default:
      return fail(EPROTONOSUPPORT);
  }
  return result == 0 ? finish(ends, type & SOCK_NONBLOCK) : -1;
}

int pipe2(int ends[2], int flags) {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK)) return fail(EINVAL);
  int pair[2];
  if (stream_pair(pair) != 0) return -1;
  // Each end goes one way only: reading at the writing end and the reverse are errors, and closing
  // the writing end is the end of file.
  if (shutdown(pair[0], SHUT_WR) != 0 || shutdown(pair[1], SHUT_RD) != 0 ||
      finish(pair, flags & O_NONBLOCK) != 0) {
    close_quietly(pair[0]);
    close_quietly(pair[1]);
    return -1;
  }
  ends[0] = pair[0];
  ends[1] = pair[1];
  return 0;
}

int pipe(int ends[2]) { return pipe2(ends, 0); }
