import { ByteReader, ByteWriter } from './bytes.ts';
import { xxh32 } from './checksum.ts';
import { DiskError } from './error.ts';
import { DirectoryInode, FileInode, SymlinkInode } from './inode.ts';
import type { Inode, Timestamp } from './inode.ts';
import { blockTrailer } from './page.ts';
import type { Page } from './page.ts';

/*
 * The on-disk format, version 1. docs/disk-format.md is its full description.
 *
 * Integers are LEB128 varints unless said otherwise, `u32` is four bytes little-endian. A checksum is
 * XXH32 with a seed made of the disk's random id and the record's key, so that a torn, altered,
 * misplaced or foreign record is told from a good one.
 *
 *   meta['format']       "BACKTABD" u32:version u32:blockSize u32:diskId u32:checksum
 *   journal[sequence]    "BTJ1" u32:checksum sequence nextIno entry*
 *   inodes[ino]          u32:checksum inode
 *   entries[[dir,name]]  u32:checksum dir ino name
 *   blocks[[ino,index]]  data u32:checksum       (data up to the end of the file, at most blockSize)
 *
 *   inode  = ino type mode uid gid nlink size accessed modified changed [target]
 *            (type: 0 file, 1 directory, 2 symbolic link; times: signed seconds, nanoseconds)
 *   entry  = 1 time owner              the disk was mounted (fences every earlier owner)
 *          | 2 inode                   the inode is now this
 *          | 3 ino                     the inode and its data are gone
 *          | 4 dir ino name            the name is bound to the inode
 *          | 5 dir name                the name is gone
 *          | 6 ino blocks              the file had only so many blocks at some instant
 *          | 7 ino offset length data  these bytes were written
 *          | 8 ino first count         these blocks were written to `blocks` by this transaction
 */

/** The version of the format this code reads and writes. */
export const formatVersion = 1;

/** Bytes of file data in a block of a new disk. */
export const defaultBlockSize = 16384;

/** A journal record is closed when it has reached this size; values stay under 64 KiB. */
export const journalRecordLimit = 57_344;

/** The root directory's inode number. */
export const rootIno = 1;

/** Longest piece of data in one journal entry. */
export const journalPieceLimit = 8192 - 64;

const formatMagic = 'BACKTABD';
const recordMagic = 0x314a5442;
const recordHeader = 8;

const tag = {
  mount: 1,
  inode: 2,
  removeInode: 3,
  entry: 4,
  removeEntry: 5,
  truncate: 6,
  bytes: 7,
  blocks: 8,
} as const;

/** What a disk is made with, once. */
export interface Format {
  /** Bytes of file data per block: a power of two from 4 KiB to 32 KiB. */
  readonly blockSize: number;
  /** A random number below 2^32 that seeds the checksums. */
  readonly diskId: number;
}

/** An inode as records hold it. */
export interface InodeRecord {
  readonly ino: number;
  readonly type: Inode['type'];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly size: number;
  readonly accessed: TimeRecord;
  readonly modified: TimeRecord;
  readonly changed: TimeRecord;
  readonly target: string;
}

