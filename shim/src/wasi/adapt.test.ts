import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { preview1AdapterCommandPath } from '@bytecodealliance/jco';
import { componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { MemoryStore, openDisk } from '../disk/index.ts';
import { MemoryCarrier } from '../net/carrier/memory.ts';
import { MemoryLocks } from '../net/locks.ts';
import { Stack } from '../net/stack.ts';
import { adapt } from './adapt.ts';
import { createFilesystem } from './filesystem.ts';
import { examineProgram, ProgramError } from './program.ts';
import type { AdaptedProgram } from './program.ts';
import { createSockets } from './sockets.ts';
import { fixture, runGuest } from './testing.ts';

const loadPreview1Adapter = async (): Promise<Uint8Array> =>
  new Uint8Array(await readFile(preview1AdapterCommandPath()));

/** A preview 1 command that writes `text` and calls proc_exit, if `status` is given. */
async function preview1Command(text: string, status?: number): Promise<Uint8Array<ArrayBuffer>> {
  const exit = status === undefined ? '' : `(call $exit (i32.const ${status}))`;
  return new Uint8Array(
    await parse(`(module
      (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (data (i32.const 100) "${text}")
      (func (export "_start")
        (i32.store (i32.const 0) (i32.const 100))
        (i32.store (i32.const 4) (i32.const ${text.length}))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        ${exit}))`),
  );
}

test('a preview 1 command writes and ends with 0', async () => {
  const program = await adapt(await preview1Command('hello'), loadPreview1Adapter);
  const { stdout, outcome } = await runGuest(program);
  assert.equal(stdout, 'hello');
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
});

for (const status of [0, 1, 42, 255]) {
  test(`proc_exit(${status}) of a preview 1 command is its status`, async () => {
    const program = await adapt(await preview1Command('x', status), loadPreview1Adapter);
    const { stdout, outcome } = await runGuest(program);
    assert.equal(stdout, 'x');
    assert.deepEqual(outcome, { kind: 'exit', status });
  });
}

test('a component with the adapter inside keeps the status of proc_exit', async () => {
  const adapter = await loadPreview1Adapter();
  const component = await componentNew(await preview1Command('inside', 42), [
    ['wasi_snapshot_preview1', adapter],
  ]);
  const binary = new Uint8Array(component);
  assert.deepEqual(examineProgram(binary), { kind: 'adapt', from: 'component' });
  const unused = (): Promise<never> => Promise.reject(new Error('the adapter is inside already'));
  const { stdout, outcome } = await runGuest(await adapt(binary, unused));
  assert.equal(stdout, 'inside');
  assert.deepEqual(outcome, { kind: 'exit', status: 42 });
});

test('an adapted program survives a structured clone and runs twice', async () => {
  const program = structuredClone(await adapt(await preview1Command('again'), loadPreview1Adapter));
  assert.equal((await runGuest(program)).stdout, 'again');
  assert.equal((await runGuest(program)).stdout, 'again');
});

test('what is no program is refused before jco sees it', async () => {
  await assert.rejects(adapt(new Uint8Array([1, 2, 3]), loadPreview1Adapter), ProgramError);
});

test('a plain component prints the same adapted as straight', async (t) => {
  const binary = fixture('rust/sockets.wasm');
  if (binary === undefined) {
    t.skip('the folder of fixtures is absent');
    return;
  }
  const straight = await runGuest(binary);
  const adapted = await runGuest(await adapt(binary, loadPreview1Adapter));
  assert.equal(straight.stdout, 'refused: Unsupported\n');
  assert.deepEqual(adapted, straight);
});

test('a program with files does the same on its disk, adapted as straight', async (t) => {
  const binary = fixture('rust/files.wasm');
  if (binary === undefined) {
    t.skip('the folder of fixtures is absent');
    return;
  }
  const twice = async (program: Uint8Array<ArrayBuffer> | AdaptedProgram): Promise<string[]> => {
    const disk = await openDisk(new MemoryStore());
    const filesystem = createFilesystem({ mounts: [{ path: '/', disk }] });
    const runs = [await runGuest(program, { filesystem }), await runGuest(program, { filesystem })];
    await disk.close();
    return runs.map(({ stdout, stderr, outcome }) => {
      assert.deepEqual([outcome, stderr], [{ kind: 'exit', status: 0 }, '']);
      return stdout;
    });
  };
  const straight = await twice(binary);
  const rest =
    'read: term=1 vote=2\nseek: term=7 vote=2\nlen: 6\nrenamed: true\n' +
    'removed: NotFound\nnames: ["kept.log"]\n';
  assert.deepEqual(straight, [`kept: nothing yet\n${rest}`, `kept: term=7\n${rest}`]);
  assert.deepEqual(await twice(await adapt(binary, loadPreview1Adapter)), straight);
});

test('a program with sockets serves adapted and calls straight, and the other way round', async (t) => {
  const straight = fixture('rust/sockets.wasm');
  if (straight === undefined) {
    t.skip('no fixtures (BACKTAB_FIXTURES)');
    return;
  }
  const adapted = await adapt(straight, loadPreview1Adapter);
  const carrier = new MemoryCarrier();
  const locks = new MemoryLocks();
  for (const [server, client] of [
    [adapted, straight],
    [straight, adapted],
  ] as const) {
    const join = (name: string): Promise<Stack> =>
      Stack.create({ network: 'test', name, carrier, locks: locks.holder() });
    const [serverStack, clientStack] = [await join('server'), await join('client')];
    const serving = runGuest(server, {
      args: ['serve', '7000', '1'],
      sockets: createSockets(serverStack),
    });
    // The directory tells of nothing by itself.
    while (serverStack.inspect().listeners.length === 0) await setImmediate();
    const called = await runGuest(client, {
      args: ['call', 'server:7000', 'either way'],
      sockets: createSockets(clientStack),
    });
    assert.equal(called.stdout, 'echo: either way\n');
    assert.equal((await serving).stdout, 'listening 7000\nechoed 10\n');
    await Promise.all([serverStack.close('exit'), clientStack.close('exit')]);
  }
});
