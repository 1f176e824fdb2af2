/**
 * wasi:filesystem 0.2 over disks: types and preopens. Paths, flags and error codes are here; what a
 * file is and how it lasts is the disk's.
 */
import type { ByteSink } from '../abi/byte-sink.ts';
import { DiskError, byteLength, resolve } from '../disk/index.ts';
import type {
  DirectoryInode,
  Disk,
  FileInode,
  Inode,
  LastLink,
  NewTime,
  Resolved,
  Timestamp,
} from '../disk/index.ts';
import type { Datetime } from '../generated/clocks.ts';
import { DescriptorFlags, OpenFlags, PathFlags } from '../generated/filesystem.ts';
import type {
  Descriptor,
  DescriptorStat,
  DescriptorType,
  DirectoryEntry,
  DirectoryEntryStream,
  FilesystemInterfaces,
  MetadataHashValue,
  NewTimestamp,
} from '../generated/filesystem.ts';
import type { InputStream, OutputStream } from '../generated/io.ts';
import { openDevices } from './filesystem-devices.ts';
import { FilesystemError, fail, failWith } from './filesystem-error.ts';
import { FileInputStream, FileOutputStream, transferLimit } from './filesystem-streams.ts';

/** A disk at a path of the guest's file system. */
export interface Mount {
  /** The absolute path that the guest sees the disk's root at. */
  readonly path: string;
  readonly disk: Disk;
  /** Refuses every change through this mount with `read-only`. */
  readonly readOnly?: boolean | undefined;
}

/** What {@link createFilesystem} needs. */
export interface FilesystemOptions {
  /**
   * Each becomes a preopened directory; their order is that of `get-directories`. The devices follow
   * at `/dev`, unless one of these is mounted there.
   */
  readonly mounts: readonly Mount[];
}

/** Where the devices are, unless a disk is mounted there. */
const devicesPath = '/dev';

const nothing = new Uint8Array(0);

/** What a directory's size is reported as, as on ext4: one block. */
const directorySize = 4096;

const syncFlags = DescriptorFlags.fileIntegritySync | DescriptorFlags.dataIntegritySync;

const types: Readonly<Record<Inode['type'], DescriptorType>> = {
  file: 'regular-file',
  directory: 'directory',
  symlink: 'symbolic-link',
};

/** Implements wasi:filesystem over the given disks. They stay the caller's to close. */
export function createFilesystem(options: FilesystemOptions): FilesystemInterfaces {
  const mounts = options.mounts.map(({ path, disk, readOnly }, index): MountPoint => {
    return { path, disk, readOnly: readOnly ?? disk.readOnly, id: BigInt(index + 1) };
  });
  return {
    'wasi:filesystem/types': {
      filesystemErrorCode: (err) => (err instanceof FilesystemError ? err.code : undefined),
    },
    'wasi:filesystem/preopens': {
      getDirectories: () => {
        const directories = mounts.map((mount): [Descriptor, string] => {
          const flags =
            DescriptorFlags.read | (mount.readOnly ? 0 : DescriptorFlags.mutateDirectory);
          return [new DiskDescriptor(mount, mount.disk.root, flags), mount.path];
        });
        if (!mounts.some(({ path }) => path === devicesPath)) {
          directories.push([openDevices(BigInt(mounts.length + 1)), devicesPath]);
        }
        return directories;
      },
    },
  };
}

interface MountPoint {
  readonly path: string;
  readonly disk: Disk;
  readonly readOnly: boolean;
  /** Tells the mounts' inodes apart in metadata hashes. */
  readonly id: bigint;
}

/** The `descriptor` resource: an open file or directory. */
class DiskDescriptor implements Descriptor {
  readonly #mount: MountPoint;
  readonly #disk: Disk;
  readonly #inode: Inode;
  readonly #flags: number;

  constructor(mount: MountPoint, inode: Inode, flags: number) {
    this.#mount = mount;
    this.#disk = mount.disk;
    this.#inode = inode;
    this.#flags = flags;
    this.#disk.acquire(inode);
  }

  [Symbol.dispose](): void {
    this.#disk.release(this.#inode);
  }

  // ---- data ----------------------------------------------------------------------------------

