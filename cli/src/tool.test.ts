/**
 * The built tool with real browsers: processes that are killed, started at once or in each other's
 * way. Needs build/cli and build/wasm.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserName } from './browsers.ts';
import { commandOf } from './host/processes.ts';
import { readProfile } from './host/profile.ts';

const root = resolve(import.meta.dirname, '../..');
const tool = join(root, 'build/cli/backtab.mjs');
/** The Node that people have; the tests themselves need a newer one. */
const node = execFileSync('node', ['-p', 'process.execPath'], { encoding: 'utf8' }).trim();
const wasm = (name: string) => join(root, 'build/wasm/tests/programs', `${name}.wasm`);
assert.ok(existsSync(tool) && existsSync(wasm('ends')), 'not built: run make first');

const scratch = mkdtempSync(join(tmpdir(), 'backtab-test-'));
after(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 10 }));
let profiles = 0;
const newProfile = () => join(scratch, `profile-${++profiles}`);

interface Run {
  process: ChildProcess;
  /** Resolves when the tool has ended. */
  result: Promise<{ status: number | null; signal: string | null; out: string; err: string }>;
  /** Resolves when the tool's stdout has contained the text. */
  said: (text: string) => Promise<void>;
}

function start(args: string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(node, [tool, ...args], {
    env: { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache'), TMPDIR: scratch, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  const said = (wanted: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (out.includes(wanted)) resolve();
      };
      check();
      child.stdout.on('data', check);
      child.on('exit', () => reject(new Error(`the tool ended without saying ${wanted}`)));
    });
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  const exited = once(child, 'close');
  const result = (async () => {
    const [err] = await Promise.all([text(child.stderr), exited]);
    return { status: child.exitCode, signal: child.signalCode, out, err };
  })();
  return { process: child, result, said };
}

const run = (args: string[], env?: NodeJS.ProcessEnv) => start(['run', ...args], env).result;

/** Waits for a condition that other processes bring about. */
async function eventually(what: string, condition: () => boolean): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 20) {
    if (condition()) return;
    await delay(20);
  }
  assert.fail(`${what}: not within 30 s`);
}

/** The processes that the host of a profile and its browser are, while they run. */
function processesOf(profile: string): { host: number; browser: number } {
  const { hostPid, browserPid } = readProfile(profile).state;
  assert.ok(hostPid !== undefined && browserPid !== undefined);
  return { host: hostPid, browser: browserPid };
}

const gone = (pid: number) => commandOf(pid) === undefined;

/** A node that sleeps for ever, already asleep. */
async function sleeper(profile: string, browser: BrowserName, ...options: string[]): Promise<Run> {
  const args = ['run', '--profile', profile, '--browser', browser, ...options];
  const sleeping = start([...args, wasm('ends'), 'sleep']);
  await sleeping.said('asleep');
  return sleeping;
}

for (const browser of ['chromium', 'firefox'] as const) {
  suite(`killed processes, ${browser}`, { concurrency: false }, () => {
    const profile = newProfile();

    test('a killed tool leaves neither host nor browser behind', async () => {
      const killed = await sleeper(profile, browser);
      const { host, browser: pid } = processesOf(profile);
      assert.ok(!gone(host) && !gone(pid));
      killed.process.kill('SIGKILL');
      assert.equal((await killed.result).signal, 'SIGKILL');
      await eventually('host and browser end', () => gone(host) && gone(pid));
      assert.equal(readProfile(profile).state.hostPid, undefined);
    });

    test('a killed host takes its browser along, and the profile goes on working', async () => {
      const orphan = await sleeper(profile, browser);
      const { host, browser: pid } = processesOf(profile);
      process.kill(host, 'SIGKILL');
      const { status, err } = await orphan.result;
      assert.equal(status, 137);
      // The browser ends with its host, so the tool may lose its page before it misses the host:
      // both are true, and it says what it learned first.
      assert.match(
        err,
        /^backtab: .*(host process of the browser was killed|its page was lost)\n$/,
      );
      await eventually('the browser ends with its host', () => gone(pid));
      assert.equal((await run(['--profile', profile, wasm('ends'), 'exit', '3'])).status, 3);
    });

    test('a browser left behind by a killed tool and host is ended by the next run', async () => {
      const orphan = await sleeper(profile, browser);
      const { host, browser: pid } = processesOf(profile);
      // Stopped, so that it cannot clean up after the host.
      orphan.process.kill('SIGSTOP');
      process.kill(host, 'SIGKILL');
      orphan.process.kill('SIGKILL');
      await orphan.result;
      assert.equal((await run(['--profile', profile, wasm('ends'), 'exit', '4'])).status, 4);
      assert.ok(gone(pid));
    });

    test('a killed browser ends its programs with 137, and the profile goes on working', async () => {
      const [one, two] = await Promise.all([sleeper(profile, browser), sleeper(profile, browser)]);
      process.kill(processesOf(profile).browser, 'SIGKILL');
      for (const { status, err } of await Promise.all([one.result, two.result])) {
        assert.equal(status, 137);
        assert.match(err, /^backtab: the program was killed: .+\n$/);
      }
      assert.equal((await run(['--profile', profile, wasm('ends'), 'exit', '5'])).status, 5);
    });

    // One signal each: what differs between the browsers is how they end.
    const signals = { chromium: ['SIGINT', 130], firefox: ['SIGTERM', 143] } as const;
    const [signal, status] = signals[browser];
    test(`${signal} ends the program, and with the last tool the browser`, async () => {
      const interrupted = await sleeper(profile, browser);
      const { host, browser: pid } = processesOf(profile);
      interrupted.process.kill(signal);
      assert.deepEqual(await interrupted.result, {
        status,
        signal: null,
        out: 'asleep\n',
        err: '',
      });
      assert.ok(gone(host) && gone(pid));
    });
  });
}

