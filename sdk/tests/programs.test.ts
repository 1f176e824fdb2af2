/**
 * Programs that use what the SDK adds to wasi-libc. Linux says what is right: where a program does
 * not depend on the machine, it has to print the same as built natively.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build, programs, root, run, runOk, runProgram, temporaryDirectory } from './support.ts';

const portable = [
  'addresses.c',
  'exceptions.cc',
  'files.cc',
  'jumps.c',
  'library.c',
  'locks.c',
  'pipes.c',
  'signals.c',
  'sockets.cc',
  'temporary.c',
];

for (const source of portable) {
  test(`${source} prints what it prints on Linux`, async (t) => {
    const directory = temporaryDirectory(t);
    const native = join(directory, 'native');
    const compiler = source.endsWith('.cc') ? ['g++', '-std=c++20'] : ['gcc'];
    await runOk('env', [...compiler, '-D_GNU_SOURCE', join(programs, source), '-o', native]);
    const expected = await run(native, [], { cwd: directory });
    const program = await build(t, source, source.endsWith('.cc') ? ['-std=c++20'] : []);
    const { stdout, stderr, outcome } = await runProgram(program);
    assert.equal(stdout, expected.stdout);
    assert.equal(stderr, expected.stderr);
    assert.deepEqual(outcome, { kind: 'exit', status: expected.status });
    assert.notEqual(stdout, '');
  });
}

test('exceptions and jumps work with link-time optimization', async (t) => {
  const lto = ['-flto', '-O2'];
  const exceptions = await runProgram(await build(t, 'exceptions.cc', [...lto, '-std=c++20']));
  assert.match(exceptions.stdout, /^destroyed even\n[^]*bad cast\n$/);
  assert.deepEqual(exceptions.outcome, { kind: 'exit', status: 0 });
  const jumps = await runProgram(await build(t, 'jumps.c', lto));
  assert.match(jumps.stdout, /setjmp 1 round 3\n[^]*sigsetjmp 5\n$/);
});

test('a program is an ordinary user with fixed accounts', async (t) => {
  const { stdout } = await runProgram(await build(t, 'accounts.c'));
  assert.deepEqual(stdout.split('\n'), [
    '1000 1000 1000 1000 1',
    'user / /bin/sh user',
    '65534 1',
    '1 0 1 user',
    '0 1',
    'root 1',
    '3',
    '0 -1 1',
    '-1 1',
    '1 0',
    '/',
    '0 1024',
    '',
  ]);
});

test('terminal settings follow isatty, and the system log is standard error', async (t) => {
  const program = await build(t, 'terminal.c');
  const redirected = await runProgram(program);
  assert.equal(redirected.stdout, '0 -1 -1 -1\n');
  assert.equal(redirected.stderr, 'terminal: 7 percent\n');
  const attached = await runProgram(program, { terminal: true, env: { LINES: '50' } });
  assert.equal(attached.stdout, '1 0 0 -1\n50 80\n1 0\n');
});

test('every call that is said to fail fails as it is said to', async (t) => {
  const { stdout } = await runProgram(await build(t, 'failing.c'));
  const definitions = readFileSync(join(root, 'sdk/compat/failing_calls.def'), 'utf8');
  const expected = [...definitions.matchAll(/^FAILING_CALL\((\w+), (\w+)\)/gm)].map(
    ([, name, error]) => `${name} ${error}`,
  );
  assert.ok(expected.length > 20);
  assert.deepEqual(stdout.trimEnd().split('\n'), expected);
});

const destroyed = 'atexit\nglobal destroyed\n';
const endings: [way: string, argument: string, status: number, stdout: string][] = [
  ['return', '0', 0, `local destroyed\n${destroyed}`],
  ['return', '42', 42, `local destroyed\n${destroyed}`],
  ['return', '255', 255, `local destroyed\n${destroyed}`],
  ['return', '256', 0, `local destroyed\n${destroyed}`],
  ['exit', '1', 1, destroyed],
  ['exit', '7', 7, destroyed],
  ['_exit', '9', 9, ''],
  ['_Exit', '200', 200, ''],
  ['quick_exit', '3', 3, ''],
  // As a shell reports SIGTERM.
  ['raise', '15', 143, ''],
];

test('every way to exit gives its status, and destructors run as they should', async (t) => {
  const program = await build(t, 'status.cc');
  for (const [way, argument, status, stdout] of endings) {
    const result = await runProgram(program, { args: [way, argument] });
    assert.deepEqual(result.outcome, { kind: 'exit', status }, `${way} ${argument}`);
    assert.equal(result.stdout, stdout, `${way} ${argument}`);
  }
});

test('abort traps with the names of functions', async (t) => {
  const { outcome } = await runProgram(await build(t, 'status.cc', ['-O2']), { args: ['abort'] });
  assert.ok(outcome.kind === 'trap');
  assert.match(outcome.stack, /status\.wasm\.abort[^]*\.main/);
});

test('an exception that nobody catches is named', async (t) => {
  const { stderr, outcome } = await runProgram(await build(t, 'status.cc'), { args: ['throw'] });
  assert.equal(outcome.kind, 'trap');
  assert.match(stderr, /uncaught exception of type std::runtime_error: nobody catches this/);
});

test('C++ works without exceptions and RTTI', async (t) => {
  const directory = temporaryDirectory(t);
  const program = join(directory, 'plain.wasm');
  const source = `#include <iostream>
    #include <map>
    int main() { std::map<int, int> squares{{3, 9}}; std::cout << squares[3] << std::endl; }`;
  const flags = ['-fno-exceptions', '-fno-rtti', '-std=c++20', '-xc++', '-'];
  await runOk(join(root, '.toolchain/bin/backtab-c++'), [...flags, '-o', program], {
    stdin: source,
  });
  const { stdout, outcome } = await runProgram(program);
  assert.equal(stdout, '9\n');
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
});
