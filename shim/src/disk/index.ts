/** The disk: a persistent file tree on a transactional store. It knows nothing of WASI. */
export { openDisk } from './mount.ts';
export { Disk, byteLength } from './disk.ts';
export type { DiskOptions, NewTime } from './disk.ts';
export type { CommitInfo } from './committer.ts';
export { DiskError } from './error.ts';
export type { Errno } from './error.ts';
export { DirectoryInode, FileInode, SymlinkInode, Timestamp } from './inode.ts';
export type { Inode, InodeType } from './inode.ts';
export { resolve } from './path.ts';
export type { LastLink, Resolved } from './path.ts';
export { listTree, readFile, writeFile, writeFiles } from './files.ts';
export type { TreeEntry } from './files.ts';
export { FaultyStore } from './store/faulty.ts';
export type { StoreFaultCounts, StoreFaults } from './store/faulty.ts';
export { MemoryMedium, MemoryStore } from './store/memory.ts';
export { IndexedDbStore, databaseName } from './store/indexeddb.ts';
export type { IndexedDbStoreOptions } from './store/indexeddb.ts';
export type { Durability, Store } from './store/store.ts';
