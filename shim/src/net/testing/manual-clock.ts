import type { Clock } from '../clock.ts';

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Map<() => void, number>();

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    // A wrapper per call, so that one callback may wait twice.
    const timer = (): void => callback();
    this.#timers.set(timer, this.#now + ms);
    return () => this.#timers.delete(timer);
  }

  /**
   * Moves the clock, and lets everything that is due happen in its order. What that makes others
   * send is delivered before the next timer.
   *
   * @param settle - resolves when nothing is under way any more
   */
  async advance(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      let next: [() => void, number] | undefined;
      for (const timer of this.#timers) {
        if (timer[1] <= end && (next === undefined || timer[1] < next[1])) next = timer;
      }
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1]);
      next[0]();
      await settle();
    }
    this.#now = end;
  }
}
