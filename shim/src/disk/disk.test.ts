import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DiskError,
  MemoryMedium,
  MemoryStore,
  listTree,
  openDisk,
  readFile,
  writeFile,
  writeFiles,
} from './index.ts';
import type { CommitInfo, Disk, DiskOptions } from './index.ts';
import { byteLength, maxLinks } from './disk.ts';
import { PowerLossDevice, PowerLossStore } from './testing/power-loss.ts';
import type { StoreRecord } from './store/store.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const quiet: DiskOptions = { writeBackDelay: Infinity };

async function rejects(operation: () => unknown, code: string): Promise<void> {
  await assert.rejects(
    Promise.resolve().then(operation),
    (error) => error instanceof DiskError && error.code === code,
    code,
  );
}

/** A record of the medium, to be tampered with. */
function only(medium: MemoryMedium, table: 'blocks' | 'journal' | 'meta'): StoreRecord {
  const record = medium.read(table, undefined).at(-1);
  assert.ok(record !== undefined);
  return record;
}

test('files are written with their parents, replaced, listed and read', async () => {
  const disk = await openDisk(new MemoryStore(), quiet);
  await writeFiles(disk, {
    '/etc/app/config': text('one'),
    'data/': new Uint8Array(),
    '/top': text('top'),
  });
  await writeFile(disk, '/etc/app/config', text('2'));
  assert.deepEqual(await readFile(disk, 'etc/app/config'), text('2'));
  assert.deepEqual(
    listTree(disk, '/').map(({ path, inode }) => `${path}:${inode.type}`),
    [
      ':directory',
      'etc:directory',
      'data:directory',
      'top:file',
      'etc/app:directory',
      'etc/app/config:file',
    ],
  );
  assert.deepEqual(
    listTree(disk, '/etc/app').map(({ path }) => path),
    ['', 'config'],
  );
  await rejects(() => readFile(disk, '/none'), 'ENOENT');
  await rejects(() => readFile(disk, '/etc'), 'EISDIR');
  await rejects(() => writeFile(disk, '/etc', text('x')), 'EISDIR');
  await rejects(() => writeFile(disk, '/top/x', text('x')), 'ENOTDIR');
  await rejects(() => writeFile(disk, '/../x', text('x')), 'EPERM');
  await disk.close();
});

test('names: length in bytes, NUL, slash', async () => {
  const disk = await openDisk(new MemoryStore(), quiet);
  disk.createFile(disk.root, 'ß'.repeat(127));
  await rejects(() => disk.createFile(disk.root, 'ß'.repeat(128)), 'ENAMETOOLONG');
  await rejects(() => disk.createFile(disk.root, 'a/b'), 'EINVAL');
  await rejects(() => disk.createFile(disk.root, 'a\0b'), 'EINVAL');
  for (const sample of ['', 'abc', 'é', '€', '😀', 'a😀€é']) {
    assert.equal(byteLength(sample), text(sample).length, sample);
  }
});

test('the number of links is limited', async () => {
  const disk = await openDisk(new MemoryStore(), quiet);
  const file = disk.createFile(disk.root, 'f');
  file.nlink = maxLinks;
  await rejects(() => disk.link(file, disk.root, 'g'), 'EMLINK');
});

test('ENOSPC keeps everything in memory, and the next fsync tries again', async () => {
  const store = new PowerLossStore(new PowerLossDevice());
  const disk = await openDisk(store, quiet);
  await writeFile(disk, 'f', text('kept'));
  store.fault = 'full';
  await rejects(() => disk.flush(), 'ENOSPC');
  await rejects(() => disk.flush(), 'ENOSPC');
  assert.deepEqual(await readFile(disk, 'f'), text('kept'));
  disk.createFile(disk.root, 'changes are still taken');
  store.fault = undefined;
  await disk.flush();
  assert.equal(disk.sync(), undefined, 'nothing is left to do');
  await disk.close();
});

test('writing goes on until the dirty limit when the store is full, then fails with ENOSPC', async () => {
  const store = new PowerLossStore(new PowerLossDevice());
  const disk = await openDisk(store, quiet);
  const file = disk.createFile(disk.root, 'f');
  await disk.flush();
  store.fault = 'full';
  const chunk = new Uint8Array(1 << 20);
  let written = 0;
  await rejects(async () => {
    for (; written < 32; written++) await disk.append(file, chunk);
  }, 'ENOSPC');
  assert.ok(written >= 4 && written <= 9, `${written} MiB`);
  store.fault = undefined;
  await disk.truncate(file, 0);
  await disk.append(file, text('there is room again'));
  await disk.close();
});

test('EIO is final until the disk is opened again', async () => {
  const device = new PowerLossDevice();
  const store = new PowerLossStore(device);
  const disk = await openDisk(store, quiet);
  await writeFile(disk, 'f', text('durable'));
  await disk.flush();
  await writeFile(disk, 'f', text('lost'));
  store.fault = 'failed';
  await rejects(() => disk.flush(), 'EIO');
  store.fault = undefined;
  await rejects(() => disk.flush(), 'EIO');
  await rejects(() => disk.createFile(disk.root, 'g'), 'EIO');
  await rejects(() => writeFile(disk, 'f', text('x')), 'EIO');
  assert.deepEqual(await readFile(disk, 'f'), text('lost'), 'what is in memory can be read');
  await rejects(() => disk.close(), 'EIO');
  const again = await openDisk(new PowerLossStore(device), quiet);
  assert.deepEqual(await readFile(again, 'f'), text('durable'));
});

