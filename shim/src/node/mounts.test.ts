import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listTree, MemoryStore, openDisk, readFile, type Disk } from '../disk/index.ts';
import { Mounts } from './mounts.ts';
import { checkNames } from './options.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const names = (disk: Disk): string[] => listTree(disk, '/').map(({ path }) => path);

test('files go to the disk that is mounted deepest above them, and come back from there', async () => {
  const [root, outer, inner] = await Promise.all([
    openDisk(new MemoryStore()),
    openDisk(new MemoryStore()),
    openDisk(new MemoryStore()),
  ]);
  const mounts = new Mounts([
    { path: '/', disk: root, readOnly: false },
    { path: '/data', disk: outer, readOnly: false },
    { path: '/data/cache', disk: inner, readOnly: false },
  ]);
  await mounts.makeMountPoints();
  await mounts.write({
    '/etc/motd': bytes('root'),
    '/data/file': bytes('outer'),
    '/data/cache/deep/file': bytes('inner'),
    '/database': bytes('a name that only begins alike'),
  });
  assert.deepEqual(names(root), ['', 'data', 'etc', 'database', 'etc/motd']);
  assert.deepEqual(names(outer), ['', 'cache', 'file']);
  assert.equal(new TextDecoder().decode(await readFile(inner, '/deep/file')), 'inner');
  const back = await mounts.read(['/data/cache', '/etc/motd', '/nothing']);
  assert.deepEqual(
    back.map(([path, contents]) => [path, new TextDecoder().decode(contents)]),
    [
      ['/data/cache/', ''],
      ['/data/cache/deep/', ''],
      ['/data/cache/deep/file', 'inner'],
      ['/etc/motd', 'root'],
    ],
  );
  await mounts.close();
});

test('nothing is made on a read-only disk', async () => {
  const root = await openDisk(new MemoryStore());
  const disk = await openDisk(new MemoryStore());
  const mounts = new Mounts([
    { path: '/', disk: root, readOnly: true },
    { path: '/mnt', disk, readOnly: false },
  ]);
  await mounts.makeMountPoints();
  assert.deepEqual(names(root), ['']);
  await mounts.close();
});

test('mount points and disks are checked before anything starts', () => {
  const check = (mounts: NonNullable<Parameters<typeof checkNames>[0]['mounts']>): void =>
    checkNames({ program: 'p.wasm', disk: 'main', mounts });
  check({ '/tmp': 'memory', '/data': { disk: 'data', readOnly: true } });
  for (const path of ['/', 'tmp', '/tmp/', '/a/../b', '/a//b', '']) {
    assert.throws(() => check({ [path]: 'memory' }), /mount point/);
  }
  assert.throws(() => check({ '/a': { disk: 'No' } }), /is not a name/);
  assert.throws(() => check({ '/a': { disk: 'main' } }), /mounted twice/);
});
