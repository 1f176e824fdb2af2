import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import 'fake-indexeddb/auto';
import {
  DiskError,
  IndexedDbStore,
  databaseName,
  openDisk,
  readFile,
  writeFile,
} from '../index.ts';
import { recordIndexedDb } from '../testing/recording-indexeddb.ts';
import type { RecordedTransaction } from '../testing/recording-indexeddb.ts';
import { CommitError } from './store.ts';

const text = new TextEncoder();
const recording = recordIndexedDb();
after(() => recording.stop());

function transactionsOf(disk: string): RecordedTransaction[] {
  return recording.transactions.filter(({ database }) => database === databaseName(disk));
}

function codeOf(error: unknown): string {
  assert.ok(error instanceof DiskError, String(error));
  return error.code;
}

test('the database and lock of a disk are named with its percent-encoded name', () => {
  assert.equal(databaseName('demo/server'), 'backtab/1/disk/demo%2Fserver');
});

test('what was written is there after closing and opening again', async () => {
  const name = 'net/kept';
  const disk = await openDisk(new IndexedDbStore({ name }));
  await writeFile(disk, '/data/a', text.encode('first'));
  await writeFile(disk, '/data/big', new Uint8Array(100_000).fill(7));
  await disk.close();
  const again = await openDisk(new IndexedDbStore({ name }));
  assert.deepEqual(await readFile(again, '/data/a'), text.encode('first'));
  assert.deepEqual(await readFile(again, '/data/big'), new Uint8Array(100_000).fill(7));
  await again.close();
});

for (const durability of ['strict', 'relaxed'] as const) {
  test(`fsync is one ${durability} transaction, committed explicitly and complete`, async () => {
    const name = `net/${durability}`;
    const options = { durability, writeBackDelay: Infinity };
    const disk = await openDisk(new IndexedDbStore({ name }), options);
    const file = disk.createFile(disk.root, 'log');
    await disk.sync();
    const before = transactionsOf(name).length;
    await disk.append(file, new Uint8Array(100).fill(1));
    const syncing = disk.sync();
    const [transaction, ...others] = transactionsOf(name).slice(before);
    assert.equal(others.length, 0);
    assert.ok(transaction !== undefined);
    assert.equal(transaction.committed, true, 'commit() is called in the same turn');
    assert.equal(transaction.outcome, undefined);
    await syncing;
    assert.equal(transaction.outcome, 'complete', 'fsync has waited for complete');
    assert.equal(transaction.durability, durability);
    assert.deepEqual(transaction.requests, ['add journal'], 'a small append is one record');
    await disk.close();
  });
}

test('fsyncs that arrive during a commit share the next one', async () => {
  const name = 'net/group';
  const disk = await openDisk(new IndexedDbStore({ name }), { writeBackDelay: Infinity });
  const file = disk.createFile(disk.root, 'log');
  const first = disk.sync();
  const before = transactionsOf(name).length;
  const others: (Promise<void> | undefined)[] = [];
  for (let i = 0; i < 10; i++) {
    await disk.append(file, text.encode('x'));
    others.push(disk.sync());
  }
  await Promise.all([first, ...others]);
  assert.equal(transactionsOf(name).length, before + 1);
  assert.equal(disk.sync(), undefined, 'everything is durable');
  await disk.close();
});

test('write-back without fsync is relaxed, and closing makes it strict', async () => {
  const name = 'net/write-back';
  const committed = Promise.withResolvers<string>();
  const disk = await openDisk(new IndexedDbStore({ name }), {
    writeBackDelay: 1,
    oncommit: ({ durability, sequence }) => sequence > 1 && committed.resolve(durability),
  });
  disk.createFile(disk.root, 'f');
  assert.equal(await committed.promise, 'relaxed');
  await disk.close();
  assert.equal(transactionsOf(name).at(-1)?.durability, 'strict');
});

test('a disk in use is refused with EBUSY, and free after it was closed', async () => {
  const name = 'net/busy';
  const disk = await openDisk(new IndexedDbStore({ name }));
  await assert.rejects(openDisk(new IndexedDbStore({ name, patience: 20 })), (error) => {
    assert.match(String(error), /disk "net\/busy" is in use/);
    return codeOf(error) === 'EBUSY';
  });
  const waiting = openDisk(new IndexedDbStore({ name, patience: 10_000 }));
  await disk.close();
  await (await waiting).close();
});

/** Grants every lock at once, as to an owner that still runs although its lock was freed. */
const noLocks: Pick<LockManager, 'request'> = {
  async request<T>(_name: string, ...rest: unknown[]): Promise<Awaited<T>> {
    const granted = rest.at(-1);
    if (typeof granted !== 'function') throw new TypeError('no callback');
    // The callback's result is what the request resolves to, whatever its type.
    return (await Reflect.apply(granted, undefined, [null])) as Awaited<T>;
  },
};

