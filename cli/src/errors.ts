/** Exit statuses of the tool itself, as shells and coreutils' `timeout` use them. */
export const toolStatus = {
  /** `--timeout` ran out. */
  timeout: 124,
  /** backtab itself failed: usage, files, browser, profile. */
  failure: 125,
  /** The program trapped (128 + SIGABRT, as a native program that aborts). */
  trap: 134,
  /** The program was killed (128 + SIGKILL). */
  killed: 137,
} as const;

/**
 * An error of backtab's own (never the program's): one sentence that names cause and remedy. The
 * tool prints it behind `backtab: ` and exits with {@link toolStatus.failure}.
 */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a Node system error (`'ENOENT'`), or undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** In plain words why a file could not be read or written. */
export function fileProblem(error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENOTDIR':
      return 'it is not a directory';
    default:
      return messageOf(error);
  }
}
