/** What a readwrite transaction of IndexedDB was asked for, and how far it has come. */
export interface RecordedTransaction {
  readonly database: string;
  readonly stores: readonly string[];
  /** The durability asked for; 'default' when none was. */
  readonly durability: IDBTransactionDurability;
  /** The changes requested of it, in order, such as `add journal`. */
  readonly requests: string[];
  /** `commit()` has been called. */
  committed: boolean;
  /** Every request has succeeded, which says nothing about durability yet. */
  succeeded: boolean;
  /** How it ended, if it has. */
  outcome: 'complete' | 'abort' | undefined;
}

/** A recording under way. */
export interface Recording {
  /** The readwrite transactions, in the order in which they were begun. */
  readonly transactions: readonly RecordedTransaction[];
  /** Ends the recording. */
  stop(): void;
}

/**
 * Records every readwrite transaction that this realm (page, worker, or Node with `fake-indexeddb`)
 * begins from now on, in any database. The transactions themselves run as ever.
 */
export function recordIndexedDb(): Recording {
  const transactions: RecordedTransaction[] = [];
  const begun = new WeakMap<IDBTransaction, { record: RecordedTransaction; pending: number }>();
  const { prototype: database } = IDBDatabase;
  const { prototype: transaction } = IDBTransaction;
  const { prototype: store } = IDBObjectStore;

  const begin = descriptorOf(database, 'transaction');
  const commit = descriptorOf(transaction, 'commit');
  const changes = (['add', 'put', 'delete', 'clear'] as const).map(
    (name) => [name, descriptorOf(store, name)] as const,
  );

  database.transaction = function (
    this: IDBDatabase,
    names: string | Iterable<string>,
    mode?: IDBTransactionMode,
    options?: IDBTransactionOptions,
  ): IDBTransaction {
    const made = call(begin, this, [names, mode, options]);
    if (!(made instanceof IDBTransaction)) throw new TypeError('not a transaction');
    if (mode === 'readwrite') {
      const record: RecordedTransaction = {
        database: this.name,
        stores: typeof names === 'string' ? [names] : [...names],
        durability: options?.durability ?? 'default',
        requests: [],
        committed: false,
        succeeded: false,
        outcome: undefined,
      };
      // First in line, so that a record is up to date when its user's own listeners run.
      made.addEventListener('complete', () => (record.outcome = 'complete'));
      made.addEventListener('abort', () => (record.outcome = 'abort'));
      transactions.push(record);
      begun.set(made, { record, pending: 0 });
    }
    return made;
  };

  transaction.commit = function (this: IDBTransaction): void {
    const state = begun.get(this);
    if (state !== undefined) state.record.committed = true;
    call(commit, this, []);
  };

  for (const [name, descriptor] of changes) {
    const record = function (this: IDBObjectStore, ...args: unknown[]): unknown {
      const request = call(descriptor, this, args);
      const state = begun.get(this.transaction);
      if (state !== undefined && request instanceof IDBRequest) {
        state.record.requests.push(`${name} ${this.name}`);
        state.pending++;
        request.addEventListener('success', () => {
          if (--state.pending === 0) state.record.succeeded = true;
        });
      }
      return request;
    };
    Object.defineProperty(store, name, { ...descriptor, value: record });
  }

  return {
    transactions,
    stop() {
      Object.defineProperty(database, 'transaction', begin);
      Object.defineProperty(transaction, 'commit', commit);
      for (const [name, descriptor] of changes) Object.defineProperty(store, name, descriptor);
    },
  };
}

function descriptorOf(prototype: object, name: string): PropertyDescriptor {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  if (descriptor === undefined) throw new Error(`IndexedDB has no ${name}`);
  return descriptor;
}

function call(descriptor: PropertyDescriptor, self: object, args: unknown[]): unknown {
  const method: unknown = descriptor.value;
  if (typeof method !== 'function') throw new TypeError('not a method');
  return Reflect.apply(method, self, args);
}
