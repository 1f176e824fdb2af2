import type { LockHolder } from '../net/locks.ts';
import { WebLocks } from '../net/locks.ts';
import type { FromWorker } from './protocol.ts';

/**
 * Locks that the page holds for its worker: taking and releasing is asked of the page, looking is
 * done from here, since every context of the origin sees the same locks.
 */
export class RemoteLocks implements LockHolder {
  readonly #post: (message: FromWorker) => void;
  readonly #observer: WebLocks;
  readonly #pending = new Map<number, (held: boolean) => void>();
  #nextId = 0;

  /**
   * @param post - sends a message to the page
   * @param manager - this context's lock manager, only looked at
   */
  constructor(post: (message: FromWorker) => void, manager: LockManager) {
    this.#post = post;
    this.#observer = new WebLocks(manager);
  }

  acquire(name: string, waitMs: number): Promise<boolean> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#post({ type: 'lock-acquire', id, name, waitMs });
    });
  }

  /** Takes the page's answer to the request `id`. */
  settle(id: number, held: boolean): void {
    this.#pending.get(id)?.(held);
    this.#pending.delete(id);
  }

  release(name: string): void {
    this.#post({ type: 'lock-release', name });
  }

  releaseAll(): void {
    this.#post({ type: 'lock-release-all' });
  }

  query(prefix: string): Promise<string[]> {
    return this.#observer.query(prefix);
  }

  watch(name: string, gone: () => void): () => void {
    return this.#observer.watch(name, gone);
  }
}
