/**
 * wasi:io/error and wasi:io/poll: errors of streams, and pollables made from anything that offers
 * a {@link Readiness}.
 */
import { Trap, WitError } from '../abi/errors.ts';
import type { Readiness } from '../abi/readiness.ts';
import type { IoError, IoInterfaces, Pollable, StreamError } from '../generated/io.ts';

/** An `error` resource that has nothing but a message. */
export class MessageError implements IoError {
  readonly #message: string;

  /** @param message - what {@link MessageError.toDebugString} returns. */
  constructor(message: string) {
    this.#message = message;
  }

  toDebugString(): string {
    return this.#message;
  }
}

/** The error of a stream that is at its end (input) or whose peer takes no more (output). */
export const streamClosed: WitError<StreamError> = new WitError({ tag: 'closed' });

/**
 * The error of a stream operation that failed for another reason.
 *
 * @param error - becomes the guest's handle; a new object for each failure.
 */
export function lastOperationFailed(error: IoError): WitError<StreamError> {
  return new WitError({ tag: 'last-operation-failed', val: error });
}

/** A {@link Readiness} that never has to be waited for. */
export const alwaysReady: Readiness = {
  ready: () => true,
  watch(callback) {
    let cancelled = false;
    queueMicrotask(() => {
      if (!cancelled) callback();
    });
    return () => {
      cancelled = true;
    };
  },
};

/** The `pollable` resource: the only class of pollables, so that `poll` can watch many at once. */
export class ReadinessPollable implements Pollable {
  /** What this pollable waits for. */
  readonly readiness: Readiness;

  /** @param readiness - what to wait for; it outlives the pollable. */
  constructor(readiness: Readiness) {
    this.readiness = readiness;
  }

  ready(): boolean {
    return this.readiness.ready();
  }

  block(): void | Promise<void> {
    if (!this.readiness.ready()) return whenReady(this.readiness);
  }
}

/**
 * Resolves once the readiness holds: `ready()` was true in the same turn in which the promise
 * settled.
 */
export function whenReady(readiness: Readiness): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (readiness.ready()) resolve();
      else readiness.watch(look);
    };
    look();
  });
}

/**
 * Implements wasi:io/poll: returns the indices of the ready pollables, at least one, in ascending
 * order; waits until there is one. An empty list traps, as the specification says.
 */
export function createIo(): IoInterfaces {
  return { 'wasi:io/poll': { poll } };
}

function poll(pollables: readonly Pollable[]): readonly number[] | Promise<readonly number[]> {
  if (pollables.length === 0) throw new Trap('poll was called with an empty list');
  const ready = readyIndices(pollables);
  return ready.length > 0 ? ready : pollLater(pollables);
}

function readyIndices(pollables: readonly Pollable[]): number[] {
  const ready: number[] = [];
  for (let index = 0; index < pollables.length; index++) {
    if (pollables[index]?.ready()) ready.push(index);
  }
  return ready;
}

function pollLater(pollables: readonly Pollable[]): Promise<readonly number[]> {
  return new Promise((resolve) => {
    let cancels: (() => void)[] = [];
    const look = (): void => {
      for (const cancel of cancels) cancel();
      cancels = [];
      const ready = readyIndices(pollables);
      if (ready.length > 0) {
        resolve(ready);
        return;
      }
      // One callback ends all the watches, so that several sources that become ready in the same
      // turn are looked at once.
      for (const pollable of pollables) {
        if (pollable instanceof ReadinessPollable) cancels.push(pollable.readiness.watch(look));
      }
    };
    look();
  });
}
