import { Committer } from './committer.ts';
import { Disk } from './disk.ts';
import type { DiskOptions } from './disk.ts';
import { DiskError } from './error.ts';
import {
  Codec,
  decodeFormat,
  defaultBlockSize,
  encodeFormat,
  inodeFromRecord,
  rootIno,
} from './format.ts';
import type { Format, InodeRecord } from './format.ts';
import { DirectoryInode } from './inode.ts';
import type { FileInode, Inode } from './inode.ts';
import { PageCache } from './page-cache.ts';
import { Page } from './page.ts';
import { CommitError } from './store/store.ts';
import type { Key, Store, StoreRecord } from './store/store.ts';

/** Mount records kept as fences against earlier owners that may still be running. */
const keptMounts = 64;

/** Other owners that may commit while this one mounts, before mounting gives up. */
const mountAttempts = 5;

/** Bytes written by a journal record, with the record they come from. */
interface Patch {
  readonly sequence: number;
  readonly offset: number;
  readonly data: Uint8Array;
}

/** A disk's contents as the tables and the journal give them. */
interface Contents {
  readonly inodes: Map<number, InodeRecord>;
  /** Inode numbers by name, by directory. */
  readonly names: Map<number, Map<string, number>>;
  /** Bytes that are in the journal only, by inode and block, in order. */
  readonly patches: Map<number, Map<number, Patch[]>>;
  /** The first journal record that holds an inode, or a name, that is not in its table. */
  readonly inodeSequences: Map<number, number>;
  readonly nameSequences: { directory: number; name: string; sequence: number }[];
  readonly recordSizes: { sequence: number; bytes: number }[];
  readonly mounts: number[];
  /** What is damaged and left out, as sentences' parts for a message. */
  readonly damages: string[];
  nextIno: number;
  nextSequence: number;
}

/**
 * Mounts a disk, making it first if the store is empty: takes ownership, reads the tables, replays
 * the journal, removes what was unlinked while open when the last owner ended, and fences off
 * earlier owners.
 *
 * A damaged disk is mounted read-only, without what is damaged ({@link Disk.damage} tells), and
 * nothing in its store is changed.
 *
 * @throws DiskError EBUSY (another owner has it), EINVAL (a newer format), EIO (not a disk, or
 * nothing can be read of it).
 */
export async function openDisk(store: Store, options: DiskOptions = {}): Promise<Disk> {
  await store.open();
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await mount(store, options);
      } catch (error) {
        if (!isConflict(error) || attempt === mountAttempts) throw error;
        // An owner that is on its way out has committed since the journal was read: read it again.
      }
    }
  } catch (error) {
    await store.close();
    throw error;
  }
}

function isConflict(error: unknown): boolean {
  const cause = error instanceof DiskError ? error.cause : error;
  return cause instanceof CommitError && cause.reason === 'conflict';
}

async function mount(store: Store, options: DiskOptions): Promise<Disk> {
  const now = options.now ?? Date.now;
  const format = await readFormat(store);
  const codec = new Codec(format);
  let { contents, inodes } = await readTree(store, codec, format);
  if (contents.damages.length !== 0) {
    // An earlier owner that still runs may have committed between the reads: look again.
    ({ contents, inodes } = await readTree(store, codec, format));
  }
  const { damages } = contents;
  let root = inodes.get(rootIno);
  const made = inodes.size === 0 && damages.length === 0;
  if (!made && !(root instanceof DirectoryInode)) damages.push('the root directory is missing');
  if (!(root instanceof DirectoryInode)) {
    root = makeRoot(now());
    inodes.set(rootIno, root);
    bindNames(root, contents.names.get(rootIno), inodes, damages);
  }

  const writeBackDelay = options.writeBackDelay ?? 80;
  const committer = new Committer(
    store,
    codec,
    contents.nextIno,
    {
      nextSequence: contents.nextSequence,
      tail: contents.recordSizes[0]?.sequence ?? contents.nextSequence,
      mounts: [...contents.mounts.slice(1 - keptMounts), contents.nextSequence],
    },
    {
      durability: options.durability ?? 'strict',
      writeBackDelay: Number.isFinite(writeBackDelay) ? writeBackDelay : undefined,
      journalLimit: options.journalLimit ?? 1 << 20,
      oncommit: options.oncommit,
    },
  );
  const cacheSize = options.cacheSize ?? 256 << 20;
  const cache = new PageCache(Math.floor(cacheSize / format.blockSize));
  const disk = new Disk({
    store,
    codec,
    committer,
    cache,
    root,
    readOnly: options.readOnly ?? false,
    damages,
    now,
  });
  store.onlost = (error) => committer.fail(error);

  for (const { sequence, bytes } of contents.recordSizes) committer.recordReplayed(sequence, bytes);
  await replayPages(store, codec, contents, inodes, committer, cache);
  for (const [ino, sequence] of contents.inodeSequences) {
    const inode = inodes.get(ino) ?? removedInode(ino, format);
    committer.inodeReplayed(inode, sequence);
  }
  for (const { directory, name, sequence } of contents.nameSequences) {
    const inode = inodes.get(directory);
    const holder = inode instanceof DirectoryInode ? inode : new DirectoryInode(directory, 0);
    committer.nameReplayed(holder, name, sequence);
  }
  if (damages.length !== 0) return disk;
  if (made) committer.inodeChanged(root);
  for (const inode of inodes.values()) {
    if (inode.nlink === 0) committer.inodeFreed(inode);
  }
  await committer.mount(Math.floor(now() / 1000), options.owner ?? '');
  return disk;
}

