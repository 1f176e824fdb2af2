import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { nativeProgram, Running, wasmProgram, type Tool } from '../support/tool.ts';

/** How programs start, speak and end. */
export function testPrograms(tool: Tool): void {
  const ends = wasmProgram('ends');

  for (const [way, status] of [
    ['return', 0],
    ['return', 1],
    ['return', 42],
    ['exit', 255],
    ['_exit', 7],
  ] as const) {
    test(`${way} ${status} is the exit status and runs what it runs natively`, async () => {
      const native = await new Running(nativeProgram('ends'), [way, String(status)], '').finished;
      const inTab = await tool.run([ends, way, String(status)]);
      assert.deepEqual(
        [inTab.status, inTab.stdout, inTab.stderr],
        [status, native.stdout, native.stderr],
      );
    });
  }

  test('a trap prints the stack with function names and exits 134', async () => {
    const { status, stderr } = await tool.run([ends, 'trap']);
    assert.equal(status, 134);
    assert.match(stderr, /unreachable/);
    assert.match(stderr, /InnermostFunction[^]*MiddleFunction[^]*main/);
  });

  test('abort and an uncaught exception exit 134', async () => {
    assert.equal((await tool.run([ends, 'abort'])).status, 134);
    assert.equal((await tool.run([ends, 'throw'])).status, 134);
  });

  test('exceptions, RTTI and longjmp work across calls that suspend', async () => {
    const native = await new Running(nativeProgram('exceptions'), [], '').finished;
    const inTab = await tool.run([wasmProgram('exceptions')]);
    assert.deepEqual([inTab.status, inTab.stdout], [0, native.stdout]);
  });

  test('1 MiB goes through stdin and comes out of stdout unchanged', async () => {
    const data = randomBytes(1024 * 1024);
    const { status, stdoutBytes, stderr } = await tool.run([wasmProgram('echo')], data);
    assert.equal(status, 0);
    assert.ok(stdoutBytes.equals(data), 'every byte is the same');
    assert.equal(stderr, '1048576 bytes\n');
  });

  test('a preview 1 command is adapted, writes and ends with its own status', async () => {
    const program = await parse(`(module
      (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\\10\\00\\00\\00\\0a\\00\\00\\00")
      (data (i32.const 16) "preview 1\\n")
      (func (export "_start")
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (call $exit (i32.const 33))))`);
    const path = join(mkdtempSync(join(tmpdir(), 'backtab-preview1-')), 'program.wasm');
    writeFileSync(path, program);
    const { status, stdout, stderr } = await tool.run([path]);
    assert.deepEqual([status, stdout, stderr], [33, 'preview 1\n', '']);
  });

  test('--trace shows the calls on standard error, and only of the packages asked for', async () => {
    const traced = await tool.run([
      '--trace=filesystem',
      wasmProgram('records'),
      'append',
      '/x',
      '1',
    ]);
    assert.deepEqual([traced.status, traced.stdout], [0, 'intact 0\nsynced 1\n']);
    const lines = traced.stderr.trimEnd().split('\n');
    assert.match(traced.stderr, /^descriptor#1\.open-at\(.*"x", create.*\) = descriptor#\d+ </m);
    assert.match(
      traced.stderr,
      /^descriptor#\d+\.write\("record 0 .*"… \(100 bytes\), 0\) = 100 </m,
    );
    assert.match(traced.stderr, /^descriptor#\d+\.sync\(\) </m);
    assert.equal(
      lines.find((line) => /^(output-stream|monotonic-clock|environment)/.test(line)),
      undefined,
    );
    const whole = await tool.run(['--trace', ends, 'return', '3']);
    assert.equal(whole.status, 3);
    assert.match(whole.stderr, /^exit\.exit-with-code\(3\) </m);
  });

  test('a program that is not wasm is refused in one line', async () => {
    const { status, stdout, stderr } = await tool.run([join(import.meta.dirname, 'programs.ts')]);
    assert.deepEqual([status, stdout], [125, '']);
    assert.match(stderr, /^backtab: .*not a WebAssembly.*\n$/);
  });

  test('a program that does not exist is refused in one line', async () => {
    const { status, stderr } = await tool.run(['/nowhere/program.wasm']);
    assert.equal(status, 125);
    assert.match(stderr, /^backtab: .*\/nowhere\/program\.wasm.*\n$/);
  });

  test('--timeout ends a program that sleeps for ever, with status 124', async () => {
    const { status, stdout } = await tool.run(['--timeout', '2', ends, 'sleep']);
    assert.deepEqual([status, stdout], [124, 'asleep\n']);
  });

  test('--file, --dir, --env and --out carry data in and out', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'backtab-files-'));
    writeFileSync(join(directory, 'in.txt'), 'carried\n');
    const out = join(directory, 'out.txt');
    const { status, stderr } = await tool.run([
      '--file',
      `/input/in.txt=${join(directory, 'in.txt')}`,
      '--env',
      'SUFFIX=further',
      '--out',
      `/output/out.txt=${out}`,
      wasmProgram('carry'),
      '/input/in.txt',
      '/output/out.txt',
    ]);
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(readFileSync(out, 'utf8'), 'carried\nfurther\n');
  });
}
