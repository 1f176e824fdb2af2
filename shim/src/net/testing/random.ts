/**
 * A seeded generator of numbers from 0 (inclusive) to 1 (exclusive): mulberry32, good enough to
 * choose test cases and the same on every machine.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seeds of a test: that of BACKTAB_SEED alone, or `count` fixed ones. */
export function testSeeds(count: number): readonly number[] {
  const given = process.env['BACKTAB_SEED'];
  return given === undefined
    ? Array.from({ length: count }, (_, index) => index + 1)
    : [Number(given)];
}
