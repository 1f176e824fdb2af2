import type { DiskError } from '../error.ts';

/**
 * How long a commit must last before it counts as done: `strict` survives a power loss (the browser
 * has asked the device to flush), `relaxed` survives the end of the tab, worker or browser only.
 */
export type Durability = 'strict' | 'relaxed';

/**
 * The tables of a disk (docs/disk-format.md):
 * - `meta`: the format record, under the key `'format'`;
 * - `journal`: redo records by sequence number;
 * - `inodes`: inode records by inode number;
 * - `entries`: directory entries by `[directory's inode number, name]`;
 * - `blocks`: file data by `[inode number, block index]`.
 */
export const tables = ['meta', 'journal', 'inodes', 'entries', 'blocks'] as const;

/** The name of a table. */
export type Table = (typeof tables)[number];

/**
 * A key: a string in `meta`, a number in `journal` and `inodes`, a pair in `entries` and `blocks`.
 * Keys order as IndexedDB orders them: numbers before strings before pairs, pairs item by item.
 */
export type Key = number | string | readonly [number, number | string];

/** Keys from `from` to `to`, both included. */
export interface KeyRange {
  readonly from: Key;
  readonly to: Key;
}

/** One change of a transaction. Values are whole buffers under 64 KiB, never subarrays of others. */
export type StoreOperation =
  /**
   * Writes a new record; the whole transaction aborts if the key is taken. Allowed as the last
   * operation only: once `commit()` has been called on a transaction, Firefox lets it complete
   * although a request has failed, unless that was its last.
   */
  | { readonly kind: 'add'; readonly table: Table; readonly key: Key; readonly value: Uint8Array }
  /** Writes a record, replacing an earlier one. */
  | { readonly kind: 'put'; readonly table: Table; readonly key: Key; readonly value: Uint8Array }
  /** Deletes every record in the range. */
  | { readonly kind: 'delete'; readonly table: Table; readonly range: KeyRange };

/** A record as read back. */
export interface StoreRecord {
  readonly key: Key;
  readonly value: Uint8Array;
}

/** Why a commit failed. The whole transaction is absent from the store then. */
export class CommitError extends Error {
  override readonly name = 'CommitError';
  /**
   * `full`: no space, may succeed later; `conflict`: the key of an `add` was taken, which means that
   * another owner has mounted the disk; `failed`: anything else.
   */
  readonly reason: 'full' | 'conflict' | 'failed';

  constructor(reason: 'full' | 'conflict' | 'failed', message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * Where a disk keeps its bytes: ordered tables with atomic transactions. It knows nothing of files.
 *
 * A store has one user at a time (a {@link Disk}), which owns it from `open` to `close`.
 */
export interface Store {
  /** The disk's name, for messages. */
  readonly name: string;

  /**
   * Takes ownership and opens the store, creating it when it does not exist.
   *
   * @throws DiskError EBUSY when another owner keeps it for longer than the store is willing to wait.
   */
  open(): Promise<void>;

  /** All records of a range (or of the whole table), in key order, from one snapshot. */
  read(table: Table, range?: KeyRange): Promise<StoreRecord[]>;

  /**
   * Applies all operations, in order, or none of them. The operations' values are copied before
   * `commit` returns, so the caller may go on changing its buffers. Resolves when the transaction
   * is complete with the durability asked for; a strict commit makes every earlier one durable too.
   *
   * @throws CommitError (as a rejection) when the transaction was aborted.
   */
  commit(operations: readonly StoreOperation[], durability: Durability): Promise<void>;

  /**
   * Called at most once, when the store is lost while open (deleted, taken by a newer version, or
   * its connection broken): no later call succeeds.
   */
  onlost: ((error: DiskError) => void) | undefined;

  /** Ends the ownership. Commits under way complete. */
  close(): Promise<void>;
}

/** Refuses an `add` that is not the last operation, see {@link StoreOperation}. */
export function checkAdds(operations: readonly StoreOperation[]): void {
  const add = operations.findIndex(({ kind }) => kind === 'add');
  if (add !== -1 && add !== operations.length - 1) {
    throw new RangeError('an add has to be the last operation of its transaction');
  }
}
