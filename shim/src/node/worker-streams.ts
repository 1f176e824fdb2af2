/**
 * The worker's ends of the standard streams; the page's are in page-streams.ts. Bytes are under way
 * only within credits that the reading side granted.
 */
import { Signal } from '../net/readiness.ts';
import type { InputSource, OutputSink } from '../wasi/cli.ts';

const NOTHING = new Uint8Array(0);

/** stdout or stderr: every write is posted to the page at once, as far as the credit goes. */
export class PostedOutput implements OutputSink {
  readonly #post: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #changed = new Signal();
  #credit: number;
  #closed = false;

  /**
   * @param post - posts bytes to the page; the array is handed over
   * @param window - how many bytes may be under way
   */
  constructor(post: (bytes: Uint8Array<ArrayBuffer>) => void, window: number) {
    this.#post = post;
    this.#credit = window;
  }

  ready(): boolean {
    return this.#closed || this.#credit > 0;
  }

  watch(callback: () => void): () => void {
    return this.#changed.watch(callback);
  }

  room(): number | undefined {
    return this.#closed ? undefined : this.#credit;
  }

  write(bytes: Uint8Array): void {
    this.#credit -= bytes.length;
    this.#post(bytes.slice());
  }

  /** The page's consumer has taken `bytes` more. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#changed.fire();
  }

  /** Nobody reads any more: writes fail from now on, as on a pipe without a reader. */
  close(): void {
    this.#closed = true;
    this.#changed.fire();
  }
}

/** stdin: what the page posted and the program has not taken yet. */
export class ReceivedInput implements InputSource {
  readonly #grant: (bytes: number) => void;
  readonly #changed = new Signal();
  readonly #queue: Uint8Array[] = [];
  #ended = false;
  /** Taken but not yet granted again: small reads must not cost a message each. */
  #taken = 0;
  readonly #window: number;

  /**
   * @param grant - tells the page that it may post so many bytes more
   * @param window - how many bytes may be under way; granted at once
   */
  constructor(grant: (bytes: number) => void, window: number) {
    this.#grant = grant;
    this.#window = window;
    grant(window);
  }

  ready(): boolean {
    return this.#queue.length > 0 || this.#ended;
  }

  watch(callback: () => void): () => void {
    return this.#changed.watch(callback);
  }

  take(limit: number): Uint8Array | undefined {
    const first = this.#queue[0];
    if (first === undefined) return this.#ended ? undefined : NOTHING;
    const bytes = first.subarray(0, limit);
    if (bytes.length === first.length) this.#queue.shift();
    else this.#queue[0] = first.subarray(bytes.length);
    this.#taken += bytes.length;
    if (this.#taken >= this.#window / 4 || this.#queue.length === 0) {
      this.#grant(this.#taken);
      this.#taken = 0;
    }
    return bytes;
  }

  /** Bytes have arrived from the page. */
  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#queue.push(bytes);
    this.#changed.fire();
  }

  /** No more bytes come. */
  end(): void {
    this.#ended = true;
    this.#changed.fire();
  }
}