async function readFormat(store: Store): Promise<Format> {
  const [record] = await store.read('meta', { from: 'format', to: 'format' });
  if (record !== undefined) return decodeFormat(record.value);
  const [diskId = 0] = crypto.getRandomValues(new Uint32Array(1));
  const format = { blockSize: defaultBlockSize, diskId };
  const value = encodeFormat(format);
  await store.commit([{ kind: 'add', table: 'meta', key: 'format', value }], 'relaxed');
  return format;
}

function makeRoot(now: number): DirectoryInode {
  const root = new DirectoryInode(rootIno, 0o755);
  root.nlink = 2;
  root.accessed.setMilliseconds(now);
  root.modified.setMilliseconds(now);
  root.changed.setMilliseconds(now);
  return root;
}

async function readTree(
  store: Store,
  codec: Codec,
  format: Format,
): Promise<{ contents: Contents; inodes: Map<number, Inode> }> {
  const contents = await readContents(store, codec);
  return { contents, inodes: buildTree(contents, format) };
}

/** Runs a step of reading; what is damaged is noted and gives undefined. */
function tolerate<T>(damages: string[], step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== 'EIO') throw error;
    damages.push(error.message);
    return undefined;
  }
}

async function readContents(store: Store, codec: Codec): Promise<Contents> {
  const [inodeRecords, nameRecords, journal] = await Promise.all([
    store.read('inodes'),
    store.read('entries'),
    store.read('journal'),
  ]);
  const contents: Contents = {
    inodes: new Map(),
    names: new Map(),
    patches: new Map(),
    inodeSequences: new Map(),
    nameSequences: [],
    recordSizes: [],
    mounts: [],
    damages: [],
    nextIno: rootIno + 1,
    nextSequence: 1,
  };
  for (const { key, value } of inodeRecords) {
    tolerate(contents.damages, () => {
      const ino = numberKey(key);
      contents.inodes.set(ino, codec.decodeInode(ino, value));
    });
  }
  for (const { key, value } of nameRecords) {
    const directory = typeof key === 'object' ? key[0] : NaN;
    tolerate(contents.damages, () => {
      const { ino, name } = codec.decodeEntry(directory, value);
      namesOf(contents, directory).set(name, ino);
    });
  }
  // What follows a damaged journal record cannot be applied: it builds on that.
  tolerate(contents.damages, () => replay(journal, codec, contents));
  return contents;
}

function replay(journal: readonly StoreRecord[], codec: Codec, contents: Contents): void {
  const { inodes, patches } = contents;
  const { blockSize } = codec;
  const nameSequences = new Map<string, { directory: number; name: string; sequence: number }>();
  const noteInode = (ino: number, sequence: number): void => {
    if (!contents.inodeSequences.has(ino)) contents.inodeSequences.set(ino, sequence);
  };
  const noteName = (directory: number, name: string, sequence: number): void => {
    const id = `${directory}/${name}`;
    if (!nameSequences.has(id)) nameSequences.set(id, { directory, name, sequence });
  };
  let previous: number | undefined;
  for (const { key, value } of journal) {
    const sequence = numberKey(key);
    const record = codec.decodeJournal(sequence, value);
    // Fences stay when the records around them go, so only records with changes must be in a row.
    const fence = record.entries.length === 1 && record.entries[0]?.kind === 'mount';
    if (!fence || previous !== undefined) {
      if (previous !== undefined && sequence !== previous + 1) {
        throw damaged(`journal record ${previous + 1} is missing`);
      }
      previous = sequence;
    }
    contents.recordSizes.push({ sequence, bytes: value.length });
    contents.nextSequence = sequence + 1;
    contents.nextIno = Math.max(contents.nextIno, record.nextIno);
    for (const entry of record.entries) {
      switch (entry.kind) {
        case 'mount':
          contents.mounts.push(sequence);
          break;
        case 'inode':
          inodes.set(entry.inode.ino, entry.inode);
          noteInode(entry.inode.ino, sequence);
          break;
        case 'removeInode':
          inodes.delete(entry.ino);
          patches.delete(entry.ino);
          noteInode(entry.ino, sequence);
          break;
        case 'entry':
          namesOf(contents, entry.directory).set(entry.name, entry.ino);
          noteName(entry.directory, entry.name, sequence);
          break;
        case 'removeEntry':
          namesOf(contents, entry.directory).delete(entry.name);
          noteName(entry.directory, entry.name, sequence);
          break;
        case 'truncate':
          for (const index of patches.get(entry.ino)?.keys() ?? []) {
            if (index >= entry.blocks) patches.get(entry.ino)?.delete(index);
          }
          break;
        case 'bytes': {
          const index = Math.floor(entry.offset / blockSize);
          const offset = entry.offset - index * blockSize;
          if (offset + entry.data.length > blockSize)
            throw damaged(`journal record ${sequence} is damaged`);
          let blocks = patches.get(entry.ino);
          if (blocks === undefined) patches.set(entry.ino, (blocks = new Map<number, Patch[]>()));
          let list = blocks.get(index);
          if (list === undefined) blocks.set(index, (list = []));
          list.push({ sequence, offset, data: entry.data });
          break;
        }
        case 'blocks':
          for (let index = entry.first; index < entry.first + entry.count; index++) {
            patches.get(entry.ino)?.delete(index);
          }
          break;
      }
    }
  }
  contents.nameSequences.push(...nameSequences.values());
}

