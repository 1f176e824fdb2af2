import type { Page } from './page.ts';

/** How many pages one insertion looks at for something to evict. */
const sweep = 64;

/**
 * Bounds the pages in memory by evicting with the second-chance (clock) rule. Pages that are dirty,
 * part of a commit under way, or journaled stay, so the bound is exceeded where those alone exceed
 * it; their number is bounded elsewhere (dirty limit, journal limit).
 */
export class PageCache {
  readonly #capacity: number;
  readonly #pages: Page[] = [];
  #hand = 0;

  /** @param capacity - the pages to keep. */
  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity);
  }

  /** The pages in memory. */
  get size(): number {
    return this.#pages.length;
  }

  /** Puts a page into its file and the cache, and evicts others if there are too many. */
  insert(page: Page): void {
    page.inode.pages.set(page.index, page);
    this.#pages.push(page);
    let looks = sweep;
    while (this.#pages.length > this.#capacity && looks-- > 0) this.#step(page);
  }

  #step(keep: Page): void {
    if (this.#hand >= this.#pages.length) this.#hand = 0;
    const page = this.#pages[this.#hand];
    if (page === undefined) return;
    if (!page.dropped) {
      if (page === keep || page.dirtyTo !== 0 || page.commits !== 0 || page.journaled) {
        this.#hand++;
        return;
      }
      if (page.referenced) {
        page.referenced = false;
        this.#hand++;
        return;
      }
      page.inode.pages.delete(page.index);
      if (page.inode.lastPage === page) page.inode.lastPage = undefined;
    }
    const last = this.#pages.pop();
    if (last !== undefined && last !== page) this.#pages[this.#hand] = last;
  }
}
