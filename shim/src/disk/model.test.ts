/** Random operations against a simple model, across remounts. `BACKTAB_SEED=n` replays one seed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryMedium, MemoryStore, openDisk } from './index.ts';
import type { Disk } from './index.ts';
import { Workload, describeDisk } from './testing/model.ts';
import { Random, seeds } from './testing/random.ts';

const steps = 600;

for (const seed of seeds(30)) {
  test(`a disk behaves as its model, seed ${seed}`, async (t) => {
    const random = new Random(seed);
    const medium = new MemoryMedium();
    // A cache of a few pages on some seeds, so that eviction and reading back are part of it.
    const cacheSize = random.pick([1 << 14, 1 << 18, 1 << 26]);
    const journalLimit = random.pick([0, 20_000, 1 << 20]);
    const open = (): Promise<Disk> =>
      openDisk(new MemoryStore(medium), { cacheSize, journalLimit, writeBackDelay: Infinity });
    let disk = await open();
    const workload = new Workload(disk, random);
    const done: string[] = [];
    try {
      for (let i = 0; i < steps; i++) {
        done.push(await workload.step());
        if (random.below(10) === 0) await disk.sync();
        if (random.below(150) === 0) {
          await disk.close();
          disk = await open();
          workload.remounted(disk);
          assert.equal(await describeDisk(disk), workload.describe());
        }
        if (random.below(50) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      assert.equal(await describeDisk(disk), workload.describe());
      await disk.close();
      const again = await open();
      assert.equal(await describeDisk(again), workload.describe());
      await again.close();
    } catch (error) {
      t.diagnostic(`seed ${seed}, last operations: ${done.slice(-8).join('; ')}`);
      throw error;
    }
  });
}