/** Makes the inodes and binds their names; checks that the tree is one. */
function buildTree(contents: Contents, format: Format): Map<number, Inode> {
  const inodes = new Map<number, Inode>();
  for (const [ino, record] of contents.inodes) {
    inodes.set(ino, inodeFromRecord(record, format.blockSize));
  }
  for (const [number, names] of contents.names) {
    if (names.size === 0) continue;
    const directory = inodes.get(number);
    if (directory instanceof DirectoryInode) bindNames(directory, names, inodes, contents.damages);
    // Of a missing root it is said later.
    else if (number !== rootIno) contents.damages.push(`directory ${number} is missing`);
  }
  return inodes;
}

function bindNames(
  directory: DirectoryInode,
  names: ReadonlyMap<string, number> | undefined,
  inodes: ReadonlyMap<number, Inode>,
  damages: string[],
): void {
  for (const [name, ino] of names ?? []) {
    const inode = inodes.get(ino);
    if (inode === undefined) {
      damages.push(`"${name}" names the missing inode ${ino}`);
      continue;
    }
    directory.entries.set(name, inode);
    if (inode.type === 'directory') inode.parent = directory;
  }
}

/** Brings the blocks whose newest bytes are in the journal into memory. */
async function replayPages(
  store: Store,
  codec: Codec,
  contents: Contents,
  inodes: ReadonlyMap<number, Inode>,
  committer: Committer,
  cache: PageCache,
): Promise<void> {
  const pages: { page: Page; sequence: number }[] = [];
  for (const [ino, blocks] of contents.patches) {
    const file = inodes.get(ino);
    if (file?.type !== 'file') {
      if (blocks.size !== 0) contents.damages.push(`file ${ino} in the journal is missing`);
      continue;
    }
    const indexes = [...blocks.keys()].filter((index) => index < file.storedBlocks);
    const stored = await readBlocks(store, file, indexes);
    for (const index of indexes) {
      const patches = blocks.get(index) ?? [];
      const page = new Page(file, index, codec.blockSize);
      const value = stored.get(index);
      const whole = tolerate(contents.damages, () => {
        if (value !== undefined) codec.decodeBlock(value, page);
        return true;
      });
      // Left out, so that reading it reports the block.
      if (whole === undefined) continue;
      for (const { offset, data } of patches) page.bytes.set(data, offset);
      // A file that has shrunk may have patches beyond its end: those bytes are zeros by rule.
      page.bytes.fill(0, Math.min(codec.blockSize, file.size - index * codec.blockSize));
      pages.push({ page, sequence: patches[0]?.sequence ?? 0 });
    }
  }
  pages.sort((a, b) => a.sequence - b.sequence);
  for (const { page, sequence } of pages) {
    committer.pageReplayed(page, sequence);
    cache.insert(page);
  }
}

/** The stored values of the given blocks, read in runs. */
async function readBlocks(
  store: Store,
  file: FileInode,
  indexes: readonly number[],
): Promise<Map<number, Uint8Array>> {
  const runs: { from: number; to: number }[] = [];
  for (const index of indexes.toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run?.to === index - 1) run.to = index;
    else runs.push({ from: index, to: index });
  }
  const values = new Map<number, Uint8Array>();
  const reads = runs.map(({ from, to }) =>
    store.read('blocks', { from: [file.ino, from], to: [file.ino, to] }),
  );
  for (const { key, value } of (await Promise.all(reads)).flat()) {
    if (typeof key === 'object') values.set(Number(key[1]), value);
  }
  return values;
}

/** Stands for an inode that the journal removes and the table may still hold. */
function removedInode(ino: number, format: Format): Inode {
  const time = { seconds: 0, nanoseconds: 0 };
  const inode = inodeFromRecord(
    {
      ino,
      type: 'file',
      mode: 0,
      uid: 0,
      gid: 0,
      nlink: 0,
      size: 0,
      accessed: time,
      modified: time,
      changed: time,
      target: '',
    },
    format.blockSize,
  );
  inode.freed = true;
  return inode;
}

function namesOf(contents: Contents, directory: number): Map<string, number> {
  let names = contents.names.get(directory);
  if (names === undefined) contents.names.set(directory, (names = new Map<string, number>()));
  return names;
}

function numberKey(key: Key): number {
  if (typeof key !== 'number') throw damaged('a key is not a number');
  return key;
}

function damaged(what: string): DiskError {
  return new DiskError('EIO', what);
}