test('close reports what it could not write, and gives the disk up all the same', async () => {
  const medium = new MemoryMedium();
  const disk = await openDisk(new MemoryStore(medium), quiet);
  await disk.close();
  await disk.close();
  await rejects(() => disk.createFile(disk.root, 'late'), 'EIO');
  const again = await openDisk(new MemoryStore(medium), quiet);
  await rejects(() => openDisk(new MemoryStore(medium)), 'EBUSY');
  await again.close();
});

test('a small append is one journal record that holds the bytes and the inode', async () => {
  const commits: CommitInfo[] = [];
  const disk = await openDisk(new MemoryStore(), { ...quiet, oncommit: (c) => commits.push(c) });
  const file = disk.createFile(disk.root, 'log');
  await disk.flush();
  for (let i = 0; i < 50; i++) {
    await disk.append(file, new Uint8Array(100));
    await disk.flush();
    assert.equal(commits.at(-1)?.operations, 1);
    assert.ok((commits.at(-1)?.bytes ?? Infinity) < 180);
  }
});

test('a commit of many changes is still one transaction with records under 64 KiB', async () => {
  const medium = new MemoryMedium();
  const commits: CommitInfo[] = [];
  const options = { ...quiet, oncommit: (info: CommitInfo) => commits.push(info) };
  const disk = await openDisk(new MemoryStore(medium), options);
  const before = commits.length;
  for (let i = 0; i < 3000; i++) disk.createFile(disk.root, `file-${i}`);
  await disk.flush();
  assert.equal(commits.length, before + 1);
  for (const { value } of medium.read('journal', undefined)) assert.ok(value.length < 65_000);
  await disk.close();
  const again = await openDisk(new MemoryStore(medium), quiet);
  assert.equal(again.root.entries.size, 3000);
  await again.close();
});

test('checkpoints bound the journal and keep the data', async () => {
  const medium = new MemoryMedium();
  let steps = 0;
  const options: DiskOptions = {
    ...quiet,
    journalLimit: 10_000,
    oncommit: ({ durability }) => durability === 'relaxed' && steps++,
  };
  const disk = await openDisk(new MemoryStore(medium), options);
  const journalBytes = (): number =>
    medium.read('journal', undefined).reduce((sum, { value }) => sum + value.length, 0);
  const file = disk.createFile(disk.root, 'log');
  let largest = 0;
  for (let i = 0; i < 400; i++) {
    await disk.append(file, new Uint8Array(1000).fill(i));
    await disk.flush();
    largest = Math.max(largest, journalBytes());
  }
  assert.ok(largest < 60_000, `${largest} bytes without a pause`);
  while (journalBytes() > 10_000) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(steps > 1);
  await disk.close();
  const again = await openDisk(new MemoryStore(medium), quiet);
  const bytes = await readFile(again, 'log');
  for (let i = 0; i < 400; i++) assert.equal(bytes[i * 1000 + 999], i & 255);
  await again.close();
});

