import { DiskError } from '../error.ts';
import { CommitError, checkAdds, tables } from './store.ts';
import type {
  Durability,
  Key,
  KeyRange,
  Store,
  StoreOperation,
  StoreRecord,
  Table,
} from './store.ts';

/** The version of the database's layout (its object stores); the records have their own. */
const databaseVersion = 1;

/** What {@link IndexedDbStore} needs besides a name. */
export interface IndexedDbStoreOptions {
  /** The disk's full name. */
  readonly name: string;
  /** Milliseconds to wait for another owner to end; 3,000 unless told. */
  readonly patience?: number | undefined;
  /** The browser's, unless given. */
  readonly indexedDB?: IDBFactory | undefined;
  /** The browser's, unless given. */
  readonly locks?: Pick<LockManager, 'request'> | undefined;
}

/** The name of a disk's database and of its lock: `backtab/1/disk/` and the percent-encoded name. */
export function databaseName(disk: string): string {
  return `backtab/1/disk/${encodeURIComponent(disk)}`;
}

/**
 * A store in IndexedDB: one database per disk, one object store per table, keys and values as they
 * are. A Web Lock of the database's name is held from `open` to `close`, or until the worker ends.
 */
export class IndexedDbStore implements Store {
  readonly name: string;
  onlost: ((error: DiskError) => void) | undefined;
  readonly #patience: number;
  readonly #indexedDB: IDBFactory;
  readonly #locks: Pick<LockManager, 'request'>;
  #database: IDBDatabase | undefined;
  #releaseLock: (() => void) | undefined;

  constructor(options: IndexedDbStoreOptions) {
    this.name = options.name;
    this.#patience = options.patience ?? 3000;
    this.#indexedDB = options.indexedDB ?? globalThis.indexedDB;
    this.#locks = options.locks ?? navigator.locks;
  }

  async open(): Promise<void> {
    await this.#takeLock();
    try {
      const database = await this.#openDatabase();
      database.onversionchange = () => this.#lose('it is being deleted or used by a newer backtab');
      database.onclose = () => this.#lose('the browser has closed its database');
      this.#database = database;
    } catch (error) {
      await this.close();
      throw new DiskError(
        'EIO',
        `disk "${this.name}": its database cannot be opened (${messageOf(error)})`,
        { cause: error },
      );
    }
  }

  async read(table: Table, range?: KeyRange): Promise<StoreRecord[]> {
    const query = range === undefined ? undefined : keyRange(range);
    const source = this.#connection().transaction(table, 'readonly').objectStore(table);
    const values = await request<unknown[]>(source.getAll(query));
    // A run of blocks without holes says what its keys are. Otherwise they are a second request, in
    // the same transaction: it stays open while a promise made of its request is being handled.
    const keys: readonly (IDBValidKey | Key)[] =
      runOfKeys(range, values.length) ?? (await request(source.getAllKeys(query)));
    return values.map((value, i) => {
      const key = keys[i];
      if (!isKey(key) || !(value instanceof Uint8Array)) {
        throw new DiskError('EIO', `disk "${this.name}" is damaged: a record of "${table}"`);
      }
      return { key, value };
    });
  }

