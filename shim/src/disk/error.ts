/** The POSIX errno names that disk operations fail with. */
export type Errno =
  | 'EBADF'
  | 'EBUSY'
  | 'EEXIST'
  | 'EFBIG'
  | 'EINVAL'
  | 'EIO'
  | 'EISDIR'
  | 'ELOOP'
  | 'EMLINK'
  | 'ENAMETOOLONG'
  | 'ENOENT'
  | 'ENOSPC'
  | 'ENOTDIR'
  | 'ENOTEMPTY'
  | 'EPERM'
  | 'EROFS';

/** A failed disk operation: `code` is the errno name, `message` one sentence on cause and remedy. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  /** The POSIX errno name. */
  readonly code: Errno;

  constructor(code: Errno, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
