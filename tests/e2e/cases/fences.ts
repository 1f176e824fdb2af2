import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as disks from '../support/disk-in-page.ts';
import type { Pages } from '../support/pages.ts';

const MODULE = '/build/tests/disk-in-page.js';

/** What stands behind the lock of a disk, for owners that go on without it. */
export function testFences(pages: () => Pages): void {
  test('with locks out of the way, the commits of an earlier owner abort whole', async () => {
    const page = await pages().open();
    const result = await page.evaluate(async (url) => {
      // cast: the module that the page serves is the one whose types are imported above.
      const { openDisk, IndexedDbStore, readFile, writeFile } = (await import(url)) as typeof disks;
      // An owner that is terminated but still runs has lost its lock and does not know it.
      const locks: Pick<LockManager, 'request'> = {
        request: <T>(...given: unknown[]): Promise<Awaited<T>> => {
          const callback = given.at(-1);
          if (typeof callback !== 'function') throw new TypeError('no callback');
          // cast: the last parameter of every form of request() is the callback.
          return Promise.resolve((callback as (lock: null) => T)(null));
        },
      };
      const open = (): Promise<disks.Disk> =>
        openDisk(new IndexedDbStore({ name: 'fences/disk', locks }), { writeBackDelay: Infinity });
      const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
      const text = async (disk: disks.Disk, path: string): Promise<string> => {
        try {
          return new TextDecoder().decode(await readFile(disk, path));
        } catch (error) {
          return error instanceof Error && 'code' in error ? String(error.code) : 'no error';
        }
      };

      const stale = await open();
      await writeFile(stale, '/shared', bytes('before'));
      await stale.flush();
      const owner = await open();
      const found = await text(owner, '/shared');

      await writeFile(stale, '/shared', bytes('late'));
      await writeFile(stale, '/late', bytes('late'));
      const refused = await stale.flush().then(
        () => 'committed',
        (error: unknown) => String(error),
      );
      await writeFile(owner, '/owned', bytes('owned'));
      await owner.flush();
      await owner.close();

      const next = await open();
      const left = [
        await text(next, '/shared'),
        await text(next, '/late'),
        await text(next, '/owned'),
      ];
      await next.close();
      return { found, refused, left };
    }, MODULE);
    assert.equal(result.found, 'before');
    assert.match(result.refused, /another node has taken over the disk/);
    assert.deepEqual(result.left, ['before', 'ENOENT', 'owned']);
    await page.close();
  });
}
