import type { ByteSink } from './byte-sink.ts';
import { Trap } from './errors.ts';

/** `cabi_realloc(oldPointer, oldSize, alignment, newSize)`, as the canonical ABI defines it. */
export type Realloc = (
  oldPointer: number,
  oldSize: number,
  alignment: number,
  newSize: number,
) => number;

const UINT32 = 2 ** 32;

/**
 * The memory of one core module as its lowers see it.
 *
 * `bytes` and `view` are detached when the memory grows. Lowers look at `bytes.length` when they
 * start and after every suspension, and every call of `realloc` here looks afterwards, so between
 * those points the views are good.
 */
export class GuestMemory {
  /** All of the memory. */
  bytes = new Uint8Array(0);
  /** All of the memory. */
  view = new DataView(new ArrayBuffer(0));
  /** Where host functions put the bytes of their results. */
  readonly sink = new GuestSink(this);

  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  readonly #loaded = new LastView();
  #memory: WebAssembly.Memory | undefined;
  #realloc: Realloc | undefined;

  /**
   * Binds the lowers to their instance; until then they must not be called.
   *
   * @param memory - the memory that pointers refer to.
   * @param realloc - `undefined` for a module that needs none; then results that need memory trap.
   */
  attach(memory: WebAssembly.Memory, realloc: Realloc | undefined): void {
    this.#memory = memory;
    this.#realloc = realloc;
    this.refresh();
  }

  /** Renews the views; needed when `bytes.length` is 0. */
  refresh(): void {
    if (this.#memory === undefined) throw new Trap('an import was called before instantiation');
    const buffer = this.#memory.buffer;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.#loaded.reset(this.bytes);
    this.sink.refresh(this.bytes);
  }

  /**
   * Checks a pointer.
   *
   * @param pointer - already unsigned.
   * @param alignment - a power of two.
   * @param size - in bytes, at most 2^52.
   * @throws Trap when it is not aligned or reaches beyond the memory.
   */
  check(pointer: number, alignment: number, size: number): void {
    if ((pointer & (alignment - 1)) !== 0) throw new Trap(`pointer ${pointer} is not aligned`);
    if (pointer + size > this.bytes.length) throw new Trap(`pointer ${pointer} is out of bounds`);
  }

  /** Asks the guest for memory; all views of it taken before are void afterwards. */
  allocate(alignment: number, size: number): number {
    if (this.#realloc === undefined) throw new Trap('the program exports no cabi_realloc');
    if (size >= UINT32) throw new Trap('a result is larger than memory can be');
    const pointer = this.#realloc(0, 0, alignment, size) >>> 0;
    if (this.bytes.length === 0) this.refresh();
    this.check(pointer, alignment, size);
    return pointer;
  }

  /** The bytes at a pointer: a view, for parameters of type list<u8>. */
  loadBytes(pointer: number, length: number): Uint8Array {
    const start = pointer >>> 0;
    const end = start + (length >>> 0);
    if (end > this.bytes.length) throw new Trap(`a list at ${start} is out of bounds`);
    return this.#loaded.get(start, end);
  }

  /** A string parameter; traps unless it is valid UTF-8. */
  loadString(pointer: number, length: number): string {
    const encoded = this.loadBytes(pointer, length);
    try {
      return this.#decoder.decode(encoded);
    } catch {
      throw new Trap(`the string at ${pointer >>> 0} is not valid UTF-8`);
    }
  }

  /** Stores a u64 that the host keeps as a number. */
  storeCount(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, true);
    this.view.setUint32(at + 4, (value / UINT32) >>> 0, true);
  }

  /** Allocates and stores a string, and its pointer and length at `at`. */
  storeString(at: number, text: string): void {
    this.storeBytes(at, this.#encoder.encode(text));
  }

  /** Allocates and stores bytes, and their pointer and length at `at`. */
  storeBytes(at: number, contents: Uint8Array): void {
    const pointer = this.allocate(1, contents.length);
    this.bytes.set(contents, pointer);
    this.storeList(at, pointer, contents.length);
  }

  /** Stores a list's pointer and length at `at`. */
  storeList(at: number, pointer: number, length: number): void {
    this.view.setUint32(at, pointer, true);
    this.view.setUint32(at + 4, length, true);
  }
}

/**
 * The view of guest memory made last. Making one costs 50 to 170 ns, more than the rest of a call,
 * and programs read and write by way of the same buffer most of the time.
 */
class LastView {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #view: Uint8Array = this.#bytes;

  /** Starts over with new memory. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = 0;
    this.#view = bytes.subarray(0, 0);
  }

  get(start: number, end: number): Uint8Array {
    if (start !== this.#start || end !== this.#end) {
      this.#view = this.#bytes.subarray(start, end);
      this.#start = start;
      this.#end = end;
    }
    return this.#view;
  }
}

/** The sink of one core module, used again for each call. */
class GuestSink implements ByteSink {
  readonly #memory: GuestMemory;
  readonly #allocated = new LastView();
  #pointer = 0;
  #length = -1;

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  /** Makes the sink ready for the next call. */
  reset(): void {
    this.#length = -1;
  }

  allocate(length: number): Uint8Array {
    if (this.#length !== -1) throw new Error('a ByteSink allocates once per call');
    this.#pointer = this.#memory.allocate(1, length);
    this.#length = length;
    return this.#allocated.get(this.#pointer, this.#pointer + length);
  }

  /** Forgets views of memory that has moved. */
  refresh(bytes: Uint8Array): void {
    this.#allocated.reset(bytes);
  }

  /** Stores the pointer and length of what was allocated. */
  store(at: number): void {
    // Even an empty list gets its pointer from the guest, which knows what it calls not null.
    if (this.#length === -1) this.allocate(0);
    this.#memory.storeList(at, this.#pointer, this.#length);
  }
}
