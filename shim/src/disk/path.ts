import { byteLength, maxPathLength } from './disk.ts';
import type { Disk } from './disk.ts';
import { DiskError } from './error.ts';
import type { DirectoryInode, Inode } from './inode.ts';

/** Symbolic links followed while resolving one path, as on Linux. */
const maxLinksFollowed = 40;

/** Where a path leads. */
export interface Resolved {
  /** The directory that holds (or would hold) the last component. */
  readonly directory: DirectoryInode;
  /** The last component's name; undefined where the path ends in `.` or `..` or names the base. */
  readonly name: string | undefined;
  /** What is there, or undefined. */
  readonly inode: Inode | undefined;
  /** The last component as written when `name` is undefined: `.` or `..`. */
  readonly dots: '.' | '..' | undefined;
  /** The path ended in a slash, which asks for a directory. */
  readonly trailingSlash: boolean;
}

/**
 * What to do about a symbolic link at the end of a path: follow it, follow it only if a slash comes
 * after it (as lstat does), or never (as operations that make or remove names do).
 */
export type LastLink = 'follow' | 'followBeforeSlash' | 'keep';

/**
 * Walks a relative path from `base`, which no step may leave: not by `..`, not by a symbolic link.
 * Symbolic links on the way are followed; `lastLink` says what happens to one at the end.
 *
 * @param creates - a file is to be made if there is none: a slash behind a name, also one that a
 *   symbolic link brings, then is EISDIR whatever the name is bound to, as on Linux.
 * @throws DiskError ENOENT (an empty path, a missing directory on the way), ENOTDIR, ELOOP,
 * ENAMETOOLONG, EINVAL (a NUL), EPERM (absolute, or out of `base`), EISDIR.
 */
export function resolve(
  disk: Disk,
  base: DirectoryInode,
  path: string,
  lastLink: LastLink,
  creates = false,
): Resolved {
  if (path === '') throw new DiskError('ENOENT', 'the path is empty');
  if (path.includes('\0')) throw new DiskError('EINVAL', 'the path holds a NUL');
  checkRelative(path);
  if (path.length * 3 >= maxPathLength && byteLength(path) >= maxPathLength) {
    throw new DiskError('ENAMETOOLONG', 'the path is too long');
  }
  let trailingSlash = path.endsWith('/');
  const follow = lastLink === 'follow' || (lastLink === 'followBeforeSlash' && trailingSlash);
  const rest = components(path);
  let directory = base;
  let linksLeft = maxLinksFollowed;
  for (;;) {
    const name = rest.pop();
    const last = rest.length === 0;
    if (name === undefined || name === '.' || name === '..') {
      if (name === '..') {
        if (directory === base) throw escapes(path);
        directory = directory.parent;
      }
      if (!last) continue;
      const dots = name === '..' ? '..' : '.';
      return { directory, name: undefined, inode: directory, dots, trailingSlash };
    }
    if (last && creates && trailingSlash) {
      throw new DiskError('EISDIR', `"${path}" names a directory`);
    }
    const inode = disk.lookup(directory, name);
    if (inode?.type === 'symlink' && (!last || follow)) {
      if (linksLeft-- === 0) throw new DiskError('ELOOP', `too many symbolic links in "${path}"`);
      checkRelative(inode.target);
      rest.push(...components(inode.target));
      if (last && inode.target.endsWith('/')) trailingSlash = true;
      continue;
    }
    if (last) return { directory, name, inode, dots: undefined, trailingSlash };
    if (inode === undefined) throw new DiskError('ENOENT', `"${name}" in "${path}" does not exist`);
    if (inode.type !== 'directory') {
      throw new DiskError('ENOTDIR', `"${name}" in "${path}" is not a directory`);
    }
    directory = inode;
  }
}

/** The components, last first, without empty ones. */
function components(path: string): string[] {
  return path
    .split('/')
    .filter((name) => name !== '')
    .reverse();
}

function checkRelative(path: string): void {
  if (path.startsWith('/')) throw escapes(path);
}

function escapes(path: string): DiskError {
  return new DiskError('EPERM', `"${path}" leads out of its directory`);
}
