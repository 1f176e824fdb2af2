import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  ChannelReset,
  maximumChunk,
  Multiplexer,
  ProtocolError,
  readSized,
  window,
  writeAll,
} from './multiplexer.ts';

/** Two sides joined back to back; a frame arrives in a later turn, as over a socket. */
function pair() {
  const controls: { left: unknown[]; right: unknown[] } = { left: [], right: [] };
  const sent = { left: 0, right: 0 };
  const left: Multiplexer = new Multiplexer(
    (frame) => {
      sent.left += frame.length;
      setImmediate(() => right.receive(frame));
    },
    (message) => controls.left.push(message),
  );
  const right: Multiplexer = new Multiplexer(
    (frame) => {
      sent.right += frame.length;
      setImmediate(() => left.receive(frame));
    },
    (message) => controls.right.push(message),
  );
  return { left, right, controls, sent };
}

/** Lets everything that is under way arrive. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn();
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes whose every position shows, so that a lost or moved chunk cannot compare equal. */
function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8) * 7) & 255);
}

suite('the multiplexer', () => {
  test('bytes of any size arrive unchanged, both ways at once', async () => {
    const { left, right } = pair();
    for (const size of [0, 1, maximumChunk, maximumChunk + 1, window + 1, 5 * window + 12_345]) {
      const { id, channel } = left.openNext('both');
      const other = right.open(id, 'both');
      const bytes = pattern(size);
      const [there, back] = await Promise.all([
        collect(other.readable),
        collect(channel.readable),
        writeAll(channel.writable, [bytes]),
        writeAll(other.writable, [bytes.toReversed()]),
      ]);
      assert.ok(there.equals(bytes));
      assert.ok(back.equals(bytes.toReversed()));
    }
  });

  test('a writer gets no further than the window ahead of its reader', async () => {
    const { left, right, sent } = pair();
    const { id, channel } = left.openNext('send');
    const reader = right.open(id, 'receive').readable.getReader();
    const total = 4 * window;
    const written = writeAll(channel.writable, [pattern(total)]);
    await settle();
    const frames = window / maximumChunk;
    assert.equal(sent.left, window + frames * 5, 'exactly one window and its frames’ headers');
    let got = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      got += value.length;
      await settle();
      assert.ok(sent.left <= got + window + 5 * Math.ceil((got + window) / maximumChunk) + 5);
    }
    await written;
    assert.equal(got, total);
  });

  test('a channel without a reader does not hold up another', async () => {
    const { left, right } = pair();
    const slow = left.openNext('send');
    right.open(slow.id, 'receive');
    const fast = left.openNext('send');
    const other = right.open(fast.id, 'receive');
    void slow.channel.writable.getWriter().write(pattern(2 * window));
    const bytes = pattern(3 * window);
    const [got] = await Promise.all([
      collect(other.readable),
      writeAll(fast.channel.writable, [bytes]),
    ]);
    assert.ok(got.equals(bytes));
  });

  test('one direction ends while the other goes on', async () => {
    const { left, right } = pair();
    const { id, channel } = left.openNext('both');
    const other = right.open(id, 'both');
    await channel.writable.close();
    assert.equal((await collect(other.readable)).length, 0);
    const [got] = await Promise.all([
      collect(channel.readable),
      writeAll(other.writable, [pattern(10)]),
    ]);
    assert.equal(got.length, 10);
  });

  test('cancelling a reader fails the writer, also one that waits for credit', async () => {
    const { left, right } = pair();
    const { id, channel } = left.openNext('send');
    const other = right.open(id, 'receive');
    const writing = channel.writable.getWriter().write(pattern(2 * window));
    await settle();
    await other.readable.cancel();
    await assert.rejects(writing, ChannelReset);
  });

  test('aborting a writer fails the reader', async () => {
    const { left, right } = pair();
    const { id, channel } = left.openNext('send');
    const reading = collect(right.open(id, 'receive').readable);
    await channel.writable.abort();
    await assert.rejects(reading, ChannelReset);
  });

  test('the end of the connection fails what is open and what is opened later', async () => {
    const { left } = pair();
    const early = left.openNext('both').channel;
    left.close(new ChannelReset('gone'));
    await assert.rejects(collect(early.readable), /gone/);
    const late = left.openNext('both').channel;
    await assert.rejects(late.writable.getWriter().write(pattern(1)), /gone/);
  });

  test('control messages arrive in order with the data around them', async () => {
    const { left, right, controls } = pair();
    const { id, channel } = left.openNext('send');
    left.control({ open: id });
    const other = right.open(id, 'receive');
    await writeAll(channel.writable, [pattern(3)]);
    left.control({ said: 'ü' });
    await settle();
    assert.deepEqual(controls.right, [{ open: id }, { said: 'ü' }]);
    assert.equal((await collect(other.readable)).length, 3);
  });

  test('frames for a channel that has ended are late, not wrong', async () => {
    const { left, right } = pair();
    const { id, channel } = left.openNext('send');
    const other = right.open(id, 'receive');
    await other.readable.cancel();
    await channel.writable.getWriter().write(pattern(10));
    await settle();
    assert.throws(() => right.open(id, 'receive'), ProtocolError);
  });

  test('malformed frames are refused', () => {
    const { left } = pair();
    const { id } = left.openNext('receive');
    const frame = (type: number, channel: number, ...payload: number[]) =>
      Uint8Array.of(type, channel, 0, 0, 0, ...payload);
    const oversized = new Uint8Array(5 + window + 1);
    oversized.set(frame(1, id));
    const bad: Record<string, Uint8Array> = {
      empty: new Uint8Array(),
      short: Uint8Array.of(1, id, 0, 0),
      'unknown type': frame(5, id),
      'unknown channel': frame(1, id + 1, 1),
      'data on channel 0': frame(1, 0, 1),
      'control on a channel': frame(0, id, 123, 125),
      'control that is not JSON': frame(0, 0, 123),
      'control that is not UTF-8': frame(0, 0, 34, 255, 34),
      'empty data': frame(1, id),
      'data beyond the credit': oversized,
      'credit of the wrong size': frame(2, id, 1, 0, 0),
      'credit of zero': frame(2, id, 0, 0, 0, 0),
      'credit that was never used': frame(2, id, 1, 0, 0, 0),
      'an end with a payload': frame(3, id, 0),
      'a reset with a payload': frame(4, id, 0),
    };
    for (const [name, bytes] of Object.entries(bad)) {
      assert.throws(() => left.receive(bytes), ProtocolError, name);
    }
    left.receive(frame(3, id));
    assert.throws(() => left.receive(frame(1, id, 1)), ProtocolError, 'data after the end');
  });
});

suite('byte strings of announced sizes', () => {
  function streamOf(...chunks: number[][]): ReadableStream<Uint8Array> {
    return new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(Uint8Array.from(chunk));
        controller.close();
      },
    });
  }

  test('are cut where the sizes say, however the bytes arrive', async () => {
    for (const chunks of [[[1, 2, 3, 4, 5]], [[1], [2, 3, 4], [5]], [[], [1, 2], [3, 4, 5]]]) {
      const parts = await readSized(streamOf(...chunks), [0, 2, 0, 3, 0]);
      assert.deepEqual(
        parts.map((part) => [...part]),
        [[], [1, 2], [], [3, 4, 5], []],
      );
    }
    assert.deepEqual(await readSized(streamOf(), []), []);
  });

  test('are refused when there are more or fewer', async () => {
    await assert.rejects(readSized(streamOf([1, 2, 3]), [2]), ProtocolError);
    await assert.rejects(readSized(streamOf([1]), [2]), ProtocolError);
  });
});
