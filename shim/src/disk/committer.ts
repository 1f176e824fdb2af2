import { DiskError } from './error.ts';
import { JournalWriter } from './format.ts';
import type { Codec } from './format.ts';
import type { DirectoryInode, FileInode, Inode } from './inode.ts';
import type { Page } from './page.ts';
import { CommitError } from './store/store.ts';
import type { Durability, Store, StoreOperation } from './store/store.ts';

/** Dirty bytes at which a writer has to wait for a cut: no transaction grows much beyond it. */
export const dirtyLimit = 4 << 20;

/** A dirty page counts at least this much, so that tiny scattered writes are bounded as well. */
const smallestDirtyCost = 4096;

/** What a changed inode counts as dirty, beside a symbolic link's target: about its journal entry. */
const inodeCost = 64;

/** What a changed name counts as dirty, beside the name itself. */
const nameCost = 32;

/** Data that a commit puts into the journal at most; the rest goes to whole blocks at once. */
const inlineLimit = 256 << 10;

/** Checkpoints begin when the journal pins one page per this many bytes it may hold. */
const journalBytesPerPage = 4096;

/** What one checkpoint step moves at most. */
const checkpointStepBytes = 1 << 20;
const checkpointStepRecords = 512;

/** A journal this many times over its limit is checkpointed even while an fsync waits. */
const checkpointForce = 4;

/** A state of the journal, as mounting found it. */
export interface JournalState {
  /** The next sequence number to write. */
  readonly nextSequence: number;
  /** The oldest sequence number whose record has not been checkpointed away. */
  readonly tail: number;
  /** Sequence numbers of the mount records that are kept as fences. */
  readonly mounts: readonly number[];
}

/** How a committer behaves. */
export interface CommitterOptions {
  readonly durability: Durability;
  /** Milliseconds from a change to its write-back, or undefined for none. */
  readonly writeBackDelay: number | undefined;
  /** Bytes that the journal holds when checkpoints begin. */
  readonly journalLimit: number;
  /** Called after every completed commit. */
  readonly oncommit: ((info: CommitInfo) => void) | undefined;
}

/** What a completed commit held. */
export interface CommitInfo {
  readonly durability: Durability;
  /** The sequence number of its last journal record. */
  readonly sequence: number;
  /** Operations and bytes of values in its transaction. */
  readonly operations: number;
  readonly bytes: number;
}

/** A binding of a name that the journal knows and the `entries` table does not. */
interface JournaledName {
  readonly directory: DirectoryInode;
  readonly name: string;
  readonly sequence: number;
}

interface CutPage {
  readonly page: Page;
  readonly from: number;
  readonly to: number;
  /** The whole block was written, so that the journal is not needed for it. */
  readonly whole: boolean;
}

interface CutFile {
  readonly file: FileInode;
  readonly truncatedTo: number;
  readonly deleteFrom: number;
}

/** Everything that was dirty at one instant, on its way to the store. */
class Cut {
  readonly pages: CutPage[] = [];
  readonly inodes: Inode[] = [];
  readonly names: { directory: DirectoryInode; names: string[] }[] = [];
  readonly files: CutFile[] = [];
  /** What a checkpoint step moves along with it. */
  readonly movedPages: Page[] = [];
  readonly movedInodes: Inode[] = [];
  readonly movedNames: string[] = [];
  readonly operations: StoreOperation[] = [];
  firstSequence = 0;
  lastSequence = 0;
  tail = 0;
  journalBytes = 0;
  bytes = 0;
}

/** A commit that fsyncs arriving during another one share. */
interface Waiting {
  durability: Durability;
  readonly done: PromiseWithResolvers<undefined>;
  /** Resolved when its cut has been taken, so that writers may go on. */
  readonly begun: PromiseWithResolvers<undefined>;
}

/**
 * Keeps what is dirty, and writes it back: one transaction per commit, one at a time, each a
 * consistent cut of the whole disk. It also checkpoints the journal, in steps that ride on commits.
 *
 * Every commit adds its journal records at the next sequence number. If an owner that mounted the
 * disk later has taken that number, the transaction aborts as a whole: a stale owner changes nothing.
 */
export class Committer {
  /** Bytes of data and metadata changed since the last cut, see {@link dirtyLimit}. */
  dirtyBytes = 0;
  /** Why the disk takes no changes any more (EIO), if so: final until it is mounted again. */
  failure: DiskError | undefined;
  /** The next inode number. */
  nextIno: number;

