import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSink } from '../abi/byte-sink.ts';
import { WitError } from '../abi/errors.ts';
import { FaultyStore, MemoryMedium, MemoryStore, openDisk } from '../disk/index.ts';
import type { CommitInfo, Disk } from '../disk/index.ts';
import { DescriptorFlags, OpenFlags, PathFlags } from '../generated/filesystem.ts';
import type { Descriptor } from '../generated/filesystem.ts';
import type { OutputStream } from '../generated/io.ts';
import { createFilesystem } from './filesystem.ts';

const {
  read: R,
  write: W,
  fileIntegritySync,
  dataIntegritySync,
  mutateDirectory,
} = DescriptorFlags;
const { create, exclusive, directory, truncate } = OpenFlags;
const follow = PathFlags.symlinkFollow;

class Sink implements ByteSink {
  bytes = new Uint8Array(0);
  allocate(length: number): Uint8Array {
    this.bytes = new Uint8Array(length);
    return this.bytes;
  }
}

interface Fixture {
  readonly root: Descriptor;
  readonly disk: Disk;
  readonly commits: CommitInfo[];
}

async function fixture(options: { readOnly?: boolean } = {}): Promise<Fixture> {
  const commits: CommitInfo[] = [];
  const disk = await openDisk(new MemoryStore(), {
    writeBackDelay: Infinity,
    oncommit: (info) => commits.push(info),
  });
  commits.length = 0;
  return { root: rootOf(disk, options.readOnly), disk, commits };
}

function rootOf(disk: Disk, readOnly = false): Descriptor {
  const filesystem = createFilesystem({ mounts: [{ path: '/', disk, readOnly }] });
  const [preopen] = filesystem['wasi:filesystem/preopens'].getDirectories();
  assert.ok(preopen !== undefined);
  assert.equal(preopen[1], '/');
  return preopen[0];
}

async function open(
  base: Descriptor,
  path: string,
  openFlags = 0,
  flags = R | W,
  pathFlags: number = follow,
): Promise<Descriptor> {
  return base.openAt(pathFlags, path, openFlags, flags);
}

async function make(base: Descriptor, path: string, content = ''): Promise<Descriptor> {
  const file = await open(base, path, create);
  if (content !== '') await file.write(Buffer.from(content), 0);
  return file;
}

async function contents(file: Descriptor, length = 1000, offset = 0): Promise<string> {
  const sink = new Sink();
  await file.read(length, offset, sink);
  return Buffer.from(sink.bytes).toString();
}

/** The error code that a function fails with, or 'ok'. */
async function code(operation: () => unknown): Promise<unknown> {
  try {
    await operation();
    return 'ok';
  } catch (error) {
    if (error instanceof WitError) return error.payload;
    throw error;
  }
}

async function list(directoryDescriptor: Descriptor): Promise<string[]> {
  const stream = await directoryDescriptor.readDirectory();
  const names: string[] = [];
  for (;;) {
    const entry = await stream.readDirectoryEntry();
    if (entry === undefined) return names.sort();
    names.push(`${entry.name}:${entry.type}`);
  }
}

test('open-at: create, exclusive, truncate, directory', async () => {
  const { root } = await fixture();
  assert.equal(await code(() => open(root, 'f')), 'no-entry');
  const file = await make(root, 'f', 'hello');
  assert.equal(await contents(await open(root, 'f', create)), 'hello');
  assert.equal(await code(() => open(root, 'f', create | exclusive)), 'exist');
  assert.equal(await code(() => open(root, 'f', directory, R)), 'not-directory');
  await open(root, 'f', truncate);
  assert.equal((await file.stat()).size, 0);
  await root.createDirectoryAt('d');
  assert.equal((await open(root, 'd', directory, R)).getType(), 'directory');
  assert.equal((await open(root, 'd', 0, R)).getType(), 'directory');
  assert.equal(await code(() => open(root, 'd', 0, R | W)), 'is-directory');
  assert.equal(await code(() => open(root, 'd', create, R)), 'is-directory');
  assert.equal(await code(() => open(root, 'd', truncate, R)), 'is-directory');
  assert.equal(await code(() => open(root, 'd', create | exclusive, R)), 'exist');
  assert.equal(await code(() => open(root, 'n', create | directory, R)), 'invalid');
  assert.equal(await code(() => open(root, 'new/', create)), 'is-directory');
  assert.equal(await code(() => open(root, 'f/', 0, R)), 'not-directory');
  assert.equal(await code(() => open(file, 'x', create)), 'not-directory');
});

