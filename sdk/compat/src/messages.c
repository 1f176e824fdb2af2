// sendmsg and recvmsg over sendto and recvfrom: one buffer instead of many, no ancillary data.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static ssize_t fail(int error) {
  errno = error;
  return -1;
}

// The sum of the buffers, or -1.
static ssize_t total_size(const struct msghdr *message) {
  if (message->msg_iovlen < 0 || message->msg_iovlen > IOV_MAX) return fail(EMSGSIZE);
  size_t total = 0;
  for (int i = 0; i < message->msg_iovlen; ++i) {
    if (message->msg_iov[i].iov_len > SSIZE_MAX - total) return fail(EINVAL);
    total += message->msg_iov[i].iov_len;
  }
  return (ssize_t)total;
}

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags) {
  if (message->msg_controllen != 0) return fail(EOPNOTSUPP);
  const ssize_t size = total_size(message);
  if (size < 0) return -1;
  char *const buffer = malloc(size > 0 ? (size_t)size : 1);
  if (buffer == NULL) return fail(ENOMEM);
  size_t filled = 0;
  for (int i = 0; i < message->msg_iovlen; ++i) {
    const struct iovec *const part = &message->msg_iov[i];
    if (part->iov_len > 0) memcpy(buffer + filled, part->iov_base, part->iov_len);
    filled += part->iov_len;
  }
  const ssize_t sent = sendto(descriptor, buffer, filled, flags, message->msg_name,
                              message->msg_name != NULL ? message->msg_namelen : 0);
  const int error = errno;
  free(buffer);
  errno = error;
  return sent;
}

ssize_t recvmsg(int descriptor, struct msghdr *message, int flags) {
  const ssize_t size = total_size(message);
  if (size < 0) return -1;
  // One byte more than asked for shows that a datagram was cut; a stream must not lose it.
  int type = 0;
  socklen_t type_size = sizeof type;
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0) return -1;
  const size_t room = (size_t)size + (type == SOCK_DGRAM ? 1 : 0);
  char *const buffer = malloc(room > 0 ? room : 1);
  if (buffer == NULL) return fail(ENOMEM);

  socklen_t name_size = message->msg_namelen;
  ssize_t received = recvfrom(descriptor, buffer, room, flags, message->msg_name,
                              message->msg_name != NULL ? &name_size : NULL);
  const int error = errno;
  if (received >= 0) {
    message->msg_flags = 0;
    message->msg_controllen = 0;
    if (message->msg_name != NULL) message->msg_namelen = name_size;
    if (received > size) {
      message->msg_flags |= MSG_TRUNC;
      received = size;
    }
    size_t copied = 0;
    for (int i = 0; i < message->msg_iovlen && copied < (size_t)received; ++i) {
      const struct iovec *const part = &message->msg_iov[i];
      const size_t rest = (size_t)received - copied;
      const size_t share = part->iov_len < rest ? part->iov_len : rest;
      if (share > 0) memcpy(part->iov_base, buffer + copied, share);
      copied += share;
    }
  }
  free(buffer);
  errno = error;
  return received;
}
