/** Set-up: quiet when there is nothing to do, and with a wasi-sdk in place of Debian's parts. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { drivers, programs, root, run, runOk, runProgram, temporaryDirectory } from './support.ts';

const setup = join(root, 'sdk/setup.sh');

/** The keys of a toolchain's configuration. */
function configuration(toolchain: string): Map<string, string> {
  const text = readFileSync(join(toolchain, 'driver.conf'), 'utf8');
  return new Map(
    [...text.matchAll(/^([\w+-]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
  );
}

test('a second set-up does and says nothing', async () => {
  const parts = ['bin/backtab-c++', 'runtime', 'driver.conf', 'versions', 'sysroot'];
  const times = () => parts.map((part) => statSync(join(root, '.toolchain', part)).mtimeMs);
  const before = times();
  const { stdout, stderr } = await runOk(setup, []);
  assert.equal(stdout + stderr, '');
  assert.deepEqual(times(), before);
});

test('an unknown component is named', async () => {
  const { status, stderr } = await run(setup, ['kitchen']);
  assert.equal(status, 1);
  assert.match(stderr, /no component 'kitchen'/);
});

test('the versions in use are recorded', () => {
  const versions = readFileSync(join(root, '.toolchain/versions'), 'utf8');
  for (const part of ['clang', 'wasi-libc', 'libc++'])
    assert.match(versions, new RegExp(`^${part.replaceAll('+', '\\+')}: .+`, 'm'));
});

test('a directory in the shape of a wasi-sdk takes the place of the compiler and libraries', async (t) => {
  const ours = configuration(join(root, '.toolchain'));
  const value = (key: string): string => {
    const found = ours.get(key);
    assert.ok(found !== undefined, key);
    return found;
  };
  const directory = temporaryDirectory(t);
  const sdk = join(directory, 'wasi-sdk');
  const toolchain = join(directory, 'toolchain');
  const builtins = join(sdk, 'lib/clang/22/lib/wasm32-unknown-wasip2');
  for (const path of [join(sdk, 'bin'), join(sdk, 'share'), builtins]) {
    mkdirSync(path, { recursive: true });
  }
  const tools = [
    ['clang', 'clang'],
    ['clang++', 'clang++'],
    ['linker', 'wasm-ld'],
    ['archiver', 'llvm-ar'],
    ['ranlib', 'llvm-ranlib'],
    ['names', 'llvm-nm'],
  ] as const;
  for (const [key, name] of tools) symlinkSync(value(key), join(sdk, 'bin', name));
  symlinkSync(value('sysroot'), join(sdk, 'share/wasi-sysroot'));
  symlinkSync(value('builtins'), join(builtins, 'libclang_rt.builtins.a'));

  const env = { WASI_SDK_PATH: sdk, BACKTAB_TOOLCHAIN: toolchain };
  await runOk(setup, [], { env });
  const theirs = configuration(toolchain);
  assert.equal(theirs.get('wasi-sdk'), sdk);
  assert.equal(theirs.get('clang'), join(sdk, 'bin/clang'));
  assert.equal(theirs.get('sysroot'), join(sdk, 'share/wasi-sysroot'));

  const program = join(directory, 'exceptions.wasm');
  const args = ['-std=c++20', join(programs, 'exceptions.cc'), '-o', program];
  await runOk(join(toolchain, 'bin/backtab-c++'), args, { env });
  const { stdout, outcome } = await runProgram(program);
  assert.match(stdout, /^destroyed even\n[^]*bad cast\n$/);
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });

  // A driver that was set up with something else says so instead of using the wrong one.
  const mismatch = await run(drivers.cxx, ['--version'], { env });
  assert.equal(mismatch.status, 1);
  assert.match(mismatch.stderr, /WASI_SDK_PATH is set, .* run \.\/backtab setup/);
});

test('a WASI_SDK_PATH that is none is named', async (t) => {
  const directory = temporaryDirectory(t);
  const env = { WASI_SDK_PATH: directory, BACKTAB_TOOLCHAIN: join(directory, 'toolchain') };
  const { status, stderr } = await run(setup, [], { env });
  assert.equal(status, 1);
  assert.match(stderr, /WASI_SDK_PATH is no wasi-sdk: it has no bin\/clang/);
});
