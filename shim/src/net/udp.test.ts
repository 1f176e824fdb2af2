import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Family, formatSocketAddress, WILDCARD } from './address.ts';
import { MAX_DATAGRAM } from './frame.ts';
import { untilReady } from './readiness.ts';
import type { Stack } from './stack.ts';
import { type Placement, placements } from './testing/placements.ts';
import { at, bytesOf, limited, netError, textOf, until } from './testing/sockets.ts';
import type { Datagram, UdpSocket } from './udp.ts';

const timeout = 30_000;

async function receive(socket: UdpSocket): Promise<Datagram> {
  await untilReady(socket.readable);
  return socket.receive() ?? assert.fail('a datagram was there');
}

function bound(stack: Stack, family: Family, port = 0): UdpSocket {
  const socket = stack.udpSocket(family);
  socket.bind({ address: WILDCARD[family], port });
  return socket;
}

for (const [where, place] of Object.entries(placements)) {
  suite(`UDP ${where}`, { timeout }, () => {
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

    placed('carries datagrams, empty ones too, and their senders', async (it, family) => {
      const server = bound(it.server, family, 7000);
      const client = bound(it.client, family);
      client.send(new Uint8Array(0), at(it.host, 7000));
      client.send(bytesOf('hello, world!'), at(it.host, 7000));
      const empty = await receive(server);
      const second = await receive(server);
      assert.equal(empty.payload.length, 0);
      assert.equal(textOf(second.payload), 'hello, world!');
      assert.deepEqual(second.source, empty.source);
      assert.equal(second.source.port, client.local?.port);
      server.send(bytesOf('reply'), second.source);
      const reply = await receive(client);
      assert.equal(formatSocketAddress(reply.source), formatSocketAddress(at(it.host, 7000)));
      client.send(new Uint8Array(MAX_DATAGRAM), at(it.host, 7000));
      assert.equal((await receive(server)).payload.length, MAX_DATAGRAM);
      assert.throws(
        () => client.send(new Uint8Array(MAX_DATAGRAM + 1), at(it.host, 7000)),
        netError('EMSGSIZE'),
      );
    });

    placed('hears only its peer once connected, and drops what others sent', async (it, family) => {
      const server = bound(it.server, family, 7000);
      const first = bound(it.client, family);
      const second = bound(it.client, family);
      first.send(bytesOf('from first'), at(it.host, 7000));
      const { source } = await receive(server);
      first.send(bytesOf('dropped'), at(it.host, 7000));
      second.send(bytesOf('kept'), at(it.host, 7000));
      await receive(server);
      const other = (await receive(server)).source;
      first.send(bytesOf('dropped'), at(it.host, 7000));
      await untilReady(server.readable);
      server.connect(other);
      assert.equal(server.readable.ready(), false);
      first.send(bytesOf('not heard'), at(it.host, 7000));
      second.send(bytesOf('heard'), at(it.host, 7000));
      assert.equal(textOf((await receive(server)).payload), 'heard');
      assert.throws(() => server.send(bytesOf('x'), source), netError('EINVAL'));
      server.connect(undefined);
      server.send(bytesOf('again'), source);
      assert.equal(textOf((await receive(first)).payload), 'again');
    });

    placed('reports a port that nobody has bound to the connected sender', async (it, family) => {
      const client = bound(it.client, family);
      client.connect(at(it.host, 7000));
      client.send(bytesOf('anybody?'), undefined);
      await untilReady(client.readable);
      assert.throws(() => client.receive(), netError('ECONNREFUSED'));
      assert.equal(client.receive(), undefined);
      const server = bound(it.server, family, 7000);
      client.send(bytesOf('now?'), undefined);
      assert.equal(textOf((await receive(server)).payload), 'now?');
    });

    placed('drops datagrams that do not fit the receive buffer', async (it, family) => {
      const server = bound(it.server, family, 7000);
      server.receiveBufferSize = 10_000;
      const client = bound(it.client, family);
      for (let number = 0; number < 100; number++)
        client.send(new Uint8Array(936), at(it.host, 7000));
      await until(() => it.server.inspect().counters.datagramsDropped === 90);
      for (let number = 0; number < 10; number++) await receive(server);
      assert.equal(server.receive(), undefined);
    });

    placed('refuses ports in use and addresses that name no peer', async (it, family) => {
      await Promise.resolve();
      bound(it.server, family, 7000);
      assert.throws(() => bound(it.server, family, 7000), netError('EADDRINUSE'));
      const client = bound(it.client, family);
      const wildcard = { address: WILDCARD[family], port: 7000 };
      assert.throws(() => client.connect(wildcard), netError('EINVAL'));
      assert.throws(() => client.connect(at(it.host, 0)), netError('EINVAL'));
      assert.throws(() => client.send(bytesOf('x'), undefined), netError('EINVAL'));
      const outside = at(family === 'ipv4' ? '192.0.2.1' : '2001:db8::1', 53);
      assert.throws(() => client.send(bytesOf('x'), outside), netError('ENETUNREACH'));
      const stranger = at(family === 'ipv4' ? '::1' : '127.0.0.1', 53);
      assert.throws(() => client.connect(stranger), netError('EAFNOSUPPORT'));
    });
  });
}
