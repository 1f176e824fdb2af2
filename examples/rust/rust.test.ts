/**
 * Builds the Rust programs natively and, where cargo has the target wasm32-wasip2, as WASI 0.2
 * components that must print the same in a browser tab.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TARGET_DIRECTORY = join(ROOT, 'build/rust');
const TARGET = 'wasm32-wasip2';

/** Why a target cannot be built for here, or undefined when it can. */
function missing(target?: string): string | undefined {
  const arguments_ = ['--print', 'target-libdir', ...(target ? ['--target', target] : [])];
  const { status, stdout } = spawnSync('rustc', arguments_, { encoding: 'utf8' });
  if (status !== 0 || spawnSync('cargo', ['--version']).status !== 0) {
    return 'cargo is not installed';
  }
  return existsSync(stdout.trim()) ? undefined : `cargo has no target ${target ?? '(host)'}`;
}

/** The options that skip a test, and say why, when a target is missing. */
function needs(target?: string): { skip?: string } {
  const reason = missing(target);
  return reason === undefined ? {} : { skip: reason };
}

function build(target?: string): void {
  const { status, stderr } = spawnSync(
    'cargo',
    [
      ...['build', '--quiet', '--offline', '--locked', '--release'],
      ...['--manifest-path', join(ROOT, 'examples/rust/Cargo.toml')],
      ...['--target-dir', TARGET_DIRECTORY],
      ...(target ? ['--target', target] : []),
    ],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '', 'the compiler must have nothing to say');
}

const native = (program: string): string => join(TARGET_DIRECTORY, 'release', program);
const component = (program: string): string =>
  join(TARGET_DIRECTORY, TARGET, 'release', `${program}.wasm`);

const scratch = mkdtempSync(join(tmpdir(), 'rust-test-'));
const running = new Set<ChildProcessByStdio<null, Readable, null>>();
after(() => {
  for (const child of running) child.kill();
  rmSync(scratch, { recursive: true });
});

function run(command: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: ROOT });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Starts a server, waits for its first line and returns a way to get the others. */
async function serve(
  command: string,
  args: string[],
): Promise<{ first: string; rest: () => Promise<string[]> }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: ROOT });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const first = await lines.next();
  assert.ok(first.done !== true, 'the server ended without a word');
  return {
    first: first.value,
    rest: async () => {
      const all = [];
      for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
        all.push(line.value);
      }
      return all;
    },
  };
}

const FILES_OUTPUT = (run: number): string =>
  [
    `entries: ${run}`,
    `last: entry ${run}`,
    'files: count.txt diary.txt',
    'reading a missing file: Err(NotFound)',
    'removing a directory that is not empty: Err(DirectoryNotEmpty)',
    '',
  ].join('\n');
const ANSWERS = 'HELLO\nWÖRLD\nthe server closed after 0 more lines\n';

describe('natively', () => {
  test('files keeps its diary natively', needs(), () => {
    build();
    const diary = join(scratch, 'diary');
    assert.equal(run(native('files'), [diary]), FILES_OUTPUT(1));
    assert.equal(run(native('files'), [diary]), FILES_OUTPUT(2));
  });

  test('sockets serves and asks natively', needs(), async () => {
    build();
    const server = await serve(native('sockets'), ['serve', '127.0.0.1:0', '1']);
    const port = /^listening on port (\d+)$/.exec(server.first)?.[1] ?? '';
    assert.equal(run(native('sockets'), ['ask', `127.0.0.1:${port}`, 'hello', 'wörld']), ANSWERS);
    assert.deepEqual(await server.rest(), ['answered 2 lines']);
  });
});

describe('in a browser tab', () => {
  const backtab = join(ROOT, 'backtab');
  const options = ['run', '--profile', join(scratch, 'profile'), '--network', 'rust'];

  test('files keeps its diary in a tab', needs(TARGET), () => {
    build(TARGET);
    const args = [...options, '--disk', 'diary', component('files')];
    assert.equal(run(backtab, args), FILES_OUTPUT(1));
    assert.equal(run(backtab, args), FILES_OUTPUT(2));
  });

  test('sockets serves and asks in a tab', needs(TARGET), async () => {
    build(TARGET);
    const serverArgs = [...options, '--name', 'shouter', component('sockets')];
    const server = await serve(backtab, [...serverArgs, 'serve', '0.0.0.0:7000', '1']);
    assert.equal(server.first, 'listening on port 7000');
    assert.equal(
      run(backtab, [...options, component('sockets'), 'ask', 'shouter:7000', 'hello', 'wörld']),
      ANSWERS,
    );
    assert.deepEqual(await server.rest(), ['answered 2 lines']);
  });
});
