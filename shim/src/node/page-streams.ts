/**
 * The page's ends of a node's standard streams. Bytes cross between page and worker under credits:
 * the reading side grants a number of bytes, the writing side never has more than that under way,
 * so a program that writes faster than it is read is slowed instead of buffered without bound.
 */

/** Bytes of each standard stream that may be under way between page and worker. */
export const STREAM_WINDOW = 256 * 1024;

/** The readable end of stdout or stderr. */
export class OutputReader {
  /** What the consumer reads; ends when the node has ended and everything was read. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #queue: Uint8Array<ArrayBuffer>[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  /**
   * @param grant - called with each number of bytes that the consumer took
   * @param closed - called when the consumer cancels the stream
   */
  constructor(grant: (bytes: number) => void, closed: () => void) {
    this.readable = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          if (this.#queue.length === 0 && !this.#ended) {
            await new Promise<void>((resolve) => (this.#wake = resolve));
          }
          const bytes = this.#queue.shift();
          if (bytes === undefined) {
            if (this.#ended) controller.close();
            return;
          }
          controller.enqueue(bytes);
          grant(bytes.byteLength);
        },
        cancel: () => {
          this.#queue.length = 0;
          closed();
        },
      },
      // Nothing is taken before somebody reads: a chunk pulled ahead would be credited too early.
      { highWaterMark: 0 },
    );
  }

  /** Takes bytes from the worker. */
  push(bytes: Uint8Array<ArrayBuffer>): void {
    this.#queue.push(bytes);
    this.#notify();
  }

  /** No more bytes come. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** The writable end of stdin. */
export class InputWriter {
  /** What the producer writes; writes wait while the program reads nothing. */
  readonly writable: WritableStream<Uint8Array>;
  #credit = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  /**
   * @param send - posts bytes to the worker; the array is handed over
   * @param end - posts the end of the input
   */
  constructor(send: (bytes: Uint8Array<ArrayBuffer>) => void, end: () => void) {
    this.writable = new WritableStream<Uint8Array>({
      write: async (chunk) => {
        let offset = 0;
        while (offset < chunk.byteLength) {
          while (this.#credit === 0 && !this.#closed) {
            await new Promise<void>((resolve) => (this.#wake = resolve));
          }
          // As with a pipe whose reader has gone: the producer is told, and the rest is dropped.
          if (this.#closed) throw new Error('the program reads no more input');
          const size = Math.min(this.#credit, chunk.byteLength - offset);
          this.#credit -= size;
          send(chunk.slice(offset, offset + size));
          offset += size;
        }
      },
      close: () => {
        if (!this.#closed) end();
      },
      abort: () => {
        if (!this.#closed) end();
      },
    });
  }

  /** The worker can take `bytes` more. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#notify();
  }

  /** The program reads no more: pending and later writes fail. */
  close(): void {
    this.#closed = true;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
