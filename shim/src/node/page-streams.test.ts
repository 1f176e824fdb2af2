import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { InputWriter, OutputReader } from './page-streams.ts';

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values);

test('output is credited when it is read, not when it arrives', async () => {
  const granted: number[] = [];
  const output = new OutputReader(
    (count) => granted.push(count),
    () => undefined,
  );
  output.push(bytes(1, 2, 3));
  output.push(bytes(4));
  await turn();
  assert.deepEqual(granted, []);
  const reader = output.readable.getReader();
  assert.deepEqual((await reader.read()).value, bytes(1, 2, 3));
  assert.deepEqual(granted, [3]);
});

test('output ends after what was pushed before the end', async () => {
  const output = new OutputReader(
    () => undefined,
    () => undefined,
  );
  output.push(bytes(1));
  output.push(bytes(2));
  output.end();
  const all: Uint8Array[] = [];
  for await (const chunk of output.readable) all.push(chunk);
  assert.deepEqual(all, [bytes(1), bytes(2)]);
});

test('an end that arrives while the consumer waits ends the stream', async () => {
  const output = new OutputReader(
    () => undefined,
    () => undefined,
  );
  const read = output.readable.getReader().read();
  await turn();
  output.end();
  assert.equal((await read).done, true);
});

test('cancelling the output tells the worker', async () => {
  let closed = false;
  const output = new OutputReader(
    () => undefined,
    () => (closed = true),
  );
  await output.readable.cancel();
  assert.equal(closed, true);
});

test('input goes out only as far as it was granted', async () => {
  const sent: Uint8Array[] = [];
  let ended = false;
  const input = new InputWriter(
    (chunk) => sent.push(chunk),
    () => (ended = true),
  );
  const writer = input.writable.getWriter();
  const written = writer.write(bytes(1, 2, 3, 4, 5));
  await turn();
  assert.deepEqual(sent, []);
  input.grant(2);
  await turn();
  assert.deepEqual(sent, [bytes(1, 2)]);
  input.grant(10);
  await written;
  assert.deepEqual(sent, [bytes(1, 2), bytes(3, 4, 5)]);
  await writer.close();
  assert.equal(ended, true);
});

test('a write to a program that reads no more fails', async () => {
  const input = new InputWriter(
    () => undefined,
    () => undefined,
  );
  const writer = input.writable.getWriter();
  const written = writer.write(bytes(1));
  await turn();
  input.close();
  await assert.rejects(written, /reads no more input/);
});
