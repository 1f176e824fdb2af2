/** What time it is, and what happens later: the system's, or a test's own. In milliseconds. */
export interface Clock {
  /** A time that never goes back. */
  now(): number;
  /** Calls back once after `ms`. Returns a function that prevents it. */
  after(ms: number, callback: () => void): () => void;
}

/** The clock of the context this runs in. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Calls back again and again, `ms` after the last time. Returns a function that ends it. */
export function every(clock: Clock, ms: number, callback: () => void): () => void {
  let cancel: () => void;
  const again = (): void => {
    cancel = clock.after(ms, again);
    callback();
  };
  cancel = clock.after(ms, again);
  return () => cancel();
}
