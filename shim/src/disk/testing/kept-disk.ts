/**
 * A small disk that is kept as a file of records, so that later versions are seen to read what this
 * one has written: `kept-disk-1.json` for format 1. This module says what is on it and, run as a
 * program, makes such a file:
 *
 *     node shim/src/disk/testing/kept-disk.ts > shim/src/disk/testing/kept-disk-1.json
 */
import { writeFile, writeFiles } from '../files.ts';
import { openDisk } from '../mount.ts';
import { resolve } from '../path.ts';
import type { FileInode } from '../inode.ts';
import { MemoryMedium, MemoryStore } from '../store/memory.ts';
import { tables } from '../store/store.ts';
import type { Key, Table } from '../store/store.ts';

/** A record as kept: its value in base64. */
export interface KeptRecord {
  readonly table: Table;
  readonly key: Key;
  readonly value: string;
}

/** Bytes that a later version can make again. */
export function pattern(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff);
}

/** What {@link makeKeptDisk} leaves in each file, by path. */
export const keptFiles: Readonly<Record<string, () => Uint8Array>> = {
  'small.txt': () => new TextEncoder().encode('changed, then appended to\n'),
  'large.bin': () => {
    const bytes = pattern(40_001, 1);
    bytes.set(pattern(300, 2), 20_000);
    return bytes;
  },
  'cut.bin': () => {
    const bytes = new Uint8Array(30_000);
    bytes.set(pattern(5_000, 3));
    return bytes;
  },
  'sparse.bin': () => {
    const bytes = new Uint8Array(200_003);
    bytes.set(pattern(3, 4), 200_000);
    return bytes;
  },
  'directory/linked': () => pattern(10, 5),
  'directory/zweiter Name ü': () => pattern(10, 5),
};

/**
 * Makes the disk: part of it checkpointed into the tables, part in the journal only, with every kind
 * of journal entry, and a file that was unlinked while open when its owner ended.
 */
export async function makeKeptDisk(medium: MemoryMedium): Promise<void> {
  const options = { writeBackDelay: Infinity, owner: 'keeper', now: () => 1_790_000_000_123 };
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  // Any journal is over this limit, so that all of it is checkpointed.
  const first = await openDisk(new MemoryStore(medium), { ...options, journalLimit: 0 });
  await writeFiles(first, {
    'small.txt': encode('first\n'),
    'large.bin': pattern(40_001, 1),
    'cut.bin': pattern(20_000, 3),
    'directory/linked': pattern(10, 5),
    'directory/removed': pattern(5000, 6),
    'gone/': new Uint8Array(0),
  });
  await first.flush();
  // The root, two directories, five files.
  while (medium.read('inodes', undefined).length < 8) {
    await new Promise((done) => setTimeout(done, 1));
  }
  await first.close();

  const disk = await openDisk(new MemoryStore(medium), options);
  const { root } = disk;
  const file = (path: string): FileInode => {
    const { inode } = resolve(disk, root, path, 'follow');
    if (inode?.type !== 'file') throw new Error(`${path} is no file`);
    return inode;
  };
  const directory = resolve(disk, root, 'directory', 'keep').inode;
  if (directory?.type !== 'directory') throw new Error('the directory is missing');
  await writeFile(disk, 'small.txt', encode('changed'));
  await disk.flush();
  await disk.append(file('small.txt'), encode(', then appended to\n'));
  await disk.write(file('large.bin'), 20_000, pattern(300, 2));
  await disk.truncate(file('cut.bin'), 5_000);
  await disk.flush();
  await disk.truncate(file('cut.bin'), 30_000);
  await disk.write(disk.createFile(root, 'sparse.bin'), 200_000, pattern(3, 4));
  disk.link(file('directory/linked'), directory, 'zweiter Name ü');
  disk.createSymlink(directory, 'symlink', '../small.txt');
  disk.unlink(directory, 'removed');
  disk.removeDirectory(root, 'gone');
  disk.setTimes(
    file('large.bin'),
    { seconds: -5, nanoseconds: 6 },
    { seconds: 2 ** 33, nanoseconds: 999_999_999 },
  );
  const orphan = disk.createFile(root, 'orphan');
  disk.acquire(orphan);
  await disk.write(orphan, 0, pattern(12_000, 7));
  await disk.flush();
  disk.unlink(root, 'orphan');
  // The owner ends here without closing the disk.
  await disk.flush();
  medium.owned = false;
}

/** All records of a medium. */
export function keep(medium: MemoryMedium): KeptRecord[] {
  return tables.flatMap((table) =>
    medium.read(table, undefined).map(({ key, value }) => ({
      table,
      key,
      value: Buffer.from(value).toString('base64'),
    })),
  );
}

/** A medium that holds the records. */
export function restore(records: readonly KeptRecord[]): MemoryMedium {
  const medium = new MemoryMedium();
  medium.apply(
    records.map(({ table, key, value }) => ({
      kind: 'put',
      table,
      key,
      value: new Uint8Array(Buffer.from(value, 'base64')),
    })),
  );
  return medium;
}

if (import.meta.main) {
  const medium = new MemoryMedium();
  await makeKeptDisk(medium);
  console.log(JSON.stringify(keep(medium), undefined, 1));
}
