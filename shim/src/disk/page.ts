import type { FileInode } from './inode.ts';

/** Bytes of the checksum behind a block's data. */
export const blockTrailer = 4;

/** One block of a file in memory, always whole. */
export class Page {
  readonly inode: FileInode;
  /** The block's index in its file. */
  readonly index: number;
  /** The block's data, followed by {@link blockTrailer} bytes of room for its checksum. */
  bytes: Uint8Array;
  /** The bytes changed since the last cut are within `[dirtyFrom, dirtyTo)`; none if `dirtyTo` is 0. */
  dirtyFrom = 0;
  dirtyTo = 0;
  /** Commits under way that carry this page. */
  commits = 0;
  /** Some of its newest bytes are in the journal only, so that it must stay in memory. */
  journaled = false;
  /** No longer part of its file (truncated or removed). */
  dropped = false;
  /** Used since the eviction hand came by. */
  referenced = true;

  constructor(inode: FileInode, index: number, blockSize: number) {
    this.inode = inode;
    this.index = index;
    this.bytes = new Uint8Array(blockSize + blockTrailer);
  }
}
