import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WitError } from '../abi/errors.ts';
import { MemoryStore, openDisk } from '../disk/index.ts';
import { DescriptorFlags, OpenFlags, PathFlags } from '../generated/filesystem.ts';
import type { World } from '../generated/world.ts';
import { packages } from './description.ts';
import { createFilesystem } from './filesystem.ts';
import { createIo } from './io.ts';
import { createRandom } from './random.ts';
import { tracePackages } from './trace-packages.ts';
import { traceWorld } from './trace.ts';

const encoder = new TextEncoder();

/** A traced world of some interfaces, and the lines that its calls leave, without their times. */
async function traced(
  ...shown: string[]
): Promise<{ world: World; lines: string[]; raw: string[] }> {
  const disk = await openDisk(new MemoryStore());
  const raw: string[] = [];
  const lines: string[] = [];
  const parts = {
    ...createIo(),
    ...createRandom(),
    ...createFilesystem({ mounts: [{ path: '/', disk }] }),
  };
  // cast: the test calls only what is there.
  const world = traceWorld(parts as World, {
    packages: shown,
    write(line) {
      raw.push(line);
      lines.push(line.replace(/ <[^<]*>$/, ''));
    },
  });
  return { world, lines, raw };
}

test('calls are shown with arguments, resources by number, results and times', async () => {
  const { world, lines, raw } = await traced();
  const [root] = world['wasi:filesystem/preopens'].getDirectories()[0] ?? assert.fail();
  const flags = DescriptorFlags.read | DescriptorFlags.write;
  const file = root.openAt(PathFlags.symlinkFollow, 'a "file"', OpenFlags.create, flags);
  assert.ok(!(file instanceof Promise));
  await file.write(encoder.encode('one\ntwo'), 5);
  await file.read(100, 0, { allocate: (length) => new Uint8Array(length) });
  await file.sync();
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('preopens')),
    [
      'descriptor#1.open-at(symlink-follow, "a \\"file\\"", create, read|write) = descriptor#3',
      'descriptor#3.write("one\\ntwo", 5) = 7',
      'descriptor#3.read(100, 0) = "\\x00\\x00\\x00\\x00\\x00one\\ntwo", true',
      'descriptor#3.sync()',
    ],
  );
  for (const line of raw) assert.match(line, / <\d+\.\d{3} ms>$/);
});

test('errors are shown by their names and still reach the program', async () => {
  const { world, lines } = await traced();
  const [root] = world['wasi:filesystem/preopens'].getDirectories()[0] ?? assert.fail();
  const open = (): unknown => root.openAt(0, 'nothing', 0, DescriptorFlags.read);
  assert.throws(open, (error) => error instanceof WitError && error.payload === 'no-entry');
  assert.match(lines.at(-1) ?? '', /^descriptor#1\.open-at\(.*\) = error no-entry$/);
});

test('resources come back to the host as its own objects', async () => {
  const { world, lines } = await traced();
  const [root] = world['wasi:filesystem/preopens'].getDirectories()[0] ?? assert.fail();
  const flags = DescriptorFlags.read | DescriptorFlags.write;
  const open = (name: string) => root.openAt(0, name, OpenFlags.create, flags);
  const [one, two] = [await open('one'), await open('two')];
  assert.equal(one.isSameObject(two), false);
  assert.equal(one.isSameObject(one), true);
  await root.renameAt('one', root, 'three');
  assert.equal(lines.at(-1), 'descriptor#1.rename-at("one", descriptor#1, "three")');
  const pollable = one.writeViaStream(0).subscribe();
  assert.deepEqual(await world['wasi:io/poll'].poll([pollable]), [0]);
  assert.equal(lines.at(-1), 'poll.poll([pollable#1]) = [0]');
});

test('only the packages asked for are shown', async () => {
  const { world, lines } = await traced('random');
  const [root] = world['wasi:filesystem/preopens'].getDirectories()[0] ?? assert.fail();
  await root.stat();
  world['wasi:random/random'].getRandomU64();
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^random\.get-random-u64\(\) = \d+$/);
});

test('the packages that can be named are those that are described', () => {
  assert.deepEqual(tracePackages, Object.keys(packages));
});
