import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSink } from '../abi/byte-sink.ts';
import { WitError } from '../abi/errors.ts';
import type { Descriptor, FilesystemInterfaces } from '../generated/filesystem.ts';
import { ProgramError } from './program.ts';
import { runGuest } from './testing.ts';
import type { GuestOptions, GuestResult } from './testing.ts';
import { watCommand } from './testing-wat.ts';
import type { WatGuest } from './testing-wat.ts';

async function run(guest: WatGuest, options?: GuestOptions): Promise<GuestResult> {
  return await runGuest(await watCommand(guest), options);
}

/** Runs a guest that must trap, and returns why. */
async function trapOf(guest: WatGuest, options?: GuestOptions): Promise<string> {
  const { outcome } = await run(guest, options);
  assert.equal(outcome.kind, 'trap', JSON.stringify(outcome));
  return outcome.message;
}

/** A descriptor of which a test supplies the methods it needs. */
function descriptor(methods: Partial<Descriptor>): Descriptor {
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === Symbol.dispose) return methods[Symbol.dispose]?.bind(methods);
        // The names of the methods are the only others that the lowers look up.
        const method = methods[name as keyof Descriptor];
        assert.ok(method !== undefined, `unexpected use of ${String(name)}`);
        return method.bind(methods);
      },
    },
    // A Descriptor as far as the guest of the test goes.
  ) as Descriptor;
}

/** A filesystem whose one preopen is the descriptor. */
function preopen(methods: Partial<Descriptor>): FilesystemInterfaces {
  return {
    'wasi:filesystem/types': { filesystemErrorCode: () => undefined },
    'wasi:filesystem/preopens': { getDirectories: () => [[descriptor(methods), '/']] },
  };
}

const importPreopens = `
  (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $get-directories (param i32)))`;
/** Leaves the first preopen's handle in local 0. */
const firstPreopen = `(local i32)
  (call $get-directories (i32.const 0))
  (local.set 0 (i32.load (i32.load (i32.const 0))))`;
const importPoll = `
  (import "wasi:io/poll@0.2.0" "poll" (func $poll (param i32 i32 i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.ready" (func $ready (param i32) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.0" "[resource-drop]pollable" (func $drop-pollable (param i32)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration"
    (func $subscribe-duration (param i64) (result i32)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $now (result i64)))`;

test('a program that returns ok or err ends with 0 or 1', async () => {
  assert.deepEqual((await run({ body: '' })).outcome, { kind: 'exit', status: 0 });
  const failing = await run({ body: '(return (i32.const 1))' });
  assert.deepEqual(failing.outcome, { kind: 'exit', status: 1 });
});

test('exit ends the program where it stands, without running cleanup code', async () => {
  for (const [call, status] of [
    ['exit" (func $exit (param i32)))', 1],
    ['exit-with-code" (func $exit (param i32)))', 42],
  ] as const) {
    const { stdout, outcome } = await run({
      imports: `(import "wasi:cli/exit@0.2.6" "${call}`,
      definitions: '(data (i32.const 0) "cleanup")',
      body: `(block $caught (try_table (catch_all $caught) (call $exit (i32.const ${status}))))
        (call $print (i32.const 0) (i32.const 7))`,
    });
    assert.equal(stdout, '');
    assert.deepEqual(outcome, { kind: 'exit', status });
  }
});

test('a trap of the program names its functions', async () => {
  const { outcome } = await run({
    definitions: '(func $victim unreachable) (func $caller (call $victim))',
    body: '(call $caller)',
  });
  assert.equal(outcome.kind, 'trap');
  assert.match(outcome.message, /unreachable/);
  const at = (name: string): string => `    at ${name} \\(wasm-function\\[\\d+\\]:0x[0-9a-f]+\\)`;
  const frames = ['victim', 'caller', 'run'].map(at).join('\n');
  assert.match(outcome.stack, new RegExp(`^${frames}$`));
});