  readonly #store: Store;
  readonly #codec: Codec;
  readonly #journal: JournalWriter;
  readonly #options: CommitterOptions;

  readonly #dirtyPages = new Set<Page>();
  readonly #dirtyInodes = new Set<Inode>();
  readonly #dirtyDirectories = new Set<DirectoryInode>();
  readonly #dirtyFiles = new Set<FileInode>();

  /** What is in the journal only, each with the sequence number it is there since, oldest first. */
  readonly #journaledPages = new Map<Page, number>();
  readonly #journaledInodes = new Map<Inode, number>();
  readonly #journaledNames = new Map<string, JournaledName>();
  readonly #journalSizes: { sequence: number; bytes: number }[] = [];
  #journalBytes = 0;
  #nextSequence: number;
  #tail: number;
  #mounts: number[];
  #checkpointing = false;

  #running: { durability: Durability; done: Promise<void> } | undefined;
  #waiting: Waiting | undefined;
  /** The last commit failed for want of space. */
  #full = false;
  /** A relaxed commit has completed that no strict one has followed. */
  #unflushed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #checkpointTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    store: Store,
    codec: Codec,
    nextIno: number,
    journal: JournalState,
    options: CommitterOptions,
  ) {
    this.#store = store;
    this.#codec = codec;
    this.#journal = new JournalWriter(codec);
    this.#options = options;
    this.nextIno = nextIno;
    this.#nextSequence = journal.nextSequence;
    this.#tail = journal.tail;
    this.#mounts = [...journal.mounts];
  }

  /** Bytes of journal that have not been checkpointed. */
  get journalBytes(): number {
    return this.#journalBytes;
  }

  get #isDirty(): boolean {
    return (
      this.#dirtyPages.size !== 0 ||
      this.#dirtyInodes.size !== 0 ||
      this.#dirtyDirectories.size !== 0 ||
      this.#dirtyFiles.size !== 0
    );
  }

  /** Notes that `page[from, to)` has changed. */
  pageChanged(page: Page, from: number, to: number): void {
    if (page.dirtyTo === 0) {
      page.dirtyFrom = from;
      page.dirtyTo = to;
      this.#dirtyPages.add(page);
      this.dirtyBytes += Math.max(smallestDirtyCost, to - from);
      if (this.#timer === undefined) this.#startTimer();
      return;
    }
    if (from >= page.dirtyFrom && to <= page.dirtyTo) return;
    const before = Math.max(smallestDirtyCost, page.dirtyTo - page.dirtyFrom);
    if (from < page.dirtyFrom) page.dirtyFrom = from;
    if (to > page.dirtyTo) page.dirtyTo = to;
    this.dirtyBytes += Math.max(smallestDirtyCost, page.dirtyTo - page.dirtyFrom) - before;
  }

  /** Notes that an inode (not its data) has changed. */
  inodeChanged(inode: Inode): void {
    if (inode.dirty) return;
    inode.dirty = true;
    this.#dirtyInodes.add(inode);
    this.dirtyBytes += costOf(inode);
    if (this.#timer === undefined) this.#startTimer();
  }

  /** Notes that a name in a directory has been bound, rebound or removed. */
  nameChanged(directory: DirectoryInode, name: string): void {
    if (!directory.dirtyNames.has(name)) {
      directory.dirtyNames.add(name);
      this.dirtyBytes += nameCost + name.length;
    }
    this.#dirtyDirectories.add(directory);
    if (this.#timer === undefined) this.#startTimer();
  }

  /** Notes that a file now ends within or before block `blocks - 1`, and drops its pages beyond. */
  fileTruncated(file: FileInode, blocks: number): void {
    if (file.stored) {
      file.truncatedTo = Math.min(file.truncatedTo, blocks);
      if (file.storedBlocks > blocks) {
        file.deleteFrom = Math.min(file.deleteFrom, blocks);
        file.storedBlocks = blocks;
      }
      this.#dirtyFiles.add(file);
      if (this.#timer === undefined) this.#startTimer();
    }
    for (const page of file.pages.values()) if (page.index >= blocks) this.#drop(page);
  }

  /** Notes that an inode is gone: no links, no handles. */
  inodeFreed(inode: Inode): void {
    inode.freed = true;
    if (inode.type === 'file') this.fileTruncated(inode, 0);
    if (inode.stored) {
      this.inodeChanged(inode);
    } else if (inode.dirty) {
      inode.dirty = false;
      this.#dirtyInodes.delete(inode);
      this.dirtyBytes -= costOf(inode);
    }
  }

  /** Registers a page that mounting has rebuilt from the journal. */
  pageReplayed(page: Page, sequence: number): void {
    page.journaled = true;
    this.#journaledPages.set(page, sequence);
  }

  /** Registers an inode that mounting has found in the journal. */
  inodeReplayed(inode: Inode, sequence: number): void {
    this.#journaledInodes.set(inode, sequence);
  }

  /** Registers a name that mounting has found in the journal. */
  nameReplayed(directory: DirectoryInode, name: string, sequence: number): void {
    this.#journaledNames.set(nameKey(directory, name), { directory, name, sequence });
  }

  /** Registers a journal record that mounting has found. */
  recordReplayed(sequence: number, bytes: number): void {
    this.#journalSizes.push({ sequence, bytes });
    this.#journalBytes += bytes;
  }

  /** Writes the mount record, together with what mounting has cleaned up. */
  async mount(seconds: number, owner: string): Promise<void> {
    await this.#begin('relaxed', false, { seconds, owner });
  }

  /**
   * Makes everything changed so far durable as the disk's durability says. Returns undefined if it
   * is already.
   *
   * @throws DiskError ENOSPC (the changes stay in memory, the next call tries again) or EIO (final).
   */
  sync(): Promise<void> | undefined {
    return this.#commit(this.#options.durability);
  }

  /**
   * What a writer waits for before it may add to what is dirty: undefined if there is room.
   *
   * @param removes - for a removal, which may be what makes room: it goes on where there is no space.
   *
   * @throws DiskError ENOSPC when what is dirty cannot be written for want of space.
   */
  throttle(removes = false): Promise<void> | undefined {
    if (this.dirtyBytes < dirtyLimit) return undefined;
    if (this.#full) return removes ? undefined : this.#commit('relaxed');
    if (this.#running === undefined) {
      ignore(this.#begin('relaxed', false));
      return undefined;
    }
    return this.#join('relaxed').begun.promise;
  }

  /** Ends background work. Everything that matters has been synced before. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#checkpointTimer);
    // Reported to those who asked for the commit.
    await this.#running?.done.catch(() => undefined);
  }

  /** The store is lost: nothing can be written any more. */
  fail(error: DiskError): void {
    this.failure ??= error;
  }

  #commit(durability: Durability): Promise<void> | undefined {
    if (this.failure !== undefined) throw this.failure;
    const running = this.#running;
    if (running === undefined) {
      if (!this.#isDirty && (durability === 'relaxed' || !this.#unflushed)) return undefined;
      return this.#begin(durability, false);
    }
    if (!this.#isDirty && (durability === 'relaxed' || running.durability === 'strict')) {
      return running.done;
    }
    return this.#join(durability).done.promise;
  }

  #join(durability: Durability): Waiting {
    this.#waiting ??= {
      durability,
      done: Promise.withResolvers<undefined>(),
      begun: Promise.withResolvers<undefined>(),
    };
    if (durability === 'strict') this.#waiting.durability = 'strict';
    // Not everyone who joins waits for the end; those who do see the failure.
    ignore(this.#waiting.done.promise);
    ignore(this.#waiting.begun.promise);
    return this.#waiting;
  }

  #begin(
    durability: Durability,
    checkpoint: boolean,
    mount?: { seconds: number; owner: string },
  ): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const cut = this.#cut(checkpoint, mount);
    const done = this.#store
      .commit(cut.operations, durability)
      .then(
        () => this.#succeeded(cut, durability),
        (error: unknown) => {
          throw this.#failed(cut, error);
        },
      )
      .finally(() => this.#ended());
    this.#running = { durability, done };
    return done;
  }

  #ended(): void {
    this.#running = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      this.#beginFor(waiting);
      return;
    }
    if (this.#isDirty && this.#timer === undefined && !this.#full) this.#startTimer();
    this.#scheduleCheckpoint();
  }

  #beginFor({ durability, done, begun }: Waiting): void {
    if (this.failure !== undefined) {
      done.reject(this.failure);
      begun.resolve(undefined);
      return;
    }
    const wasFull = this.#full;
    const succeeded = (): void => {
      done.resolve(undefined);
      begun.resolve(undefined);
    };
    const failed = (error: unknown): void => {
      done.reject(error);
      begun.reject(error);
    };
    this.#begin(durability, false).then(succeeded, failed);
    // While there is no space, writers wait for the end: else memory would fill up with what cannot
    // be committed.
    if (!wasFull) begun.resolve(undefined);
  }

  #startTimer(): void {
    const delay = this.#options.writeBackDelay;
    if (delay === undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // A failure is kept: the next fsync reports it or tries again.
      if (this.failure === undefined && this.#isDirty) ignore(this.#commit('relaxed'));
    }, delay);
  }

  #scheduleCheckpoint(): void {
    const limit = this.#checkpointing ? 0.5 : 1;
    this.#checkpointing = this.#journalExceeds(limit);
    if (!this.#checkpointing || this.#full || this.#closed || this.failure !== undefined) return;
    this.#checkpointTimer ??= setTimeout(() => {
      this.#checkpointTimer = undefined;
      // A commit under way schedules the checkpoint again when it ends.
      if (this.#running === undefined && !this.#closed && this.failure === undefined) {
        ignore(this.#begin('relaxed', true));
      }
    }, 0);
  }

  /** Whether the journal holds more than that many times its limit, and something to move. */
  #journalExceeds(times: number): boolean {
    const limit = times * this.#options.journalLimit;
    const { size: pages } = this.#journaledPages;
    if (pages + this.#journaledInodes.size + this.#journaledNames.size === 0) return false;
    return this.#journalBytes > limit || pages * journalBytesPerPage > limit;
  }

  #drop(page: Page): void {
    if (page.dirtyTo !== 0) {
      this.dirtyBytes -= Math.max(smallestDirtyCost, page.dirtyTo - page.dirtyFrom);
      page.dirtyTo = 0;
      this.#dirtyPages.delete(page);
    }
    // It stays in #journaledPages: its records must last until the truncation itself is committed.
    page.dropped = true;
    page.bytes = nothing;
    page.inode.pages.delete(page.index);
    if (page.inode.lastPage === page) page.inode.lastPage = undefined;
  }

  /** Takes everything dirty, synchronously, and turns it into the operations of one transaction. */
  #cut(checkpoint: boolean, mount?: { seconds: number; owner: string }): Cut {
    const cut = new Cut();
    const journal = this.#journal;
    const { blockSize } = this.#codec;
    const blocks: StoreOperation[] = [];
    cut.firstSequence = this.#nextSequence;
    journal.begin(this.#nextSequence, this.nextIno);
    if (mount !== undefined) journal.mount(mount.seconds, mount.owner);

    if (checkpoint || this.#journalExceeds(checkpointForce)) this.#chooseMoves(cut);

    for (const inode of this.#dirtyInodes) {
      if (inode.freed) journal.removeInode(inode.ino);
      else journal.inode(inode);
      inode.dirty = false;
      inode.stored = true;
      cut.inodes.push(inode);
    }
    this.#dirtyInodes.clear();

    for (const directory of this.#dirtyDirectories) {
      const names = [...directory.dirtyNames];
      for (const name of names) {
        const inode = directory.entries.get(name);
        if (inode === undefined) journal.removeEntry(directory.ino, name);
        else journal.entry(directory.ino, name, inode.ino);
      }
      directory.dirtyNames.clear();
      cut.names.push({ directory, names });
    }
    this.#dirtyDirectories.clear();

    for (const file of this.#dirtyFiles) {
      const { truncatedTo, deleteFrom } = file;
      if (truncatedTo !== Infinity && !file.freed) journal.truncate(file.ino, truncatedTo);
      if (deleteFrom !== Infinity) {
        const range = { from: [file.ino, deleteFrom], to: [file.ino, Infinity] } as const;
        blocks.push({ kind: 'delete', table: 'blocks', range });
      }
      file.truncatedTo = Infinity;
      file.deleteFrom = Infinity;
      cut.files.push({ file, truncatedTo, deleteFrom });
    }
    this.#dirtyFiles.clear();

    this.#cutPages(cut, blocks, blockSize);

    const records = journal.finish();
    cut.lastSequence = cut.firstSequence + records.length - 1;
    cut.operations.push(...blocks);
    this.#cutMoves(cut);
    // The first record is the fence: an owner that has mounted since has taken its number. It comes
    // last, as adds have to; the others are safe behind it.
    for (const { sequence, value } of records.toReversed()) {
      const kind = sequence === cut.firstSequence ? 'add' : 'put';
      cut.operations.push({ kind, table: 'journal', key: sequence, value });
      cut.journalBytes += value.length;
    }
    for (const operation of cut.operations) {
      if (operation.kind !== 'delete') cut.bytes += operation.value.length;
    }
    return cut;
  }

  #cutPages(cut: Cut, blocks: StoreOperation[], blockSize: number): void {
    let inline = inlineLimit;
    let run: { ino: number; first: number; count: number } | undefined;
    const put = (page: Page): void => {
      const { inode, index } = page;
      const length = Math.min(blockSize, inode.size - index * blockSize);
      const value = this.#codec.encodeBlock(page, length);
      blocks.push({ kind: 'put', table: 'blocks', key: [inode.ino, index], value });
      inode.storedBlocks = Math.max(inode.storedBlocks, index + 1);
    };
    const moved = new Set(cut.movedPages);
    for (const page of this.#dirtyPages) {
      const { dirtyFrom: from, dirtyTo: to } = page;
      const whole = moved.has(page) || to - from > blockSize / 2 || to - from > inline;
      if (!whole) {
        inline -= to - from;
        this.#journal.bytes(page, from, to);
      } else if (!moved.has(page)) {
        put(page);
      }
      if (whole) {
        if (run?.ino === page.inode.ino && run.first + run.count === page.index) {
          run.count++;
        } else {
          if (run !== undefined) this.#journal.blocks(run.ino, run.first, run.count);
          run = { ino: page.inode.ino, first: page.index, count: 1 };
        }
      }
      page.dirtyTo = 0;
      page.commits++;
      cut.pages.push({ page, from, to, whole });
    }
    if (run !== undefined) this.#journal.blocks(run.ino, run.first, run.count);
    this.#dirtyPages.clear();
    this.dirtyBytes = 0;
    for (const page of cut.movedPages) {
      page.commits++;
      if (!page.dropped) put(page);
    }
  }

  /**
   * Chooses what a checkpoint step moves from the journal to the tables: the oldest first, since only
   * that frees journal records. All of it is current, as the cut holds everything dirty.
   */
  #chooseMoves(cut: Cut): void {
    let room = checkpointStepBytes;
    for (const page of this.#journaledPages.keys()) {
      if (room < this.#codec.blockSize) break;
      cut.movedPages.push(page);
      if (!page.dropped) room -= this.#codec.blockSize;
    }
    let records = checkpointStepRecords;
    for (const inode of this.#journaledInodes.keys()) {
      if (records-- === 0) break;
      cut.movedInodes.push(inode);
    }
    records = checkpointStepRecords;
    for (const key of this.#journaledNames.keys()) {
      if (records-- === 0) break;
      cut.movedNames.push(key);
    }
  }

  #cutMoves(cut: Cut): void {
    cut.tail = this.#tail;
    if (cut.movedPages.length + cut.movedInodes.length + cut.movedNames.length === 0) return;
    const operations = cut.operations;
    for (const inode of cut.movedInodes) {
      const { ino } = inode;
      if (inode.freed) {
        operations.push({ kind: 'delete', table: 'inodes', range: { from: ino, to: ino } });
      } else {
        const value = this.#codec.encodeInode(inode);
        operations.push({ kind: 'put', table: 'inodes', key: ino, value });
      }
    }
    for (const id of cut.movedNames) {
      const journaled = this.#journaledNames.get(id);
      if (journaled === undefined) continue;
      const { directory, name } = journaled;
      const key = [directory.ino, name] as const;
      const inode = directory.entries.get(name);
      if (inode === undefined) {
        operations.push({ kind: 'delete', table: 'entries', range: { from: key, to: key } });
      } else {
        const value = this.#codec.encodeEntry(directory.ino, name, inode.ino);
        operations.push({ kind: 'put', table: 'entries', key, value });
      }
    }
    // Counting this cut's own records as needed, the journal is needed from here on:
    cut.tail = Math.min(
      cut.firstSequence,
      valueAt(this.#journaledPages, cut.movedPages.length) ?? Infinity,
      valueAt(this.#journaledInodes, cut.movedInodes.length) ?? Infinity,
      valueAt(this.#journaledNames, cut.movedNames.length)?.sequence ?? Infinity,
    );
    let from = this.#tail;
    for (const fence of [...this.#mounts, cut.tail]) {
      if (fence < from || fence > cut.tail) continue;
      if (fence > from) {
        operations.push({ kind: 'delete', table: 'journal', range: { from, to: fence - 1 } });
      }
      from = fence + 1;
    }
  }

  #succeeded(cut: Cut, durability: Durability): void {
    this.#full = false;
    this.#unflushed = durability === 'relaxed';
    this.#nextSequence = cut.lastSequence + 1;
    this.#tail = cut.tail;
    const { lastSequence: sequence } = cut;

    for (const page of cut.movedPages) {
      page.commits--;
      this.#journaledPages.delete(page);
      page.journaled = false;
    }
    for (const inode of cut.movedInodes) this.#journaledInodes.delete(inode);
    for (const key of cut.movedNames) this.#journaledNames.delete(key);

    for (const { page, whole } of cut.pages) {
      page.commits--;
      if (whole) {
        this.#journaledPages.delete(page);
        page.journaled = false;
      } else if (!page.journaled) {
        page.journaled = true;
        this.#journaledPages.set(page, cut.firstSequence);
      }
    }
    const movedInodes = new Set(cut.movedInodes);
    for (const inode of cut.inodes) {
      if (!movedInodes.has(inode) && !this.#journaledInodes.has(inode)) {
        this.#journaledInodes.set(inode, cut.firstSequence);
      }
    }
    const movedNames = new Set(cut.movedNames);
    for (const { directory, names } of cut.names) {
      for (const name of names) {
        const key = nameKey(directory, name);
        if (movedNames.has(key) || this.#journaledNames.has(key)) continue;
        this.#journaledNames.set(key, { directory, name, sequence: cut.firstSequence });
      }
    }

    this.#journalSizes.push({ sequence, bytes: cut.journalBytes });
    this.#journalBytes += cut.journalBytes;
    while (this.#journalSizes[0] !== undefined && this.#journalSizes[0].sequence < this.#tail) {
      this.#journalBytes -= this.#journalSizes.shift()?.bytes ?? 0;
    }
    this.#options.oncommit?.({
      durability,
      sequence,
      operations: cut.operations.length,
      bytes: cut.bytes,
    });
  }

  /** Marks everything the cut held as dirty again. What is in memory is newer than the cut. */
  #failed(cut: Cut, error: unknown): DiskError {
    for (const page of cut.movedPages) page.commits--;
    for (const { page, from, to } of cut.pages) {
      page.commits--;
      if (!page.dropped) this.pageChanged(page, from, to);
    }
    for (const inode of cut.inodes) this.inodeChanged(inode);
    for (const { directory, names } of cut.names) {
      for (const name of names) this.nameChanged(directory, name);
    }
    for (const { file, truncatedTo, deleteFrom } of cut.files) {
      file.truncatedTo = Math.min(file.truncatedTo, truncatedTo);
      file.deleteFrom = Math.min(file.deleteFrom, deleteFrom);
      this.#dirtyFiles.add(file);
    }
    if (error instanceof CommitError && error.reason === 'full') {
      this.#full = true;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return new DiskError(
        'ENOSPC',
        `disk "${this.#store.name}": no space left for this origin: free some and sync again`,
        { cause: error },
      );
    }
    const why =
      error instanceof CommitError && error.reason === 'conflict'
        ? 'another node has taken over the disk'
        : error instanceof Error
          ? error.message
          : String(error);
    this.failure ??= new DiskError(
      'EIO',
      `disk "${this.#store.name}": a commit failed (${why}): the disk takes no changes until it is opened again`,
      { cause: error },
    );
    return this.failure;
  }
}

const nothing = new Uint8Array(0);

function costOf(inode: Inode): number {
  return inodeCost + (inode.type === 'symlink' ? inode.target.length : 0);
}

function nameKey(directory: DirectoryInode, name: string): string {
  return `${directory.ino}/${name}`;
}

/** The value of the map's n-th entry in insertion order. */
function valueAt<V>(map: ReadonlyMap<unknown, V>, n: number): V | undefined {
  let skip = n;
  for (const value of map.values()) if (skip-- === 0) return value;
  return undefined;
}

/** Marks a promise's failure as handled: whoever needs to know learns of it elsewhere. */
function ignore(promise: Promise<unknown> | undefined): void {
  promise?.catch(() => undefined);
}
