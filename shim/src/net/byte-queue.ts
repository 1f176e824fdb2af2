/** Chunks smaller than this are copied together: a view costs far more than its few bytes. */
const SMALL = 4096;
const BLOCK = 16 * 1024;

/**
 * A first-in first-out queue of bytes. Large chunks are kept as they are, small ones are copied
 * into shared blocks, so that a queue of n bytes costs little more than n bytes however small the
 * pieces were.
 */
export class ByteQueue {
  /** The bytes of the queue, in order; the first from #start on. */
  #chunks: Uint8Array[] = [];
  #first = 0;
  #start = 0;
  #length = 0;
  /** The block whose beginning is the last chunk, while it has room for more. */
  #block: Uint8Array | undefined;

  /** The number of bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends bytes.
   *
   * @param owned - whether the queue may keep the array itself: nobody else will write to it
   */
  push(bytes: Uint8Array, owned: boolean): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    if (bytes.length < SMALL) {
      this.#pushSmall(bytes);
    } else {
      this.#block = undefined;
      this.#chunks.push(owned ? bytes : bytes.slice());
    }
  }

  /** Moves the first `into.length` bytes, or as many as there are, into `into`; returns their number. */
  take(into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      const chunk = this.#chunks[this.#first];
      if (chunk === undefined) break;
      const count = Math.min(into.length - done, chunk.length - this.#start);
      into.set(chunk.subarray(this.#start, this.#start + count), done);
      done += count;
      this.#advance(chunk, count);
    }
    return done;
  }

  /** Drops the first `count` bytes, or as many as there are; returns their number. */
  skip(count: number): number {
    let done = 0;
    while (done < count) {
      const chunk = this.#chunks[this.#first];
      if (chunk === undefined) break;
      const step = Math.min(count - done, chunk.length - this.#start);
      done += step;
      this.#advance(chunk, step);
    }
    return done;
  }

  /** Drops everything. */
  clear(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#start = 0;
    this.#length = 0;
    this.#block = undefined;
  }

  #pushSmall(bytes: Uint8Array): void {
    const last = this.#chunks[this.#chunks.length - 1];
    const used = last?.length ?? 0;
    if (this.#block === undefined || used + bytes.length > this.#block.length) {
      // The first block of an empty queue is just as large as its bytes: most queues hold one
      // small message at a time.
      const size = this.#length === bytes.length ? bytes.length : BLOCK;
      this.#block = new Uint8Array(size);
      this.#block.set(bytes);
      this.#chunks.push(this.#block.subarray(0, bytes.length));
      return;
    }
    this.#block.set(bytes, used);
    this.#chunks[this.#chunks.length - 1] = this.#block.subarray(0, used + bytes.length);
  }

  #advance(chunk: Uint8Array, count: number): void {
    this.#start += count;
    this.#length -= count;
    if (this.#length === 0) {
      this.clear();
    } else if (this.#start === chunk.length) {
      this.#start = 0;
      this.#first++;
      if (this.#first > 64 && this.#first * 2 > this.#chunks.length) {
        this.#chunks.splice(0, this.#first);
        this.#first = 0;
      }
    }
  }
}