test('read and write flags are enforced; mutate-directory is not', async () => {
  const { root } = await fixture();
  await make(root, 'f', 'x');
  const reader = await open(root, 'f', 0, R);
  const writer = await open(root, 'f', 0, W);
  assert.equal(await code(() => reader.write(new Uint8Array(1), 0)), 'bad-descriptor');
  assert.equal(await code(() => reader.writeViaStream(0)), 'bad-descriptor');
  assert.equal(await code(() => reader.appendViaStream()), 'bad-descriptor');
  assert.equal(await code(() => reader.setSize(0)), 'invalid');
  assert.equal(await code(() => writer.read(1, 0, new Sink())), 'bad-descriptor');
  assert.equal(await code(() => writer.readViaStream(0)), 'bad-descriptor');
  assert.equal(reader.getFlags(), R);
  assert.equal(root.getFlags(), R | mutateDirectory);
  assert.equal(await code(() => root.read(1, 0, new Sink())), 'is-directory');
  assert.equal(await code(() => root.write(new Uint8Array(1), 0)), 'bad-descriptor');
  await root.createDirectoryAt('d');
  const plain = await open(root, 'd', directory, R);
  assert.equal(await code(() => plain.createDirectoryAt('sub')), 'ok');
});

test('read: ranges, the end of the file, holes, offsets over 4 GiB', async () => {
  const { root } = await fixture();
  const file = await make(root, 'f', 'hello');
  const sink = new Sink();
  assert.equal(await file.read(3, 1, sink), false);
  assert.deepEqual(Buffer.from(sink.bytes).toString(), 'ell');
  assert.equal(await file.read(100, 3, sink), true);
  assert.deepEqual(Buffer.from(sink.bytes).toString(), 'lo');
  assert.equal(await file.read(1, 5, new Sink()), true);
  assert.equal(await file.read(1, 2 ** 60, new Sink()), true);
  const far = 5 * 2 ** 30;
  assert.equal(await file.write(Buffer.from('far'), far), 3);
  assert.equal((await file.stat()).size, far + 3);
  assert.equal(await contents(file, 5, far - 2), '\0\0far');
  assert.equal(await contents(file, 7, 0), 'hello\0\0');
  assert.equal(await code(() => file.write(new Uint8Array(1), 2 ** 60)), 'file-too-large');
  assert.equal(await code(() => file.setSize(2 ** 60)), 'file-too-large');
});

test('a write over the dirty limit waits and is whole', async () => {
  const { root, commits } = await fixture();
  const file = await make(root, 'f');
  const bytes = new Uint8Array(9 << 20).map((_, i) => i * 31);
  assert.equal(await file.write(bytes, 5), bytes.length);
  assert.ok(commits.length >= 1);
  for (const commit of commits) assert.ok(commit.bytes < 4.1 * 2 ** 20, `${commit.bytes} bytes`);
  const sink = new Sink();
  await file.read(bytes.length + 5, 0, sink);
  assert.equal(Buffer.compare(sink.bytes.subarray(5), bytes), 0);
});

test('set-size cuts and extends with zeros', async () => {
  const { root } = await fixture();
  const file = await make(root, 'f', 'hello world');
  await file.setSize(4);
  await file.setSize(8);
  assert.equal(await contents(file), 'hell\0\0\0\0');
});

async function put(stream: OutputStream, text: string): Promise<void> {
  assert.ok(stream.checkWrite() >= text.length);
  await stream.write(Buffer.from(text));
  await stream.blockingFlush();
}