suite('tools that meet on one profile', { concurrency: false }, () => {
  test('five started at once on a new profile share one browser', async () => {
    const profile = newProfile();
    const runs = Array.from({ length: 5 }, (_, index) =>
      run(['--profile', profile, wasm('ends'), 'exit', String(10 + index)]),
    );
    const results = await Promise.all(runs);
    assert.deepEqual(
      results.map(({ status, err }) => [status, err]),
      [10, 11, 12, 13, 14].map((status) => [status, '']),
    );
    assert.equal(readProfile(profile).state.hostPid, undefined);
  });

  test('one run after the other finds the profile free each time', async () => {
    const profile = newProfile();
    const ports = new Set<number>();
    for (let status = 1; status <= 4; status++) {
      const args = ['--profile', profile, wasm('ends'), 'exit', String(status)];
      assert.equal((await run(args)).status, status);
      ports.add(readProfile(profile).state.port);
    }
    assert.equal(ports.size, 1);
  });

  test('one ends while the other goes on', async () => {
    const profile = newProfile();
    const first = await sleeper(profile, 'chromium');
    const second = await sleeper(profile, 'chromium');
    const { browser } = processesOf(profile);
    first.process.kill('SIGKILL');
    await first.result;
    assert.equal((await run(['--profile', profile, wasm('ends'), 'exit', '7'])).status, 7);
    assert.equal(processesOf(profile).browser, browser);
    second.process.kill('SIGTERM');
    assert.equal((await second.result).status, 143);
    assert.ok(gone(browser));
  });

  test('a profile of one browser is refused to the other', async () => {
    const profile = newProfile();
    assert.equal((await run(['--profile', profile, wasm('ends')])).status, 0);
    const { status, err } = await run(['--profile', profile, '--browser', 'firefox', wasm('ends')]);
    assert.equal(status, 125);
    assert.match(
      err,
      /^backtab: the profile .* belongs to Chromium; use --browser chromium or .*\n$/,
    );
  });

  test('a port that something else took is named', async () => {
    const profile = newProfile();
    assert.equal((await run(['--profile', profile, wasm('ends')])).status, 0);
    const { port } = readProfile(profile).state;
    // One that answers nothing of use, and one that hangs up.
    for (const answer of ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', undefined]) {
      const stranger = createServer((socket) => {
        socket.on('error', () => undefined);
        if (answer === undefined) socket.destroy();
        else socket.end(answer);
      });
      stranger.listen(port, '127.0.0.1');
      await once(stranger, 'listening');
      const { status, err } = await run(['--profile', profile, wasm('ends')]);
      assert.equal(status, 125);
      assert.match(
        err,
        new RegExp(`^backtab: port ${port}, where .* is taken by something else; .*\n$`),
      );
      stranger.close();
    }
  });

  test('a directory with a broken backtab.json is refused', async () => {
    const profile = mkdtempSync(join(scratch, 'broken-'));
    writeFileSync(join(profile, 'backtab.json'), '{"version": 1}');
    const { status, err } = await run(['--profile', profile, wasm('ends')]);
    assert.equal(status, 125);
    assert.match(err, /^backtab: .*backtab\.json is not a profile .*: browser: expected .*\n$/);
  });
});

