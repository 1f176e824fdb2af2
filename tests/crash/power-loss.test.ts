/**
 * Power is lost at every instant of a workload (whenever a commit has begun, failed or completed),
 * with everything that the rules of a power loss may leave. What is mounted then must be the disk as
 * it was at some instant at or after the last acknowledged fsync, byte for byte.
 *
 * `BACKTAB_SEED=n` replays one seed of the random workload.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { DiskError, openDisk } from '../../shim/src/disk/index.ts';
import type { Disk, DiskOptions, FileInode } from '../../shim/src/disk/index.ts';
import { Workload, describeDisk } from '../../shim/src/disk/testing/model.ts';
import { PowerLossDevice, PowerLossStore } from '../../shim/src/disk/testing/power-loss.ts';
import type { Survivors } from '../../shim/src/disk/testing/power-loss.ts';
import { Random, seeds } from '../../shim/src/disk/testing/random.ts';

/** An instant at which power may be lost. */
interface Instant extends Survivors {
  /** The states it may leave: from the last acknowledged fsync's to the present one. */
  readonly oldest: number;
  readonly newest: number;
}

/** Watches a workload and then loses power at each of its instants. */
class Witness {
  readonly device = new PowerLossDevice();
  readonly store = new PowerLossStore(this.device);
  /** The disk after each operation, as a digest of its description. */
  readonly #states: string[] = [];
  readonly #instants: Instant[] = [];
  #acknowledged = 0;

  constructor() {
    this.store.oninstant = () => this.#instant();
  }

  /** The state has changed (or not) by one operation. */
  record(description: string): void {
    this.#states.push(digest(description));
    this.#instant();
  }

  /** An fsync; its acknowledgement counts for everything done before it was called. */
  async fsync(disk: Disk): Promise<void> {
    const state = this.#states.length - 1;
    await disk.sync();
    this.#acknowledged = state;
    this.#instant();
  }

  /** Loses power everywhere. Returns how many cases that were. */
  async check(): Promise<number> {
    const recovered: string[] = [];
    for (let count = 0; count <= this.device.begun; count++) {
      recovered.push(digest(await recover(this.device.after(count))));
    }
    let cases = 0;
    for (const { fewest, most, oldest, newest } of this.#instants) {
      const allowed = this.#states.slice(oldest, newest + 1);
      for (let count = fewest; count <= most; count++, cases++) {
        const state = recovered[count];
        assert.ok(
          state !== undefined && allowed.includes(state),
          `power lost with ${count} of ${most} transactions left: no state from ${oldest} to ${newest}` +
            ` (it is state ${this.#states.lastIndexOf(state ?? '')})`,
        );
      }
    }
    return cases;
  }

  #instant(): void {
    const newest = this.#states.length - 1;
    if (newest < 0) return;
    this.#instants.push({ ...this.device.survivors(), oldest: this.#acknowledged, newest });
  }
}

function digest(description: string): string {
  return createHash('sha1').update(description).digest('hex');
}

/** Mounts what is left, twice, since mounting writes too; both must give the same. */
async function recover(device: PowerLossDevice): Promise<string> {
  const first = await openDisk(new PowerLossStore(device), { writeBackDelay: Infinity });
  const description = await describeDisk(first);
  await first.close();
  const second = await openDisk(new PowerLossStore(device), { writeBackDelay: Infinity });
  assert.equal(await describeDisk(second), description);
  await second.close();
  return description;
}

/** The step of a scripted workload: an operation, or an fsync. */
type Step = ((disk: Disk) => unknown) | 'fsync';

async function runScript(steps: readonly Step[], options: DiskOptions): Promise<number> {
  const witness = new Witness();
  const disk = await openDisk(witness.store, options);
  witness.record(await describeDisk(disk));
  for (const step of steps) {
    if (step === 'fsync') {
      await witness.fsync(disk);
    } else {
      await step(disk);
      witness.record(await describeDisk(disk));
    }
  }
  await witness.fsync(disk);
  await disk.close();
  return witness.check();
}

function fileOf(disk: Disk, name: string): FileInode {
  const inode = disk.lookup(disk.root, name);
  assert.equal(inode?.type, 'file');
  return inode;
}