test('streams keep their own positions; appending finds the end at each write', async () => {
  const { root } = await fixture();
  const file = await make(root, 'f');
  const at0 = file.writeViaStream(0);
  const end = file.appendViaStream();
  await put(at0, 'abc');
  await put(end, 'XY');
  await put(at0, 'd');
  assert.equal(await contents(file), 'abcdY');
  await put(end, 'Z');
  assert.equal(await contents(file), 'abcdYZ');
  const input = file.readViaStream(1);
  const sink = new Sink();
  await input.read(2, sink);
  assert.equal(Buffer.from(sink.bytes).toString(), 'bc');
  assert.equal(await input.skip(2), 2);
  await input.blockingRead(100, sink);
  assert.equal(Buffer.from(sink.bytes).toString(), 'Z');
  await assert.rejects(
    async () => input.read(1, sink),
    (error) => error instanceof WitError && (error.payload as { tag: string }).tag === 'closed',
  );
  await put(end, '!');
  await input.read(10, sink);
  assert.equal(Buffer.from(sink.bytes).toString(), '!', 'the file has grown');
});

test('splice copies from file to file', async () => {
  const { root } = await fixture();
  const from = await make(root, 'a', 'copy me');
  const to = await make(root, 'b');
  assert.equal(await to.writeViaStream(0).splice(from.readViaStream(5), 100), 2);
  assert.equal(await contents(to), 'me');
});

test('a file lives on while a descriptor or a stream is open, and goes then', async () => {
  const { root, disk, commits } = await fixture();
  const file = await make(root, 'f', 'still here');
  const stream = file.readViaStream(0);
  await disk.sync();
  await root.unlinkFileAt('f');
  assert.equal(await contents(file), 'still here');
  assert.equal((await file.stat()).linkCount, 0n);
  file[Symbol.dispose]?.();
  const sink = new Sink();
  await stream.read(100, sink);
  assert.equal(Buffer.from(sink.bytes).toString(), 'still here');
  await disk.sync();
  const before = commits.length;
  stream[Symbol.dispose]?.();
  await disk.sync();
  assert.equal(commits.length, before + 1, 'its removal is a change');
});

for (const [name, flag] of Object.entries({
  O_SYNC: fileIntegritySync,
  O_DSYNC: dataIntegritySync,
})) {
  test(`${name} commits on every write, strictly`, async () => {
    const { root, commits } = await fixture();
    const file = await open(root, 'f', create, W | flag);
    assert.equal(commits.length, 0);
    await file.write(Buffer.from('a'), 0);
    assert.deepEqual(
      commits.map(({ durability }) => durability),
      ['strict'],
    );
    await put(file.appendViaStream(), 'b');
    assert.equal(commits.length, 2);
    assert.equal(file.getFlags(), W | flag);
  });
}

test('sync and sync-data commit, of directories too; twice is once', async () => {
  const { root, commits } = await fixture();
  const file = await make(root, 'f', 'x');
  await file.sync();
  assert.equal(commits.length, 1);
  await file.syncData();
  assert.equal(commits.length, 1, 'nothing has changed');
  await file.write(Buffer.from('y'), 0);
  await root.syncData();
  assert.equal(commits.length, 2);
});

test('paths never leave the preopen', async () => {
  const { root } = await fixture();
  await root.createDirectoryAt('d');
  await make(root, 'd/f', 'x');
  const d = await open(root, 'd', directory, R);
  const statOf = (base: Descriptor, path: string): Promise<unknown> =>
    code(() => base.statAt(follow, path));
  assert.equal(await statOf(root, '/d'), 'not-permitted');
  assert.equal(await statOf(root, '..'), 'not-permitted');
  assert.equal(await statOf(root, 'd/../..'), 'not-permitted');
  assert.equal(await statOf(root, 'd/../d/./f'), 'ok');
  assert.equal(await statOf(d, '../d'), 'not-permitted');
  await root.symlinkAt('../d/f', 'd/up');
  assert.equal(await statOf(root, 'd/up'), 'ok');
  assert.equal(await statOf(d, 'up'), 'not-permitted');
  assert.equal(await code(() => root.symlinkAt('/etc', 's')), 'not-permitted');
  assert.equal(await statOf(root, ''), 'no-entry');
  assert.equal(await statOf(root, '.'), 'ok');
  assert.equal(await statOf(root, 'a\0b'), 'invalid');
  assert.equal(await statOf(root, 'n'.repeat(256)), 'name-too-long');
  assert.equal(await statOf(root, 'n'.repeat(255)), 'no-entry');
  assert.equal(await statOf(root, 'é'.repeat(128)), 'name-too-long');
  assert.equal(await statOf(root, 'x/'.repeat(2048)), 'name-too-long');
  assert.equal(await statOf(root, 'd/f/'), 'not-directory');
  assert.equal(await statOf(root, 'd/f/g'), 'not-directory');
  assert.equal(await statOf(root, 'none/g'), 'no-entry');
});

