/**
 * wasi:io/streams: base classes that turn a few primitives into the whole interface. Files,
 * sockets and standard streams extend them.
 */
import type { ByteSink } from '../abi/byte-sink.ts';
import { Trap } from '../abi/errors.ts';
import type { Readiness } from '../abi/readiness.ts';
import type { InputStream, OutputStream, Pollable } from '../generated/io.ts';
import { ReadinessPollable, whenReady } from './io.ts';

/** The most that one blocking-write-and-flush takes, by its specification. */
const BLOCKING_WRITE_LIMIT = 4096;

/** The most bytes that skip, splice and write-zeroes move through a buffer of the host at once. */
const TRANSFER_SIZE = 65536;

/** A sink in the host's own memory. */
class ScratchSink implements ByteSink {
  bytes = new Uint8Array(0);

  allocate(length: number): Uint8Array {
    this.bytes = new Uint8Array(length);
    return this.bytes;
  }
}

/**
 * An `input-stream`. A subclass says what can be read now ({@link ByteInputStream.read}) and when
 * there is something to read ({@link ByteInputStream.readiness}).
 */
export abstract class ByteInputStream implements InputStream {
  /**
   * Whether {@link ByteInputStream.read} of one byte would do anything but return an empty list:
   * there are bytes, or the end, or an error to report.
   */
  protected abstract readonly readiness: Readiness;

  /**
   * Reads what is there, without waiting for a peer (a promise is for storage only).
   *
   * @param len - at most this many bytes, 0 to 2^64. With 0 nothing is taken, but the end and
   *   errors are reported.
   * @param sink - gets the bytes; untouched when there are none yet.
   * @throws `streamClosed` at the end of the stream, `lastOperationFailed(…)` on errors.
   */
  abstract read(len: number, sink: ByteSink): void | Promise<void>;

  blockingRead(len: number, sink: ByteSink): void | Promise<void> {
    if (len === 0 || this.readiness.ready()) return this.read(len, sink);
    return whenReady(this.readiness).then(() => this.read(len, sink));
  }

  skip(len: number): number | Promise<number> {
    const sink = new ScratchSink();
    const reading = this.read(Math.min(len, TRANSFER_SIZE), sink);
    if (reading === undefined) return sink.bytes.length;
    return reading.then(() => sink.bytes.length);
  }

  blockingSkip(len: number): number | Promise<number> {
    if (len === 0 || this.readiness.ready()) return this.skip(len);
    return whenReady(this.readiness).then(() => this.skip(len));
  }

  subscribe(): Pollable {
    return new ReadinessPollable(this.readiness);
  }

  /** Resolves when a read would not return an empty list; for `blocking-splice`. */
  async whenReadable(): Promise<void> {
    if (!this.readiness.ready()) await whenReady(this.readiness);
  }
}

/**
 * An `output-stream`. A subclass says how much it takes now ({@link ByteOutputStream.capacity}),
 * takes it ({@link ByteOutputStream.accept}) and when it takes more
 * ({@link ByteOutputStream.readiness}). The permit that check-write gave is kept here: writing
 * more than permitted traps.
 */
export abstract class ByteOutputStream implements OutputStream {
  #permit = 0;

  /** Whether {@link ByteOutputStream.capacity} would return more than 0 or throw. */
  protected abstract readonly readiness: Readiness;

  /**
   * How many bytes {@link ByteOutputStream.accept} takes at once now; 0 while it takes none.
   *
   * @throws `streamClosed` when nobody takes them any more, `lastOperationFailed(…)` on errors,
   *   including those of earlier writes.
   */
  protected abstract capacity(): number;

  /**
   * Takes all of the bytes; called with no more than the capacity.
   *
   * @param contents - valid until this returns or first awaits.
   * @returns a promise when the writer has to wait, for instance until dirty data is written back.
   * @throws like {@link ByteOutputStream.capacity}.
   */
  protected abstract accept(contents: Uint8Array): void | Promise<void>;

  /**
   * Starts to pass on what was accepted. The default suits streams that pass everything on at
   * once; a subclass with buffers overrides this and {@link ByteOutputStream.blockingFlush}.
   */
  flush(): void | Promise<void> {
    this.capacity();
  }

  /** Passes on what was accepted, and waits until that is done. */
  blockingFlush(): void | Promise<void> {
    return this.flush();
  }

  checkWrite(): number {
    return (this.#permit = this.capacity());
  }

  write(contents: Uint8Array): void | Promise<void> {
    this.#spend(contents.length);
    return this.accept(contents);
  }

  writeZeroes(len: number): void | Promise<void> {
    this.#spend(len);
    return this.accept(new Uint8Array(len));
  }

  blockingWriteAndFlush(contents: Uint8Array): void | Promise<void> {
    if (contents.length > BLOCKING_WRITE_LIMIT) {
      throw new Trap(`blocking-write-and-flush takes at most ${BLOCKING_WRITE_LIMIT} bytes`);
    }
    this.#permit = 0;
    // A copy in every case but the common one: guest memory must not be looked at after waiting.
    if (this.capacity() < contents.length) return this.#writeAll(contents.slice());
    const accepting = this.accept(contents);
    if (accepting === undefined) return this.blockingFlush();
    return accepting.then(() => this.blockingFlush());
  }

  blockingWriteZeroesAndFlush(len: number): void | Promise<void> {
    if (len > BLOCKING_WRITE_LIMIT) {
      throw new Trap(`blocking-write-zeroes-and-flush takes at most ${BLOCKING_WRITE_LIMIT} bytes`);
    }
    return this.blockingWriteAndFlush(new Uint8Array(len));
  }

  splice(src: InputStream, len: number): number | Promise<number> {
    this.#permit = 0;
    const length = Math.min(len, this.capacity(), TRANSFER_SIZE);
    if (length === 0) return 0;
    const sink = new ScratchSink();
    const reading = src.read(length, sink);
    if (reading === undefined) return this.#acceptCounted(sink.bytes);
    return reading.then(() => this.#acceptCounted(sink.bytes));
  }

  blockingSplice(src: InputStream, len: number): number | Promise<number> {
    if (len === 0) return 0;
    return this.#spliceWhenReady(src, len);
  }

  subscribe(): Pollable {
    return new ReadinessPollable(this.readiness);
  }

  #spend(length: number): void {
    if (length > this.#permit) {
      throw new Trap(`${length} bytes were written where check-write permitted ${this.#permit}`);
    }
    this.#permit -= length;
  }

  #acceptCounted(contents: Uint8Array): number | Promise<number> {
    if (contents.length === 0) return 0;
    const accepting = this.accept(contents);
    if (accepting === undefined) return contents.length;
    return accepting.then(() => contents.length);
  }

  async #spliceWhenReady(src: InputStream, len: number): Promise<number> {
    if (!this.readiness.ready()) await whenReady(this.readiness);
    if (src instanceof ByteInputStream) await src.whenReadable();
    return this.splice(src, len);
  }

  async #writeAll(contents: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < contents.length) {
      if (!this.readiness.ready()) await whenReady(this.readiness);
      const end = offset + Math.min(this.capacity(), contents.length - offset);
      await this.accept(contents.subarray(offset, end));
      offset = end;
    }
    await this.blockingFlush();
  }
}