suite('what a run needs', { concurrency: false }, () => {
  /** Runs with a directory of its own for temporary files, in which nothing must be left. */
  async function fails(args: string[], env: NodeJS.ProcessEnv, message: RegExp): Promise<void> {
    const temporary = mkdtempSync(join(scratch, 'tmp-'));
    const { status, out, err } = await run(args, { ...env, TMPDIR: temporary });
    assert.deepEqual([status, out], [125, '']);
    assert.match(err, message);
    const left = readdirSync(temporary).filter((name) => name.startsWith('backtab-'));
    assert.deepEqual(left, []);
  }

  test('a browser, found on PATH or where its variable says', async () => {
    const nowhere = { BACKTAB_CHROMIUM: join(scratch, 'none') };
    await fails([wasm('ends')], nowhere, /^backtab: BACKTAB_CHROMIUM names .*none, which is not /);
    await fails(
      [wasm('ends')],
      { PATH: scratch },
      /^backtab: Chromium was not found on PATH; .*\n$/,
    );
  });

  test('a browser that starts', async () => {
    for (const [browser, variable] of [
      ['chromium', 'BACKTAB_CHROMIUM'],
      ['firefox', 'BACKTAB_FIREFOX'],
    ] as const) {
      const args = ['--browser', browser, wasm('ends')];
      await fails(args, { [variable]: '/bin/false' }, /^backtab: \w+ did not start: [^\n]+\n$/);
    }
  });

  test('a free port to publish on', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    // cast: a server on an IP address has one of these.
    const { port } = taken.address() as AddressInfo;
    await fails(
      ['--publish', `${port}:80`, wasm('ends')],
      {},
      new RegExp(
        `^backtab: cannot listen on 127\\.0\\.0\\.1:${port} to publish it: it is in use\n$`,
      ),
    );
    taken.close();
  });

  test('a program: anything else is named with its path before a browser is started', async () => {
    const cases: [name: string, bytes: Uint8Array | undefined, message: string][] = [
      ['missing.wasm', undefined, 'there is no such file'],
      ['text.wasm', Buffer.from('#!/bin/sh\n'), 'the program is not a WebAssembly binary'],
      // An empty core module.
      [
        'empty.wasm',
        Buffer.from('0061736d01000000', 'hex'),
        'the core module is not a WASI command',
      ],
    ];
    for (const [name, bytes, message] of cases) {
      const path = join(scratch, name);
      if (bytes) writeFileSync(path, bytes);
      const env = { BACKTAB_CHROMIUM: join(scratch, 'none') };
      await fails([path], env, new RegExp(`^backtab: ${path}: ${message}[^\n]*\n$`));
    }
  });
});