  readViaStream(offset: number): InputStream {
    return new FileInputStream(this.#disk, this.#readable(), offset);
  }

  writeViaStream(offset: number): OutputStream {
    return new FileOutputStream(this.#disk, this.#writable(), offset, this.#isSync);
  }

  appendViaStream(): OutputStream {
    return new FileOutputStream(this.#disk, this.#writable(), undefined, this.#isSync);
  }

  read(length: number, offset: number, sink: ByteSink): boolean | Promise<boolean> {
    const file = this.#readable();
    const { size } = file;
    if (offset >= size) {
      // It counts as an access nevertheless.
      if (length !== 0) this.#disk.read(file, offset, nothing);
      return true;
    }
    const count = Math.min(length, size - offset, transferLimit);
    if (count !== 0) {
      if (!this.#disk.isCached(file, offset, count)) return this.#readSlowly(offset, count, sink);
      this.#disk.read(file, offset, sink.allocate(count));
    }
    return offset + count === size;
  }

  write(buffer: Uint8Array, offset: number): number | Promise<number> {
    const file = this.#writable();
    const { length } = buffer;
    try {
      const writing = this.#disk.write(file, offset, buffer);
      if (writing !== undefined) return this.#finishWrite(writing, length);
      if ((this.#flags & syncFlags) === 0) return length;
      const syncing = this.#disk.sync();
      return syncing === undefined ? length : this.#finishWrite(syncing, length);
    } catch (error) {
      throw fail(error);
    }
  }

  setSize(size: number): void | Promise<void> {
    const inode = this.#inode;
    // As ftruncate on Linux, which tells a descriptor for reading from no descriptor.
    if (inode.type !== 'file' || (this.#flags & DescriptorFlags.write) === 0) {
      throw failWith('invalid');
    }
    return this.#pass(() => this.#disk.truncate(inode, size));
  }

  advise(): void {
    // Advice is free to be ignored: the cache reads ahead by what it sees.
  }

  sync(): void | Promise<void> {
    return this.#pass(() => this.#disk.sync());
  }

  syncData(): void | Promise<void> {
    return this.sync();
  }

  // ---- metadata ------------------------------------------------------------------------------

  getFlags(): number {
    return this.#flags;
  }

  getType(): DescriptorType {
    return types[this.#inode.type];
  }

  stat(): DescriptorStat {
    return statOf(this.#inode);
  }

  statAt(pathFlags: number, path: string): DescriptorStat {
    return this.#try(() => statOf(this.#existing(path, lastLink(pathFlags))));
  }

  setTimes(accessed: NewTimestamp, modified: NewTimestamp): void {
    this.#try(() => {
      this.#checkWritable();
      this.#disk.setTimes(this.#inode, newTime(accessed), newTime(modified));
    });
  }

  setTimesAt(
    pathFlags: number,
    path: string,
    accessed: NewTimestamp,
    modified: NewTimestamp,
  ): void {
    this.#try(() => {
      const inode = this.#existing(path, lastLink(pathFlags));
      this.#checkWritable();
      this.#disk.setTimes(inode, newTime(accessed), newTime(modified));
    });
  }

  isSameObject(other: Descriptor): boolean {
    return (
      other instanceof DiskDescriptor && other.#disk === this.#disk && other.#inode === this.#inode
    );
  }

  metadataHash(): MetadataHashValue {
    return this.#hashOf(this.#inode);
  }

  metadataHashAt(pathFlags: number, path: string): MetadataHashValue {
    return this.#try(() => this.#hashOf(this.#existing(path, lastLink(pathFlags))));
  }

  // ---- directories ---------------------------------------------------------------------------

  readDirectory(): DirectoryEntryStream {
    return this.#try(() => new EntryStream(this.#directory()));
  }

  createDirectoryAt(path: string): void | Promise<void> {
    return this.#change(() => {
      const { directory, name, inode } = this.#resolve(path, 'keep');
      if (inode !== undefined || name === undefined) throw exists(path);
      this.#checkWritable();
      this.#disk.createDirectory(directory, name);
    });
  }

  openAt(
    pathFlags: number,
    path: string,
    openFlags: number,
    flags: number,
  ): Descriptor | Promise<Descriptor> {
    const open = (): Descriptor | Promise<Descriptor> =>
      this.#open(pathFlags, path, openFlags, flags);
    return (openFlags & OpenFlags.create) === 0 ? this.#pass(open) : this.#change(open);
  }

  linkAt(
    oldPathFlags: number,
    oldPath: string,
    newDescriptor: Descriptor,
    newPath: string,
  ): void | Promise<void> {
    return this.#change(() => {
      const target = this.#same(newDescriptor);
      const inode = this.#existing(oldPath, lastLink(oldPathFlags));
      const { directory, name } = target.#newName(newPath);
      target.#checkWritable();
      this.#disk.link(inode, directory, name);
    });
  }

  symlinkAt(oldPath: string, newPath: string): void | Promise<void> {
    return this.#change(() => {
      if (oldPath.startsWith('/')) throw notPermitted(oldPath);
      if (oldPath.includes('\0')) throw new DiskError('EINVAL', 'the target holds a NUL');
      const { directory, name } = this.#newName(newPath);
      this.#checkWritable();
      this.#disk.createSymlink(directory, name, oldPath);
    });
  }

  readlinkAt(path: string): string {
    return this.#try(() => {
      const inode = this.#existing(path, 'followBeforeSlash');
      if (inode.type !== 'symlink') throw new DiskError('EINVAL', 'not a symbolic link');
      if (inode.target.startsWith('/')) throw notPermitted(path);
      return inode.target;
    });
  }

  removeDirectoryAt(path: string): void | Promise<void> {
    return this.#change(() => {
      const { directory, name, dots } = this.#resolve(path, 'keep');
      if (name === undefined) {
        throw new DiskError(dots === '..' ? 'ENOTEMPTY' : 'EINVAL', `"${path}" ends in dots`);
      }
      this.#checkWritable();
      this.#disk.removeDirectory(directory, name);
    }, true);
  }

  unlinkFileAt(path: string): void | Promise<void> {
    return this.#change(() => {
      const { directory, name, inode, trailingSlash } = this.#resolve(path, 'keep');
      if (name === undefined) throw new DiskError('EISDIR', `"${path}" is a directory`);
      if (trailingSlash && inode !== undefined && inode.type !== 'directory') {
        throw notDirectory(path);
      }
      this.#checkWritable();
      this.#disk.unlink(directory, name);
    }, true);
  }

  renameAt(oldPath: string, newDescriptor: Descriptor, newPath: string): void | Promise<void> {
    return this.#change(() => {
      const target = this.#same(newDescriptor);
      const from = this.#resolve(oldPath, 'keep');
      const to = target.#resolve(newPath, 'keep');
      if (from.name === undefined || to.name === undefined) {
        throw new DiskError('EBUSY', 'a path of the rename ends in dots');
      }
      if (from.inode === undefined) throw missing(oldPath);
      if (from.inode.type !== 'directory' && (from.trailingSlash || to.trailingSlash)) {
        throw notDirectory(from.trailingSlash ? oldPath : newPath);
      }
      this.#checkWritable();
      target.#checkWritable();
      this.#disk.rename(from.directory, from.name, to.directory, to.name);
    });
  }

  // ---- inside --------------------------------------------------------------------------------

  get #isSync(): boolean {
    return (this.#flags & syncFlags) !== 0;
  }

  /** The file, if it may be read. */
  #readable(): FileInode {
    const inode = this.#inode;
    if (inode.type !== 'file') throw failWith('is-directory');
    if ((this.#flags & DescriptorFlags.read) === 0) throw failWith('bad-descriptor');
    return inode;
  }

  /** The file, if it may be written. */
  #writable(): FileInode {
    const inode = this.#inode;
    if (inode.type !== 'file' || (this.#flags & DescriptorFlags.write) === 0) {
      throw failWith('bad-descriptor');
    }
    return inode;
  }

  async #readSlowly(offset: number, count: number, sink: ByteSink): Promise<boolean> {
    const file = this.#readable();
    try {
      const bytes = await this.#disk.load(file, offset, count);
      sink.allocate(count).set(bytes);
      return offset + count >= file.size;
    } catch (error) {
      throw fail(error);
    }
  }

  async #finishWrite(pending: Promise<void>, length: number): Promise<number> {
    try {
      await pending;
      if (this.#isSync) await this.#disk.sync();
      return length;
    } catch (error) {
      throw fail(error);
    }
  }

  #open(
    pathFlags: number,
    path: string,
    openFlags: number,
    flags: number,
  ): Descriptor | Promise<Descriptor> {
    const create = (openFlags & OpenFlags.create) !== 0;
    const exclusive = create && (openFlags & OpenFlags.exclusive) !== 0;
    const truncate = (openFlags & OpenFlags.truncate) !== 0;
    const wantsDirectory = (openFlags & OpenFlags.directory) !== 0;
    if (wantsDirectory && openFlags !== OpenFlags.directory) {
      throw new DiskError('EINVAL', 'a directory is neither created nor truncated by opening it');
    }
    const last = exclusive ? 'keep' : lastLink(pathFlags);
    const { directory, name, inode: found, trailingSlash } = this.#resolve(path, last, create);

    let inode = found;
    if (inode === undefined) {
      if (!create || name === undefined) throw missing(path);
      this.#checkWritable();
      inode = this.#disk.createFile(directory, name);
    } else {
      if (exclusive) throw exists(path);
      if (inode.type !== 'directory' && (wantsDirectory || trailingSlash)) {
        throw notDirectory(path);
      }
      if (inode.type === 'symlink') throw new DiskError('ELOOP', `"${path}" is a symbolic link`);
      const changes = (flags & DescriptorFlags.write) !== 0 || truncate;
      if (inode.type === 'directory' && (create || changes)) {
        throw new DiskError('EISDIR', `"${path}" is a directory`);
      }
      if (changes) this.#checkWritable();
    }
    const opened = inode;
    if (truncate && opened === found && opened.type === 'file') {
      const truncating = this.#disk.truncate(opened, 0);
      if (truncating !== undefined) {
        return truncating.then(() => new DiskDescriptor(this.#mount, opened, flags));
      }
    }
    return new DiskDescriptor(this.#mount, opened, flags);
  }

  #directory(): DirectoryInode {
    if (this.#inode.type !== 'directory') throw new DiskError('ENOTDIR', 'not a directory');
    return this.#inode;
  }

  #resolve(path: string, last: LastLink, creates = false): Resolved {
    return resolve(this.#disk, this.#directory(), path, last, creates);
  }

  #existing(path: string, last: LastLink): Inode {
    const { inode, trailingSlash } = this.#resolve(path, last);
    if (inode === undefined) throw missing(path);
    if (trailingSlash && inode.type !== 'directory') throw notDirectory(path);
    return inode;
  }

  /** Where a link is to be made. */
  #newName(path: string): { directory: DirectoryInode; name: string } {
    const { directory, name, inode, trailingSlash } = this.#resolve(path, 'keep');
    if (inode !== undefined || name === undefined) throw exists(path);
    if (trailingSlash) throw missing(path);
    return { directory, name };
  }

  /** The other descriptor of a rename or link, which must be on the same disk. */
  #same(other: Descriptor): DiskDescriptor {
    if (!(other instanceof DiskDescriptor) || other.#disk !== this.#disk) {
      throw failWith('cross-device');
    }
    return other;
  }

  #checkWritable(): void {
    if (this.#mount.readOnly) throw new DiskError('EROFS', `"${this.#mount.path}" is read-only`);
  }

  #hashOf(inode: Inode): MetadataHashValue {
    return { lower: BigInt(inode.ino), upper: this.#mount.id };
  }

  /** Runs an operation that never waits, turning the disk's errors into codes. */
  #try<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      throw fail(error);
    }
  }

  /**
   * Runs a change of the tree, after waiting for room if too much is dirty; a removal (`removes`) goes
   * on also where there is no space.
   */
  #change<T>(operation: () => T | Promise<T>, removes = false): T | Promise<T> {
    return this.#pass(() => {
      const room = this.#disk.throttle(removes);
      return room === undefined ? operation() : room.then(operation);
    });
  }

  /** Runs an operation that may wait, likewise. */
  #pass<T>(operation: () => T | Promise<T>): T | Promise<T> {
    const result = this.#try(operation);
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw fail(error);
    });
  }
}