test('symbolic links: followed on the way, at the end on request; loops end', async () => {
  const { root } = await fixture();
  await root.createDirectoryAt('d');
  await make(root, 'd/f', 'x');
  await root.symlinkAt('d', 'link');
  await root.symlinkAt('loop', 'loop');
  await root.symlinkAt('new', 'dangling');
  assert.equal((await root.statAt(0, 'link')).type, 'symbolic-link');
  assert.equal((await root.statAt(0, 'link')).size, 1);
  assert.equal((await root.statAt(follow, 'link')).type, 'directory');
  assert.equal((await root.statAt(0, 'link/')).type, 'directory');
  assert.equal((await root.statAt(0, 'link/f')).type, 'regular-file');
  assert.equal(await root.readlinkAt('link'), 'd');
  assert.equal(await code(() => root.readlinkAt('d')), 'invalid');
  assert.equal(await code(() => root.statAt(follow, 'loop')), 'loop');
  assert.equal(await code(() => root.statAt(0, 'loop/x')), 'loop');
  assert.equal(await code(() => open(root, 'link', 0, R, 0)), 'loop');
  assert.equal(await code(() => open(root, 'link', directory, R, 0)), 'not-directory');
  assert.equal(await code(() => open(root, 'dangling', create | exclusive)), 'exist');
  await open(root, 'dangling', create);
  assert.equal((await root.statAt(0, 'new')).type, 'regular-file');
  assert.equal(await code(() => root.symlinkAt('x', 'link')), 'exist');
  assert.equal(await code(() => root.symlinkAt('x', 'none/')), 'no-entry');
  assert.equal(await code(() => root.symlinkAt('', 'empty')), 'no-entry');
});

test('directories: create, remove, list', async () => {
  const { root } = await fixture();
  await root.createDirectoryAt('d');
  await root.createDirectoryAt('d/sub/');
  await make(root, 'f');
  await root.symlinkAt('d', 's');
  assert.deepEqual(await list(root), ['d:directory', 'f:regular-file', 's:symbolic-link']);
  assert.equal((await root.statAt(0, 'd')).linkCount, 3n);
  assert.equal(await code(() => root.createDirectoryAt('d')), 'exist');
  assert.equal(await code(() => root.createDirectoryAt('.')), 'exist');
  assert.equal(await code(() => root.createDirectoryAt('none/x')), 'no-entry');
  assert.equal(await code(() => root.removeDirectoryAt('d')), 'not-empty');
  assert.equal(await code(() => root.removeDirectoryAt('f')), 'not-directory');
  assert.equal(await code(() => root.removeDirectoryAt('s/')), 'not-directory');
  assert.equal(await code(() => root.removeDirectoryAt('d/.')), 'invalid');
  assert.equal(await code(() => root.removeDirectoryAt('d/sub/..')), 'not-empty');
  assert.equal(await code(() => root.removeDirectoryAt('none')), 'no-entry');
  const sub = await open(root, 'd/sub', directory, R);
  await root.removeDirectoryAt('d/sub');
  await root.removeDirectoryAt('d');
  assert.equal(
    await code(() => make(sub, 'late')),
    'no-entry',
    'a removed directory takes nothing',
  );
  assert.deepEqual(await list(sub), []);
  const file = await open(root, 'f');
  assert.equal(await code(() => file.readDirectory()), 'not-directory');
});