suite('the command line', { concurrency: false }, () => {
  test('help and version succeed; usage errors are 125 and one line', async () => {
    const succeeds = async (args: string[], out: RegExp) => {
      const result = await start(args).result;
      assert.deepEqual([result.status, result.err], [0, '']);
      assert.match(result.out, out);
    };
    await succeeds(['--version'], /^\d+\.\d+\.\d+\n$/);
    await succeeds(['help'], /^Usage: backtab [^]*\n {2}run [^]*\n {2}up [^]*\n {2}c\+\+ /);
    await succeeds(['help', 'run'], /^Usage: backtab run \[options\] <program> \[args\.\.\.\]\n/);
    await succeeds(['help', 'up'], /^Usage: backtab up \[options\] <cluster>\n/);
    for (const args of [['frob'], ['run'], ['run', '--frob', 'x'], ['run', '--disk', 'A', 'x']]) {
      const { status, out, err } = await start(args).result;
      assert.deepEqual([status, out], [125, '']);
      assert.match(err, /^backtab: [^\n]+\n$/);
    }
  });

  test('a preview 1 program is adapted once and runs with its own status', async () => {
    // (module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    //   (memory (export "memory") 1) (func (export "_start") (call 0 (i32.const 33))))
    const module = [
      '0061736d01000000 01080260017f00600000',
      `0224 01 16${Buffer.from('wasi_snapshot_preview1').toString('hex')}`,
      `09${Buffer.from('proc_exit').toString('hex')}0000`,
      `03020101 0503010001 071302 06${Buffer.from('memory').toString('hex')}0200`,
      `06${Buffer.from('_start').toString('hex')}0001 0a080106004121 10000b`,
    ];
    const path = join(scratch, 'preview1.wasm');
    writeFileSync(path, Buffer.from(module.join('').replaceAll(' ', ''), 'hex'));
    const cache = { XDG_CACHE_HOME: join(scratch, 'preview1-cache') };
    const programs = join(cache.XDG_CACHE_HOME, 'backtab/programs');
    const entries = () => readdirSync(programs).map((name) => statSync(join(programs, name)).ino);
    assert.deepEqual(await run([path], cache), { status: 33, signal: null, out: '', err: '' });
    const made = entries();
    assert.equal(made.length, 1);
    assert.deepEqual(await run([path], cache), { status: 33, signal: null, out: '', err: '' });
    assert.deepEqual(entries(), made);
  });

  test('up: a node that waits for one that ended is told, and the first bad status counts', async () => {
    const file = join(scratch, 'cluster.json');
    const nodes = [
      { name: 'a', program: wasm('ends'), args: ['exit', '9'] },
      { name: 'b', program: wasm('ends'), waitFor: ['a:80'] },
    ];
    writeFileSync(file, JSON.stringify({ nodes }));
    const { status, out, err } = await start(['up', file]).result;
    assert.equal(status, 9);
    assert.equal(out, 'a | atexit\na | destructor\n');
    assert.match(
      err,
      /^b \| backtab: a ended with status 9 before it listened on port 80[^\n]*\n$/,
    );
  });

  test('up: SIGINT ends all nodes', async () => {
    const file = join(scratch, 'sleepers.json');
    const sleep = { program: wasm('ends'), args: ['sleep'] };
    const nodes = [
      { ...sleep, name: 'a' },
      { ...sleep, name: 'b' },
      { ...sleep, name: 'c', tab: false },
    ];
    writeFileSync(file, JSON.stringify({ nodes }));
    const sleepers = start(['up', file]);
    await Promise.all(['a', 'b', 'c'].map((name) => sleepers.said(`${name} | asleep\n`)));
    sleepers.process.kill('SIGINT');
    const { status, err } = await sleepers.result;
    assert.deepEqual([status, err], [130, '']);
  });
});

suite('bytes in and out', { concurrency: false }, () => {
  test('a program that writes faster than its reader reads is held up', async () => {
    const child = spawn(node, [tool, 'run', '--trace=io', wasm('echo')], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // Nobody reads stdout: once all buffers on the way are full, the program is granted no room.
    let traced = '';
    const heldUp = new Promise<boolean>((resolve) => {
      child.stderr.on('data', (data: Buffer) => {
        traced = (traced + data.toString()).slice(-200_000);
        if (/check-write\(\) = 0 /.test(traced)) resolve(true);
      });
    });
    const chunk = Buffer.alloc(64 * 1024);
    let given = 0;
    let stalled = false;
    while (given < 64 * 1024 * 1024 && !stalled) {
      given += chunk.length;
      if (!child.stdin.write(chunk)) {
        const drained = once(child.stdin, 'drain').then(() => false);
        stalled = await Promise.race([heldUp, drained]);
      }
    }
    assert.ok(stalled, `${given} bytes went in without any being read`);
    child.stdin.end();
    let got = 0;
    for await (const data of child.stdout) got += (data as Buffer).length;
    assert.equal(got, given);
  });

  test('a reader that goes away fails the program’s write', async () => {
    const child = spawn(node, [tool, 'run', wasm('echo')], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => undefined);
    const errors = text(child.stderr);
    const exited = once(child, 'exit');
    const feed = setInterval(() => child.stdin.write('again and again\n'), 10);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await exited;
    clearInterval(feed);
    assert.equal(child.exitCode, 1);
    assert.match(await errors, /^write: /);
  });

  test('a published port carries bytes both ways and half-closes', async () => {
    const { port, close } = await freePort();
    close();
    const server = start(['run', '--publish', `${port}:7000`, wasm('peer'), 'serve', '7000', '1']);
    await server.said('listening');
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    socket.end(bytes);
    const back: Buffer[] = [];
    for await (const data of socket) back.push(data as Buffer);
    assert.ok(Buffer.concat(back).equals(bytes));
    assert.equal((await server.result).status, 0);
  });
});

/** A port that is free, held until `close`. */
async function freePort(): Promise<{ port: number; close: () => void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // cast: a server on an IP address has one of these.
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
