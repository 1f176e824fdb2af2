import type { CommitInfo, Committer } from './committer.ts';
import { dirtyLimit } from './committer.ts';
import { DiskError } from './error.ts';
import type { Codec } from './format.ts';
import { DirectoryInode, FileInode, SymlinkInode } from './inode.ts';
import type { Inode, Timestamp } from './inode.ts';
import type { PageCache } from './page-cache.ts';
import { Page } from './page.ts';
import type { Durability, Store } from './store/store.ts';

/** The longest name in a directory, in bytes of UTF-8. */
export const maxNameLength = 255;

/** The longest path (and symbolic link target), in bytes of UTF-8. */
export const maxPathLength = 4096;

/** The largest file, in bytes: 16 TiB less one page, as on ext4. */
export const maxFileSize = 2 ** 44 - 4096;

/** The most hard links to one file, as on ext4. */
export const maxLinks = 65_000;

/** Pages that one read from the store fetches at most. */
const maxReadAhead = 64;

/** How a disk is opened. */
export interface DiskOptions {
  /** What an fsync promises; `strict` unless told. */
  readonly durability?: Durability | undefined;
  /** Bytes of file data to keep in memory; 256 MiB unless told. */
  readonly cacheSize?: number | undefined;
  /**
   * Milliseconds after which changes are written back without an fsync; 80 unless told, `Infinity`
   * for never.
   */
  readonly writeBackDelay?: number | undefined;
  /** Bytes of journal from which on it is checkpointed in the background; 1 MiB unless told. */
  readonly journalLimit?: number | undefined;
  /** Refuses every change. Mounting still takes ownership. */
  readonly readOnly?: boolean | undefined;
  /** Who opens it: kept in the mount record, for messages. */
  readonly owner?: string | undefined;
  /** The time in milliseconds since 1970; `Date.now` unless told. */
  readonly now?: (() => number) | undefined;
  /** Called after each completed commit, for statistics. */
  readonly oncommit?: ((info: CommitInfo) => void) | undefined;
}

/** A new value for one of an inode's times: a time, the present, or what it was. */
export type NewTime = 'keep' | 'now' | { readonly seconds: number; readonly nanoseconds: number };

/** What {@link Disk} is made of; see `openDisk`. */
export interface DiskParts {
  readonly store: Store;
  readonly codec: Codec;
  readonly committer: Committer;
  readonly cache: PageCache;
  readonly root: DirectoryInode;
  readonly readOnly: boolean;
  /** What mounting has found damaged; a disk with damages is read-only. */
  readonly damages: readonly string[];
  readonly now: () => number;
}

/**
 * A mounted disk: a tree of inodes in memory, file data in a page cache, everything persistent in a
 * {@link Store}.
 *
 * Operations name inodes, not paths (`resolve` in path.ts walks paths). They fail with
 * {@link DiskError}. Those on the tree are synchronous; those on data return a Promise only when they
 * must wait for the store (a page that is not in memory, too much that is dirty) or when committing.
 * An operation is in effect when it returns, and durable after a `sync`.
 *
 * Whoever keeps an inode across other operations holds a handle on it: `acquire`, later `release`.
 */
export class Disk {
  /** The root directory. */
  readonly root: DirectoryInode;
  /** Every change fails with EROFS. */
  readonly readOnly: boolean;
  /**
   * What is wrong with the disk and what to do, if mounting has found it damaged: it is read-only
   * then, and what is damaged is missing from it.
   */
  readonly damage: string | undefined;
  /** Bytes per block, also the preferred size of transfers. */
  readonly blockSize: number;

  readonly #store: Store;
  readonly #codec: Codec;
  readonly #committer: Committer;
  readonly #cache: PageCache;
  readonly #now: () => number;
  #closed: Promise<void> | undefined;

  /** @internal Use `openDisk`. */
  constructor(parts: DiskParts) {
    this.root = parts.root;
    this.readOnly = parts.readOnly || parts.damages.length !== 0;
    this.damage = describeDamage(parts.store.name, parts.damages);
    this.blockSize = parts.codec.blockSize;
    this.#store = parts.store;
    this.#codec = parts.codec;
    this.#committer = parts.committer;
    this.#cache = parts.cache;
    this.#now = parts.now;
  }

  /** The disk's name. */
  get name(): string {
    return this.#store.name;
  }