test('a stale owner is fenced off: its commit changes nothing', async () => {
  const name = 'net/fenced';
  const locks = noLocks;
  const stale = await openDisk(new IndexedDbStore({ name, locks }), { writeBackDelay: Infinity });
  await writeFile(stale, 'f', text.encode('before'));
  await stale.sync();
  await writeFile(stale, 'f', text.encode('stale'));
  await writeFile(stale, 'big', new Uint8Array(100_000));

  const owner = await openDisk(new IndexedDbStore({ name, locks }));
  await assert.rejects(Promise.resolve(stale.sync()), (error) => {
    assert.match(String(error), /another node has taken over the disk/);
    return codeOf(error) === 'EIO';
  });
  assert.throws(() => stale.createFile(stale.root, 'late'), { code: 'EIO' });
  await writeFile(owner, 'g', text.encode('owner'));
  await owner.close();

  const check = await openDisk(new IndexedDbStore({ name, locks }));
  assert.deepEqual(await readFile(check, 'f'), text.encode('before'));
  assert.equal(check.lookup(check.root, 'big'), undefined);
  assert.deepEqual(await readFile(check, 'g'), text.encode('owner'));
  await check.close();
  await assert.rejects(stale.close(), { code: 'EIO' });
});

test('a fence outlives checkpoints of the journal', async () => {
  const name = 'net/fence-kept';
  const locks = noLocks;
  const stale = await openDisk(new IndexedDbStore({ name, locks }), { writeBackDelay: Infinity });
  stale.createFile(stale.root, 'stale');
  for (let mounts = 0; mounts < 3; mounts++) {
    const owner = await openDisk(new IndexedDbStore({ name, locks }), { journalLimit: 0 });
    await writeFile(owner, `f${mounts}`, new Uint8Array(100));
    await owner.sync();
    const before = transactionsOf(name).length;
    const checkpointed = (): boolean =>
      transactionsOf(name)
        .slice(before)
        .some(
          ({ requests, outcome }) => outcome !== undefined && requests.includes('delete journal'),
        );
    while (!checkpointed()) await new Promise((resolve) => setTimeout(resolve, 1));
    await owner.close();
  }
  await assert.rejects(Promise.resolve(stale.sync()), { code: 'EIO' });
});

test('a connection lost to a deletion makes the disk fail with EIO', async () => {
  const name = 'net/deleted';
  const disk = await openDisk(new IndexedDbStore({ name }), { writeBackDelay: Infinity });
  disk.createFile(disk.root, 'f');
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const deleting = indexedDB.deleteDatabase(databaseName(name));
  deleting.onsuccess = resolve;
  await promise;
  assert.throws(() => disk.sync(), { code: 'EIO', message: /is lost/ });
  await assert.rejects(disk.close(), { code: 'EIO' });
});

test('a taken key aborts the whole transaction', async () => {
  const store = new IndexedDbStore({ name: 'net/store' });
  await store.open();
  const value = new Uint8Array([1, 2, 3]);
  await store.commit([{ kind: 'add', table: 'journal', key: 1, value }], 'relaxed');
  await assert.rejects(
    store.commit(
      [
        { kind: 'put', table: 'blocks', key: [1, 0], value },
        { kind: 'add', table: 'journal', key: 1, value },
      ],
      'relaxed',
    ),
    (error) => error instanceof CommitError && error.reason === 'conflict',
  );
  assert.deepEqual(await store.read('blocks'), []);
  assert.deepEqual(await store.read('journal'), [{ key: 1, value }]);
  await store.close();
});

test('ranges select and delete by both parts of a key', async () => {
  const store = new IndexedDbStore({ name: 'net/ranges' });
  await store.open();
  const keys = [
    [1, 0],
    [1, 1],
    [1, 500],
    [2, 0],
  ] as const;
  const value = new Uint8Array([9]);
  await store.commit(
    keys.map((key) => ({ kind: 'put', table: 'blocks', key, value })),
    'relaxed',
  );
  const found = await store.read('blocks', { from: [1, 1], to: [1, Infinity] });
  assert.deepEqual(
    found.map(({ key }) => key),
    [
      [1, 1],
      [1, 500],
    ],
  );
  const range = { from: [1, 1], to: [1, Infinity] } as const;
  await store.commit([{ kind: 'delete', table: 'blocks', range }], 'relaxed');
  assert.deepEqual(
    (await store.read('blocks')).map(({ key }) => key),
    [
      [1, 0],
      [2, 0],
    ],
  );
  await store.close();
});
