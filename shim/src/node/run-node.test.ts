import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryMedium, MemoryStore, openDisk, writeFile } from '../disk/index.ts';
import { Stack } from '../net/stack.ts';
import { loadProgram, type Program } from '../wasi/program.ts';
import { watCommand } from '../wasi/testing-wat.ts';
import { Mounts } from './mounts.ts';
import { runNode, type NodeResult } from './run-node.ts';
import { PostedOutput, ReceivedInput } from './worker-streams.ts';

/** Runs a node whose parts are as given, in memory; collects what is written to standard error. */
async function run(
  program: Promise<Program>,
  medium: MemoryMedium,
): Promise<NodeResult & { stderr: string }> {
  let stderr = '';
  const output = (take: (bytes: Uint8Array) => void): PostedOutput => new PostedOutput(take, 65536);
  const result = await runNode({
    program,
    mounts: openDisk(new MemoryStore(medium)).then(
      (disk) => new Mounts([{ path: '/', disk, readOnly: false }]),
    ),
    stack: Promise.resolve(Stack.loopback()),
    cli: {
      args: ['program'],
      env: [],
      cwd: '/',
      stdin: new ReceivedInput(() => undefined, 65536),
      stdout: output(() => undefined),
      stderr: output((bytes) => (stderr += new TextDecoder().decode(bytes))),
      terminals: { stdin: false, stdout: false, stderr: false },
    },
    files: {},
    outputs: ['/kept'],
    trace: undefined,
    onstarted: () => undefined,
  });
  return { ...result, stderr };
}

async function mediumWithFile(): Promise<MemoryMedium> {
  const medium = new MemoryMedium();
  const disk = await openDisk(new MemoryStore(medium));
  await writeFile(disk, '/kept', Uint8Array.of(1, 2, 3));
  await disk.close();
  return medium;
}

const idle = async (): Promise<Program> => loadProgram(await watCommand({ body: '' }));

test('a program ends, its files come back, its disk is given up', async () => {
  const medium = await mediumWithFile();
  const { outcome, outputs, stderr } = await run(idle(), medium);
  assert.deepEqual(outcome, { reason: 'exit', status: 0 });
  assert.deepEqual(outputs, [['/kept', Uint8Array.of(1, 2, 3)]]);
  assert.equal(stderr, '');
  assert.equal(medium.owned, false);
});

test('a program that cannot be loaded is an error, and the disk is given up', async () => {
  const medium = await mediumWithFile();
  const { outcome } = await run(Promise.reject(new Error('it is not there')), medium);
  assert.deepEqual(outcome, { reason: 'error', message: 'it is not there' });
  assert.equal(medium.owned, false);
});

test('a disk in use is an error with its errno name', async () => {
  const medium = await mediumWithFile();
  const owner = await openDisk(new MemoryStore(medium));
  const { outcome } = await run(idle(), medium);
  assert.equal(outcome.reason === 'error' && outcome.code, 'EBUSY');
  await owner.close();
});

test('a damaged disk is said on standard error before the program starts', async () => {
  const medium = await mediumWithFile();
  const [record] = medium.read('journal', undefined);
  assert.ok(record);
  record.value[record.value.length - 1] = (record.value.at(-1) ?? 0) ^ 1;
  medium.apply([{ kind: 'put', table: 'journal', ...record }]);
  const { outcome, stderr } = await run(idle(), medium);
  assert.match(stderr, /^backtab: disk "memory" is damaged .* read-only: copy .*\n$/);
  assert.equal(outcome.reason, 'exit');
});
