// How the conformance programs print what they see: one line per observation, errors by their errno
// name, nothing that differs from run to run (no descriptor numbers, inode numbers, present times).

#ifndef BACKTAB_TESTS_CONFORMANCE_SUPPORT_REPORT_H_
#define BACKTAB_TESTS_CONFORMANCE_SUPPORT_REPORT_H_

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

// The name of an errno value, as in errno.h. Linux's EOPNOTSUPP is ENOTSUP, its EWOULDBLOCK EAGAIN.
inline std::string ErrnoName(int error) {
#define BACKTAB_NAME(name) \
  if (error == name) return #name;
  BACKTAB_NAME(E2BIG)
  BACKTAB_NAME(EACCES)
  BACKTAB_NAME(EADDRINUSE)
  BACKTAB_NAME(EADDRNOTAVAIL)
  BACKTAB_NAME(EAFNOSUPPORT)
  BACKTAB_NAME(EAGAIN)
  BACKTAB_NAME(EALREADY)
  BACKTAB_NAME(EBADF)
  BACKTAB_NAME(EBUSY)
  BACKTAB_NAME(ECONNABORTED)
  BACKTAB_NAME(ECONNREFUSED)
  BACKTAB_NAME(ECONNRESET)
  BACKTAB_NAME(EDESTADDRREQ)
  BACKTAB_NAME(EEXIST)
  BACKTAB_NAME(EFAULT)
  BACKTAB_NAME(EFBIG)
  BACKTAB_NAME(EHOSTUNREACH)
  BACKTAB_NAME(EILSEQ)
  BACKTAB_NAME(EINPROGRESS)
  BACKTAB_NAME(EINTR)
  BACKTAB_NAME(EINVAL)
  BACKTAB_NAME(EIO)
  BACKTAB_NAME(EISCONN)
  BACKTAB_NAME(EISDIR)
  BACKTAB_NAME(ELOOP)
  BACKTAB_NAME(EMFILE)
  BACKTAB_NAME(EMLINK)
  BACKTAB_NAME(EMSGSIZE)
  BACKTAB_NAME(ENAMETOOLONG)
  BACKTAB_NAME(ENETUNREACH)
  BACKTAB_NAME(ENOBUFS)
  BACKTAB_NAME(ENODEV)
  BACKTAB_NAME(ENOENT)
  BACKTAB_NAME(ENOMEM)
  BACKTAB_NAME(ENOPROTOOPT)
  BACKTAB_NAME(ENOSPC)
  BACKTAB_NAME(ENOSYS)
  BACKTAB_NAME(ENOTCONN)
  BACKTAB_NAME(ENOTDIR)
  BACKTAB_NAME(ENOTEMPTY)
  BACKTAB_NAME(ENOTSOCK)
  BACKTAB_NAME(ENOTSUP)
  BACKTAB_NAME(ENOTTY)
  BACKTAB_NAME(ENXIO)
  BACKTAB_NAME(EOVERFLOW)
  BACKTAB_NAME(EPERM)
  BACKTAB_NAME(EPIPE)
  BACKTAB_NAME(EPROTONOSUPPORT)
  BACKTAB_NAME(EPROTOTYPE)
  BACKTAB_NAME(EROFS)
  BACKTAB_NAME(ESPIPE)
  BACKTAB_NAME(ETIMEDOUT)
  BACKTAB_NAME(ETXTBSY)
  BACKTAB_NAME(EXDEV)
#undef BACKTAB_NAME
  return "errno " + std::to_string(error);
}

// Begins a group of observations.
inline void Section(std::string_view title) {
  std::fflush(stdout);  // So that a crash is seen to come after this.
  std::printf("# %.*s\n", static_cast<int>(title.size()), title.data());
}

// Prints one observation. Labels name the lines in differences.md.
inline void Print(std::string_view label, std::string_view value) {
  std::printf("%.*s: %.*s\n", static_cast<int>(label.size()), label.data(),
              static_cast<int>(value.size()), value.data());
}

inline void Print(std::string_view label, long long value) { Print(label, std::to_string(value)); }

// Prints "ok", or the errno name if the call has failed; returns whether it succeeded.
inline bool PrintOutcome(std::string_view label, long long result) {
  Print(label, result < 0 ? ErrnoName(errno) : "ok");
  return result >= 0;
}

// Prints the result, or the errno name if it is negative.
inline void PrintResult(std::string_view label, long long result) {
  if (result < 0) {
    Print(label, ErrnoName(errno));
  } else {
    Print(label, result);
  }
}

// Evaluates a call that fails with a negative number, and prints whether it succeeded.
#define TRY(call) PrintOutcome(#call, (call))

// The same, printing the number.
#define VALUE(call) PrintResult(#call, (call))

#endif  // BACKTAB_TESTS_CONFORMANCE_SUPPORT_REPORT_H_
