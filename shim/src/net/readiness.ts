/**
 * A condition that can be asked for and waited for. Structural on purpose: other layers declare the
 * same shape, so that none imports another.
 */
export interface Readiness {
  /** Whether the operation would not block now. */
  ready(): boolean;
  /**
   * Calls `callback` once, when `ready()` may have become true. Returns a function that withdraws
   * the callback.
   */
  watch(callback: () => void): () => void;
}

/** Something that changed, and those who wait for it. */
export class Signal {
  #watchers = new Set<() => void>();

  /** Calls `callback` at the next `fire`, once. Returns a function that withdraws it. */
  watch(callback: () => void): () => void {
    // A wrapper per call, so that one callback may be registered twice and withdrawn singly.
    const watcher = (): void => callback();
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Calls every watcher once and forgets them. */
  fire(): void {
    if (this.#watchers.size === 0) return;
    const watchers = this.#watchers;
    this.#watchers = new Set();
    for (const watcher of watchers) watcher();
  }
}

/** A Readiness out of a test and the signals that can make it true. */
export function condition(ready: () => boolean, ...signals: Signal[]): Readiness {
  return {
    ready,
    watch(callback) {
      let fired = false;
      const once = (): void => {
        if (fired) return;
        fired = true;
        for (const cancel of cancels) cancel();
        callback();
      };
      const cancels = signals.map((signal) => signal.watch(once));
      return () => {
        fired = true;
        for (const cancel of cancels) cancel();
      };
    },
  };
}

/** Resolves when `readiness` is ready. */
export async function untilReady(readiness: Readiness): Promise<void> {
  while (!readiness.ready()) {
    await new Promise<void>((resolve) => {
      readiness.watch(resolve);
    });
  }
}
