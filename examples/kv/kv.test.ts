/**
 * Drives the native server with the real redis-cli, and with the native client. Needs the native
 * build (`make native`) and Debian's redis-tools; without redis-cli those tests are skipped.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../../build/native/examples/kv/', import.meta.url));
const HAS_REDIS_CLI = spawnSync('redis-cli', ['--version']).status === 0;
const needsRedisCli = HAS_REDIS_CLI ? {} : { skip: 'redis-cli is not installed (redis-tools)' };

/** A running native server. */
interface Server {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  readonly port: number;
}

/** What a client program ended with. */
interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const scratch = mkdtempSync(join(tmpdir(), 'kv-test-'));
const running = new Set<Server['process']>();
after(async () => {
  for (const server of running) await end(server, 'SIGKILL');
  rmSync(scratch, { recursive: true });
});

let directories = 0;
function newDataDirectory(): string {
  return join(scratch, `data-${directories++}`);
}

async function start(data: string): Promise<Server> {
  const server = spawn(
    join(BUILD, 'kv-server'),
    ['--port', '0', '--bind', '127.0.0.1', '--data', data],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  running.add(server);
  const lines = [];
  for await (const line of createInterface(server.stdout)) {
    lines.push(line);
    const port = /ready to accept connections on 127\.0\.0\.1 port (\d+)/.exec(line)?.[1];
    if (port !== undefined) return { process: server, port: Number(port) };
  }
  throw new Error(`the server ended before it was ready: ${lines.join('\n')}`);
}

async function end(server: Server['process'], signal: NodeJS.Signals): Promise<void> {
  running.delete(server);
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await exited;
}

function run(command: string, args: string[], input = ''): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
    }
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...output }));
    // A program that ends before it has read everything is the business of the test, not of EPIPE.
    child.stdin.on('error', () => undefined).end(input);
  });
}

/** Runs `redis-cli ARGS…` and returns what it prints on a terminal. */
async function redisCli(server: Server, args: string[], input = ''): Promise<string> {
  const finished = await run('redis-cli', ['-p', String(server.port), '--no-raw', ...args], input);
  assert.equal(finished.stderr, '');
  return finished.stdout.trimEnd();
}

const client = (server: Server, args: string[], input = ''): Promise<Finished> =>
  run(join(BUILD, 'kv-client'), [...args, '127.0.0.1', String(server.port)], input);

/** Sends bytes over one connection; resolves to all that came back once the server has closed it. */
function exchange(server: Server, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('latin1').on('data', (text: string) => (received += text));
    socket.on('error', reject).on('close', () => resolve(received));
  });
}

