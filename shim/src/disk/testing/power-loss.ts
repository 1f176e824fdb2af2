import { CommitError } from '../store/store.ts';
import type {
  Durability,
  KeyRange,
  Store,
  StoreOperation,
  StoreRecord,
  Table,
} from '../store/store.ts';
import { MemoryMedium, copyOperations } from '../store/memory.ts';

/** A transaction as the simulated device has seen it. */
interface Transaction {
  readonly operations: readonly StoreOperation[];
  readonly durability: Durability;
}

/** What a power loss at one instant may leave: the first `count` transactions, for each count. */
export interface Survivors {
  /** Transactions that a completed strict one has made durable. */
  readonly fewest: number;
  /** Transactions that were begun, the one under way included. */
  readonly most: number;
}

/**
 * A device that remembers every transaction, for stores that lose power. Rules: whole transactions
 * vanish, as a suffix of those after the last completed strict one; a strict transaction that has
 * completed makes every earlier one durable; one under way is there wholly or not at all.
 */
export class PowerLossDevice {
  readonly #transactions: Transaction[] = [];
  #durable = 0;
  #current = new MemoryMedium();

  /** Transactions that have begun. */
  get begun(): number {
    return this.#transactions.length;
  }

  /** What may be left if power is lost now. */
  survivors(): Survivors {
    return { fewest: this.#durable, most: this.#transactions.length };
  }

  /** The device as it is when power comes back and the first `count` transactions are there. */
  after(count: number): PowerLossDevice {
    const device = new PowerLossDevice();
    for (const transaction of this.#transactions.slice(0, count)) device.#apply(transaction);
    device.#durable = device.#transactions.length;
    return device;
  }

  /** @internal */
  begin(operations: readonly StoreOperation[], durability: Durability): void {
    this.#apply({ operations: copyOperations(operations), durability });
  }

  /** @internal */
  complete(count: number, durability: Durability): void {
    if (durability === 'strict') this.#durable = Math.max(this.#durable, count);
  }

  /** @internal */
  read(table: Table, range: KeyRange | undefined): StoreRecord[] {
    return this.#current.read(table, range);
  }

  #apply(transaction: Transaction): void {
    this.#current.apply(transaction.operations);
    this.#transactions.push(transaction);
  }
}

/** A way for commits to fail. */
export type Fault = 'full' | 'failed';

/**
 * A store on a {@link PowerLossDevice}. Commits complete one turn of the event loop after they
 * began, so that there are instants in between.
 */
export class PowerLossStore implements Store {
  readonly name = 'power-loss';
  onlost: undefined;
  /** While set, commits fail this way and change nothing. */
  fault: Fault | undefined;
  /** Called at each instant worth losing power at: when a commit has begun, failed or completed. */
  oninstant: (() => void) | undefined;
  readonly #device: PowerLossDevice;

  constructor(device: PowerLossDevice) {
    this.#device = device;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  read(table: Table, range?: KeyRange): Promise<StoreRecord[]> {
    return Promise.resolve(this.#device.read(table, range));
  }

  async commit(operations: readonly StoreOperation[], durability: Durability): Promise<void> {
    if (this.fault !== undefined) {
      const reason = this.fault;
      await turn();
      this.oninstant?.();
      throw new CommitError(reason, 'a simulated fault');
    }
    this.#device.begin(operations, durability);
    const count = this.#device.begun;
    this.oninstant?.();
    await turn();
    this.#device.complete(count, durability);
    this.oninstant?.();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