test('unlink-file-at', async () => {
  const { root } = await fixture();
  await make(root, 'f');
  await root.createDirectoryAt('d');
  assert.equal(await code(() => root.unlinkFileAt('d')), 'is-directory');
  assert.equal(await code(() => root.unlinkFileAt('.')), 'is-directory');
  assert.equal(await code(() => root.unlinkFileAt('f/')), 'not-directory');
  assert.equal(await code(() => root.unlinkFileAt('none')), 'no-entry');
  assert.equal(await code(() => root.unlinkFileAt('f')), 'ok');
  assert.equal(await code(() => root.unlinkFileAt('f')), 'no-entry');
});

test('rename-at', async () => {
  const { root } = await fixture();
  await make(root, 'a', 'A');
  await make(root, 'b', 'B');
  await root.createDirectoryAt('d');
  await root.createDirectoryAt('full');
  await make(root, 'full/x');
  const rename = (from: string, to: string): Promise<unknown> =>
    code(() => root.renameAt(from, root, to));
  assert.equal(await rename('none', 'x'), 'no-entry');
  assert.equal(await rename('a', 'd'), 'is-directory');
  assert.equal(await rename('d', 'a'), 'not-directory');
  assert.equal(await rename('d', 'full'), 'not-empty');
  assert.equal(await rename('full', 'full/inner'), 'invalid');
  assert.equal(await rename('full/x', 'full'), 'not-empty');
  assert.equal(await rename('a', 'c/'), 'not-directory');
  assert.equal(await rename('a/', 'c'), 'not-directory');
  assert.equal(await rename('d/.', 'c'), 'busy');
  assert.equal(await rename('a', 'b'), 'ok');
  assert.equal(await contents(await open(root, 'b')), 'A');
  assert.equal(await rename('full', 'd'), 'ok');
  assert.equal((await root.statAt(0, 'd/x')).type, 'regular-file');
  assert.equal(await rename('d', 'e/'), 'ok');
  await root.linkAt(0, 'b', root, 'same');
  assert.equal(await rename('b', 'same'), 'ok');
  assert.deepEqual(await list(root), ['b:regular-file', 'e:directory', 'same:regular-file']);
});

test('link-at: one file, several names', async () => {
  const { root } = await fixture();
  const file = await make(root, 'a', 'x');
  await root.symlinkAt('a', 's');
  await root.linkAt(0, 'a', root, 'b');
  await root.linkAt(follow, 's', root, 'c');
  await root.linkAt(0, 's', root, 's2');
  assert.equal((await file.stat()).linkCount, 3n);
  assert.equal(await root.readlinkAt('s2'), 'a');
  assert.equal(await code(() => root.linkAt(0, 'a', root, 'b')), 'exist');
  assert.equal(await code(() => root.linkAt(0, 'none', root, 'x')), 'no-entry');
  await root.createDirectoryAt('d');
  assert.equal(await code(() => root.linkAt(0, 'd', root, 'x')), 'not-permitted');
  const other = await open(root, 'c');
  assert.equal(file.isSameObject(other), true);
  assert.equal(file.isSameObject(root), false);
  assert.deepEqual(await file.metadataHash(), await root.metadataHashAt(0, 'b'));
  assert.notDeepEqual(await file.metadataHash(), await root.metadataHash());
});

test('times: set, kept, taken from the clock', async () => {
  const { root } = await fixture();
  const file = await make(root, 'f');
  const time = { seconds: 1_000_000_007n, nanoseconds: 123_456_789 };
  await file.setTimes({ tag: 'timestamp', val: time }, { tag: 'no-change' });
  const before = await file.stat();
  assert.deepEqual(before.dataAccessTimestamp, time);
  assert.ok((before.dataModificationTimestamp?.seconds ?? 0n) > 1_700_000_000n);
  await root.setTimesAt(0, 'f', { tag: 'no-change' }, { tag: 'timestamp', val: time });
  assert.deepEqual((await file.stat()).dataModificationTimestamp, time);
  await file.setTimes({ tag: 'now' }, { tag: 'now' });
  assert.ok(((await file.stat()).dataAccessTimestamp?.seconds ?? 0n) > 1_700_000_000n);
  const bad = { seconds: 0n, nanoseconds: 1_000_000_000 };
  assert.equal(
    await code(() => file.setTimes({ tag: 'timestamp', val: bad }, { tag: 'no-change' })),
    'invalid',
  );
});