/** The `directory-entry-stream` resource: the entries as they were when it was made. */
class EntryStream implements DirectoryEntryStream {
  readonly #entries: readonly (readonly [string, Inode])[];
  #next = 0;

  constructor(directory: DirectoryInode) {
    this.#entries = [...directory.entries];
  }

  readDirectoryEntry(): DirectoryEntry | undefined {
    const entry = this.#entries[this.#next++];
    if (entry === undefined) return undefined;
    const [name, inode] = entry;
    return { type: types[inode.type], name };
  }
}

function lastLink(pathFlags: number): LastLink {
  return (pathFlags & PathFlags.symlinkFollow) !== 0 ? 'follow' : 'followBeforeSlash';
}

function statOf(inode: Inode): DescriptorStat {
  return {
    type: types[inode.type],
    linkCount: BigInt(inode.nlink),
    size:
      inode.type === 'file'
        ? inode.size
        : inode.type === 'directory'
          ? directorySize
          : byteLength(inode.target),
    dataAccessTimestamp: datetime(inode.accessed),
    dataModificationTimestamp: datetime(inode.modified),
    statusChangeTimestamp: datetime(inode.changed),
  };
}

/** WASI's times begin in 1970; earlier ones, which only an import can bring, are shown as that. */
function datetime(time: Timestamp): Datetime {
  if (time.seconds < 0) return { seconds: 0n, nanoseconds: 0 };
  return { seconds: BigInt(time.seconds), nanoseconds: time.nanoseconds };
}

function newTime(value: NewTimestamp): NewTime {
  if (value.tag === 'no-change') return 'keep';
  if (value.tag === 'now') return 'now';
  const { seconds, nanoseconds } = value.val;
  if (nanoseconds >= 1e9 || seconds > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new DiskError('EINVAL', 'the time is out of range');
  }
  return { seconds: Number(seconds), nanoseconds };
}

function missing(path: string): DiskError {
  return new DiskError('ENOENT', `"${path}" does not exist`);
}

function exists(path: string): DiskError {
  return new DiskError('EEXIST', `"${path}" exists already`);
}

function notDirectory(path: string): DiskError {
  return new DiskError('ENOTDIR', `"${path}" is not a directory`);
}

function notPermitted(path: string): DiskError {
  return new DiskError('EPERM', `"${path}" leads out of its directory`);
}