test('a trap raised by the host has its reason and passes by cleanup code', async () => {
  const { stdout, outcome } = await run({
    imports: importPoll,
    definitions: '(data (i32.const 0) "cleanup")',
    body: `(block $caught
        (try_table (catch_all $caught) (call $poll (i32.const 0) (i32.const 0) (i32.const 64))))
      (call $print (i32.const 0) (i32.const 7))`,
  });
  assert.equal(stdout, '');
  assert.equal(outcome.kind, 'trap');
  assert.equal(outcome.message, 'poll was called with an empty list');
  assert.match(outcome.stack, /^ {4}at wasi:io\/poll#poll \(.*\n {4}at run \(.*$/);
});

test('arguments and environment arrive although each allocation moves the memory', async () => {
  const { stdout } = await run(
    {
      imports: `
        (import "wasi:cli/environment@0.2.0" "get-arguments" (func $get-arguments (param i32)))
        (import "wasi:cli/environment@0.2.0" "get-environment" (func $get-environment (param i32)))`,
      body: `(local $at i32) (local $end i32)
        (call $get-arguments (i32.const 0))
        (call $get-environment (i32.const 8))
        (local.set $at (i32.load (i32.const 0)))
        (local.set $end
          (i32.add (local.get $at) (i32.shl (i32.load (i32.const 4)) (i32.const 3))))
        (loop $next
          (if (i32.lt_u (local.get $at) (local.get $end))
            (then
              (call $print (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
              (local.set $at (i32.add (local.get $at) (i32.const 8)))
              (br $next))))
        (local.set $at (i32.load (i32.const 8)))
        (call $print (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
        (call $print (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at)))`,
    },
    { args: ['-ä', '', '\u{1F600}'], env: { KEY: 'value=1' } },
  );
  assert.equal(stdout, 'program-ä\u{1F600}KEYvalue=1');
});

test('pointers at and above 2 GiB work', async () => {
  const { stdout, outcome } = await run(
    {
      imports: `
        (import "wasi:cli/environment@0.2.0" "get-arguments" (func $get-arguments (param i32)))`,
      pages: 32770,
      heap: 0x80001000,
      body: `
        (call $get-arguments (i32.const 0x80000000))
        (call $print
          (i32.load offset=8 (i32.load (i32.const 0x80000000)))
          (i32.load offset=12 (i32.load (i32.const 0x80000000))))`,
    },
    { args: ['high up'] },
  );
  assert.equal(stdout, 'high up');
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
});

test('a pointer out of bounds traps', async () => {
  const body = (pointer: number): WatGuest => ({
    body: `(call $print (i32.const ${pointer}) (i32.const 64))`,
  });
  assert.match(await trapOf(body(131072 - 63)), /a list at 131009 is out of bounds/);
  assert.match(await trapOf(body(-1)), /a list at 4294967295 is out of bounds/);
  assert.deepEqual((await run(body(131072 - 64))).outcome, { kind: 'exit', status: 0 });
});

test('a result pointer that is out of bounds or not aligned traps before the call', async () => {
  const read = (pointer: number): WatGuest => ({
    imports: `(import "wasi:cli/stdin@0.2.0" "get-stdin" (func $get-stdin (result i32)))
      (import "wasi:io/streams@0.2.0" "[method]input-stream.read"
        (func $read (param i32 i64 i32)))`,
    body: `(call $read (call $get-stdin) (i64.const 1) (i32.const ${pointer}))`,
  });
  const untouched = {
    ready: () => true,
    watch: () => () => undefined,
    take: () => assert.fail('the host was called'),
  };
  assert.match(await trapOf(read(2), { stdin: untouched }), /pointer 2 is not aligned/);
  assert.match(await trapOf(read(131064), { stdin: untouched }), /pointer 131064 is out of bounds/);
});

test('a list of handles that is not aligned or out of bounds traps', async () => {
  const poll = (pointer: number, length: number): WatGuest => ({
    imports: importPoll,
    body: `(call $poll (i32.const ${pointer}) (i32.const ${length}) (i32.const 0))`,
  });
  assert.match(await trapOf(poll(6, 1)), /pointer 6 is not aligned/);
  assert.match(await trapOf(poll(16, 0x40000000)), /pointer 16 is out of bounds/);
});

test('a string that is not UTF-8 traps, and a byte order mark is part of a string', async () => {
  const paths: string[] = [];
  const filesystem = preopen({
    unlinkFileAt(path) {
      paths.push(path);
    },
  });
  const guest = (bytes: string, length: number): WatGuest => ({
    imports: `${importPreopens}
      (import "wasi:filesystem/types@0.2.0" "[method]descriptor.unlink-file-at"
        (func $unlink (param i32 i32 i32 i32)))`,
    definitions: `(data (i32.const 64) "${bytes}")`,
    body: `${firstPreopen} (call $unlink (local.get 0) (i32.const 64) (i32.const ${length}) (i32.const 32))`,
  });
  assert.match(await trapOf(guest('\\ff', 1), { filesystem }), /string at 64 is not valid UTF-8/);
  assert.match(await trapOf(guest('\\ed\\a0\\80', 3), { filesystem }), /not valid UTF-8/);
  await run(guest('\\ef\\bb\\bfa', 4), { filesystem });
  assert.deepEqual(paths, ['\ufeffa']);
});

test('an unknown handle, a handle of another kind and a parent with children trap', async () => {
  assert.match(
    await trapOf({ imports: importPoll, body: '(call $block (i32.const 99))' }),
    /unknown pollable handle 99/,
  );
  assert.match(
    await trapOf({ imports: importPoll, body: '(call $block (call $get-stdout))' }),
    /is of kind output-stream, not pollable/,
  );
  assert.match(
    await trapOf({
      imports: `(import "wasi:io/streams@0.2.0" "[method]output-stream.subscribe"
        (func $subscribe (param i32) (result i32)))`,
      body: `(local i32)
        (local.set 0 (call $get-stdout))
        (drop (call $subscribe (local.get 0)))
        (call $drop-output-stream (local.get 0))`,
    }),
    /resource has children/,
  );
});

test('a promise suspends the guest and its result is stored where memory is then', async () => {
  const log: string[] = [];
  const filesystem = preopen({
    read(length: number, offset: number, sink: ByteSink) {
      log.push(`read ${length} ${offset}`);
      return new Promise<boolean>((resolve) => {
        setImmediate(() => {
          sink.allocate(5).set(new TextEncoder().encode('later'));
          resolve(true);
        });
      });
    },
    [Symbol.dispose]: () => {
      log.push('dropped');
    },
  });
  const { stdout, outcome } = await run(
    {
      imports: `${importPreopens}
        (import "wasi:filesystem/types@0.2.0" "[method]descriptor.read"
          (func $read (param i32 i64 i64 i32)))`,
      body: `${firstPreopen}
        (call $read (local.get 0) (i64.const 10) (i64.const 9007199254740993) (i32.const 32))
        (if (i32.ne (i32.load8_u (i32.const 32)) (i32.const 0)) (then unreachable))
        (if (i32.ne (i32.load8_u (i32.const 44)) (i32.const 1)) (then unreachable))
        (call $print (i32.load (i32.const 36)) (i32.load (i32.const 40)))`,
    },
    { filesystem },
  );
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
  assert.equal(stdout, 'later');
  assert.deepEqual(log, ['read 10 9007199254740992', 'dropped']);
});

test('error codes arrive, thrown at once or by a promise; a foreign error traps', async () => {
  const sync = (fail: () => never | Promise<never>): [WatGuest, GuestOptions] => [
    {
      imports: `${importPreopens}
        (import "wasi:filesystem/types@0.2.0" "[method]descriptor.sync" (func $sync (param i32 i32)))`,
      body: `${firstPreopen} (call $sync (local.get 0) (i32.const 32))
        (i32.store8 (i32.const 34) (i32.const 10))
        (call $print (i32.const 32) (i32.const 3))`,
    },
    { filesystem: preopen({ sync: fail }) },
  ];
  const insufficientSpace = 23;
  const expected = `\u0001${String.fromCharCode(insufficientSpace)}\n`;
  const now = await run(
    ...sync(() => {
      throw new WitError('insufficient-space');
    }),
  );
  assert.equal(now.stdout, expected);
  const later = await run(
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a WitError is none
    ...sync(() => Promise.reject(new WitError('insufficient-space'))),
  );
  assert.equal(later.stdout, expected);
  assert.match(
    await trapOf(
      ...sync(() => {
        throw new TypeError('a bug');
      }),
    ),
    /^TypeError: a bug$/,
  );
  assert.match(
    await trapOf(
      ...sync(() => {
        throw new WitError('no-such-code');
      }),
    ),
    /unknown case no-such-code/,
  );
});

test('a guest that polls in a loop does not starve the event loop', async () => {
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 10);
  const { outcome } = await run(
    {
      imports: `${importPreopens}${importPoll}
        (import "wasi:filesystem/types@0.2.0" "[method]descriptor.is-same-object"
          (func $is-same-object (param i32 i32) (result i32)))`,
      body: `${firstPreopen}
        (loop $again
          (drop (call $ready (call $subscribe-duration (i64.const 1000000000000))))
          (br_if $again (i32.eqz (call $is-same-object (local.get 0) (local.get 0)))))`,
    },
    { filesystem: preopen({ isSameObject: () => fired }) },
  );
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
});

