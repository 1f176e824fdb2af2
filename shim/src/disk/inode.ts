import type { Page } from './page.ts';

/** What an inode is. */
export type InodeType = 'file' | 'directory' | 'symlink';

/** A point in time: whole seconds since 1970-01-01 UTC and the nanoseconds into that second. */
export class Timestamp {
  seconds = 0;
  /** 0 to 999,999,999. */
  nanoseconds = 0;

  /** Sets the time from milliseconds since 1970. */
  setMilliseconds(milliseconds: number): void {
    this.seconds = Math.floor(milliseconds / 1000);
    this.nanoseconds = Math.floor((milliseconds - this.seconds * 1000) * 1e6);
  }

  set(seconds: number, nanoseconds: number): void {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }

  /** Negative, zero or positive as this time is before, equal to or after `other`. */
  compare(other: Timestamp): number {
    return this.seconds - other.seconds || this.nanoseconds - other.nanoseconds;
  }
}

/** What files, directories and symbolic links have in common. */
abstract class InodeBase {
  /** Unique on its disk, never reused. */
  readonly ino: number;
  /** Permission bits. Kept, not enforced: everything on a disk belongs to its program. */
  mode: number;
  uid = 0;
  gid = 0;
  /** Links from directories (for a directory also its own `.` and its subdirectories' `..`). */
  nlink = 0;
  readonly accessed = new Timestamp();
  readonly modified = new Timestamp();
  readonly changed = new Timestamp();

  /** Open handles: an inode without links lives until the last is released. */
  handles = 0;
  /** Changed since the last cut. */
  dirty = false;
  /** A commit has carried this inode, so the store may hold records of it. */
  stored = false;
  /** Neither links nor handles are left. */
  freed = false;

  constructor(ino: number, mode: number) {
    this.ino = ino;
    this.mode = mode;
  }
}

/** A regular file. */
export class FileInode extends InodeBase {
  readonly type = 'file';
  /** Size in bytes. */
  size = 0;
  /** The cached pages by block index. Bytes of a page at and beyond the file's size are zero. */
  readonly pages = new Map<number, Page>();
  /** The page touched last: most calls stay on it. */
  lastPage: Page | undefined;
  /** The store has no block at or beyond this index, so a page missing there is a hole. */
  storedBlocks = 0;
  /** Fewest blocks the file had since the last cut, when a truncation has to be journaled. */
  truncatedTo = Infinity;
  /** The store's blocks from this index on are to be deleted by the next commit. */
  deleteFrom = Infinity;
  /** The block after the last read-ahead, and the blocks to read next time if reading goes on there. */
  readAheadNext = -1;
  readAheadBlocks = 1;
}

/** A directory. */
export class DirectoryInode extends InodeBase {
  readonly type = 'directory';
  /** The children by name, in order of creation. */
  readonly entries = new Map<string, Inode>();
  /** The directory that holds this one; the root's is itself. */
  parent: DirectoryInode = this;
  /** Names whose binding changed since the last cut. */
  readonly dirtyNames = new Set<string>();
}

/** A symbolic link. */
export class SymlinkInode extends InodeBase {
  readonly type = 'symlink';
  /** The path the link holds. */
  readonly target: string;

  constructor(ino: number, mode: number, target: string) {
    super(ino, mode);
    this.target = target;
  }
}

/** A file, directory or symbolic link. */
export type Inode = FileInode | DirectoryInode | SymlinkInode;
