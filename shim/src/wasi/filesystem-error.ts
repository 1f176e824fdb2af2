/** The errors of wasi:filesystem: the disk's errno names as error codes. */
import { WitError } from '../abi/errors.ts';
import { DiskError } from '../disk/index.ts';
import type { Errno } from '../disk/index.ts';
import type { ErrorCode } from '../generated/filesystem.ts';
import type { IoError } from '../generated/io.ts';
import { lastOperationFailed } from './io.ts';

const codes: Readonly<Record<Errno, ErrorCode>> = {
  EBADF: 'bad-descriptor',
  EBUSY: 'busy',
  EEXIST: 'exist',
  EFBIG: 'file-too-large',
  EINVAL: 'invalid',
  EIO: 'io',
  EISDIR: 'is-directory',
  ELOOP: 'loop',
  EMLINK: 'too-many-links',
  ENAMETOOLONG: 'name-too-long',
  ENOENT: 'no-entry',
  ENOSPC: 'insufficient-space',
  ENOTDIR: 'not-directory',
  ENOTEMPTY: 'not-empty',
  EPERM: 'not-permitted',
  EROFS: 'read-only',
};

/** The `error` resource of a failed stream operation on a file. */
export class FilesystemError implements IoError {
  /** What `filesystem-error-code` returns for it. */
  readonly code: ErrorCode;
  readonly #message: string;

  constructor(code: ErrorCode, message: string) {
    this.code = code;
    this.#message = message;
  }

  toDebugString(): string {
    return this.#message;
  }
}

/**
 * What a function of wasi:filesystem/types throws for a failure of the disk. Anything else is passed
 * on as it is.
 */
export function fail(error: unknown): unknown {
  return error instanceof DiskError ? new WitError(codes[error.code]) : error;
}

/** What a stream function throws for a failure of the disk, see {@link fail}. */
export function failStream(error: unknown): unknown {
  if (!(error instanceof DiskError)) return error;
  return lastOperationFailed(new FilesystemError(codes[error.code], error.message));
}

/** A failure that is the interface's own. */
export function failWith(code: ErrorCode): WitError<ErrorCode> {
  return new WitError(code);
}