  // ---- handles -------------------------------------------------------------------------------

  /** Takes a handle: the inode lives on, even without links, until it is released. */
  acquire(inode: Inode): void {
    inode.handles++;
  }

  /** Gives a handle back. */
  release(inode: Inode): void {
    inode.handles--;
    this.#freeIfUnused(inode);
  }

  // ---- the tree ------------------------------------------------------------------------------

  /**
   * The child of that name, or undefined. `.` and `..` are not children.
   *
   * @throws DiskError ENAMETOOLONG, EINVAL (a NUL or a slash in the name).
   */
  lookup(directory: DirectoryInode, name: string): Inode | undefined {
    const inode = directory.entries.get(name);
    if (inode === undefined) checkName(name);
    return inode;
  }

  /**
   * Makes an empty file.
   *
   * @throws DiskError EEXIST, ENOENT (the directory has been removed), EROFS, and lookup's.
   */
  createFile(directory: DirectoryInode, name: string, mode = 0o644): FileInode {
    this.#checkCreate(directory, name);
    const inode = new FileInode(this.#committer.nextIno++, mode);
    this.#insertNew(directory, name, inode);
    return inode;
  }

  /** Makes an empty directory. Fails as {@link createFile}, and with EMLINK. */
  createDirectory(directory: DirectoryInode, name: string, mode = 0o755): DirectoryInode {
    this.#checkCreate(directory, name);
    const inode = new DirectoryInode(this.#committer.nextIno++, mode);
    inode.parent = directory;
    inode.nlink = 1;
    directory.nlink++;
    this.#insertNew(directory, name, inode);
    return inode;
  }

  /**
   * Makes a symbolic link that holds `target`, whatever that is. Fails as {@link createFile}, with
   * ENOENT for an empty target and ENAMETOOLONG for one over 4,095 bytes.
   */
  createSymlink(directory: DirectoryInode, name: string, target: string): SymlinkInode {
    if (target === '') throw new DiskError('ENOENT', 'a symbolic link needs a target');
    if (byteLength(target) >= maxPathLength) {
      throw new DiskError('ENAMETOOLONG', 'the target of the symbolic link is too long');
    }
    this.#checkCreate(directory, name);
    const inode = new SymlinkInode(this.#committer.nextIno++, 0o777, target);
    this.#insertNew(directory, name, inode);
    return inode;
  }

  /**
   * Gives a file or symbolic link one more name.
   *
   * @throws DiskError EPERM for a directory, EMLINK, ENOENT for an inode without links, and
   * {@link createFile}'s.
   */
  link(inode: Inode, directory: DirectoryInode, name: string): void {
    if (inode.type === 'directory') throw new DiskError('EPERM', 'a directory has one name only');
    this.#checkCreate(directory, name);
    if (inode.nlink === 0) throw new DiskError('ENOENT', 'the file has been removed');
    if (inode.nlink >= maxLinks) throw new DiskError('EMLINK', 'the file has too many names');
    const now = this.#now();
    inode.nlink++;
    this.#touchChanged(inode, now);
    this.#bind(directory, name, inode, now);
  }

  /**
   * Removes a name of a file or symbolic link. The inode goes with its last name and handle.
   *
   * @throws DiskError ENOENT, EISDIR, EROFS.
   */
  unlink(directory: DirectoryInode, name: string): void {
    const inode = this.lookup(directory, name);
    if (inode === undefined) throw noEntry(name);
    if (inode.type === 'directory') throw new DiskError('EISDIR', `"${name}" is a directory`);
    this.#checkWritable();
    const now = this.#now();
    this.#unbind(directory, name, now);
    this.#dropLink(inode, now);
  }

  /**
   * Removes an empty directory.
   *
   * @throws DiskError ENOENT, ENOTDIR, ENOTEMPTY, EROFS.
   */
  removeDirectory(directory: DirectoryInode, name: string): void {
    const inode = this.lookup(directory, name);
    if (inode === undefined) throw noEntry(name);
    if (inode.type !== 'directory') throw notDirectory(name);
    this.#checkWritable();
    if (inode.entries.size !== 0) throw notEmpty(name);
    const now = this.#now();
    this.#unbind(directory, name, now);
    this.#removeEmpty(directory, inode, now);
  }

  /**
   * Renames, atomically, replacing a file or an empty directory of the new name.
   *
   * @throws DiskError ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL (a directory into itself), EROFS.
   */
  rename(
    fromDirectory: DirectoryInode,
    fromName: string,
    toDirectory: DirectoryInode,
    toName: string,
  ): void {
    const inode = this.lookup(fromDirectory, fromName);
    if (inode === undefined) throw noEntry(fromName);
    const replaced = this.lookup(toDirectory, toName);
    this.#checkWritable();
    if (toDirectory.nlink === 0) throw noEntry(toName);
    if (replaced === inode) return;
    if (inode.type === 'directory') {
      if (isWithin(toDirectory, inode)) {
        throw new DiskError('EINVAL', `"${fromName}" cannot be moved into itself`);
      }
      if (replaced !== undefined && replaced.type !== 'directory') throw notDirectory(toName);
    }
    if (replaced?.type === 'directory') {
      // A directory that holds the source is not empty, which is what Linux reports first.
      if (
        replaced.entries.size !== 0 &&
        (inode.type === 'directory' || isWithin(fromDirectory, replaced))
      ) {
        throw notEmpty(toName);
      }
      if (inode.type !== 'directory') throw new DiskError('EISDIR', `"${toName}" is a directory`);
    }
    const now = this.#now();
    if (replaced !== undefined) {
      if (replaced.type === 'directory') this.#removeEmpty(toDirectory, replaced, now);
      else this.#dropLink(replaced, now);
    }
    this.#unbind(fromDirectory, fromName, now);
    this.#bind(toDirectory, toName, inode, now);
    if (inode.type === 'directory' && fromDirectory !== toDirectory) {
      fromDirectory.nlink--;
      toDirectory.nlink++;
      inode.parent = toDirectory;
    }
    this.#touchChanged(inode, now);
  }

  /**
   * Sets the times of last access and modification.
   *
   * @throws DiskError EROFS.
   */
  setTimes(inode: Inode, accessed: NewTime, modified: NewTime): void {
    this.#checkWritable();
    if (accessed === 'keep' && modified === 'keep') return;
    const now = this.#now();
    setTime(inode.accessed, accessed, now);
    setTime(inode.modified, modified, now);
    this.#touchChanged(inode, now);
  }

  // ---- data ----------------------------------------------------------------------------------

  /** Whether {@link read} of that range is served from memory. The range ends within the file. */
  isCached(file: FileInode, offset: number, length: number): boolean {
    const { blockSize } = this;
    const first = Math.floor(offset / blockSize);
    const last = Math.floor((offset + length - 1) / blockSize);
    for (let index = first; index <= last; index++) {
      if (file.lastPage?.index !== index && index < file.storedBlocks && !file.pages.has(index)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Copies the file's bytes from `offset` on into `into`; both ends are within the file, and
   * {@link isCached} holds.
   */
  read(file: FileInode, offset: number, into: Uint8Array): void {
    const { blockSize } = this;
    const { length } = into;
    let index = Math.floor(offset / blockSize);
    let from = offset - index * blockSize;
    if (from + length <= blockSize) {
      const page = this.#find(file, index);
      if (page === undefined) into.fill(0);
      else into.set(page.bytes.subarray(from, from + length));
    } else {
      for (let done = 0; done < length; index++, from = 0) {
        const count = Math.min(blockSize - from, length - done);
        const page = this.#find(file, index);
        if (page === undefined) into.fill(0, done, done + count);
        else into.set(page.bytes.subarray(from, from + count), done);
        done += count;
      }
    }
    this.#touchAccessed(file);
  }

  /**
   * The file's bytes of a range that ends within the file, with what is not in memory read from the
   * store.
   *
   * @throws DiskError EIO when the store cannot be read or a block fails its checksum.
   */
  async load(file: FileInode, offset: number, length: number): Promise<Uint8Array> {
    const { blockSize } = this;
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const index = Math.floor((offset + done) / blockSize);
      const within = offset + done - index * blockSize;
      const count = Math.min(blockSize - within, length - done);
      if (!this.isCached(file, offset + done, count)) {
        const wanted = Math.floor((offset + length - 1) / blockSize) - index + 1;
        await this.#loadPages(file, index, wanted);
        continue;
      }
      this.read(file, offset + done, bytes.subarray(done, done + count));
      done += count;
    }
    return bytes;
  }

  /**
   * Writes bytes at an offset; a gap behind the end of the file reads as zeros. A Promise means that
   * it had to wait; it has copied the bytes then. A write over 4 MiB may be committed in parts.
   *
   * @throws DiskError EFBIG, EROFS, ENOSPC (what is dirty cannot be committed), EIO.
   */
  write(file: FileInode, offset: number, bytes: Uint8Array): Promise<void> | undefined {
    this.#checkWritable();
    const { length } = bytes;
    if (offset + length > maxFileSize) throw tooLarge();
    if (length === 0) return undefined;
    if (
      this.#committer.dirtyBytes + length <= dirtyLimit &&
      this.#canOverwrite(file, offset, length)
    ) {
      this.#overwrite(file, offset, bytes);
      return undefined;
    }
    return this.#writeSlowly(file, offset, bytes.slice());
  }

  /** Writes at the end of the file, wherever that is now. Fails as {@link write}. */
  append(file: FileInode, bytes: Uint8Array): Promise<void> | undefined {
    return this.write(file, file.size, bytes);
  }

  /**
   * Sets the file's size: what is cut off is gone, what is added reads as zeros.
   *
   * @throws DiskError EFBIG, EROFS, EIO.
   */
  truncate(file: FileInode, size: number): Promise<void> | undefined {
    this.#checkWritable();
    if (size > maxFileSize) throw tooLarge();
    const tail = Math.floor(size / this.blockSize);
    const within = size - tail * this.blockSize;
    if (size < file.size && within !== 0 && !this.isCached(file, size, 1)) {
      return this.#loadPages(file, tail, 1).then(() => this.truncate(file, size));
    }
    if (size < file.size) {
      this.#committer.fileTruncated(file, Math.ceil(size / this.blockSize));
      const page = within === 0 ? undefined : this.#find(file, tail);
      if (page !== undefined) {
        const end = Math.min(this.blockSize, file.size - tail * this.blockSize);
        page.bytes.fill(0, within, end);
        this.#committer.pageChanged(page, within, end);
      }
    }
    file.size = size;
    this.#touchModified(file, this.#now());
    return undefined;
  }

  /**
   * What to wait for before changing the tree: undefined while there is room for more that is dirty.
   * Changes to data wait by themselves.
   *
   * @param removes - for a removal, which may be what makes room: it goes on where there is no space.
   *
   * @throws DiskError ENOSPC when what is dirty cannot be committed for want of space, EIO.
   */
  throttle(removes = false): Promise<void> | undefined {
    return this.#committer.throttle(removes);
  }

  // ---- durability ----------------------------------------------------------------------------

  /**
   * Makes everything done so far on this disk durable (fsync). Undefined if it already is.
   *
   * @throws DiskError ENOSPC (kept in memory, tried again by the next call), EIO (final).
   */
  sync(): Promise<void> | undefined {
    return this.#committer.sync();
  }

  /** As {@link sync}, always as a Promise. */
  async flush(): Promise<void> {
    await this.sync();
  }

  /**
   * Writes everything back and gives the disk up. The disk is given up even when the write-back
   * fails; the failure is thrown after that. Later calls return the first one's Promise.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#committer.close();
      await this.#store.close();
    }
  }

  // ---- inside --------------------------------------------------------------------------------

  #checkWritable(): void {
    if (this.readOnly) {
      throw new DiskError('EROFS', this.damage ?? `disk "${this.name}" is read-only`);
    }
    if (this.#closed !== undefined) throw new DiskError('EIO', `disk "${this.name}" is closed`);
    if (this.#committer.failure !== undefined) throw this.#committer.failure;
  }

  #checkCreate(directory: DirectoryInode, name: string): void {
    if (this.lookup(directory, name) !== undefined) {
      throw new DiskError('EEXIST', `"${name}" exists already`);
    }
    if (directory.nlink === 0) throw noEntry(name);
    this.#checkWritable();
  }

  #insertNew(directory: DirectoryInode, name: string, inode: Inode): void {
    const now = this.#now();
    inode.nlink++;
    inode.accessed.setMilliseconds(now);
    inode.modified.setMilliseconds(now);
    this.#touchChanged(inode, now);
    this.#bind(directory, name, inode, now);
  }

  #bind(directory: DirectoryInode, name: string, inode: Inode, now: number): void {
    directory.entries.set(name, inode);
    this.#committer.nameChanged(directory, name);
    this.#touchModified(directory, now);
  }

  #unbind(directory: DirectoryInode, name: string, now: number): void {
    directory.entries.delete(name);
    this.#committer.nameChanged(directory, name);
    this.#touchModified(directory, now);
  }

  #dropLink(inode: Inode, now: number): void {
    inode.nlink--;
    this.#touchChanged(inode, now);
    this.#freeIfUnused(inode);
  }

  #removeEmpty(parent: DirectoryInode, directory: DirectoryInode, now: number): void {
    parent.nlink--;
    directory.nlink = 0;
    this.#touchChanged(directory, now);
    this.#freeIfUnused(directory);
  }

  #freeIfUnused(inode: Inode): void {
    if (inode.nlink === 0 && inode.handles === 0 && !inode.freed) this.#committer.inodeFreed(inode);
  }

  #touchChanged(inode: Inode, now: number): void {
    inode.changed.setMilliseconds(now);
    this.#committer.inodeChanged(inode);
  }

  #touchModified(inode: Inode, now: number): void {
    inode.modified.setMilliseconds(now);
    this.#touchChanged(inode, now);
  }

  /**
   * As Linux's relatime: the time of access moves only when it is older than the last change. It is
   * written with the inode's next change, never for itself, so that reading dirties nothing.
   */
  #touchAccessed(inode: Inode): void {
    if (inode.accessed.compare(inode.modified) <= 0 && !this.readOnly) {
      inode.accessed.setMilliseconds(this.#now());
    }
  }

  /** The page, if it is in memory. */
  #find(file: FileInode, index: number): Page | undefined {
    let page = file.lastPage;
    if (page?.index !== index) {
      page = file.pages.get(index);
      if (page === undefined) return undefined;
      file.lastPage = page;
    }
    page.referenced = true;
    return page;
  }

  /** Whether the range can be written without reading its first or last page from the store. */
  #canOverwrite(file: FileInode, offset: number, length: number): boolean {
    const { blockSize } = this;
    const end = offset + length;
    const first = Math.floor(offset / blockSize);
    const last = Math.floor((end - 1) / blockSize);
    return (
      (first >= file.storedBlocks ||
        this.#find(file, first) !== undefined ||
        this.#covers(file, first, offset, end)) &&
      (last === first ||
        last >= file.storedBlocks ||
        this.#find(file, last) !== undefined ||
        this.#covers(file, last, offset, end))
    );
  }

  /** Whether `[offset, end)` replaces all that the file has in a block. */
  #covers(file: FileInode, index: number, offset: number, end: number): boolean {
    const { blockSize } = this;
    return offset <= index * blockSize && end >= Math.min((index + 1) * blockSize, file.size);
  }

  #overwrite(file: FileInode, offset: number, bytes: Uint8Array): void {
    const { blockSize } = this;
    const { length } = bytes;
    let index = Math.floor(offset / blockSize);
    let from = offset - index * blockSize;
    if (from + length <= blockSize) {
      const page = this.#find(file, index) ?? this.#add(file, index);
      page.bytes.set(bytes, from);
      this.#committer.pageChanged(page, from, from + length);
    } else {
      for (let done = 0; done < length; index++, from = 0) {
        const count = Math.min(blockSize - from, length - done);
        const page = this.#find(file, index) ?? this.#add(file, index);
        page.bytes.set(bytes.subarray(done, done + count), from);
        this.#committer.pageChanged(page, from, from + count);
        done += count;
      }
    }
    if (offset + length > file.size) file.size = offset + length;
    this.#touchModified(file, this.#now());
  }

  async #writeSlowly(file: FileInode, offset: number, bytes: Uint8Array): Promise<void> {
    const { blockSize } = this;
    for (let done = 0; done < bytes.length;) {
      while (this.#committer.dirtyBytes >= dirtyLimit) await this.#committer.throttle();
      this.#checkWritable();
      const at = offset + done;
      const index = Math.floor(at / blockSize);
      const within = at - index * blockSize;
      const left = bytes.length - done;
      // A piece covers at most one block in part, so that one page in memory is enough for it.
      const room = Math.max(1, Math.floor((dirtyLimit - this.#committer.dirtyBytes) / blockSize));
      const count =
        within !== 0 || left < blockSize
          ? Math.min(left, blockSize - within)
          : Math.min(room, Math.floor(left / blockSize)) * blockSize;
      if (!this.#canOverwrite(file, at, count)) {
        await this.#loadPages(file, index, 1);
        continue;
      }
      this.#overwrite(file, at, bytes.subarray(done, done + count));
      done += count;
    }
  }

  #add(file: FileInode, index: number): Page {
    const page = new Page(file, index, this.blockSize);
    this.#cache.insert(page);
    file.lastPage = page;
    return page;
  }

  /** Reads `wanted` pages from `first` on, and more if the file is being read in sequence. */
  async #loadPages(file: FileInode, first: number, wanted: number): Promise<void> {
    if (first >= file.storedBlocks || file.pages.has(first)) return;
    file.readAheadBlocks =
      first === file.readAheadNext ? Math.min(maxReadAhead, file.readAheadBlocks * 2) : 1;
    const count = Math.min(
      Math.max(file.readAheadBlocks, Math.min(wanted, maxReadAhead)),
      file.storedBlocks - first,
    );
    file.readAheadNext = first + count;
    const { ino } = file;
    let records;
    try {
      records = await this.#store.read('blocks', {
        from: [ino, first],
        to: [ino, first + count - 1],
      });
    } catch (error) {
      throw new DiskError('EIO', `disk "${this.name}" could not be read`, { cause: error });
    }
    const pages = new Map<number, Page>();
    for (const { key, value } of records) {
      // Keys of the blocks table are pairs of numbers; anything else matches no page.
      const index = typeof key === 'object' ? Number(key[1]) : NaN;
      const page = new Page(file, index, this.blockSize);
      this.#codec.decodeBlock(value, page);
      pages.set(index, page);
    }
    // The file may have changed meanwhile: what is in memory, or beyond its blocks, is newer. The page
    // asked for comes last, so that even a cache smaller than this read keeps it.
    const end = Math.min(first + count, file.storedBlocks);
    for (let index = end - 1; index >= first; index--) {
      if (file.pages.has(index) || file.freed) continue;
      this.#cache.insert(pages.get(index) ?? new Page(file, index, this.blockSize));
    }
  }
}

function describeDamage(name: string, damages: readonly string[]): string | undefined {
  const [first] = damages;
  if (first === undefined) return undefined;
  const others = damages.length === 1 ? '' : ` and ${damages.length - 1} more`;
  return `disk "${name}" is damaged (${first}${others}) and read-only: copy what is left to a new disk`;
}

function setTime(time: Timestamp, value: NewTime, now: number): void {
  if (value === 'keep') return;
  if (value === 'now') time.setMilliseconds(now);
  else time.set(value.seconds, value.nanoseconds);
}

/** The length of a string in bytes of UTF-8. */
export function byteLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) length++;
    // A surrogate pair is two units and four bytes, any other unit from 0x800 on is three bytes.
    if (unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff)) length++;
  }
  return length;
}

function checkName(name: string): void {
  if (name.length * 3 > maxNameLength && byteLength(name) > maxNameLength) {
    throw new DiskError('ENAMETOOLONG', `a name is longer than ${maxNameLength} bytes`);
  }
  if (name === '' || name.includes('\0') || name.includes('/')) {
    throw new DiskError('EINVAL', 'a name is empty or holds a NUL or a slash');
  }
}

/** Whether `directory` is `ancestor` or lies below it. */
function isWithin(directory: DirectoryInode, ancestor: DirectoryInode): boolean {
  for (let at = directory; ; at = at.parent) {
    if (at === ancestor) return true;
    if (at.parent === at) return false;
  }
}

function noEntry(name: string): DiskError {
  return new DiskError('ENOENT', `"${name}" does not exist`);
}

function notDirectory(name: string): DiskError {
  return new DiskError('ENOTDIR', `"${name}" is not a directory`);
}

function notEmpty(name: string): DiskError {
  return new DiskError('ENOTEMPTY', `"${name}" is not empty`);
}

function tooLarge(): DiskError {
  return new DiskError('EFBIG', `a file cannot exceed ${maxFileSize} bytes`);
}
