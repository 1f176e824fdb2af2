/** Streams over files: `read-via-stream`, `write-via-stream` and `append-via-stream`. */
import type { ByteSink } from '../abi/byte-sink.ts';
import type { Disk, FileInode } from '../disk/index.ts';
import { failStream } from './filesystem-error.ts';
import { alwaysReady, streamClosed } from './io.ts';
import { ByteInputStream, ByteOutputStream } from './io-streams.ts';

/** The most that one read or write moves, as on Linux. */
export const transferLimit = 0x7ffff000;

/** Reads a file from a position on. It ends at the end of the file, and goes on if the file grows. */
export class FileInputStream extends ByteInputStream {
  protected readonly readiness = alwaysReady;
  readonly #disk: Disk;
  readonly #file: FileInode;
  #position: number;

  constructor(disk: Disk, file: FileInode, position: number) {
    super();
    this.#disk = disk;
    this.#file = file;
    this.#position = position;
    disk.acquire(file);
  }

  override read(len: number, sink: ByteSink): void | Promise<void> {
    const file = this.#file;
    const position = this.#position;
    if (position >= file.size) throw streamClosed;
    const length = Math.min(len, file.size - position, transferLimit);
    if (length === 0) return;
    if (this.#disk.isCached(file, position, length)) {
      this.#disk.read(file, position, sink.allocate(length));
      this.#position = position + length;
      return;
    }
    return this.#readSlowly(position, length, sink);
  }

  override skip(len: number): number {
    const left = this.#file.size - this.#position;
    if (left <= 0) throw streamClosed;
    const length = Math.min(len, left);
    this.#position += length;
    return length;
  }

  [Symbol.dispose](): void {
    this.#disk.release(this.#file);
  }

  async #readSlowly(position: number, length: number, sink: ByteSink): Promise<void> {
    try {
      const bytes = await this.#disk.load(this.#file, position, length);
      sink.allocate(length).set(bytes);
      this.#position = position + length;
    } catch (error) {
      throw failStream(error);
    }
  }
}

/** Writes to a file: from a position on, or at wherever its end is at each write. */
export class FileOutputStream extends ByteOutputStream {
  protected readonly readiness = alwaysReady;
  readonly #disk: Disk;
  readonly #file: FileInode;
  readonly #sync: boolean;
  /** Undefined for appending. */
  #position: number | undefined;

  /**
   * @param position - where to write first, or undefined to append.
   * @param sync - every write is durable when it returns (O_SYNC).
   */
  constructor(disk: Disk, file: FileInode, position: number | undefined, sync: boolean) {
    super();
    this.#disk = disk;
    this.#file = file;
    this.#position = position;
    this.#sync = sync;
    disk.acquire(file);
  }

  [Symbol.dispose](): void {
    this.#disk.release(this.#file);
  }

  protected override capacity(): number {
    // A regular file takes everything: what is dirty is bounded by making the writer wait. A smaller
    // permit would become short writes, which programs do not expect of files.
    return transferLimit;
  }

  protected override accept(contents: Uint8Array): void | Promise<void> {
    const position = this.#position ?? this.#file.size;
    try {
      const writing = this.#disk.write(this.#file, position, contents);
      if (writing !== undefined) return this.#finish(writing, position + contents.length);
      if (this.#position !== undefined) this.#position = position + contents.length;
      if (!this.#sync) return;
      const syncing = this.#disk.sync();
      if (syncing !== undefined) return this.#finish(syncing, position + contents.length);
    } catch (error) {
      throw failStream(error);
    }
  }

  async #finish(pending: Promise<void>, end: number): Promise<void> {
    try {
      await pending;
      if (this.#position !== undefined) this.#position = end;
      if (this.#sync) await this.#disk.sync();
    } catch (error) {
      throw failStream(error);
    }
  }
}
