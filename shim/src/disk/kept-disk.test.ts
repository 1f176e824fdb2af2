import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { readFile } from './files.ts';
import { openDisk } from './mount.ts';
import { resolve } from './path.ts';
import { MemoryMedium, MemoryStore } from './store/memory.ts';
import { keep, keptFiles, makeKeptDisk, restore } from './testing/kept-disk.ts';
import type { KeptRecord } from './testing/kept-disk.ts';

/** Checks everything that `makeKeptDisk` has put on the disk. */
async function check(medium: MemoryMedium): Promise<void> {
  const disk = await openDisk(new MemoryStore(medium));
  const at = (path: string) => resolve(disk, disk.root, path, 'keep').inode;
  const { accessed, modified, changed } = at('large.bin') ?? assert.fail();
  assert.deepEqual([accessed.seconds, accessed.nanoseconds], [-5, 6]);
  assert.deepEqual([modified.seconds, modified.nanoseconds], [2 ** 33, 999_999_999]);
  assert.equal(changed.seconds, 1_790_000_000);
  for (const [path, bytes] of Object.entries(keptFiles)) {
    assert.equal(Buffer.compare(await readFile(disk, path), bytes()), 0, path);
  }
  assert.deepEqual([...disk.root.entries.keys()].sort(), [
    'cut.bin',
    'directory',
    'large.bin',
    'small.txt',
    'sparse.bin',
  ]);
  const directory = at('directory');
  assert.ok(directory?.type === 'directory');
  assert.equal(directory.nlink, 2);
  assert.deepEqual([...directory.entries.keys()].sort(), ['linked', 'symlink', 'zweiter Name ü']);
  assert.equal(at('directory/linked'), at('directory/zweiter Name ü'));
  assert.equal(at('directory/linked')?.nlink, 2);
  const symlink = at('directory/symlink');
  assert.equal(symlink?.type === 'symlink' && symlink.target, '../small.txt');
  await disk.close();
}

suite('a disk made by an earlier version', () => {
  for (const version of [1]) {
    test(`format ${version} is read, changed and read again`, async () => {
      const path = join(import.meta.dirname, `testing/kept-disk-${version}.json`);
      // Written by `keep`.
      const records = JSON.parse(readFileSync(path, 'utf8')) as KeptRecord[];
      const medium = restore(records);
      await check(medium);
      // Mounting has removed what was unlinked while open; nothing else is lost by that.
      await check(medium);
    });
  }

  test('the kept disk has tables, a journal, and every kind of record', async () => {
    const medium = new MemoryMedium();
    await makeKeptDisk(medium);
    const kinds = Object.groupBy(keep(medium), ({ table }) => table);
    for (const table of ['meta', 'inodes', 'entries', 'blocks'] as const) {
      assert.ok((kinds[table]?.length ?? 0) > 0, table);
    }
    assert.ok((kinds.journal?.length ?? 0) >= 5);
    await check(medium);
  });
});
