import { Trap, WitError } from './errors.ts';
import { HandleTable } from './handles.ts';

/** Status of a fast lower whose work is done. */
export const DONE = 0;
/** Status of a fast lower that asks its trampoline to call the slow one. */
export const SLOW = -1;
/** Status of a lower that asks its trampoline to trap. */
export const TRAP = -2;

/** How many calls pass between two looks at the clock. */
const CALLS_PER_LOOK = 256;

/** How long, in milliseconds, a guest may run before the event loop gets a turn. */
const LONGEST_RUN = 4;

/**
 * What the lowers of one running program share, whichever of its core modules they serve: handles,
 * the promise a call waits for, the reason of a trap, and fairness towards the event loop.
 */
export class Guest {
  /** The program's handles. */
  readonly handles: HandleTable;

  /**
   * The promise that a fast lower got from the host and leaves to its slow one. One place is
   * enough: a program has one thread, and nothing runs between the two.
   */
  pending: Promise<unknown> | undefined;

  /** Why the program traps: what the host or a lower threw. */
  trapCause: unknown;

  /** Set to 1 by lowers whose results leave no room for a status; see trampolines. */
  readonly trapFlag = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);

  #calls = 0;
  #lastTurn = performance.now();

  /** @param kindNames - the WIT name of each resource kind, by its number. */
  constructor(kindNames: readonly string[]) {
    this.handles = new HandleTable(kindNames);
  }

  /**
   * Whether the guest has kept the event loop waiting for too long. Microtasks do not count: a
   * guest that is always resumed at once would keep out messages and timers forever.
   */
  turnDue(): boolean {
    if (++this.#calls < CALLS_PER_LOOK) return false;
    this.#calls = 0;
    return performance.now() - this.#lastTurn > LONGEST_RUN;
  }

  /** Lets the event loop run its waiting tasks once. */
  async turn(): Promise<void> {
    await nextTask();
    this.#lastTurn = performance.now();
  }

  /** Takes the promise that the fast lower left, if it left one. */
  takePending(): Promise<unknown> | undefined {
    const pending = this.pending;
    this.pending = undefined;
    return pending;
  }

  /** Records why the program traps and returns the status that makes the trampoline trap. */
  trap(cause: unknown): typeof TRAP {
    this.trapCause ??= cause;
    return TRAP;
  }

  /** Like {@link Guest.trap} for lowers that return a bigint. */
  trapByFlag(cause: unknown): void {
    this.trapCause ??= cause;
    this.trapFlag.value = 1;
  }
}

/** A sentence for what a lower recorded as the cause of a trap. */
export function describeTrapCause(cause: unknown): string {
  if (cause instanceof Trap) return cause.reason;
  if (cause instanceof WitError) {
    return `the host failed with ${JSON.stringify(cause.payload)} where no failure is possible`;
  }
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}

function nextTask(): Promise<void> {
  // Node has setImmediate; in browsers a message is the only task without the minimum delay of
  // nested timers (4 ms).
  if (typeof setImmediate === 'function') {
    return new Promise((resolve) => setImmediate(resolve));
  }
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
