import type { Disk } from './disk.ts';
import { DiskError } from './error.ts';
import type { DirectoryInode, FileInode, Inode } from './inode.ts';
import { resolve } from './path.ts';

/** A file, directory or symbolic link found by {@link listTree}. */
export interface TreeEntry {
  /** The path from the root of the disk, without a leading slash; '' for the starting point itself. */
  readonly path: string;
  readonly inode: Inode;
}

/** How a leading slash, which paths given from outside have, is taken: as the root of the disk. */
function relative(path: string): string {
  return path.replace(/^\/+/, '') || '.';
}

/**
 * Writes a whole file, replacing what it held; makes missing directories on its way. A symbolic
 * link at its end is followed.
 *
 * @param path - from the disk's root, with or without a leading slash.
 * @throws DiskError EISDIR, ENOTDIR and what `resolve` and `Disk.write` throw.
 */
export async function writeFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = makeFile(disk, relative(path));
  disk.acquire(file);
  try {
    await disk.truncate(file, 0);
    await disk.write(file, 0, bytes);
  } finally {
    disk.release(file);
  }
}

/** Writes several whole files, in order: guest path → bytes. A path that ends in `/` is a directory. */
export async function writeFiles(
  disk: Disk,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    if (path.endsWith('/')) makeDirectories(disk, relative(path));
    else await writeFile(disk, path, bytes);
  }
}

/**
 * Reads a whole file.
 *
 * @throws DiskError ENOENT, EISDIR and what `resolve` and `Disk.load` throw.
 */
export async function readFile(disk: Disk, path: string): Promise<Uint8Array> {
  const { inode } = resolve(disk, disk.root, relative(path), 'follow');
  if (inode === undefined) throw new DiskError('ENOENT', `"${path}" does not exist`);
  if (inode.type !== 'file') throw new DiskError('EISDIR', `"${path}" is not a file`);
  return readInode(disk, inode);
}

/** Reads a whole file by its inode. */
export async function readInode(disk: Disk, file: FileInode): Promise<Uint8Array> {
  disk.acquire(file);
  try {
    return await disk.load(file, 0, file.size);
  } finally {
    disk.release(file);
  }
}

/**
 * What `path` names and, for a directory, everything below it: parents before children, in the
 * order of creation. Paths are relative to `path`; links are listed, not followed (but for `path`
 * itself).
 *
 * @throws DiskError ENOENT and what `resolve` throws.
 */
export function listTree(disk: Disk, path: string): TreeEntry[] {
  const { inode } = resolve(disk, disk.root, relative(path), 'follow');
  if (inode === undefined) throw new DiskError('ENOENT', `"${path}" does not exist`);
  const entries: TreeEntry[] = [{ path: '', inode }];
  for (const { path: at, inode: parent } of entries) {
    if (parent.type !== 'directory') continue;
    const prefix = at === '' ? '' : `${at}/`;
    // Appending to the list while walking it visits the children later: breadth first.
    for (const [name, child] of parent.entries) entries.push({ path: prefix + name, inode: child });
  }
  return entries;
}

/** The directory of that path, made with its parents where they are missing. */
function makeDirectories(disk: Disk, path: string): DirectoryInode {
  let made = '';
  let directory = disk.root;
  for (const name of path.split('/')) {
    if (name === '') continue;
    made += `${name}/`;
    const found = resolve(disk, disk.root, made, 'follow');
    if (found.inode === undefined && found.name !== undefined) {
      directory = disk.createDirectory(found.directory, found.name);
    } else if (found.inode?.type === 'directory') {
      directory = found.inode;
    } else {
      throw new DiskError('ENOTDIR', `"${made}" is not a directory`);
    }
  }
  return directory;
}

function makeFile(disk: Disk, path: string): FileInode {
  const slash = path.lastIndexOf('/');
  if (slash > 0) makeDirectories(disk, path.slice(0, slash));
  const { inode, directory, name } = resolve(disk, disk.root, path, 'follow');
  if (inode === undefined && name !== undefined) return disk.createFile(directory, name);
  if (inode?.type !== 'file') throw new DiskError('EISDIR', `"${path}" is not a file`);
  return inode;
}
