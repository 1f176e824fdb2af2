import type { AdaptedProgram } from '../wasi/program.ts';

/**
 * The messages between a page and the worker of one node. The worker is ours, started by this very
 * package at this very version, so the messages carry no version of their own.
 */

/** Where a worker gets its program from. */
export type ProgramSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'adapted'; readonly program: AdaptedProgram };

/** Which of the three standard streams are attached to a terminal. */
export interface Terminals {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** How a node's disk is made. */
export type DiskChoice =
  | {
      readonly kind: 'indexeddb';
      /** The full name, `NETWORK/NAME`. */
      readonly name: string;
      readonly durability: 'strict' | 'relaxed';
    }
  | { readonly kind: 'memory' };

/** A disk below the one at `/`. */
export interface MountChoice {
  /** Absolute, without a trailing slash. */
  readonly path: string;
  readonly disk: DiskChoice;
  readonly readOnly: boolean;
}

/** Everything a worker needs to start its node: the first message to it. */
export interface StartMessage {
  readonly type: 'start';
  readonly program: ProgramSource;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  /** The disk at `/`. */
  readonly disk: DiskChoice;
  readonly mounts: readonly MountChoice[];
  readonly network: string;
  readonly name: string | undefined;
  readonly ip: string | undefined;
  /** Files to write before the program starts, by absolute guest path. */
  readonly files: readonly (readonly [string, Uint8Array])[];
  /** Guest paths to read back when the program has ended. */
  readonly outputs: readonly string[];
  readonly terminals: Terminals;
  /** The packages whose calls to show, all when empty; undefined for no trace. */
  readonly trace: readonly string[] | undefined;
  /** How many bytes each of stdout and stderr may have under way to the page. */
  readonly outputWindow: number;
}

/** The streams a program writes. */
export type OutputName = 'stdout' | 'stderr';

export type ToWorker =
  | StartMessage
  /** Bytes for stdin; never more than the worker granted. */
  | { readonly type: 'stdin'; readonly bytes: Uint8Array }
  | { readonly type: 'stdin-end' }
  /** The page's consumer took this many bytes of an output. */
  | { readonly type: 'credit'; readonly stream: OutputName; readonly bytes: number }
  /** Nobody reads this output any more. */
  | { readonly type: 'output-closed'; readonly stream: OutputName }
  | { readonly type: 'lock-result'; readonly id: number; readonly held: boolean }
  /** The page goes away: start writing back what is dirty. Best effort; no answer. */
  | { readonly type: 'flush' };

/** How a program ended, in the form that crosses from the worker to the page. */
export type WorkerOutcome =
  | { readonly reason: 'exit'; readonly status: number; readonly message?: string }
  | { readonly reason: 'trap'; readonly message: string }
  | {
      readonly reason: 'error';
      readonly message: string;
      /** The errno name of the disk's or network's failure, if it was one. */
      readonly code?: string;
    };

export type FromWorker =
  | { readonly type: 'started'; readonly name: string; readonly ip: string }
  /** The worker can take this many more bytes of stdin. */
  | { readonly type: 'stdin-credit'; readonly bytes: number }
  /** The program closed its stdin. */
  | { readonly type: 'stdin-closed' }
  | { readonly type: 'trace'; readonly line: string }
  | {
      readonly type: 'output';
      readonly stream: OutputName;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | {
      readonly type: 'lock-acquire';
      readonly id: number;
      readonly name: string;
      readonly waitMs: number;
    }
  | { readonly type: 'lock-release'; readonly name: string }
  | { readonly type: 'lock-release-all' }
  | {
      readonly type: 'ended';
      readonly outcome: WorkerOutcome;
      readonly outputs: readonly (readonly [string, Uint8Array])[];
    };