describe('redis-cli and the native server', () => {
  test('commands and errors', needsRedisCli, async () => {
    const server = await start(newDataDirectory());
    const cli = (...args: string[]): Promise<string> => redisCli(server, args);
    assert.equal(await cli('PING'), 'PONG');
    assert.equal(await cli('PING', 'hello'), '"hello"');
    assert.equal(await cli('ECHO', 'a "b"'), String.raw`"a \"b\""`);
    assert.equal(await cli('GET', 'key'), '(nil)');
    assert.equal(await cli('SET', 'key', 'value'), 'OK');
    assert.equal(await cli('GET', 'key'), '"value"');
    assert.equal(await cli('EXISTS', 'key', 'key', 'other'), '(integer) 2');
    assert.equal(await cli('SET', 'other', ''), 'OK');
    assert.equal(await cli('DBSIZE'), '(integer) 2');
    assert.equal(await cli('DEL', 'key', 'other', 'missing'), '(integer) 2');
    assert.equal(await cli('DBSIZE'), '(integer) 0');
    assert.equal(await cli('COMMAND', 'COUNT'), '(integer) 10');
    assert.match(await cli('LPUSH', 'a', 'b'), /^\(error\) ERR unknown command 'LPUSH', with args/);
    assert.equal(await cli('GET'), "(error) ERR wrong number of arguments for 'get' command");
    assert.equal(await cli('SET', 'a', 'b', 'EX', '1'), '(error) ERR syntax error');
    await end(server.process, 'SIGTERM');
  });

  test('a session line by line', needsRedisCli, async () => {
    const server = await start(newDataDirectory());
    assert.equal(
      await redisCli(server, [], 'SET "a b" "c\\n\\x00"\nGET "a b"\nDEL "a b"\n'),
      'OK\n"c\\n\\x00"\n(integer) 1',
    );
    await end(server.process, 'SIGTERM');
  });

  test(
    'redis-cli --pipe loads thousands of keys, which outlast a restart',
    needsRedisCli,
    async () => {
      const data = newDataDirectory();
      const first = await start(data);
      const count = 10_000;
      let requests = '';
      for (let i = 0; i < count; i++) {
        const key = `key:${i}`;
        const value = `value of ${i}`;
        requests += `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
      }
      assert.match(await redisCli(first, ['--pipe'], requests), /errors: 0, replies: 10000/);
      assert.equal(await redisCli(first, ['DBSIZE']), `(integer) ${count}`);
      await end(first.process, 'SIGTERM');

      const second = await start(data);
      assert.equal(await redisCli(second, ['DBSIZE']), `(integer) ${count}`);
      assert.equal(await redisCli(second, ['GET', 'key:9999']), '"value of 9999"');
      await end(second.process, 'SIGTERM');
    },
  );

  test('what was acknowledged is there after SIGKILL', needsRedisCli, async () => {
    const data = newDataDirectory();
    for (let round = 0; round < 5; round++) {
      const server = await start(data);
      assert.equal(await redisCli(server, ['DBSIZE']), `(integer) ${round}`);
      assert.equal(await redisCli(server, ['SET', `round:${round}`, String(round)]), 'OK');
      await end(server.process, 'SIGKILL');
    }
    const server = await start(data);
    for (let round = 0; round < 5; round++) {
      assert.equal(await redisCli(server, ['GET', `round:${round}`]), `"${round}"`);
    }
    await end(server.process, 'SIGTERM');
  });

  test('a value of 32 MiB goes in and comes back unchanged', needsRedisCli, async () => {
    const server = await start(newDataDirectory());
    const value = Buffer.alloc(32 * 1024 * 1024, 'backtab ').toString();
    assert.equal(await redisCli(server, ['-x', 'SET', 'big'], value), 'OK');
    const back = await run('redis-cli', ['-p', String(server.port), '--raw', 'GET', 'big']);
    assert.ok(back.stdout === `${value}\n`);
    await end(server.process, 'SIGTERM');
  });
});

describe('the native server', () => {
  test('the build is there', () => {
    assert.ok(
      existsSync(join(BUILD, 'kv-server')),
      `${BUILD}kv-server is missing: run make native`,
    );
  });

  test('a protocol error is answered and ends the connection', async () => {
    const server = await start(newDataDirectory());
    assert.equal(
      await exchange(server, 'PING\r\n*1\r\n$x\r\n'),
      '+PONG\r\n-ERR Protocol error: invalid bulk length\r\n',
    );
    await end(server.process, 'SIGTERM');
  });

  test('an unfinished write is cut off with a word, corruption refused with another', async () => {
    const data = newDataDirectory();
    const first = await start(data);
    assert.equal((await client(first, [], 'SET a 1\nSET b 2\n')).stdout, 'OK\nOK\n');
    await end(first.process, 'SIGKILL');
    const log = join(data, 'kv.log');
    const whole = readFileSync(log);
    const open = (): Promise<Finished> =>
      run(join(BUILD, 'kv-server'), ['--port', '0', '--bind', 'no address', '--data', data]);

    truncateSync(log, whole.length - 1);
    const torn = await open();
    assert.match(torn.stderr, /cut \d+ bytes of an unfinished write off the end of .*kv\.log/);
    assert.match(torn.stdout, /keys read from .*: 1\n/);

    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(30) ^ 1, 30);
    writeFileSync(log, damaged);
    const corrupt = await open();
    assert.equal(corrupt.status, 1);
    assert.match(corrupt.stderr, /kv\.log is corrupt: bytes 8 to \d+ do not check/);
    assert.deepEqual(readFileSync(log), damaged);
  });

  test('a second server on the same data is refused', async () => {
    const data = newDataDirectory();
    const server = await start(data);
    const second = await run(join(BUILD, 'kv-server'), ['--port', '0', '--data', data]);
    assert.equal(second.status, 1);
    assert.match(second.stderr, /kv\.log is in use by another process/);
    await end(server.process, 'SIGTERM');
  });

  test('wrong options are named', async () => {
    for (const [args, expected] of [
      [['--nosuch', 'x'], /unknown option '--nosuch'/],
      [['--port'], /--port needs a value/],
      [['--port', '65536'], /'65536' is not a port/],
      [['--bind', 'localhost', '--data', newDataDirectory()], /'localhost' is not an IPv4 or IPv6/],
    ] as const) {
      const finished = await run(join(BUILD, 'kv-server'), [...args]);
      assert.notEqual(finished.status, 0);
      assert.match(finished.stderr, expected);
    }
  });
});

describe('the native client', () => {
  test('takes a command from its arguments or commands from standard input', async () => {
    const server = await start(newDataDirectory());
    const address = ['127.0.0.1', String(server.port)];
    const kvClient = join(BUILD, 'kv-client');
    const set = await run(kvClient, ['--no-raw', ...address, 'SET', 'a', 'x "y"']);
    assert.deepEqual(set, { status: 0, stdout: 'OK\n', stderr: '' });
    const readable = await client(server, ['--no-raw'], 'GET a\nGET b\n\nDBSIZE\nGET\n');
    assert.deepEqual(readable, {
      status: 0,
      stdout: `"x \\"y\\""\n(nil)\n(integer) 1\n(error) ERR wrong number of arguments for 'get' command\n`,
      stderr: '',
    });
    const raw = await client(server, [], 'GET a\nDBSIZE\nquit\nDBSIZE\n');
    assert.deepEqual(raw, { status: 0, stdout: 'x "y"\n1\n', stderr: '' });
    const wrong = await run(kvClient, [...address, 'NOSUCH']);
    assert.equal(wrong.status, 1);
    const ended = new Promise((resolve) => server.process.once('exit', resolve));
    const shutdown = await run(kvClient, [...address, 'SHUTDOWN']);
    assert.deepEqual(shutdown, { status: 0, stdout: '', stderr: '' });
    assert.equal(await ended, 0);
    running.delete(server.process);
    const refused = await run(kvClient, [...address, 'PING']);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /^Could not connect to 127\.0\.0\.1:\d+: Connection refused\n$/);
  });

  test('connects again to a server that was restarted, and sends nothing twice', async () => {
    const data = newDataDirectory();
    const first = await start(data);
    const session = spawn(join(BUILD, 'kv-client'), ['127.0.0.1', String(first.port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(session.stdout)[Symbol.asyncIterator]();
    const ask = async (line: string): Promise<string> => {
      session.stdin.write(`${line}\n`);
      const next = await lines.next();
      assert.ok(next.done !== true, 'the client ended');
      return next.value;
    };
    assert.equal(await ask('SET a 1'), 'OK');
    await end(first.process, 'SIGKILL');
    const second = spawn(
      join(BUILD, 'kv-server'),
      ['--port', String(first.port), '--bind', '127.0.0.1', '--data', data],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    running.add(second);
    for await (const line of createInterface(second.stdout)) if (line.includes('ready')) break;
    assert.equal(await ask('GET a'), '1');
    session.stdin.end();
    await end(second, 'SIGTERM');
  });
});
