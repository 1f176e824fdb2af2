/**
 * The directory `/dev` with `null`, `zero`, `random` and `urandom`: a preopen of its own, which
 * belongs to no disk and cannot be changed.
 */
import type { ByteSink } from '../abi/byte-sink.ts';
import { DescriptorFlags, OpenFlags } from '../generated/filesystem.ts';
import type {
  Descriptor,
  DescriptorStat,
  DescriptorType,
  DirectoryEntry,
  DirectoryEntryStream,
  MetadataHashValue,
} from '../generated/filesystem.ts';
import type { InputStream, OutputStream } from '../generated/io.ts';
import { failWith } from './filesystem-error.ts';
import { transferLimit } from './filesystem-streams.ts';
import { alwaysReady, streamClosed } from './io.ts';
import { ByteInputStream, ByteOutputStream } from './io-streams.ts';
import { fillSecurely } from './random.ts';

/** The most that one read of a device gives, so that a wrong length does not fill the memory. */
const readLimit = 1 << 20;

/** A character device: what reading it gives. All of them take whatever is written. */
interface Device {
  readonly name: string;
  /** Fills the bytes, or is absent where there is nothing to read. */
  readonly fill: ((bytes: Uint8Array) => void) | undefined;
}

const zero = (bytes: Uint8Array): void => void bytes.fill(0);

const devices: readonly Device[] = [
  { name: 'null', fill: undefined },
  { name: 'zero', fill: zero },
  { name: 'random', fill: fillSecurely },
  { name: 'urandom', fill: fillSecurely },
];

const started = Date.now();

/**
 * The descriptor of the directory of devices, for `get-directories`.
 *
 * @param id - tells its entries apart from those of other mounts in metadata hashes.
 */
export function openDevices(id: bigint): Descriptor {
  // With the flag that says it may be changed, since access(…, W_OK) asks for it.
  const flags = DescriptorFlags.read | DescriptorFlags.mutateDirectory;
  return new DeviceDescriptor(undefined, flags, id);
}

/** The `descriptor` resource of a device, or of the directory (where `device` is undefined). */
class DeviceDescriptor implements Descriptor {
  readonly #device: Device | undefined;
  readonly #flags: number;
  readonly #id: bigint;

  constructor(device: Device | undefined, flags: number, id: bigint) {
    this.#device = device;
    this.#flags = flags;
    this.#id = id;
  }

  // ---- data ----------------------------------------------------------------------------------

