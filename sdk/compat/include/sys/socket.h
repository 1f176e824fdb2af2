// Completes wasi-libc's <sys/socket.h>; sdk/compat/README.md says what each function does.
#include_next <sys/socket.h>

#ifndef BACKTAB_COMPAT_SYS_SOCKET_H
#define BACKTAB_COMPAT_SYS_SOCKET_H

#define __NEED_size_t
#define __NEED_ssize_t
#define __NEED_struct_iovec
#include <bits/alltypes.h>

#ifndef AF_LOCAL
#define AF_LOCAL AF_UNIX
#endif
#ifndef PF_UNIX
#define PF_UNIX AF_UNIX
#define PF_LOCAL AF_UNIX
#endif
#ifndef SOCK_RAW
#define SOCK_RAW 3
#endif
#ifndef SOCK_SEQPACKET
#define SOCK_SEQPACKET 7
#endif

// Options that setsockopt answers with ENOPROTOOPT; the numbers are Linux's.
#ifndef SO_DONTROUTE
#define SO_DONTROUTE 5
#endif
#ifndef SO_BROADCAST
#define SO_BROADCAST 6
#endif
#ifndef SO_OOBINLINE
#define SO_OOBINLINE 10
#endif
#ifndef SO_LINGER
#define SO_LINGER 13
#endif
#ifndef SO_REUSEPORT
#define SO_REUSEPORT 15
#endif
#ifndef SO_RCVLOWAT
#define SO_RCVLOWAT 18
#define SO_SNDLOWAT 19
#endif

#ifndef MSG_OOB
#define MSG_OOB 0x0001
#endif
#ifndef MSG_DONTROUTE
#define MSG_DONTROUTE 0x0004
#endif
#ifndef MSG_CTRUNC
#define MSG_CTRUNC 0x0008
#endif
#ifndef MSG_EOR
#define MSG_EOR 0x0080
#endif
#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0x40000000
#endif

// Ancillary data can be laid out; sendmsg refuses to send any and recvmsg never has any.
#ifndef CMSG_FIRSTHDR
struct cmsghdr {
  socklen_t cmsg_len;
  int cmsg_level;
  int cmsg_type;
};
#define CMSG_ALIGN(length) (((length) + sizeof(size_t) - 1) & (size_t) ~(sizeof(size_t) - 1))
#define CMSG_SPACE(length) (CMSG_ALIGN(length) + CMSG_ALIGN(sizeof(struct cmsghdr)))
#define CMSG_LEN(length) (CMSG_ALIGN(sizeof(struct cmsghdr)) + (length))
#define CMSG_DATA(header) ((unsigned char *)((struct cmsghdr *)(header) + 1))
#define CMSG_FIRSTHDR(message)                                 \
  ((size_t)(message)->msg_controllen >= sizeof(struct cmsghdr) \
       ? (struct cmsghdr *)(message)->msg_control              \
       : (struct cmsghdr *)0)
#define CMSG_NXTHDR(message, header)                                                             \
  ((header)->cmsg_len < sizeof(struct cmsghdr) ||                                                \
           (unsigned char *)(header) + CMSG_ALIGN((header)->cmsg_len) + sizeof(struct cmsghdr) > \
               (unsigned char *)(message)->msg_control + (message)->msg_controllen               \
       ? (struct cmsghdr *)0                                                                     \
       : (struct cmsghdr *)((unsigned char *)(header) + CMSG_ALIGN((header)->cmsg_len)))
#define SCM_RIGHTS 0x01
#define SCM_CREDENTIALS 0x02
#endif

#ifdef __cplusplus
extern "C" {
#endif

int socketpair(int, int, int, int[2]);
ssize_t sendmsg(int, const struct msghdr *, int);
ssize_t recvmsg(int, struct msghdr *, int);

#ifdef __cplusplus
}
#endif

#endif