const append =
  (name: string, length: number, value: number): Step =>
  (disk) =>
    disk.append(fileOf(disk, name), new Uint8Array(length).fill(value));

const scripts: Readonly<Record<string, readonly Step[]>> = {
  'a log: appends and fsyncs': [
    (disk) => disk.createFile(disk.root, 'log'),
    ...Array.from(
      { length: 40 },
      (_, i) => [append('log', 100 + i * 37, i), 'fsync'] as const,
    ).flat(),
  ],
  'a file replaced by rename': Array.from({ length: 8 }, (_, i): Step[] => [
    (disk) => disk.createFile(disk.root, 'new'),
    append('new', 5000 * i, i),
    'fsync',
    (disk) => disk.rename(disk.root, 'new', disk.root, 'current'),
    'fsync',
    append('current', 10, 99),
  ]).flat(),
  'whole blocks over bytes in the journal': [
    (disk) => disk.createFile(disk.root, 'f'),
    (disk) => disk.write(fileOf(disk, 'f'), 0, new Uint8Array(40_000).fill(1)),
    'fsync',
    (disk) => disk.write(fileOf(disk, 'f'), 100, new Uint8Array(50).fill(2)),
    'fsync',
    (disk) => disk.write(fileOf(disk, 'f'), 0, new Uint8Array(40_000).fill(3)),
    'fsync',
    (disk) => disk.write(fileOf(disk, 'f'), 110, new Uint8Array(50).fill(4)),
    'fsync',
    (disk) => disk.truncate(fileOf(disk, 'f'), 105),
    (disk) => disk.truncate(fileOf(disk, 'f'), 30_000),
    'fsync',
    (disk) => disk.write(fileOf(disk, 'f'), 29_000, new Uint8Array(100).fill(5)),
    'fsync',
    (disk) => disk.truncate(fileOf(disk, 'f'), 0),
    'fsync',
    (disk) => disk.write(fileOf(disk, 'f'), 20_000, new Uint8Array(10).fill(6)),
  ],
  'a file unlinked while it is open': [
    (disk) => disk.createFile(disk.root, 'f'),
    (disk) => disk.acquire(fileOf(disk, 'f')),
    append('f', 50_000, 7),
    'fsync',
    (disk) => {
      const file = fileOf(disk, 'f');
      disk.unlink(disk.root, 'f');
      return disk.append(file, new Uint8Array(20_000));
    },
    'fsync',
    (disk) => disk.createFile(disk.root, 'f'),
    append('f', 10, 8),
    'fsync',
  ],
};

// The limits make the journal be checkpointed never, now and then, and all the time.
for (const journalLimit of [1 << 20, 20_000, 0]) {
  for (const [name, steps] of Object.entries(scripts)) {
    for (const writeBackDelay of [Infinity, 0]) {
      test(`${name}; journal limit ${journalLimit}, write-back after ${writeBackDelay} ms`, async (t) => {
        const cases = await runScript(steps, { journalLimit, writeBackDelay });
        assert.ok(cases > steps.length);
        t.diagnostic(`${cases} power losses`);
      });
    }
  }
}

for (const seed of seeds(60)) {
  test(`random operations and fsyncs, seed ${seed}`, async () => {
    const random = new Random(seed);
    const witness = new Witness();
    const disk = await openDisk(witness.store, {
      journalLimit: random.pick([0, 5000, 100_000]),
      writeBackDelay: random.pick([0, Infinity]),
      cacheSize: random.pick([1 << 14, 1 << 24]),
    });
    const workload = new Workload(disk, random);
    witness.record(workload.describe());
    for (let i = 0; i < 120; i++) {
      await workload.step();
      witness.record(workload.describe());
      // The store is full at times: what could not be committed must not be lost, nor half there.
      if (random.below(12) === 0) witness.store.fault = 'full';
      else if (random.below(3) === 0) witness.store.fault = undefined;
      const next = random.below(16);
      if (next < 4) {
        try {
          await witness.fsync(disk);
        } catch (error) {
          assert.ok(error instanceof DiskError && error.code === 'ENOSPC');
        }
      } else if (next < 7) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
    witness.store.fault = undefined;
    await witness.fsync(disk);
    assert.equal(await describeDisk(disk), workload.describe());
    await disk.close();
    await witness.check();
  });
}
