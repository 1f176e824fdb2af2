import { Trap } from './errors.ts';

/** Slots: the low bits of a handle. */
const INDEX_BITS = 20;
const INDEX_MASK = (1 << INDEX_BITS) - 1;

/** Handles stay below 2^28, the limit of the canonical ABI. */
const GENERATIONS = 1 << (28 - INDEX_BITS);

/** What a dropped object may offer. */
interface Droppable {
  [Symbol.dispose]?(): void;
}

/**
 * The handle table of one program: handles of all resource types share one space of small
 * integers. A handle's upper bits count how often its slot was used, so that a stale handle is
 * unknown rather than someone else's. Handle 0 is never given out.
 */
export class HandleTable {
  readonly #kindNames: readonly string[];
  // Parallel arrays instead of an object per slot: lookups are two loads and a comparison.
  readonly #objects: (Droppable | undefined)[] = [undefined];
  readonly #handles: number[] = [-1];
  readonly #kinds: number[] = [-1];
  readonly #parents: number[] = [0];
  readonly #children: number[] = [0];
  readonly #free: number[] = [];

  /** @param kindNames - the WIT name of each resource kind, by its number. */
  constructor(kindNames: readonly string[]) {
    this.#kindNames = kindNames;
  }

  /** How many handles are alive. */
  get size(): number {
    return this.#objects.length - 1 - this.#free.length;
  }

  /**
   * Gives the guest a handle.
   *
   * @param object - what the handle stands for; disposed of when the handle is dropped.
   * @param kind - the number of its resource type.
   * @param parent - the handle that must outlive this one, or 0.
   */
  add(object: object, kind: number, parent: number): number {
    let index = this.#free.pop();
    let handle: number;
    if (index === undefined) {
      index = this.#objects.length;
      if (index > INDEX_MASK) throw new Trap('the program holds too many handles');
      handle = index;
      this.#objects.push(object);
      this.#handles.push(handle);
      this.#kinds.push(kind);
      this.#parents.push(parent & INDEX_MASK);
      this.#children.push(0);
    } else {
      // A free slot keeps its last handle, negated, to know its generation.
      const generation = ((-(this.#handles[index] ?? 0) >>> INDEX_BITS) + 1) % GENERATIONS;
      handle = (generation << INDEX_BITS) | index;
      this.#objects[index] = object;
      this.#handles[index] = handle;
      this.#kinds[index] = kind;
      this.#parents[index] = parent & INDEX_MASK;
    }
    if (parent !== 0) this.#adjustChildren(parent & INDEX_MASK, 1);
    return handle;
  }

  /**
   * The object behind a handle.
   *
   * @throws Trap when the handle is not alive or of another kind.
   */
  get(handle: number, kind: number): object {
    const index = handle & INDEX_MASK;
    const object = this.#objects[index];
    if (object === undefined || this.#handles[index] !== handle || this.#kinds[index] !== kind) {
      throw this.#wrongHandle(handle, kind);
    }
    return object;
  }

  /**
   * Ends a handle and disposes of its object.
   *
   * @throws Trap when the handle is not alive, of another kind, or has children.
   */
  drop(handle: number, kind: number): void {
    const object: Droppable = this.get(handle, kind);
    const index = handle & INDEX_MASK;
    if (this.#children[index] !== 0) throw new Trap('resource has children');
    this.#release(index, handle);
    object[Symbol.dispose]?.();
  }

  /**
   * Drops everything, children before their parents; for the end of a program.
   *
   * @throws AggregateError with what disposals threw, after all were disposed of.
   */
  dropAll(): void {
    const errors: unknown[] = [];
    while (this.size > 0) {
      for (let index = this.#objects.length - 1; index > 0; index--) {
        const object = this.#objects[index];
        const handle = this.#handles[index];
        if (object === undefined || handle === undefined || this.#children[index] !== 0) continue;
        this.#release(index, handle);
        try {
          object[Symbol.dispose]?.();
        } catch (error) {
          errors.push(error);
        }
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'resources were not disposed of');
  }

  #release(index: number, handle: number): void {
    const parent = this.#parents[index] ?? 0;
    if (parent !== 0) this.#adjustChildren(parent, -1);
    this.#objects[index] = undefined;
    this.#handles[index] = -handle;
    this.#free.push(index);
  }

  #adjustChildren(index: number, by: number): void {
    this.#children[index] = (this.#children[index] ?? 0) + by;
  }

  #wrongHandle(handle: number, kind: number): Trap {
    const index = handle & INDEX_MASK;
    const wanted = this.#kindNames[kind] ?? 'resource';
    if (this.#objects[index] === undefined || this.#handles[index] !== handle) {
      return new Trap(`unknown ${wanted} handle ${handle}`);
    }
    const found = this.#kindNames[this.#kinds[index] ?? -1] ?? 'resource';
    return new Trap(`handle ${handle} is of kind ${found}, not ${wanted}`);
  }
}