test('timers fire, never early, and poll tells which', async () => {
  const start = performance.now();
  const { stdout, outcome } = await run({
    imports: importPoll,
    body: `(local $start i64)
      (local.set $start (call $now))
      (i32.store (i32.const 64) (call $subscribe-duration (i64.const 60000000000)))
      (i32.store (i32.const 68) (call $subscribe-duration (i64.const 20000000)))
      (call $poll (i32.const 64) (i32.const 2) (i32.const 32))
      (if (i64.lt_u (i64.sub (call $now) (local.get $start)) (i64.const 20000000))
        (then unreachable))
      (i32.store8 (i32.const 0)
        (i32.add (i32.const 48) (i32.load (i32.load (i32.const 32)))))
      (i32.store8 (i32.const 1) (i32.add (i32.const 48) (i32.load (i32.const 36))))
      (call $print (i32.const 0) (i32.const 2))
      (call $block (i32.load (i32.const 68)))
      (call $drop-pollable (i32.load (i32.const 68)))`,
  });
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
  assert.equal(stdout, '11');
  assert.ok(performance.now() - start < 30_000);
});

test('what is left when a program exits or traps is dropped', async () => {
  for (const end of ['unreachable', '(return (i32.const 0))']) {
    let dropped = 0;
    const filesystem = preopen({
      [Symbol.dispose]: () => {
        dropped++;
      },
    });
    await run(
      { imports: importPreopens, body: `(call $get-directories (i32.const 0)) ${end}` },
      { filesystem },
    );
    assert.equal(dropped, 1);
  }
});

test('without sockets every one is not supported', async () => {
  const { stdout } = await run({
    imports: `(import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket"
      (func $create (param i32 i32)))`,
    body: `(call $create (i32.const 0) (i32.const 32))
      (i32.store8 (i32.const 33) (i32.load8_u (i32.const 36)))
      (call $print (i32.const 32) (i32.const 2))`,
  });
  assert.equal(stdout, '\u0001\u0002');
});

test('a function that WASI 0.2 does not have is named', async () => {
  await assert.rejects(
    run({ imports: '(import "wasi:io/poll@0.2.0" "peek" (func))', body: '' }),
    (error) =>
      error instanceof ProgramError &&
      error.message === 'the program imports wasi:io/poll@0.2.0 peek, which WASI 0.2 does not have',
  );
});
