import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixtures, root, Running, wasmProgram, type Tool } from '../support/tool.ts';

/** Nodes that talk to each other, each in a tab of its own unless said otherwise. */
export function testNetworks(tool: Tool): void {
  const peer = wasmProgram('peer');

  test('Rust programs talk across two tabs', async (t) => {
    const program = join(fixtures, 'rust/sockets.wasm');
    if (!existsSync(program)) {
      t.skip(`${program} is absent`);
      return;
    }
    const server = tool.start([
      '--network',
      'rust',
      '--name',
      'server',
      program,
      'serve',
      '80',
      '2',
    ]);
    await server.printed(/listening 80/);
    for (const text of ['first call', 'second call']) {
      const call = await tool.run(['--network', 'rust', program, 'call', 'server:80', text]);
      assert.deepEqual([call.status, call.stdout, call.stderr], [0, `echo: ${text}\n`, '']);
    }
    const served = await server.finished;
    assert.deepEqual([served.status, served.stdout], [0, 'listening 80\nechoed 10\nechoed 11\n']);
    const refused = await tool.run(['--network', 'rust', program]);
    assert.equal(refused.stdout, 'refused: ConnectionRefused\n');
  });

  test('4 MiB go both ways at once, over two connections in turn', async () => {
    const server = tool.start(['--name', 'echo', peer, 'serve', '7', '2']);
    await server.printed(/listening/);
    const size = 4 * 1024 * 1024;
    for (let call = 0; call < 2; call++) {
      const { stdout, stderr } = await tool.run([peer, 'call', 'echo', '7', String(size)]);
      assert.deepEqual([stdout, stderr], [`sent ${size}, back ${size}\n`, '']);
    }
    assert.equal((await server.finished).status, 0);
  });

  test('a node without a listener refuses; an unknown name does not resolve', async () => {
    const idle = tool.start(['--name', 'idle', wasmProgram('ends'), 'sleep']);
    await idle.printed(/asleep/);
    const refused = await tool.run([peer, 'refused', 'idle', '9']);
    assert.equal(refused.stdout, 'ECONNREFUSED\n');
    const unknown = await tool.run([peer, 'resolve', 'nobody']);
    assert.deepEqual([unknown.status, unknown.stdout.startsWith('error: ')], [1, true]);
    idle.child.kill('SIGINT');
    await idle.finished;
  });

  test('two networks cannot see each other', async () => {
    const server = tool.start([
      '--network',
      'a',
      '--name',
      'server',
      '--ip',
      '10.0.0.7',
      peer,
      'serve',
      '7',
      '1',
    ]);
    await server.printed(/listening/);
    const byName = await tool.run(['--network', 'b', peer, 'resolve', 'server']);
    assert.equal(byName.status, 1);
    const byAddress = await tool.run(['--network', 'b', peer, 'refused', '10.0.0.7', '7']);
    assert.notEqual(byAddress.stdout, 'connected\n');
    // The same address is free in the other network.
    const there = tool.start(['--network', 'b', '--ip', '10.0.0.7', peer, 'serve', '7', '1']);
    await there.printed(/listening/);
    const call = await tool.run(['--network', 'a', peer, 'call', 'server', '7', '10']);
    assert.equal(call.stdout, 'sent 10, back 10\n');
    await server.finished;
    there.child.kill('SIGINT');
    await there.finished;
  });

  test('a killed peer is a reset, an ended one an end of file', async () => {
    const watcher = tool.start(['--name', 'watcher', peer, 'watch', '7']);
    await watcher.printed(/listening/);
    const holder = tool.start([peer, 'hold', 'watcher', '7']);
    await watcher.printed(/got hello/);
    holder.child.kill('SIGKILL');
    assert.match((await watcher.finished).stdout, /reset\n$/);

    const again = tool.start(['--name', 'watcher', peer, 'watch', '7']);
    await again.printed(/listening/);
    await tool.run([peer, 'call', 'watcher', '7', '0']);
    assert.match((await again.finished).stdout, /end of file\n$/);
  });

  test('up starts nodes in order, in tabs and in workers of one page, and joins their output', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'backtab-up-'));
    const file = join(directory, 'cluster.json');
    writeFileSync(
      file,
      JSON.stringify({
        network: 'cluster',
        nodes: [
          {
            name: 'caller',
            program: peer,
            args: ['call', 'server', '7', '100000'],
            waitFor: ['server:7'],
          },
          { name: 'server', program: peer, args: ['serve', '7', '2'] },
          {
            name: 'second',
            program: peer,
            args: ['call', 'server', '7', '5'],
            waitFor: ['server:7'],
            tab: false,
          },
        ],
      }),
    );
    const { status, stdout, stderr } = await tool.command([
      'up',
      file,
      '--browser',
      tool.browser,
      '--profile',
      tool.profile,
    ]).finished;
    assert.deepEqual([status, stderr], [0, '']);
    assert.deepEqual(stdout.trimEnd().split('\n').sort(), [
      'caller | sent 100000, back 100000',
      'second | sent 5, back 5',
      'server | echoed 100000',
      'server | echoed 5',
      'server | listening 7',
    ]);
  });

  test('up publishes ports of its nodes', async () => {
    const port = await freePort();
    const file = join(mkdtempSync(join(tmpdir(), 'backtab-up-')), 'cluster.json');
    const node = { name: 'server', program: peer, args: ['serve', '7', '1'] };
    writeFileSync(file, JSON.stringify({ nodes: [{ ...node, publish: [`${port}:7`] }] }));
    const up = tool.command(['up', file, '--browser', tool.browser, '--profile', tool.profile]);
    await up.printed(/listening/);
    const socket = connect(port, '127.0.0.1');
    socket.end('through the host');
    const echoed = Buffer.concat(await socket.toArray());
    assert.equal(echoed.toString(), 'through the host');
    const { status, stdout } = await up.finished;
    assert.deepEqual([status, stdout], [0, 'server | listening 7\nserver | echoed 16\n']);
  });

  test('redis-cli talks to the C++ server in a tab, whose data outlast the tab', async (t) => {
    const redis = async (port: string, ...args: string[]): Promise<string> => {
      const { stdout, stderr } = await new Running('redis-cli', ['-p', port, ...args], '').finished;
      return stdout + stderr;
    };
    try {
      await new Running('redis-cli', ['--version'], '').finished;
    } catch {
      t.skip('redis-cli (Debian: redis-tools) is absent');
      return;
    }
    const port = String(await freePort());
    const options = ['--disk', 'redis', '--network', 'redis', '--name', 'server'];
    const start = async (): Promise<Running> => {
      const program = join(root, 'build/wasm/examples/kv/kv-server.wasm');
      const server = tool.start([...options, '--publish', `${port}:6379`, program]);
      await server.printed(/ready to accept connections/);
      return server;
    };
    const first = await start();
    assert.equal(await redis(port, 'SET', 'city', 'Zürich'), 'OK\n');
    assert.equal(await redis(port, 'GET', 'city'), 'Zürich\n');
    assert.equal(await redis(port, 'DBSIZE'), '1\n');
    assert.match(await redis(port, 'NONSENSE'), /^ERR unknown command/);
    first.child.kill('SIGKILL');
    await first.finished;
    const second = await start();
    assert.equal(await redis(port, 'GET', 'city'), 'Zürich\n');
    assert.equal(await redis(port, 'DEL', 'city'), '1\n');
    second.child.kill('SIGINT');
    await second.finished;
  });
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // cast: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