test('a read-only mount refuses every change and allows reading', async () => {
  const { disk } = await fixture();
  await make(rootOf(disk), 'f', 'x');
  await rootOf(disk).createDirectoryAt('d');
  const root = rootOf(disk, true);
  assert.equal(root.getFlags(), R);
  assert.equal(await contents(await open(root, 'f', 0, R)), 'x');
  const changes: Record<string, () => unknown> = {
    open: () => open(root, 'f'),
    create: () => open(root, 'g', create),
    truncate: () => open(root, 'f', truncate, R),
    mkdir: () => root.createDirectoryAt('e'),
    rmdir: () => root.removeDirectoryAt('d'),
    unlink: () => root.unlinkFileAt('f'),
    rename: () => root.renameAt('f', root, 'g'),
    link: () => root.linkAt(0, 'f', root, 'g'),
    symlink: () => root.symlinkAt('f', 'g'),
    times: () => root.setTimesAt(0, 'f', { tag: 'now' }, { tag: 'now' }),
  };
  for (const [name, change] of Object.entries(changes)) {
    assert.equal(await code(change), 'read-only', name);
  }
});

test('mounts are preopens; renames between disks are refused', async () => {
  const one = await openDisk(new MemoryStore());
  const two = await openDisk(new MemoryStore());
  const filesystem = createFilesystem({
    mounts: [
      { path: '/', disk: one },
      { path: '/two', disk: two },
    ],
  });
  const preopens = filesystem['wasi:filesystem/preopens'].getDirectories();
  assert.deepEqual(
    preopens.map(([, path]) => path),
    ['/', '/two', '/dev'],
  );
  const [first, second] = preopens.map(([descriptor]) => descriptor);
  assert.ok(first !== undefined && second !== undefined);
  await make(first, 'f');
  assert.equal(await code(() => first.renameAt('f', second, 'f')), 'cross-device');
  assert.equal(await code(() => first.linkAt(0, 'f', second, 'f')), 'cross-device');
  assert.notDeepEqual(await first.metadataHash(), await second.metadataHash());
});

test('data that is not in the cache is read from the store', async () => {
  const medium = new MemoryMedium();
  const bytes = new Uint8Array(300_000).map((_, i) => i * 7);
  const first = await openDisk(new MemoryStore(medium));
  const written = await make(rootOf(first), 'f');
  await written.write(bytes, 0);
  await first.close();
  const again = await openDisk(new MemoryStore(medium));
  const file = await open(rootOf(again), 'f');
  const sink = new Sink();
  const reading = file.read(300_000, 0, sink);
  assert.ok(reading instanceof Promise, 'a miss suspends');
  assert.equal(await reading, true);
  assert.equal(Buffer.compare(sink.bytes, bytes), 0);
  assert.equal(file.read(100, 0, sink), false, 'a hit does not');
  await again.close();
});