  readViaStream(): InputStream {
    return new DeviceInputStream(this.#readable());
  }

  writeViaStream(): OutputStream {
    this.#checkWritable();
    return new DeviceOutputStream();
  }

  appendViaStream(): OutputStream {
    return this.writeViaStream();
  }

  read(length: number, _offset: number, sink: ByteSink): boolean {
    const { fill } = this.#readable();
    if (fill === undefined) return true;
    fill(sink.allocate(Math.min(length, readLimit)));
    return false;
  }

  write(buffer: Uint8Array): number {
    this.#checkWritable();
    return buffer.length;
  }

  setSize(): void {
    throw failWith('invalid');
  }

  advise(): void {
    // There is nothing to prepare.
  }

  sync(): void {
    if (this.#device !== undefined) throw failWith('invalid');
  }

  syncData(): void {
    this.sync();
  }

  // ---- metadata ------------------------------------------------------------------------------

  getFlags(): number {
    return this.#flags;
  }

  getType(): DescriptorType {
    return typeOf(this.#device);
  }

  stat(): DescriptorStat {
    return statOf(this.#device);
  }

  statAt(_pathFlags: number, path: string): DescriptorStat {
    return statOf(this.#resolve(path));
  }

  setTimes(): void {
    throw failWith('not-permitted');
  }

  setTimesAt(_pathFlags: number, path: string): void {
    this.#resolve(path);
    throw failWith('not-permitted');
  }

  isSameObject(other: Descriptor): boolean {
    return other instanceof DeviceDescriptor && other.#device === this.#device;
  }

  metadataHash(): MetadataHashValue {
    return this.#hashOf(this.#device);
  }

  metadataHashAt(_pathFlags: number, path: string): MetadataHashValue {
    return this.#hashOf(this.#resolve(path));
  }

  // ---- directories ---------------------------------------------------------------------------

  readDirectory(): DirectoryEntryStream {
    this.#checkDirectory();
    return new DeviceEntryStream();
  }

  openAt(_pathFlags: number, path: string, openFlags: number, flags: number): Descriptor {
    const create = (openFlags & OpenFlags.create) !== 0;
    let device: Device | undefined;
    try {
      device = this.#resolve(path);
    } catch (error) {
      if (create && error === noEntry) throw failWith('not-permitted');
      throw error;
    }
    if (create && (openFlags & OpenFlags.exclusive) !== 0) throw failWith('exist');
    if (device === undefined && (create || (flags & DescriptorFlags.write) !== 0)) {
      throw failWith('is-directory');
    }
    if (device !== undefined && (openFlags & OpenFlags.directory) !== 0) throw notDirectory;
    return new DeviceDescriptor(device, flags, this.#id);
  }

  createDirectoryAt(path: string): void {
    this.#refuseNew(path);
  }

  symlinkAt(_oldPath: string, newPath: string): void {
    this.#refuseNew(newPath);
  }

  linkAt(_oldPathFlags: number, oldPath: string, newDescriptor: Descriptor, path: string): void {
    this.#resolve(oldPath);
    if (!(newDescriptor instanceof DeviceDescriptor)) throw failWith('cross-device');
    newDescriptor.#refuseNew(path);
  }

  renameAt(oldPath: string, newDescriptor: Descriptor): void {
    this.#resolve(oldPath);
    throw failWith(newDescriptor instanceof DeviceDescriptor ? 'not-permitted' : 'cross-device');
  }

  readlinkAt(path: string): string {
    this.#resolve(path);
    throw failWith('invalid');
  }

  removeDirectoryAt(path: string): void {
    throw this.#resolve(path) === undefined ? failWith('busy') : notDirectory;
  }

  unlinkFileAt(path: string): void {
    throw failWith(this.#resolve(path) === undefined ? 'is-directory' : 'not-permitted');
  }

  // ---- inside --------------------------------------------------------------------------------

  #readable(): Device {
    if (this.#device === undefined) throw failWith('is-directory');
    if ((this.#flags & DescriptorFlags.read) === 0) throw failWith('bad-descriptor');
    return this.#device;
  }

  #checkWritable(): void {
    if ((this.#flags & DescriptorFlags.write) === 0) throw failWith('bad-descriptor');
  }

  #checkDirectory(): void {
    if (this.#device !== undefined) throw notDirectory;
  }

  /** The device at a path from here, or undefined for the directory itself. */
  #resolve(path: string): Device | undefined {
    this.#checkDirectory();
    if (path === '') throw noEntry;
    if (path.includes('\0')) throw failWith('invalid');
    if (path.startsWith('/')) throw failWith('not-permitted');
    let device: Device | undefined;
    for (const name of path.split('/')) {
      if (device !== undefined) throw notDirectory;
      if (name === '' || name === '.') continue;
      if (name === '..') throw failWith('not-permitted');
      device = devices.find((candidate) => candidate.name === name);
      if (device === undefined) throw noEntry;
    }
    return device;
  }

  /** Nothing can be made here. */
  #refuseNew(path: string): never {
    try {
      this.#resolve(path);
    } catch (error) {
      throw error === noEntry ? failWith('not-permitted') : error;
    }
    throw failWith('exist');
  }

  #hashOf(device: Device | undefined): MetadataHashValue {
    const index = device === undefined ? 0 : devices.indexOf(device) + 1;
    return { lower: BigInt(index + 1), upper: this.#id };
  }
}

const noEntry = failWith('no-entry');
const notDirectory = failWith('not-directory');

function typeOf(device: Device | undefined): DescriptorType {
  return device === undefined ? 'directory' : 'character-device';
}

function statOf(device: Device | undefined): DescriptorStat {
  const time = { seconds: BigInt(Math.floor(started / 1000)), nanoseconds: 0 };
  return {
    type: typeOf(device),
    linkCount: device === undefined ? 2n : 1n,
    size: 0,
    dataAccessTimestamp: time,
    dataModificationTimestamp: time,
    statusChangeTimestamp: time,
  };
}

class DeviceEntryStream implements DirectoryEntryStream {
  #next = 0;

  readDirectoryEntry(): DirectoryEntry | undefined {
    const device = devices[this.#next++];
    return device && { type: 'character-device', name: device.name };
  }
}

class DeviceInputStream extends ByteInputStream {
  protected readonly readiness = alwaysReady;
  readonly #device: Device;

  constructor(device: Device) {
    super();
    this.#device = device;
  }

  override read(len: number, sink: ByteSink): void {
    const { fill } = this.#device;
    if (fill === undefined) throw streamClosed;
    if (len !== 0) fill(sink.allocate(Math.min(len, readLimit)));
  }
}

class DeviceOutputStream extends ByteOutputStream {
  protected readonly readiness = alwaysReady;

  protected override capacity(): number {
    return transferLimit;
  }

  protected override accept(): void {
    // Devices forget what is written.
  }
}
