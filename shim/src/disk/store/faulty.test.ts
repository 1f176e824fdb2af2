import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dirtyLimit } from '../committer.ts';
import {
  DiskError,
  FaultyStore,
  MemoryMedium,
  MemoryStore,
  openDisk,
  readFile,
  writeFile,
} from '../index.ts';
import type { CommitInfo, DiskOptions } from '../index.ts';

const quiet: DiskOptions = { writeBackDelay: Infinity };

/** The errno name that an operation fails with, or 'ok'. */
async function code(operation: () => unknown): Promise<string> {
  try {
    await operation();
    return 'ok';
  } catch (error) {
    if (error instanceof DiskError) return error.code;
    throw error;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a commit that hangs holds up fsyncs, and nothing else', async () => {
  const store = new FaultyStore(new MemoryStore());
  const disk = await openDisk(store, quiet);
  await writeFile(disk, 'f', new Uint8Array([1]));
  store.inject({ hang: true });
  let synced = 0;
  const first = disk.flush().then(() => synced++);
  while (store.counts.hungCommits === 0) await turn();
  await writeFile(disk, 'f', new Uint8Array([2]));
  assert.deepEqual(await readFile(disk, 'f'), new Uint8Array([2]));
  const second = disk.flush().then(() => synced++);
  for (let i = 0; i < 10; i++) await turn();
  assert.equal(synced, 0);
  store.inject({});
  await Promise.all([first, second]);
  assert.equal(synced, 2);
  await disk.close();
});

test('a commit error is EIO for good; a read error is EIO once', async () => {
  const medium = new MemoryMedium();
  const store = new FaultyStore(new MemoryStore(medium));
  const disk = await openDisk(store, quiet);
  await writeFile(disk, 'f', new Uint8Array(50_000).fill(7));
  await disk.flush();
  store.inject({ commitError: 1 });
  await writeFile(disk, 'g', new Uint8Array(1));
  assert.equal(await code(() => disk.flush()), 'EIO');
  store.inject({});
  assert.equal(await code(() => disk.flush()), 'EIO');
  assert.equal(await code(() => disk.close()), 'EIO');

  const again = await openDisk(store, quiet);
  store.inject({ readError: 1 });
  assert.equal(await code(() => readFile(again, 'f')), 'EIO');
  store.inject({});
  assert.equal((await readFile(again, 'f'))[49_999], 7);
  assert.deepEqual(
    { ...store.counts, readErrors: Math.min(store.counts.readErrors, 1) },
    { readErrors: 1, commitErrors: 1, refusedCommits: 0, bitFlips: 0, hungCommits: 0 },
  );
  await again.close();
});

test('ENOSPC: nothing is lost, memory and retries stay bounded, freeing helps', async () => {
  const medium = new MemoryMedium();
  const store = new FaultyStore(new MemoryStore(medium));
  const commits: CommitInfo[] = [];
  const disk = await openDisk(store, { ...quiet, oncommit: (info) => commits.push(info) });
  await writeFile(disk, 'ballast', new Uint8Array(10 << 20).fill(1));
  await disk.flush();
  store.inject({ capacity: store.used + (1 << 20) });
  const file = disk.createFile(disk.root, 'f');
  let written = 0;
  const piece = new Uint8Array(100_000).fill(2);
  while ((await code(() => disk.append(file, piece))) === 'ok') {
    written += piece.length;
    assert.ok(written < 3 * dirtyLimit, 'writing fails before memory fills up');
  }
  assert.equal(await code(() => disk.append(file, piece)), 'ENOSPC');
  assert.equal(await code(() => disk.flush()), 'ENOSPC');
  assert.equal(await code(() => disk.throttle()), 'ENOSPC');
  const { size } = file;
  commits.length = 0;
  disk.unlink(disk.root, 'ballast');
  await disk.flush();
  const largest = Math.max(...commits.map(({ bytes }) => bytes));
  assert.ok(largest <= 2.1 * dirtyLimit, `a retry of ${largest} bytes`);
  await disk.append(file, piece);
  await disk.close();

  const again = await openDisk(store, quiet);
  const bytes = await readFile(again, 'f');
  assert.equal(bytes.length, size + piece.length);
  assert.ok(bytes.every((byte) => byte === 2));
  assert.equal(again.root.entries.size, 1);
  await again.close();
});

test('changes of the tree count as dirty, so that their commits are bounded too', async () => {
  const commits: CommitInfo[] = [];
  const options = { ...quiet, oncommit: (info: CommitInfo) => commits.push(info) };
  const disk = await openDisk(new MemoryStore(), options);
  const name = 'a-rather-long-name-of-a-file-in-a-large-directory';
  for (let i = 0; i < 60_000; i++) {
    const room = disk.throttle();
    if (room !== undefined) await room;
    disk.createFile(disk.root, `${name}-${i}`);
  }
  await disk.flush();
  assert.ok(commits.length > 2, `${commits.length} commits`);
  const largest = Math.max(...commits.map(({ bytes }) => bytes));
  assert.ok(largest <= 1.1 * dirtyLimit, `a commit of ${largest} bytes`);
  await disk.close();
});

test('a flipped bit never becomes data', async () => {
  const medium = new MemoryMedium();
  const whole = await openDisk(new MemoryStore(medium), { ...quiet, journalLimit: 20_000 });
  const contents = new Uint8Array(100_000).map((_, i) => i * 7 + (i >> 8));
  for (const name of ['a', 'b', 'c', 'd']) await writeFile(whole, name, contents);
  await whole.flush();
  await whole.close();
  let found = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const store = new FaultyStore(new MemoryStore(medium), seed * 7919);
    store.inject({ bitFlip: 0.1 });
    try {
      const disk = await openDisk(store, { ...quiet, readOnly: true });
      if (disk.damage !== undefined) found++;
      for (const name of disk.root.entries.keys()) {
        const bytes = await readFile(disk, name);
        assert.equal(Buffer.compare(bytes, contents), 0, `seed ${seed}`);
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      found++;
    }
    await store.close();
  }
  assert.ok(found > 10, `${found} disks with damage`);
});

test('latency delays without reordering', async () => {
  const medium = new MemoryMedium();
  const store = new FaultyStore(new MemoryStore(medium));
  await store.open();
  const put = (value: number): Promise<void> => {
    const bytes = new Uint8Array([value]);
    return store.commit([{ kind: 'put', table: 'meta', key: 'k', value: bytes }], 'strict');
  };
  const order: number[] = [];
  store.inject({ latency: 20 });
  const start = performance.now();
  const slow = put(1).then(() => order.push(1));
  store.inject({});
  const fast = put(2).then(() => order.push(2));
  await Promise.all([slow, fast]);
  assert.ok(performance.now() - start >= 19);
  assert.deepEqual(order, [1, 2]);
  assert.deepEqual(medium.read('meta', undefined)[0]?.value, new Uint8Array([2]));
  await store.close();
});