test('devices: a preopen at /dev, unless a disk is mounted there', async () => {
  const disk = await openDisk(new MemoryStore());
  const preopens = (path: string): readonly (readonly [Descriptor, string])[] =>
    createFilesystem({ mounts: [{ path, disk }] })['wasi:filesystem/preopens'].getDirectories();
  assert.deepEqual(
    preopens('/dev').map(([, path]) => path),
    ['/dev'],
  );
  const [root, dev] = preopens('/');
  assert.ok(root !== undefined && dev?.[1] === '/dev');
  const [devices] = dev;
  assert.deepEqual(await list(devices), [
    'null:character-device',
    'random:character-device',
    'urandom:character-device',
    'zero:character-device',
  ]);
  const zero = await open(devices, './zero', create | truncate);
  assert.equal(zero.getType(), 'character-device');
  assert.equal(await contents(zero, 3), '\0\0\0');
  assert.equal(await zero.write(new Uint8Array(7), 0), 7);
  const random = new Sink();
  await (await open(devices, 'random', 0, R)).read(200_000, 0, random);
  assert.equal(random.bytes.length, 200_000);
  assert.ok(new Set(random.bytes.subarray(-1000)).size > 100, 'random to the last byte');
  const none = await open(devices, 'null', 0, R);
  assert.equal(await none.read(10, 0, new Sink()), true);
  assert.equal(await code(() => none.write(new Uint8Array(1), 0)), 'bad-descriptor');
  await put((await open(devices, 'null', 0, W)).appendViaStream(), 'gone');
  assert.equal(devices.isSameObject(root[0]), false);

  assert.equal(await code(() => open(devices, 'none', create)), 'not-permitted');
  assert.equal(await code(() => open(devices, 'none')), 'no-entry');
  assert.equal(await code(() => open(devices, 'null/x', 0, R)), 'not-directory');
  assert.equal(await code(() => open(devices, '../x', 0, R)), 'not-permitted');
  assert.equal(await code(() => open(devices, 'null', create | exclusive)), 'exist');
  assert.equal(await code(() => devices.createDirectoryAt('d')), 'not-permitted');
  assert.equal(await code(() => devices.createDirectoryAt('null')), 'exist');
  assert.equal(await code(() => devices.unlinkFileAt('null')), 'not-permitted');
  assert.equal(await code(() => devices.renameAt('null', root[0], 'n')), 'cross-device');
  assert.equal(await code(() => root[0].renameAt('n', devices, 'n')), 'cross-device');
  assert.equal(await code(() => root[0].linkAt(0, 'n', devices, 'n')), 'cross-device');
  assert.equal(await code(() => devices.readlinkAt('null')), 'invalid');
  assert.equal(await code(() => devices.removeDirectoryAt('null')), 'not-directory');
  const [hash, other] = [devices.metadataHashAt(0, 'null'), devices.metadataHashAt(0, 'zero')];
  assert.notDeepEqual(await hash, await other);
});

test('without space nothing is made, and removing works', async () => {
  const store = new FaultyStore(new MemoryStore());
  const disk = await openDisk(store, { writeBackDelay: Infinity });
  const root = rootOf(disk);
  const ballast = await make(root, 'ballast', 'x'.repeat(3_000_000));
  ballast[Symbol.dispose]?.();
  await root.createDirectoryAt('d');
  await disk.flush();
  store.inject({ capacity: store.used + 10_000 });
  const file = await make(root, 'f');
  let result: unknown = 'ok';
  let made = 0;
  // Every one of these is a change of a name and of two inodes; the limit is 4 MiB.
  for (; made < 100_000 && result === 'ok'; made++) {
    result = await code(() => root.createDirectoryAt(`directory-${made}`));
  }
  assert.equal(result, 'insufficient-space', `after ${made}`);
  assert.equal(await code(() => make(root, 'g')), 'insufficient-space');
  assert.equal(await code(() => root.symlinkAt('f', 's')), 'insufficient-space');
  assert.equal(await code(() => root.linkAt(0, 'f', root, 'l')), 'insufficient-space');
  assert.equal(await code(() => root.renameAt('f', root, 'r')), 'insufficient-space');
  assert.equal(await code(() => file.sync()), 'insufficient-space');
  assert.equal(await code(() => open(root, 'f')), 'ok');
  assert.equal(await code(() => root.removeDirectoryAt('d')), 'ok');
  assert.equal(await code(() => root.unlinkFileAt('ballast')), 'ok');
  for (let i = 0; i < made - 1; i++) await root.removeDirectoryAt(`directory-${i}`);
  assert.equal(await code(() => file.sync()), 'ok');
  assert.equal(await code(() => root.createDirectoryAt('d')), 'ok');
});