/** A time as records hold it. */
export interface TimeRecord {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** An entry of a journal record. */
export type JournalEntry =
  | { readonly kind: 'mount'; readonly seconds: number; readonly owner: string }
  | { readonly kind: 'inode'; readonly inode: InodeRecord }
  | { readonly kind: 'removeInode'; readonly ino: number }
  | {
      readonly kind: 'entry';
      readonly directory: number;
      readonly ino: number;
      readonly name: string;
    }
  | { readonly kind: 'removeEntry'; readonly directory: number; readonly name: string }
  | { readonly kind: 'truncate'; readonly ino: number; readonly blocks: number }
  | {
      readonly kind: 'bytes';
      readonly ino: number;
      readonly offset: number;
      readonly data: Uint8Array;
    }
  | {
      readonly kind: 'blocks';
      readonly ino: number;
      readonly first: number;
      readonly count: number;
    };

/** A journal record read back. */
export interface JournalRecord {
  readonly sequence: number;
  /** The next inode number to give out. */
  readonly nextIno: number;
  readonly entries: readonly JournalEntry[];
}

/** The format record of a new disk. */
export function encodeFormat(format: Format): Uint8Array {
  const writer = new ByteWriter();
  for (const char of formatMagic) writer.uint8(char.charCodeAt(0));
  writer.uint32(formatVersion);
  writer.uint32(format.blockSize);
  writer.uint32(format.diskId);
  writer.uint32(xxh32(writer.view(), 0, writer.length, 0));
  return writer.finish();
}

/**
 * Reads the format record.
 *
 * @throws DiskError EIO for anything but an intact record, EINVAL for a version this code cannot read.
 */
export function decodeFormat(bytes: Uint8Array): Format {
  const reader = new ByteReader(bytes);
  for (const char of formatMagic) {
    if (reader.uint8() !== char.charCodeAt(0))
      throw new DiskError('EIO', 'this is not a backtab disk');
  }
  const version = reader.uint32();
  if (version !== formatVersion) {
    throw new DiskError(
      'EINVAL',
      `the disk has format version ${version} and this backtab reads version ${formatVersion}: use a newer backtab`,
    );
  }
  const blockSize = reader.uint32();
  const diskId = reader.uint32();
  if (reader.uint32() !== xxh32(bytes, 0, bytes.length - 4, 0) || !reader.done) {
    throw new DiskError('EIO', 'the format record is damaged: restore the disk from a copy');
  }
  return { blockSize, diskId };
}

function encodeTime(writer: ByteWriter, time: Timestamp): void {
  writer.signed(time.seconds);
  writer.varint(time.nanoseconds);
}

function decodeTime(reader: ByteReader): TimeRecord {
  return { seconds: reader.signed(), nanoseconds: reader.varint() };
}

function encodeInode(writer: ByteWriter, inode: Inode): void {
  writer.varint(inode.ino);
  writer.uint8(inode.type === 'file' ? 0 : inode.type === 'directory' ? 1 : 2);
  writer.varint(inode.mode);
  writer.varint(inode.uid);
  writer.varint(inode.gid);
  writer.varint(inode.nlink);
  writer.varint(inode.type === 'file' ? inode.size : 0);
  encodeTime(writer, inode.accessed);
  encodeTime(writer, inode.modified);
  encodeTime(writer, inode.changed);
  if (inode.type === 'symlink') writer.string(inode.target);
}

function decodeInode(reader: ByteReader): InodeRecord {
  const ino = reader.varint();
  const type = (['file', 'directory', 'symlink'] as const)[reader.uint8()];
  if (type === undefined) throw damaged(`inode ${ino}`);
  const mode = reader.varint();
  const uid = reader.varint();
  const gid = reader.varint();
  const nlink = reader.varint();
  const size = reader.varint();
  const accessed = decodeTime(reader);
  const modified = decodeTime(reader);
  const changed = decodeTime(reader);
  const target = type === 'symlink' ? reader.string() : '';
  return { ino, type, mode, uid, gid, nlink, size, accessed, modified, changed, target };
}

/** An inode in memory, from its record. */
export function inodeFromRecord(record: InodeRecord, blockSize: number): Inode {
  const inode =
    record.type === 'file'
      ? new FileInode(record.ino, record.mode)
      : record.type === 'directory'
        ? new DirectoryInode(record.ino, record.mode)
        : new SymlinkInode(record.ino, record.mode, record.target);
  inode.uid = record.uid;
  inode.gid = record.gid;
  inode.nlink = record.nlink;
  inode.accessed.set(record.accessed.seconds, record.accessed.nanoseconds);
  inode.modified.set(record.modified.seconds, record.modified.nanoseconds);
  inode.changed.set(record.changed.seconds, record.changed.nanoseconds);
  inode.stored = true;
  if (inode.type === 'file') {
    inode.size = record.size;
    inode.storedBlocks = Math.ceil(record.size / blockSize);
  }
  return inode;
}

/** Encodes and checks the records of one disk. */
export class Codec {
  readonly blockSize: number;
  readonly #seed: number;
  readonly #writer = new ByteWriter();

  constructor(format: Format) {
    this.blockSize = format.blockSize;
    this.#seed = format.diskId;
  }

  /** The value of `inodes[ino]`. */
  encodeInode(inode: Inode): Uint8Array {
    const writer = this.#begin();
    encodeInode(writer, inode);
    return this.#seal(inode.ino);
  }

