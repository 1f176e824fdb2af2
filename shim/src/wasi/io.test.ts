import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../abi/errors.ts';
import type { Readiness } from '../abi/readiness.ts';
import type { Pollable } from '../generated/io.ts';
import { alwaysReady, createIo, ReadinessPollable, whenReady } from './io.ts';

/** A readiness that a test switches. */
class Switch implements Readiness {
  on = false;
  readonly watchers = new Set<() => void>();

  ready(): boolean {
    return this.on;
  }

  watch(callback: () => void): () => void {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  }

  /** Wakes the watchers, whether ready or not. */
  wake(): void {
    const watchers = [...this.watchers];
    this.watchers.clear();
    for (const watcher of watchers) watcher();
  }
}

const { 'wasi:io/poll': pollInterface } = createIo();
const poll = (pollables: readonly Pollable[]): readonly number[] | Promise<readonly number[]> =>
  pollInterface.poll(pollables);

test('poll returns the ready ones at once, in order', () => {
  const switches = [new Switch(), new Switch(), new Switch()] as const;
  switches[0].on = true;
  switches[2].on = true;
  const ready = poll(switches.map((readiness) => new ReadinessPollable(readiness)));
  assert.deepEqual(ready, [0, 2]);
  assert.ok(switches.every((readiness) => readiness.watchers.size === 0));
});

test('poll waits through false alarms and leaves no watcher behind', async () => {
  const first = new Switch();
  const second = new Switch();
  const polling = poll([new ReadinessPollable(first), new ReadinessPollable(second)]);
  assert.ok(polling instanceof Promise);
  first.wake();
  assert.equal(second.watchers.size, 1);
  second.on = true;
  second.wake();
  assert.deepEqual(await polling, [1]);
  assert.equal(first.watchers.size + second.watchers.size, 0);
});

test('poll of one pollable twice reports both places', () => {
  const pollable = new ReadinessPollable(alwaysReady);
  assert.deepEqual(poll([pollable, pollable]), [0, 1]);
});

test('poll of an empty list traps', () => {
  assert.throws(() => poll([]), Trap);
});

test('block returns at once when ready and waits otherwise', async () => {
  assert.equal(new ReadinessPollable(alwaysReady).block(), undefined);
  const readiness = new Switch();
  const blocking = new ReadinessPollable(readiness).block();
  assert.ok(blocking instanceof Promise);
  readiness.wake();
  assert.equal(readiness.watchers.size, 1);
  readiness.on = true;
  readiness.wake();
  await blocking;
});

test('alwaysReady calls its watcher unless that was cancelled', async () => {
  await whenReady(alwaysReady);
  let called = 0;
  alwaysReady.watch(() => called++)();
  alwaysReady.watch(() => called++);
  await Promise.resolve();
  assert.equal(called, 1);
});
