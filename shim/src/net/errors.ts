/** The errno names this layer reports; their meaning is POSIX's (and netdb.h's for ENOTFOUND). */
export type NetErrno =
  | 'EACCES'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EAFNOSUPPORT'
  | 'EALREADY'
  | 'ECONNABORTED'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EHOSTUNREACH'
  | 'EINVAL'
  | 'EISCONN'
  | 'EMSGSIZE'
  | 'ENETDOWN'
  | 'ENETUNREACH'
  | 'ENOTCONN'
  | 'ENOTFOUND'
  | 'EPIPE'
  | 'ETIMEDOUT';

/** What an operation of the network failed with: a POSIX errno name and one sentence. */
export class NetError extends Error {
  /** The errno name. */
  readonly code: NetErrno;

  constructor(code: NetErrno, message: string) {
    super(message);
    this.name = 'NetError';
    this.code = code;
  }
}