  decodeInode(ino: number, bytes: Uint8Array): InodeRecord {
    const reader = this.#open(bytes, ino, `inode ${ino}`);
    const record = decodeInode(reader);
    if (record.ino !== ino || !reader.done) throw damaged(`inode ${ino}`);
    return record;
  }

  /** The value of `entries[[directory, name]]`. */
  encodeEntry(directory: number, name: string, ino: number): Uint8Array {
    const writer = this.#begin();
    writer.varint(directory);
    writer.varint(ino);
    writer.string(name);
    return this.#seal(directory);
  }

  decodeEntry(directory: number, bytes: Uint8Array): { ino: number; name: string } {
    const what = `an entry of directory ${directory}`;
    const reader = this.#open(bytes, directory, what);
    if (reader.varint() !== directory) throw damaged(what);
    const entry = { ino: reader.varint(), name: reader.string() };
    if (!reader.done) throw damaged(what);
    return entry;
  }

  /** The value of `blocks[[ino, index]]`: the page's data up to `length`, and the checksum. */
  encodeBlock(page: Page, length: number): Uint8Array {
    // A full page has room for its checksum: the store copies the value, so none is made here.
    const bytes =
      length === this.blockSize ? page.bytes : page.bytes.slice(0, length + blockTrailer);
    const sum = xxh32(bytes, 0, length, this.#blockSeed(page.inode.ino, page.index));
    bytes[length] = sum;
    bytes[length + 1] = sum >>> 8;
    bytes[length + 2] = sum >>> 16;
    bytes[length + 3] = sum >>> 24;
    return bytes;
  }

  /** Copies a block's data into a page. */
  decodeBlock(bytes: Uint8Array, page: Page): void {
    const length = bytes.length - blockTrailer;
    const what = `block ${page.index} of inode ${page.inode.ino}`;
    if (length < 0 || length > this.blockSize) throw damaged(what);
    const sum = new ByteReader(bytes, length).uint32();
    if (sum !== xxh32(bytes, 0, length, this.#blockSeed(page.inode.ino, page.index))) {
      throw damaged(what);
    }
    page.bytes.set(bytes.length > page.bytes.length ? bytes.subarray(0, length) : bytes);
    page.bytes.fill(0, length);
  }

  /** Reads a journal record. */
  decodeJournal(sequence: number, bytes: Uint8Array): JournalRecord {
    const what = `journal record ${sequence}`;
    const head = new ByteReader(bytes);
    if (head.uint32() !== recordMagic) throw damaged(what);
    if (head.uint32() !== xxh32(bytes, recordHeader, bytes.length, this.#keySeed(sequence))) {
      throw damaged(what);
    }
    const reader = new ByteReader(bytes, recordHeader);
    if (reader.varint() !== sequence) throw damaged(what);
    const nextIno = reader.varint();
    const entries: JournalEntry[] = [];
    while (!reader.done) entries.push(decodeEntry(reader, what));
    return { sequence, nextIno, entries };
  }

  /** The checksum's seed for a record with a number as its key. */
  #keySeed(key: number): number {
    return (this.#seed + Math.imul(key | 0, 0x9e3779b1)) | 0;
  }

  #blockSeed(ino: number, index: number): number {
    return (this.#keySeed(ino) + Math.imul(index | 0, 0x85ebca77)) | 0;
  }

  #begin(): ByteWriter {
    this.#writer.clear();
    this.#writer.uint32(0);
    return this.#writer;
  }

  #seal(key: number): Uint8Array {
    const writer = this.#writer;
    writer.setUint32(0, xxh32(writer.view(), 4, writer.length, this.#keySeed(key)));
    return writer.finish();
  }

  #open(bytes: Uint8Array, key: number, what: string): ByteReader {
    const sum = new ByteReader(bytes).uint32();
    if (sum !== xxh32(bytes, 4, bytes.length, this.#keySeed(key))) throw damaged(what);
    return new ByteReader(bytes, 4);
  }

  /** Seals a journal record that {@link JournalWriter} has filled. */
  sealJournal(writer: ByteWriter, sequence: number): Uint8Array {
    writer.setUint32(4, xxh32(writer.view(), recordHeader, writer.length, this.#keySeed(sequence)));
    return writer.finish();
  }
}

function decodeEntry(reader: ByteReader, what: string): JournalEntry {
  const kind = reader.uint8();
  switch (kind) {
    case tag.mount:
      return { kind: 'mount', seconds: reader.varint(), owner: reader.string() };
    case tag.inode:
      return { kind: 'inode', inode: decodeInode(reader) };
    case tag.removeInode:
      return { kind: 'removeInode', ino: reader.varint() };
    case tag.entry: {
      const directory = reader.varint();
      const ino = reader.varint();
      return { kind: 'entry', directory, ino, name: reader.string() };
    }
    case tag.removeEntry:
      return { kind: 'removeEntry', directory: reader.varint(), name: reader.string() };
    case tag.truncate:
      return { kind: 'truncate', ino: reader.varint(), blocks: reader.varint() };
    case tag.bytes: {
      const ino = reader.varint();
      const offset = reader.varint();
      return { kind: 'bytes', ino, offset, data: reader.bytes(reader.varint()) };
    }
    case tag.blocks:
      return {
        kind: 'blocks',
        ino: reader.varint(),
        first: reader.varint(),
        count: reader.varint(),
      };
    default:
      throw damaged(what);
  }
}

/** Fills the journal records of one commit: as many as its entries need, usually one. */
export class JournalWriter {
  readonly #codec: Codec;
  readonly #writer = new ByteWriter();
  #records: { sequence: number; value: Uint8Array }[] = [];
  #sequence = 0;
  #nextIno = 0;
  /** The open record takes no more entries. */
  #sealed = false;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Starts a commit whose first record has this sequence number. */
  begin(sequence: number, nextIno: number): void {
    this.#records = [];
    this.#sequence = sequence;
    this.#nextIno = nextIno;
    this.#open();
  }

  /** The mount entry has a record of its own, which stays when the records around it go. */
  mount(seconds: number, owner: string): void {
    const writer = this.#entry(tag.mount);
    writer.varint(seconds);
    writer.string(owner);
    this.#sealed = true;
  }

  inode(inode: Inode): void {
    encodeInode(this.#entry(tag.inode), inode);
  }

  removeInode(ino: number): void {
    this.#entry(tag.removeInode).varint(ino);
  }

  entry(directory: number, name: string, ino: number): void {
    const writer = this.#entry(tag.entry);
    writer.varint(directory);
    writer.varint(ino);
    writer.string(name);
  }

  removeEntry(directory: number, name: string): void {
    const writer = this.#entry(tag.removeEntry);
    writer.varint(directory);
    writer.string(name);
  }

  truncate(ino: number, blocks: number): void {
    const writer = this.#entry(tag.truncate);
    writer.varint(ino);
    writer.varint(blocks);
  }

  /** The page's bytes `[from, to)`, in pieces that fit into a record. */
  bytes(page: Page, from: number, to: number): void {
    for (let at = from; at < to; at += journalPieceLimit) {
      const end = Math.min(to, at + journalPieceLimit);
      const writer = this.#entry(tag.bytes);
      writer.varint(page.inode.ino);
      writer.varint(page.index * this.#codec.blockSize + at);
      writer.varint(end - at);
      writer.bytes(page.bytes, at, end);
    }
  }

  blocks(ino: number, first: number, count: number): void {
    const writer = this.#entry(tag.blocks);
    writer.varint(ino);
    writer.varint(first);
    writer.varint(count);
  }

  /** Ends the commit: its records in order, with consecutive sequence numbers. */
  finish(): readonly { sequence: number; value: Uint8Array }[] {
    this.#close();
    return this.#records;
  }

  #open(): void {
    this.#writer.clear();
    this.#writer.uint32(recordMagic);
    this.#writer.uint32(0);
    this.#writer.varint(this.#sequence);
    this.#writer.varint(this.#nextIno);
  }

  #close(): void {
    const value = this.#codec.sealJournal(this.#writer, this.#sequence);
    this.#records.push({ sequence: this.#sequence, value });
    this.#sequence++;
    this.#sealed = false;
  }

  #entry(kind: number): ByteWriter {
    // The longest entry (a piece of data, or a link's target of 4 KiB) still fits behind the limit.
    if (this.#sealed || this.#writer.length >= journalRecordLimit - journalPieceLimit) {
      this.#close();
      this.#open();
    }
    this.#writer.uint8(kind);
    return this.#writer;
  }
}

function damaged(what: string): DiskError {
  return new DiskError('EIO', `${what} is damaged`);
}
