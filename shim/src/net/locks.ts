/**
 * The locks behind the directory. A held lock means: this address is leased, this port is listened
 * on, this name resolves here, this node is alive. Whoever holds them may be another context than
 * the stack's (the page holds the locks of its workers, so that they are free the moment it kills
 * one), hence this interface.
 */
export interface LockHolder {
  /**
   * Takes the lock `name` exclusively.
   *
   * @param waitMs - how long to wait for a holder to let go; 0 takes it only if it is free now
   * @returns whether the lock is held now
   */
  acquire(name: string, waitMs: number): Promise<boolean>;
  /** Releases a lock taken by `acquire`. Releasing a lock that is not held does nothing. */
  release(name: string): void;
  /**
   * Releases every lock taken through this holder, the last taken first, and refuses to take more:
   * a node is dead to its peers (its first lock is gone) only when all it held is free.
   */
  releaseAll(): void;
  /** The names of all locks that anybody holds now and that begin with `prefix`. */
  query(prefix: string): Promise<string[]>;
  /**
   * Calls `gone` once nobody holds the lock `name` any more (at once if nobody does). Returns a
   * function that ends the watch.
   */
  watch(name: string, gone: () => void): () => void;
}

/**
 * Locks of a LockManager (`navigator.locks`), held by the context this runs in.
 */
export class WebLocks implements LockHolder {
  readonly #manager: LockManager;
  readonly #stolen: (name: string) => void;
  readonly #held = new Map<string, () => void>();
  /** What ends the requests for locks that were stolen, by name. */
  readonly #reclaiming = new Map<string, AbortController>();
  #ended = false;

  /**
   * @param stolen - called when another script of the origin has stolen a lock, which is then asked
   *   for again until it is released here; by default says so on the console
   */
  constructor(manager: LockManager, stolen: (name: string) => void = reportStolen) {
    this.#manager = manager;
    this.#stolen = stolen;
  }

  async acquire(name: string, waitMs: number): Promise<boolean> {
    if (this.#ended || this.#held.has(name)) return false;
    if (await this.#request(name, { ifAvailable: true })) return true;
    if (waitMs <= 0) return false;
    // A page that was navigated away may still hold its locks in the back/forward cache of
    // Chromium, where only query() evicts it; a pending request never does.
    await this.#manager.query();
    return this.#request(name, { signal: AbortSignal.timeout(waitMs) });
  }

  release(name: string): void {
    const release = this.#held.get(name);
    this.#held.delete(name);
    release?.();
    this.#reclaiming.get(name)?.abort();
    this.#reclaiming.delete(name);
  }

  releaseAll(): void {
    this.#ended = true;
    for (const name of [...this.#reclaiming.keys()]) this.release(name);
    for (const name of [...this.#held.keys()].reverse()) this.release(name);
  }

  async query(prefix: string): Promise<string[]> {
    const names: string[] = [];
    for (const { name, mode } of (await this.#manager.query()).held ?? []) {
      // A shared lock is a watcher that is just being told that the holder has gone.
      if (mode === 'exclusive' && name?.startsWith(prefix)) names.push(name);
    }
    return names;
  }

  watch(name: string, gone: () => void): () => void {
    const controller = new AbortController();
    // Shared, so that all who watch one node learn of its end at the same moment.
    this.#manager
      .request(name, { mode: 'shared', signal: controller.signal }, () => gone())
      .catch(
        // Only an abort rejects this request, and that is the watch's regular end.
        () => undefined,
      );
    return () => controller.abort();
  }

  /** Requests the lock; resolves once it is held (true) or was not to be had (false). */
  #request(name: string, options: LockOptions): Promise<boolean> {
    return new Promise((resolve) => {
      const ended = this.#manager.request(name, options, (lock) => {
        if (lock === null || this.#ended || this.#held.has(name)) {
          resolve(false);
          return undefined;
        }
        const held = new Promise<void>((release) => this.#held.set(name, release));
        resolve(true);
        return held;
      });
      ended.catch(() => {
        // Timed out or withdrawn; or granted, and then stolen.
        resolve(false);
        if (this.#held.delete(name)) this.#reclaim(name);
      });
    });
  }

  #reclaim(name: string): void {
    this.#stolen(name);
    const controller = new AbortController();
    this.#reclaiming.set(name, controller);
    void this.#request(name, { signal: controller.signal }).then(() => {
      this.#reclaiming.delete(name);
    });
  }
}

function reportStolen(name: string): void {
  console.warn(
    `backtab: another script of this origin stole the lock ${name}; asking for it again`,
  );
}

/**
 * Locks of one process, for tests and for networks that live in one place. Every holder of one
 * MemoryLocks sees the others' locks, as contexts of one origin do.
 */
export class MemoryLocks {
  readonly #owners = new Map<string, MemoryLockHolder>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** A holder: what one node holds its locks through. */
  holder(): LockHolder {
    return new MemoryLockHolder(this.#owners, this.#waiting);
  }
}

class MemoryLockHolder implements LockHolder {
  readonly #owners: Map<string, MemoryLockHolder>;
  readonly #waiting: Map<string, Set<() => void>>;
  #ended = false;

  constructor(owners: Map<string, MemoryLockHolder>, waiting: Map<string, Set<() => void>>) {
    this.#owners = owners;
    this.#waiting = waiting;
  }

  async acquire(name: string, waitMs: number): Promise<boolean> {
    await Promise.resolve();
    if (this.#owners.get(name) === this) return false;
    const deadline = performance.now() + waitMs;
    while (this.#owners.has(name)) {
      const left = deadline - performance.now();
      if (left <= 0 || this.#ended) return false;
      await this.#freed(name, left);
    }
    if (this.#ended) return false;
    this.#owners.set(name, this);
    return true;
  }

  release(name: string): void {
    if (this.#owners.get(name) !== this) return;
    this.#owners.delete(name);
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    for (const callback of waiting ?? []) callback();
  }

  releaseAll(): void {
    this.#ended = true;
    for (const [name, owner] of [...this.#owners].reverse()) {
      if (owner === this) this.release(name);
    }
  }

  async query(prefix: string): Promise<string[]> {
    await Promise.resolve();
    return [...this.#owners.keys()].filter((name) => name.startsWith(prefix));
  }

  watch(name: string, gone: () => void): () => void {
    let ended = false;
    const check = (): void => {
      if (ended) return;
      if (this.#owners.has(name)) this.#waitersOf(name).add(check);
      else gone();
    };
    queueMicrotask(check);
    return () => {
      ended = true;
      this.#waiting.get(name)?.delete(check);
    };
  }

  #waitersOf(name: string): Set<() => void> {
    let waiters = this.#waiting.get(name);
    if (waiters === undefined) this.#waiting.set(name, (waiters = new Set()));
    return waiters;
  }

  #freed(name: string, atMostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.get(name)?.delete(done);
        resolve();
      };
      const timer = setTimeout(done, atMostMs);
      this.#waitersOf(name).add(done);
    });
  }
}
