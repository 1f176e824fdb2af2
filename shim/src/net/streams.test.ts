import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Stack } from './stack.ts';
import { type ByteConnection, type ByteListener, connect, listen } from './streams.ts';
import { defaultTcpOptions } from './tcp-options.ts';
import { memoryNetwork, type TestNetwork } from './testing/placements.ts';
import { bytesOf, limited, netError, textOf, turns, until } from './testing/sockets.ts';

const timeout = 30_000;

async function textFrom(readable: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable) chunks.push(chunk);
  return textOf(Buffer.concat(chunks));
}

async function firstOf(listener: ByteListener): Promise<ByteConnection> {
  for await (const connection of listener) return connection;
  return assert.fail('the listener has ended');
}

interface Pair {
  readonly network: TestNetwork;
  readonly client: Stack;
  readonly near: ByteConnection;
  readonly far: ByteConnection;
}

suite('Connections as streams', { timeout }, () => {
  const paired = (name: string, run: (pair: Pair) => Promise<void>): void => {
    test(name, { timeout }, async () => {
      const network = memoryNetwork();
      try {
        await limited(async () => {
          const server = await network.node({ name: 'server' });
          const client = await network.node({ name: 'page' });
          const listener = await listen(server, { port: 7000 });
          const accepting = firstOf(listener);
          const near = await connect(client, { host: 'server', port: 7000 });
          await run({ network, client, near, far: await accepting });
        });
      } finally {
        await network.close();
      }
    });
  };

  paired('carry bytes both ways, and their ends', async ({ near, far, client }) => {
    const sending = near.writable.getWriter();
    await sending.write(bytesOf('request'));
    await sending.close();
    assert.equal(await textFrom(far.readable), 'request');
    const reply = far.writable.getWriter();
    await reply.write(bytesOf('reply'));
    await reply.close();
    assert.equal(await textFrom(near.readable), 'reply');
    await Promise.all([near.closed, far.closed]);
    await until(() => client.inspect().connections.length === 0);
  });

  paired('hold the writer while nobody reads', async ({ near, far }) => {
    const writer = near.writable.getWriter();
    let written = 0;
    const writing = (async () => {
      for (let chunk = 0; chunk < 40; chunk++) {
        await writer.write(new Uint8Array(64 * 1024));
        written++;
      }
      await writer.close();
    })();
    await turns(50);
    // What the near end may send and the far end receive, and not a byte more.
    const { sendBufferSize, receiveBufferSize } = defaultTcpOptions();
    assert.equal(written, (sendBufferSize + receiveBufferSize) / (64 * 1024));
    let received = 0;
    for await (const chunk of far.readable) received += chunk.length;
    await writing;
    assert.equal(received, 40 * 64 * 1024);
  });

  paired('fail on a reset, on both sides of the connection', async ({ near, far }) => {
    await near.writable.abort();
    await assert.rejects(textFrom(far.readable), netError('ECONNRESET'));
    await assert.rejects(far.closed, netError('ECONNRESET'));
    await assert.rejects(near.closed, netError('ECONNABORTED'));
  });

  paired('let the peer go on after reading was cancelled', async ({ near, far }) => {
    await near.readable.cancel();
    const writer = far.writable.getWriter();
    await writer.write(new Uint8Array(3 * 1024 * 1024));
    await writer.close();
    await near.writable.close();
    await Promise.all([near.closed, textFrom(far.readable), far.closed]);
  });

  test('end the iteration when the listener closes', { timeout }, async () => {
    const stack = Stack.loopback();
    const listener = await listen(stack, { host: '127.0.0.1', port: 7000 });
    setTimeout(() => listener.close(), 10);
    for await (const connection of listener)
      assert.fail(`somebody connected from port ${connection.remote.port}`);
  });

  test('try every address of a host and fail with the last reason', { timeout }, async () => {
    const stack = Stack.loopback();
    const listener = await listen(stack, { host: '::1', port: 7000 });
    const near = await connect(stack, { host: 'localhost', port: 7000 });
    assert.equal(near.remote.address.family, 'ipv6');
    near.close();
    listener.close();
    await assert.rejects(
      connect(stack, { host: 'localhost', port: 7000 }),
      netError('ECONNREFUSED'),
    );
    await assert.rejects(connect(stack, { host: 'nobody', port: 7000 }), netError('ENOTFOUND'));
    await assert.rejects(listen(stack, { host: 'nobody', port: 7000 }), netError('EINVAL'));
  });
});
