import { DiskError } from '../error.ts';
import { compareKeys } from './memory.ts';
import { CommitError } from './store.ts';
import type {
  Durability,
  Key,
  KeyRange,
  Store,
  StoreOperation,
  StoreRecord,
  Table,
} from './store.ts';

/**
 * The faults of a {@link FaultyStore}: plain values that may be changed at any time and count from
 * the next operation on. What is left out does not happen. Probabilities are from 0 to 1.
 */
export interface StoreFaults {
  /** Milliseconds that each read and each commit takes longer. */
  latency?: number | undefined;
  /** How probable it is that a read fails with EIO. */
  readError?: number | undefined;
  /** How probable it is that a commit fails for good, which the disk reports as EIO. */
  commitError?: number | undefined;
  /** Bytes of values that fit into the store; a commit that would exceed them is ENOSPC. */
  capacity?: number | undefined;
  /** How probable it is that a record that is read comes with one bit flipped. */
  bitFlip?: number | undefined;
  /** Commits neither complete nor fail until this is false again. */
  hang?: boolean | undefined;
}

/** How often a {@link FaultyStore} has done what. */
export interface StoreFaultCounts {
  readErrors: number;
  commitErrors: number;
  refusedCommits: number;
  bitFlips: number;
  hungCommits: number;
}

/** A record in the store, as counted. */
interface Held {
  readonly table: Table;
  readonly key: Key;
  readonly size: number;
}

/**
 * A store that passes everything on to another one and fails as it is told: for tests, and for
 * showing what a program does on a bad disk. With the same seed and the same operations, the same
 * ones fail.
 */
export class FaultyStore implements Store {
  /** What has gone wrong so far. */
  readonly counts: StoreFaultCounts = {
    readErrors: 0,
    commitErrors: 0,
    refusedCommits: 0,
    bitFlips: 0,
    hungCommits: 0,
  };
  readonly #store: Store;
  readonly #held = new Map<string, Held>();
  #used = 0;
  #faults: StoreFaults = {};
  #random: number;
  #resumed = Promise.withResolvers<undefined>();
  /** Commits stay in order, however long each is held up. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param store - where the records are; its capacity is counted from what is committed here.
   * @param seed - a number other than 0, of which the low 32 bits count.
   */
  constructor(store: Store, seed = 1) {
    this.#store = store;
    this.#random = seed >>> 0 || 1;
  }

  get name(): string {
    return this.#store.name;
  }

  get onlost(): ((error: DiskError) => void) | undefined {
    return this.#store.onlost;
  }

  set onlost(callback: ((error: DiskError) => void) | undefined) {
    this.#store.onlost = callback;
  }

  /** Bytes of values in the store, as far as they were committed through this object. */
  get used(): number {
    return this.#used;
  }

  /** Replaces the faults; `{}` ends them all. Commits that hang go on unless `hang` is set again. */
  inject(faults: StoreFaults): void {
    this.#faults = { ...faults };
    if (faults.hang === true) return;
    this.#resumed.resolve(undefined);
    this.#resumed = Promise.withResolvers<undefined>();
  }

  open(): Promise<void> {
    return this.#store.open();
  }

  async read(table: Table, range?: KeyRange): Promise<StoreRecord[]> {
    await this.#delay();
    if (this.#happens(this.#faults.readError)) {
      this.counts.readErrors++;
      throw new DiskError('EIO', `disk "${this.name}": an injected read error`);
    }
    const records = await this.#store.read(table, range);
    return records.map((record) => this.#flip(record));
  }

  commit(operations: readonly StoreOperation[], durability: Durability): Promise<void> {
    // The caller may change its buffers as soon as this returns.
    const copies = operations.map((operation) =>
      operation.kind === 'delete' ? operation : { ...operation, value: operation.value.slice() },
    );
    const delay = this.#delay();
    const done = this.#last.then(() => this.#commit(copies, durability, delay));
    this.#last = done.catch(() => undefined);
    return done;
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #commit(
    operations: readonly StoreOperation[],
    durability: Durability,
    delay: Promise<void>,
  ): Promise<void> {
    await delay;
    if (this.#faults.hang === true) this.counts.hungCommits++;
    while (this.#faults.hang === true) await this.#resumed.promise;
    if (this.#happens(this.#faults.commitError)) {
      this.counts.commitErrors++;
      throw new CommitError('failed', 'an injected error');
    }
    const { capacity = Infinity } = this.#faults;
    const { changes, growth } = changesBy(this.#held, operations);
    const used = this.#used + growth;
    if (used > capacity && growth > 0) {
      this.counts.refusedCommits++;
      throw new CommitError('full', `the store holds ${capacity} bytes`);
    }
    await this.#store.commit(operations, durability);
    for (const [id, record] of changes) {
      if (record === undefined) this.#held.delete(id);
      else this.#held.set(id, record);
    }
    this.#used = used;
  }

  #flip(record: StoreRecord): StoreRecord {
    if (!this.#happens(this.#faults.bitFlip) || record.value.length === 0) return record;
    this.counts.bitFlips++;
    const value = record.value.slice();
    const at = Math.floor(this.#next() * value.length);
    value[at] = (value[at] ?? 0) ^ (1 << Math.floor(this.#next() * 8));
    return { key: record.key, value };
  }

  async #delay(): Promise<void> {
    const { latency = 0 } = this.#faults;
    if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
  }

  #happens(probability: number | undefined): boolean {
    return probability !== undefined && probability > 0 && this.#next() < probability;
  }

  /** xorshift32: from 0 up to 1. */
  #next(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x >>> 0;
    return this.#random / 2 ** 32;
  }
}

/** What the operations change in the records held, and by how much those grow together. */
function changesBy(
  held: ReadonlyMap<string, Held>,
  operations: readonly StoreOperation[],
): { changes: Map<string, Held | undefined>; growth: number } {
  const changes = new Map<string, Held | undefined>();
  let growth = 0;
  const set = (id: string, after: Held | undefined): void => {
    const before = changes.has(id) ? changes.get(id) : held.get(id);
    growth += (after?.size ?? 0) - (before?.size ?? 0);
    changes.set(id, after);
  };
  for (const operation of operations) {
    const { table } = operation;
    if (operation.kind !== 'delete') {
      const { key } = operation;
      set(JSON.stringify([table, key]), { table, key, size: operation.value.length });
      continue;
    }
    const { from, to } = operation.range;
    for (const [id, record] of [...held, ...changes]) {
      if (record?.table !== table) continue;
      if (compareKeys(record.key, from) >= 0 && compareKeys(record.key, to) <= 0) {
        set(id, undefined);
      }
    }
  }
  return { changes, growth };
}