test('inode numbers are not used twice, whatever was removed', async () => {
  const medium = new MemoryMedium();
  const seen = new Set<number>();
  for (let mount = 0; mount < 5; mount++) {
    const disk = await openDisk(new MemoryStore(medium), { ...quiet, journalLimit: 0 });
    for (let i = 0; i < 3; i++) {
      const { ino } = disk.createFile(disk.root, 'f');
      assert.ok(!seen.has(ino));
      seen.add(ino);
      await disk.flush();
      disk.unlink(disk.root, 'f');
      await disk.flush();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await disk.close();
  }
});

test('what was unlinked while open is removed by the next mount', async () => {
  const device = new PowerLossDevice();
  const disk = await openDisk(new PowerLossStore(device), quiet);
  await writeFile(disk, 'f', new Uint8Array(100_000));
  const inode = disk.lookup(disk.root, 'f');
  assert.ok(inode !== undefined);
  disk.acquire(inode);
  disk.unlink(disk.root, 'f');
  await disk.flush();
  assert.notEqual(device.read('blocks', undefined).length, 0);
  const later = device.after(device.begun);
  const again = await openDisk(new PowerLossStore(later), quiet);
  assert.equal(later.read('blocks', undefined).length, 0);
  await again.close();
});

test('the times of a file follow Linux: mtime and ctime on writing, relatime on reading', async () => {
  let now = 1_700_000_000_000;
  const disk = await openDisk(new MemoryStore(), { ...quiet, now: () => now });
  const file = disk.createFile(disk.root, 'f');
  now += 1500;
  await disk.append(file, text('x'));
  assert.deepEqual(
    [file.modified.seconds, file.modified.nanoseconds],
    [1_700_000_001, 500_000_000],
  );
  assert.equal(file.changed.compare(file.modified), 0);
  assert.equal(file.accessed.seconds, 1_700_000_000);
  now += 1000;
  disk.read(file, 0, new Uint8Array(1));
  assert.equal(file.accessed.seconds, 1_700_000_002);
  now += 1000;
  disk.read(file, 0, new Uint8Array(1));
  assert.equal(file.accessed.seconds, 1_700_000_002, 'read since the last change');
});

/** A disk with one file, closed. */
async function closedDisk(): Promise<MemoryMedium> {
  const medium = new MemoryMedium();
  // A fixed time, since a record's length depends on it.
  const options = { ...quiet, now: () => 1_700_000_000_000 };
  const disk = await openDisk(new MemoryStore(medium), options);
  await writeFile(disk, 'f', new Uint8Array(50_000).fill(9));
  await disk.close();
  return medium;
}

function flip(medium: MemoryMedium, table: 'blocks' | 'journal' | 'meta', at: number): void {
  const { key, value } = only(medium, table);
  value[at] = (value[at] ?? 0) ^ 1;
  medium.apply([{ kind: 'put', table, key, value }]);
}

test('a flipped bit anywhere in a record is found', async () => {
  for (let at = 0; at < only(await closedDisk(), 'meta').value.length; at++) {
    const medium = await closedDisk();
    flip(medium, 'meta', at);
    await assert.rejects(openDisk(new MemoryStore(medium), quiet), DiskError, `meta ${at}`);
    assert.equal(medium.owned, false, 'a failed mount gives the store back');
  }
  for (let at = 0; at < only(await closedDisk(), 'journal').value.length; at++) {
    const medium = await closedDisk();
    flip(medium, 'journal', at);
    const damaged = await openDisk(new MemoryStore(medium), quiet);
    assert.match(
      damaged.damage ?? '',
      /^disk "memory" is damaged \(.+\) and read-only: copy /,
      `${at}`,
    );
    await damaged.close();
  }
  const medium = await closedDisk();
  flip(medium, 'blocks', 123);
  const disk = await openDisk(new MemoryStore(medium), quiet);
  await rejects(() => readFile(disk, 'f'), 'EIO');
});

test('a missing journal record is damage; a newer format is refused', async () => {
  const missing = await closedDisk();
  const disk: Disk = await openDisk(new MemoryStore(missing), quiet);
  for (const name of ['a', 'b', 'c']) {
    disk.createFile(disk.root, name);
    await disk.flush();
  }
  await disk.close();
  const keys = missing.read('journal', undefined).map(({ key }) => key);
  const hole = keys.at(-2);
  assert.ok(hole !== undefined);
  missing.apply([{ kind: 'delete', table: 'journal', range: { from: hole, to: hole } }]);
  const damaged = await openDisk(new MemoryStore(missing), quiet);
  assert.match(damaged.damage ?? '', /journal record \d+ is missing/);
  await damaged.close();

  const newer = await closedDisk();
  const { key, value } = only(newer, 'meta');
  value[8] = 2;
  newer.apply([{ kind: 'put', table: 'meta', key, value }]);
  await assert.rejects(openDisk(new MemoryStore(newer), quiet), /format version 2.*newer backtab/);
});

test('a damaged disk is read-only, keeps what is whole, and is not changed', async () => {
  const medium = new MemoryMedium();
  // Every change goes to the tables at once.
  const disk = await openDisk(new MemoryStore(medium), { ...quiet, journalLimit: 0 });
  await writeFiles(disk, { a: text('first'), 'd/b': text('second'), 'd/c': text('third') });
  await disk.flush();
  while (medium.read('inodes', undefined).length < 5) {
    await new Promise((done) => setTimeout(done, 1));
  }
  await disk.close();
  const all = (): StoreRecord[] =>
    (['meta', 'journal', 'inodes', 'entries', 'blocks'] as const).flatMap((table) =>
      medium.read(table, undefined),
    );
  for (const table of ['inodes', 'entries'] as const) {
    for (const { key, value } of medium.read(table, undefined)) {
      const broken = value.slice();
      broken[5] = (broken[5] ?? 0) ^ 8;
      medium.apply([{ kind: 'put', table, key, value: broken }]);
      const before = all();
      const damaged = await openDisk(new MemoryStore(medium), quiet);
      assert.ok(damaged.damage !== undefined, `${table} ${String(key)}`);
      assert.ok(damaged.readOnly);
      await rejects(() => damaged.createFile(damaged.root, 'new'), 'EROFS');
      await rejects(() => writeFile(damaged, 'new', text('x')), 'EROFS');
      const left = listTree(damaged, '').filter(({ inode }) => inode.type === 'file');
      for (const { path } of left) await readFile(damaged, path);
      const lost = 3 - left.length;
      assert.ok(lost <= 2, `${lost} files lost with ${table} ${String(key)}`);
      await damaged.close();
      assert.deepEqual(all(), before);
      medium.apply([{ kind: 'put', table, key, value }]);
    }
  }
  const whole = await openDisk(new MemoryStore(medium), quiet);
  assert.equal(whole.damage, undefined);
  assert.equal(new TextDecoder().decode(await readFile(whole, 'd/c')), 'third');
  await whole.close();
});
