/** Browser clocks step by up to 1 ms, so each measurement takes at least this long. */
const LEAST_MILLISECONDS = 300;

/** Times an operation that takes under a millisecond: nanoseconds for one, over many. */
export function nanosecondsPer(operation: () => void): number {
  for (let warm = 0; warm < 1000; warm++) operation();
  let count = 0;
  const start = performance.now();
  let now = start;
  while (now - start < LEAST_MILLISECONDS) {
    for (let batch = 0; batch < 200; batch++) operation();
    count += 200;
    now = performance.now();
  }
  return ((now - start) * 1e6) / count;
}
