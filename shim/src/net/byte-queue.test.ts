import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ByteQueue } from './byte-queue.ts';
import { seededRandom, testSeeds } from './testing/random.ts';

suite('Byte queue', () => {
  for (const seed of testSeeds(30)) {
    test(`gives what it got, in order (BACKTAB_SEED=${seed})`, () => {
      const random = seededRandom(seed);
      const below = (limit: number): number => Math.floor(random() * limit);
      const queue = new ByteQueue();
      let model: number[] = [];
      let next = 0;
      for (let step = 0; step < 300; step++) {
        const size = below(random() < 0.1 ? 20_000 : 200);
        const action = random();
        if (action < 0.5) {
          const bytes = Uint8Array.from({ length: size }, () => next++ & 255);
          const owned = random() < 0.5;
          queue.push(bytes, owned);
          model.push(...bytes);
          // What the queue does not own may change.
          if (!owned) bytes.fill(0);
        } else if (action < 0.85) {
          const into = new Uint8Array(size);
          const count = queue.take(into);
          assert.equal(count, Math.min(size, model.length));
          assert.deepEqual([...into.subarray(0, count)], model.slice(0, count));
          model = model.slice(count);
        } else if (action < 0.98) {
          const count = queue.skip(size);
          assert.equal(count, Math.min(size, model.length));
          model = model.slice(count);
        } else {
          queue.clear();
          model = [];
        }
        assert.equal(queue.length, model.length);
      }
    });
  }

  test('costs little more than its bytes, however small the pieces', () => {
    const pieces = 1_000_000;
    const queue = new ByteQueue();
    const before = memoryInUse();
    for (let piece = 0; piece < pieces; piece++) queue.push(new Uint8Array([piece & 255]), true);
    // Kept one by one, every piece would take an array of a hundred bytes and more.
    const cost = memoryInUse() - before;
    assert(cost < 3 * pieces, `${cost} bytes for ${pieces}`);
    const all = new Uint8Array(pieces);
    assert.equal(queue.take(all), pieces);
    assert(all.every((byte, index) => byte === (index & 255)));
  });
});

/** What is reachable, in bytes. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  // The flag makes this name the collector.
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
