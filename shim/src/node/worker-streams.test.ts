import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PostedOutput, ReceivedInput } from './worker-streams.ts';

test('an output takes what its credit allows and is ready again when more is granted', () => {
  const posted: Uint8Array[] = [];
  const output = new PostedOutput((bytes) => posted.push(bytes), 4);
  output.write(Uint8Array.of(1, 2, 3));
  assert.equal(output.room(), 1);
  output.write(Uint8Array.of(4));
  assert.equal(output.ready(), false);
  let woken = false;
  output.watch(() => (woken = true));
  output.grant(2);
  assert.deepEqual([woken, output.ready(), output.room()], [true, true, 2]);
  assert.deepEqual(posted, [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
});

test('what an output posts is its own copy', () => {
  const posted: Uint8Array[] = [];
  const output = new PostedOutput((bytes) => posted.push(bytes), 4);
  const memory = Uint8Array.of(1, 2);
  output.write(memory);
  memory.fill(9);
  assert.deepEqual(posted, [Uint8Array.of(1, 2)]);
});

test('an output that nobody reads is ready and closed', () => {
  const output = new PostedOutput(() => undefined, 0);
  assert.equal(output.ready(), false);
  output.close();
  assert.deepEqual([output.ready(), output.room()], [true, undefined]);
});

test('an input grants again what was taken, and ends after what was pushed', () => {
  const granted: number[] = [];
  const input = new ReceivedInput((bytes) => granted.push(bytes), 8);
  assert.deepEqual(granted, [8]);
  assert.deepEqual([input.ready(), input.take(5)], [false, new Uint8Array(0)]);
  input.push(Uint8Array.of(1, 2, 3, 4, 5, 6));
  assert.deepEqual(input.take(1), Uint8Array.of(1));
  assert.deepEqual(granted, [8], 'a small read is not worth a message');
  assert.deepEqual(input.take(1), Uint8Array.of(2));
  assert.deepEqual(granted, [8, 2]);
  input.end();
  assert.deepEqual(input.take(100), Uint8Array.of(3, 4, 5, 6));
  assert.deepEqual(granted, [8, 2, 4]);
  assert.equal(input.take(1), undefined);
});
