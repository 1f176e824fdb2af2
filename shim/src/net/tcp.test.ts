import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatSocketAddress, type Family } from './address.ts';
import { untilReady } from './readiness.ts';
import type { Stack } from './stack.ts';
import { type Placement, placements } from './testing/placements.ts';
import {
  accepted,
  at,
  bytesOf,
  type Connected,
  connected,
  limited,
  listening,
  netError,
  receiveAll,
  receiveExactly,
  sendAll,
  textOf,
  turns,
  until,
} from './testing/sockets.ts';
import type { TcpSocket } from './tcp-socket.ts';

const timeout = 30_000;

interface Pair extends Placement {
  readonly family: Family;
  readonly listener: TcpSocket;
  readonly near: Connected;
  readonly far: Connected;
}

for (const [where, place] of Object.entries(placements)) {
  suite(`TCP ${where}`, { timeout }, () => {
    /** Runs a test with a place of its own. */
    const placed = (
      name: string,
      run: (placement: Placement, family: Family) => Promise<void>,
    ): void => {
      test(name, { timeout }, async () => {
        const placement = await place();
        try {
          const family = placement.host.includes(':') ? 'ipv6' : 'ipv4';
          await limited(() => run(placement, family));
        } finally {
          await placement.close();
        }
      });
    };
    /** Runs a test with a connection: `near` is the end that connected, `far` the accepted one. */
    const paired = (name: string, run: (pair: Pair) => Promise<void>): void => {
      placed(name, async (placement, family) => {
        const listener = await listening(placement.server, family, 7000);
        const near = await connected(placement.client, at(placement.host, 7000));
        const far = await accepted(listener);
        await run({ ...placement, family, listener, near, far });
      });
    };

    paired('carries bytes both ways and then their ends', async ({ near, far }) => {
      await sendAll(near, bytesOf('ping'));
      assert.equal(textOf(await receiveExactly(far, 4)), 'ping');
      await sendAll(far, bytesOf('pong'));
      assert.equal(textOf(await receiveExactly(near, 4)), 'pong');
      near.connection.shutdownSend();
      assert.equal(textOf(await receiveAll(far)), '');
      far.connection.shutdownSend();
      assert.equal(textOf(await receiveAll(near)), '');
    });

    paired('knows both addresses on both ends', async ({ near, far, host }) => {
      await turns(1);
      assert.equal(
        formatSocketAddress(near.connection.remote),
        formatSocketAddress(at(host, 7000)),
      );
      assert.deepEqual(near.connection.local, far.connection.remote);
      assert.deepEqual(near.connection.remote, far.connection.local);
      assert.deepEqual(near.socket.local, near.connection.local);
      assert.deepEqual(far.socket.remote, near.connection.local);
      assert(near.connection.local.port >= 32768);
    });

    paired('keeps one direction open after the other has ended', async ({ near, far }) => {
      near.connection.shutdownSend();
      assert.throws(() => near.connection.sendable(), netError('EPIPE'));
      assert.equal(textOf(await receiveAll(far)), '');
      await sendAll(far, bytesOf('still here'));
      far.socket.close();
      assert.equal(textOf(await receiveAll(near)), 'still here');
    });

    placed(
      'keeps data readable after the peer closed, before it was accepted',
      async (it, family) => {
        const listener = await listening(it.server, family, 7000);
        for (let round = 0; round < 2; round++) {
          const near = await connected(it.client, at(it.host, 7000));
          await sendAll(near, bytesOf('hello, world!'));
          near.socket.close();
          await turns(3);
          const far = await accepted(listener);
          assert.equal(far.socket.remote?.port, near.socket.local?.port);
          assert.equal(textOf(await receiveAll(far)), 'hello, world!');
          far.socket.close();
        }
      },
    );

    placed('refuses at once where nothing listens', async ({ client, server, host }, family) => {
      await assert.rejects(connected(client, at(host, 7000)), netError('ECONNREFUSED'));
      const bound = server.tcpSocket(family);
      bound.bind(at(host, 7000));
      await assert.rejects(connected(client, at(host, 7000)), netError('ECONNREFUSED'));
      bound.close();
      const listener = await listening(server, family, 7000);
      (await connected(client, at(host, 7000))).socket.close();
      listener.close();
      await assert.rejects(connected(client, at(host, 7000)), netError('ECONNREFUSED'));
    });

    placed(
      'binds again at once, also while old connections live',
      async ({ client, server, host }, family) => {
        const first = await listening(server, family, 7000);
        const near = await connected(client, at(host, 7000));
        const far = await accepted(first);
        far.socket.close();
        first.close();
        const second = await listening(server, family, 7000);
        const again = await connected(client, at(host, 7000));
        await sendAll(again, bytesOf('x'));
        assert.equal(textOf(await receiveExactly(await accepted(second), 1)), 'x');
        near.socket.close();
      },
    );

    paired('resets when closed with unread data', async ({ near, far }) => {
      await sendAll(near, bytesOf('unread'));
      await untilReady(far.connection.readable);
      far.socket.close();
      await until(() => near.connection.state === 'closed');
      assert.throws(() => near.connection.available(), netError('ECONNRESET'));
      assert.throws(() => near.connection.sendable(), netError('ECONNRESET'));
    });

    paired('resets who sends to a closed end', async ({ near, far }) => {
      far.socket.close();
      assert.equal(textOf(await receiveAll(near)), '');
      near.connection.send(bytesOf('anybody there?'));
      await until(() => near.connection.state === 'closed');
      // The end of the stream had been received before: reading still says so.
      assert.equal(near.connection.available(), -1);
      assert.throws(() => near.connection.sendable(), netError('ECONNRESET'));
    });

    paired('gives what arrived before a reset', async ({ near, far }) => {
      await sendAll(near, bytesOf('last words'));
      await untilReady(far.connection.readable);
      near.connection.reset('ECONNABORTED');
      await until(() => far.connection.state === 'closed');
      assert.equal(textOf(await receiveExactly(far, 10)), 'last words');
      assert.throws(() => far.connection.available(), netError('ECONNRESET'));
    });

    paired('drops what arrives after receiving was shut down', async ({ near, far }) => {
      await sendAll(near, bytesOf('queued'));
      await untilReady(far.connection.readable);
      far.connection.shutdownReceive();
      assert.equal(far.connection.available(), -1);
      // More than the windows hold: it is dropped, not kept, and the sender is not stopped.
      await sendAll(near, new Uint8Array(2 * 1024 * 1024));
      await sendAll(far, bytesOf('back'));
      assert.equal(textOf(await receiveExactly(near, 4)), 'back');
      assert.equal(far.connection.counts.receiveQueue, 0);
    });

    paired('holds a sender whose peer does not read', async ({ near, far }) => {
      let sent = 0;
      const chunk = new Uint8Array(10_000);
      for (let idle = 0; idle < 10;) {
        const room = Math.min(near.connection.sendable(), chunk.length);
        if (room > 0) near.connection.send(chunk.subarray(0, room));
        sent += room;
        idle = room > 0 ? 0 : idle + 1;
        await turns(1);
      }
      assert.equal(sent, near.socket.options.sendBufferSize + far.socket.options.receiveBufferSize);
      await until(
        () => far.connection.counts.receiveQueue === far.socket.options.receiveBufferSize,
      );
      assert.equal(near.connection.counts.sendQueue, near.socket.options.sendBufferSize);
      assert.equal(near.connection.writable.ready(), false);
      far.connection.receive(new Uint8Array(far.socket.options.receiveBufferSize));
      await untilReady(near.connection.writable);
      near.connection.shutdownSend();
      const rest = await receiveAll(far);
      assert.equal(rest.length, sent - far.socket.options.receiveBufferSize);
    });

    placed(
      'sends everything that tiny buffers hold, whenever it can',
      async ({ client, server, host }, family) => {
        const listener = await listening(server, family, 7000, ({ options }) => {
          options.receiveBufferSize = 3;
        });
        const near = await connected(client, at(host, 7000), ({ options }) => {
          options.sendBufferSize = 1024;
        });
        assert(near.connection.sendable() > 1024);
        const text = 'x'.repeat(near.connection.sendable());
        near.connection.send(bytesOf(text));
        near.connection.shutdownSend();
        assert.equal(textOf(await receiveAll(await accepted(listener))), text);
      },
    );

    paired('moves megabytes unchanged', async ({ near, far }) => {
      const bytes = new Uint8Array(3 * 1024 * 1024).map(
        (_, index) => (index * 31 + (index >> 9)) & 255,
      );
      const sending = sendAll(near, bytes).then(() => near.connection.shutdownSend());
      const got = await receiveAll(far);
      await sending;
      assert.equal(Buffer.compare(got, bytes), 0);
    });

    paired('copies what is sent before send returns', async ({ near, far }) => {
      const first = bytesOf('first ');
      const second = bytesOf('second');
      near.connection.send(first);
      near.connection.send(second);
      first.fill(0);
      second.fill(0);
      assert.equal(textOf(await receiveExactly(far, 12)), 'first second');
    });

    placed(
      'lets as many wait as the backlog says, and the rest later',
      async ({ client, server, host }, family) => {
        const listener = await listening(server, family, 7000, ({ options }) => {
          options.backlog = 2;
        });
        const clients = Array.from({ length: 6 }, () => connected(client, at(host, 7000)));
        await until(() => listener.waiting === 3);
        for (let number = 0; number < 6; number++) (await accepted(listener)).socket.close();
        for (const near of await Promise.all(clients)) {
          assert.equal(textOf(await receiveAll(near)), '');
          near.socket.close();
        }
      },
    );

    placed(
      'resets those who wait when the listener closes',
      async ({ client, server, host }, family) => {
        const listener = await listening(server, family, 7000);
        const near = await connected(client, at(host, 7000));
        await until(() => listener.waiting === 1);
        listener.close();
        await until(() => near.connection.state === 'closed');
        assert.throws(() => near.connection.available(), netError('ECONNRESET'));
      },
    );

    placed('passes on options to accepted sockets', async ({ client, server, host }, family) => {
      const listener = await listening(server, family, 7000, ({ options }) => {
        Object.assign(options, { keepAlive: true, keepAliveIdle: 42, hopLimit: 42 });
      });
      await connected(client, at(host, 7000));
      await until(() => listener.waiting === 1);
      listener.options.keepAliveCount = 7;
      const first = await accepted(listener);
      assert.deepEqual(first.socket.options, listener.options);
      listener.options.keepAliveCount = 8;
      assert.equal(first.socket.options.keepAliveCount, 7);
      assert.equal(first.socket.options.keepAliveIdle, 42);
    });

    placed(
      'gives each listener and connection a port of its own',
      async ({ client, server, host }, family) => {
        const listeners = await Promise.all(
          Array.from({ length: 10 }, () => listening(server, family)),
        );
        const ports = new Set(listeners.map(({ local }) => local?.port));
        assert.equal(ports.size, 10);
        const nears = await Promise.all(
          listeners.map(({ local }) => connected(client, at(host, local?.port ?? 0))),
        );
        for (const listener of listeners) await accepted(listener);
        assert.equal(new Set(nears.map(({ socket }) => socket.local?.port)).size, 10);
      },
    );

    placed('leaves nothing behind', async ({ client, server, host }, family) => {
      const listener = await listening(server, family, 7000);
      for (let round = 0; round < 20; round++) {
        const near = await connected(client, at(host, 7000));
        const far = await accepted(listener);
        await sendAll(near, bytesOf('request'));
        near.connection.shutdownSend();
        await sendAll(far, await receiveAll(far));
        far.socket.close();
        assert.equal(textOf(await receiveAll(near)), 'request');
        near.socket.close();
      }
      listener.close();
      const isClean = (stack: Stack): boolean => {
        const { connections, listeners } = stack.inspect();
        return connections.length === 0 && listeners.length === 0;
      };
      await until(() => isClean(client) && isClean(server));
    });

    placed('serves many connections at once', async ({ client, server, host }, family) => {
      const listener = await listening(server, family, 7000);
      const serving = (async () => {
        const echoes: Promise<void>[] = [];
        for (let number = 0; number < 100; number++) {
          const far = await accepted(listener);
          echoes.push(
            receiveAll(far).then(async (bytes) => {
              await sendAll(far, bytes);
              far.socket.close();
            }),
          );
        }
        await Promise.all(echoes);
      })();
      await Promise.all(
        Array.from({ length: 100 }, async (_, number) => {
          const near = await connected(client, at(host, 7000));
          const text = `connection ${number} `.repeat(number * 10);
          await sendAll(near, bytesOf(text));
          near.connection.shutdownSend();
          assert.equal(textOf(await receiveAll(near)), text);
          near.socket.close();
        }),
      );
      await serving;
    });
  });
}
