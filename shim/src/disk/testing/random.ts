/** A generator of pseudo-random numbers (xorshift32), the same sequence for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Zero is the one state that xorshift never leaves.
    this.#state = seed | 0 || 1;
    for (let i = 0; i < 16; i++) this.below(2);
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** That many random bytes. */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  }
}

/** The seeds of a random test: `BACKTAB_SEED` alone if it is set, else `count` from 1 on. */
export function seeds(count: number): number[] {
  const given = process.env['BACKTAB_SEED'];
  if (given !== undefined) return [Number(given)];
  return Array.from({ length: count }, (_, i) => i + 1);
}