  async commit(operations: readonly StoreOperation[], durability: Durability): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    checkAdds(operations);
    const failures: DOMException[] = [];
    try {
      const names = [...new Set(operations.map(({ table }) => table))];
      const transaction = this.#connection().transaction(names, 'readwrite', { durability });
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
      // A failed request says more than the abort that follows from it.
      transaction.onerror = (event) => {
        if (event.target instanceof IDBRequest && event.target.error !== null) {
          failures.push(event.target.error);
        }
      };
      try {
        issue(transaction, operations);
      } catch (error) {
        transaction.abort();
        throw error;
      }
      transaction.commit();
    } catch (error) {
      reject(error);
    }
    try {
      // Only `complete` says that the transaction is there to stay, not any request's success.
      await promise;
    } catch (error) {
      throw await this.#commitError(operations, failures[0] ?? error);
    }
  }

  close(): Promise<void> {
    this.#database?.close();
    this.#database = undefined;
    this.#releaseLock?.();
    this.#releaseLock = undefined;
    return Promise.resolve();
  }

  #takeLock(): Promise<undefined> {
    const name = databaseName(this.name);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const held = this.#locks.request(name, { signal: AbortSignal.timeout(this.#patience) }, () => {
      resolve(undefined);
      const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
      this.#releaseLock = () => release(undefined);
      return released;
    });
    held.catch((error: unknown) => {
      if (this.#releaseLock !== undefined) {
        // Granted before, so this is the end of the lock, not of the request.
        this.#lose('another owner has stolen its lock');
        return;
      }
      const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
      reject(
        timedOut
          ? new DiskError(
              'EBUSY',
              `disk "${this.name}" is in use by another node: end that node, or name another disk`,
            )
          : new DiskError('EIO', `disk "${this.name}": no lock (${messageOf(error)})`),
      );
    });
    return promise;
  }

  #openDatabase(): Promise<IDBDatabase> {
    const opening = this.#indexedDB.open(databaseName(this.name), databaseVersion);
    opening.onupgradeneeded = () => {
      for (const table of tables) opening.result.createObjectStore(table);
    };
    return request(opening);
  }

  #connection(): IDBDatabase {
    if (this.#database === undefined) throw new CommitError('failed', 'the store is closed');
    return this.#database;
  }

  #lose(why: string): void {
    // Closing lets whoever wants the database go on; transactions under way still complete.
    this.#database?.close();
    this.#database = undefined;
    this.onlost?.(new DiskError('EIO', `disk "${this.name}" is lost: ${why}`));
  }

  async #commitError(operations: readonly StoreOperation[], error: unknown): Promise<CommitError> {
    const name = error instanceof DOMException || error instanceof Error ? error.name : '';
    if (name === 'QuotaExceededError') {
      return new CommitError('full', 'the origin is out of space', { cause: error });
    }
    const taken = name === 'ConstraintError' || (await this.#isTaken(operations));
    const reason = taken ? 'conflict' : 'failed';
    return new CommitError(reason, messageOf(error), { cause: error });
  }

  /** Firefox reports a taken key as an AbortError like any other, so look whether one is. */
  async #isTaken(operations: readonly StoreOperation[]): Promise<boolean> {
    try {
      for (const operation of operations) {
        if (operation.kind !== 'add') continue;
        const { table, key } = operation;
        if ((await this.read(table, { from: key, to: key })).length !== 0) return true;
      }
    } catch {
      // The database is gone, which is another failure.
    }
    return false;
  }
}

function issue(transaction: IDBTransaction, operations: readonly StoreOperation[]): void {
  for (const operation of operations) {
    const store = transaction.objectStore(operation.table);
    switch (operation.kind) {
      case 'add':
        store.add(operation.value, validKey(operation.key));
        break;
      case 'put':
        store.put(operation.value, validKey(operation.key));
        break;
      case 'delete':
        store.delete(keyRange(operation.range));
        break;
    }
  }
}

function keyRange({ from, to }: KeyRange): IDBKeyRange {
  return IDBKeyRange.bound(validKey(from), validKey(to));
}

/** The keys of a range of consecutive blocks, if it holds exactly that many records. */
function runOfKeys(range: KeyRange | undefined, count: number): Key[] | undefined {
  if (typeof range?.from !== 'object' || typeof range.to !== 'object') return undefined;
  const [ino, first] = range.from;
  const [last, end] = range.to;
  if (ino !== last || typeof first !== 'number' || typeof end !== 'number') return undefined;
  if (end - first + 1 !== count) return undefined;
  return Array.from({ length: count }, (_, i) => [ino, first + i]);
}

function validKey(key: Key): IDBValidKey {
  return typeof key === 'object' ? [...key] : key;
}

function isKey(key: unknown): key is Key {
  if (Array.isArray(key)) {
    const pair: readonly unknown[] = key;
    const [first, second] = pair;
    return (
      pair.length === 2 &&
      typeof first === 'number' &&
      (typeof second === 'number' || typeof second === 'string')
    );
  }
  return typeof key === 'number' || typeof key === 'string';
}

function request<T>(pending: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    pending.onsuccess = () => resolve(pending.result);
    pending.onerror = () => reject(pending.error ?? new Error('the request failed'));
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException
    ? `${error.name}: ${error.message}`
    : String(error);
}
