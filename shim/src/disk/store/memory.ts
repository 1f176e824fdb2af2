import { CommitError, checkAdds, tables } from './store.ts';
import type { Key, KeyRange, Store, StoreOperation, StoreRecord, Table } from './store.ts';
import { DiskError } from '../error.ts';

/**
 * What a memory store keeps: it outlives the store, as a device outlives a mount. Transactions are
 * applied whole and at once.
 */
export class MemoryMedium {
  readonly #tables = new Map<Table, MemoryTable>(tables.map((name) => [name, new MemoryTable()]));
  /** A store has it open. */
  owned = false;

  /** All records of the range in key order. */
  read(table: Table, range: KeyRange | undefined): StoreRecord[] {
    return this.#table(table)
      .records(range)
      .map(({ key, value }) => ({ key, value: value.slice() }));
  }

  /**
   * Applies all operations, or none of them. Keeps the operations' buffers.
   *
   * @throws CommitError when the key of an `add` is taken.
   */
  apply(operations: readonly StoreOperation[]): void {
    checkAdds(operations);
    const last = operations.at(-1);
    if (last?.kind === 'add' && this.#table(last.table).has(last.key)) {
      throw new CommitError('conflict', `the key ${String(last.key)} of "${last.table}" is taken`);
    }
    for (const operation of operations) {
      const table = this.#table(operation.table);
      if (operation.kind === 'delete') table.delete(operation.range);
      else table.set(operation.key, operation.value);
    }
  }

  #table(name: Table): MemoryTable {
    const table = this.#tables.get(name);
    if (table === undefined) throw new Error(`no table "${name}"`);
    return table;
  }
}

/** A copy of the operations that shares no buffer with them. */
export function copyOperations(operations: readonly StoreOperation[]): StoreOperation[] {
  return operations.map((operation) =>
    operation.kind === 'delete' ? operation : { ...operation, value: operation.value.slice() },
  );
}

/**
 * A store in memory, for disks that need not last and for tests. A commit is complete one microtask
 * after it was asked for.
 */
export class MemoryStore implements Store {
  readonly name: string;
  onlost: ((error: DiskError) => void) | undefined;
  readonly #medium: MemoryMedium;
  #open = false;

  /**
   * @param medium - where the records are; a fresh one unless given.
   * @param name - the disk's name, for messages.
   */
  constructor(medium: MemoryMedium = new MemoryMedium(), name = 'memory') {
    this.#medium = medium;
    this.name = name;
  }

  open(): Promise<void> {
    if (this.#medium.owned) {
      return Promise.reject(new DiskError('EBUSY', `disk "${this.name}" is in use`));
    }
    this.#medium.owned = true;
    this.#open = true;
    return Promise.resolve();
  }

  read(table: Table, range?: KeyRange): Promise<StoreRecord[]> {
    if (!this.#open) return Promise.reject(new Error('the store is closed'));
    return Promise.resolve(this.#medium.read(table, range));
  }

  commit(operations: readonly StoreOperation[]): Promise<void> {
    if (!this.#open) return Promise.reject(new CommitError('failed', 'the store is closed'));
    try {
      this.#medium.apply(copyOperations(operations));
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  close(): Promise<void> {
    if (this.#open) this.#medium.owned = false;
    this.#open = false;
    return Promise.resolve();
  }
}

type Part = number | string;

/** Records by key: by the first part of the key, then by the second ('' for keys of one part). */
class MemoryTable {
  readonly #groups = new Map<Part, Map<Part, StoreRecord>>();

  has(key: Key): boolean {
    const [first, second] = parts(key);
    return this.#groups.get(first)?.has(second) ?? false;
  }

  set(key: Key, value: Uint8Array): void {
    const [first, second] = parts(key);
    let group = this.#groups.get(first);
    if (group === undefined) this.#groups.set(first, (group = new Map<Part, StoreRecord>()));
    group.set(second, { key, value });
  }

  delete(range: KeyRange): void {
    for (const { key } of this.records(range)) {
      const [first, second] = parts(key);
      const group = this.#groups.get(first);
      group?.delete(second);
      if (group?.size === 0) this.#groups.delete(first);
    }
  }

  records(range: KeyRange | undefined): StoreRecord[] {
    let found: StoreRecord[];
    if (range === undefined) {
      found = [...this.#groups.values()].flatMap((group) => [...group.values()]);
    } else {
      const [from] = parts(range.from);
      const [to] = parts(range.to);
      // Most ranges lie within one group: one file's blocks, one record.
      const groups =
        from === to
          ? [this.#groups.get(from)]
          : [...this.#groups]
              .filter(([key]) => order(key, from) >= 0 && order(key, to) <= 0)
              .map(([, group]) => group);
      found = groups.flatMap((group) =>
        [...(group?.values() ?? [])].filter(
          ({ key }) => compareKeys(key, range.from) >= 0 && compareKeys(key, range.to) <= 0,
        ),
      );
    }
    return found.sort((a, b) => compareKeys(a.key, b.key));
  }
}

function parts(key: Key): readonly [Part, Part] {
  return typeof key === 'object' ? key : [key, ''];
}

/** Negative, zero or positive as `a` orders before, with or after `b`. */
export function compareKeys(a: Key, b: Key): number {
  const [a0, a1] = parts(a);
  const [b0, b1] = parts(b);
  return order(a0, b0) || order(a1, b1);
}

/** Numbers before strings, as in IndexedDB. */
function order(a: Part, b: Part): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
