import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSink } from '../abi/byte-sink.ts';
import { Trap, WitError } from '../abi/errors.ts';
import type { Readiness } from '../abi/readiness.ts';
import { streamClosed } from './io.ts';
import { ByteInputStream, ByteOutputStream } from './io-streams.ts';

/** Watchers that a test wakes. */
class Watchers {
  readonly #callbacks = new Set<() => void>();

  watch(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  wake(): void {
    const callbacks = [...this.#callbacks];
    this.#callbacks.clear();
    for (const callback of callbacks) callback();
  }
}

/** An input stream that a test feeds. */
class FedInput extends ByteInputStream {
  #bytes = new Uint8Array(0);
  #ended = false;
  readonly #watchers = new Watchers();
  protected override readonly readiness: Readiness = {
    ready: () => this.#ended || this.#bytes.length > 0,
    watch: (callback) => this.#watchers.watch(callback),
  };

  feed(text: string): void {
    this.#bytes = new TextEncoder().encode(new TextDecoder().decode(this.#bytes) + text);
    this.#watchers.wake();
  }

  end(): void {
    this.#ended = true;
    this.#watchers.wake();
  }

  override read(len: number, sink: ByteSink): void {
    if (this.#ended && this.#bytes.length === 0) throw streamClosed;
    const taken = this.#bytes.slice(0, len);
    this.#bytes = this.#bytes.slice(taken.length);
    if (taken.length > 0) sink.allocate(taken.length).set(taken);
  }
}

/** An output stream with room for `limit` bytes until a test drains it. */
class LimitedOutput extends ByteOutputStream {
  text = '';
  flushes = 0;
  closed = false;
  #buffered = 0;
  readonly #limit: number;
  readonly #watchers = new Watchers();
  protected override readonly readiness: Readiness = {
    ready: () => this.closed || this.#buffered < this.#limit,
    watch: (callback) => this.#watchers.watch(callback),
  };

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  drain(): void {
    this.#buffered = 0;
    this.#watchers.wake();
  }

  protected override capacity(): number {
    if (this.closed) throw streamClosed;
    return this.#limit - this.#buffered;
  }

  protected override accept(contents: Uint8Array): void {
    assert.ok(contents.length <= this.capacity());
    this.#buffered += contents.length;
    this.text += new TextDecoder().decode(contents);
  }

  override flush(): void {
    this.capacity();
    this.flushes++;
  }
}

class TextSink implements ByteSink {
  #bytes = new Uint8Array(0);

  allocate(length: number): Uint8Array {
    return (this.#bytes = new Uint8Array(length));
  }

  text(): string {
    return new TextDecoder().decode(this.#bytes);
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test('blocking-read waits for bytes or the end', async () => {
  const input = new FedInput();
  const sink = new TextSink();
  const reading = input.blockingRead(10, sink);
  assert.ok(reading instanceof Promise);
  input.feed('abc');
  await reading;
  assert.equal(sink.text(), 'abc');
  const atEnd = input.blockingRead(10, sink);
  input.end();
  await assert.rejects(Promise.resolve(atEnd), (error) => error === streamClosed);
});

test('blocking-read of nothing does not wait', () => {
  assert.equal(new FedInput().blockingRead(0, new TextSink()), undefined);
});

test('skip and blocking-skip count what they pass', async () => {
  const input = new FedInput();
  assert.equal(input.skip(5), 0);
  input.feed('abcdefg');
  assert.equal(input.skip(2 ** 64), 7);
  const skipping = input.blockingSkip(3);
  input.feed('xyz!');
  assert.equal(await skipping, 3);
  assert.equal(input.skip(1), 1);
});

test('writing more than check-write permitted traps, also in several writes', () => {
  const output = new LimitedOutput(8);
  assert.throws(() => output.write(encode('a')), Trap);
  assert.equal(output.checkWrite(), 8);
  void output.write(encode('abc'));
  void output.write(encode('defgh'));
  assert.throws(() => output.write(encode('i')), Trap);
  assert.equal(output.checkWrite(), 0);
  assert.throws(() => output.writeZeroes(1), Trap);
  assert.equal(output.text, 'abcdefgh');
});

test('an empty write needs no permit', () => {
  const output = new LimitedOutput(8);
  assert.equal(output.write(encode('')), undefined);
});

test('blocking-write-and-flush waits for room as often as it takes, from a copy', async () => {
  const output = new LimitedOutput(4);
  const contents = encode('0123456789');
  const writing = output.blockingWriteAndFlush(contents);
  assert.ok(writing instanceof Promise);
  contents.fill(0);
  while (output.text.length < contents.length) {
    const length = output.text.length;
    output.drain();
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(output.text.length > length);
  }
  await writing;
  assert.equal(output.text, '0123456789');
  assert.equal(output.flushes, 1);
});

test('blocking-write-and-flush with room does not wait', () => {
  const output = new LimitedOutput(4096);
  assert.equal(output.blockingWriteAndFlush(encode('now')), undefined);
  assert.equal(output.text, 'now');
  assert.equal(output.flushes, 1);
});

test('blocking writes of more than 4096 bytes trap', () => {
  const output = new LimitedOutput(10_000);
  assert.throws(() => output.blockingWriteAndFlush(new Uint8Array(4097)), Trap);
  assert.throws(() => output.blockingWriteZeroesAndFlush(4097), Trap);
  assert.equal(output.text, '');
});

test('zeroes are zeroes', async () => {
  const output = new LimitedOutput(8);
  output.checkWrite();
  await output.writeZeroes(2);
  await output.blockingWriteZeroesAndFlush(3);
  assert.equal(output.text, '\0\0\0\0\0');
});

test('a closed stream says so, and wakes who waits to write', async () => {
  const output = new LimitedOutput(1);
  const writing = output.blockingWriteAndFlush(encode('ab'));
  output.closed = true;
  output.drain();
  await assert.rejects(
    Promise.resolve(writing),
    (error) => error instanceof WitError && error === streamClosed,
  );
  assert.throws(
    () => output.checkWrite(),
    (error) => error === streamClosed,
  );
  assert.throws(
    () => output.flush(),
    (error) => error === streamClosed,
  );
});

test('splice moves what is there, within the room and the length', async () => {
  const input = new FedInput();
  const output = new LimitedOutput(5);
  assert.equal(await output.splice(input, 10), 0);
  input.feed('abcdefgh');
  assert.equal(await output.splice(input, 2), 2);
  assert.equal(await output.splice(input, 10), 3);
  assert.equal(await output.splice(input, 10), 0);
  assert.equal(output.text, 'abcde');
  output.drain();
  input.end();
  assert.equal(await output.splice(input, 10), 3);
  assert.throws(
    () => output.splice(input, 10),
    (error) => error === streamClosed,
  );
});

test('blocking-splice waits for room and for bytes', async () => {
  const input = new FedInput();
  const output = new LimitedOutput(2);
  output.checkWrite();
  void output.write(encode('xx'));
  const splicing = output.blockingSplice(input, 10);
  await new Promise((resolve) => setImmediate(resolve));
  output.drain();
  await new Promise((resolve) => setImmediate(resolve));
  input.feed('abc');
  assert.equal(await splicing, 2);
  assert.equal(output.text, 'xxab');
});

test('pollables of streams follow their readiness', () => {
  const input = new FedInput();
  const pollable = input.subscribe();
  assert.equal(pollable.ready(), false);
  input.feed('a');
  assert.equal(pollable.ready(), true);
  const output = new LimitedOutput(1);
  const writable = output.subscribe();
  assert.equal(writable.ready(), true);
  output.checkWrite();
  void output.write(encode('a'));
  assert.equal(writable.ready(), false);
});
