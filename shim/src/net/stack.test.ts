import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatAddress } from './address.ts';
import { connectionChannel, nodeChannel } from './directory.ts';
import { encodeReset, encodeSyn, randomId } from './frame.ts';
import type { Stack } from './stack.ts';
import { memoryNetwork, type TestNetwork, webNetwork } from './testing/placements.ts';
import {
  accepted,
  at,
  bytesOf,
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

const timeout = 30_000;

const networks: Readonly<Record<string, () => TestNetwork>> = {
  'in memory': () => memoryNetwork(),
  'over BroadcastChannel and Web Locks': webNetwork,
};

function ipOf(stack: Stack): string | undefined {
  return stack.inspect().addresses[0];
}

for (const [where, create] of Object.entries(networks)) {
  suite(`Networks ${where}`, { timeout }, () => {
    const networked = (name: string, run: (network: TestNetwork) => Promise<void>): void => {
      test(name, { timeout }, async () => {
        const network = create();
        try {
          await limited(() => run(network));
        } finally {
          await network.close();
        }
      });
    };

    networked(
      'leases the next free address, and the same one again when it is free',
      async (network) => {
        const first = await network.node();
        const second = await network.node();
        assert.deepEqual(first.inspect().addresses, ['10.0.0.1', 'fd00:b7ab::1']);
        assert.deepEqual(second.inspect().addresses, ['10.0.0.2', 'fd00:b7ab::2']);
        assert.equal(second.name, 'node-2');
        await first.close('exit');
        assert.equal(ipOf(await network.node()), '10.0.0.1');
      },
    );

    networked('gives every one of many that start at once its own address', async (network) => {
      const nodes = await Promise.all(Array.from({ length: 20 }, () => network.node()));
      assert.equal(new Set(nodes.map(ipOf)).size, 20);
    });

    networked('leases the address it is told, by IPv4 or IPv6', async (network) => {
      assert.equal(ipOf(await network.node({ ip: '10.0.3.4' })), '10.0.3.4');
      const byIpv6 = await network.node({ ip: 'fd00:b7ab::305' });
      assert.deepEqual(byIpv6.inspect().addresses, ['10.0.3.5', 'fd00:b7ab::305']);
      await assert.rejects(network.node({ ip: '10.1.0.1' }), netError('EINVAL'));
      await assert.rejects(network.node({ ip: '10.0.0.0' }), netError('EINVAL'));
      await assert.rejects(network.node({ ip: 'server' }), netError('EINVAL'));
    });

    networked(
      'refuses a taken address or name, and frees what the refused node held',
      async (network) => {
        await network.node({ name: 'server', ip: '10.0.0.1' });
        await assert.rejects(network.node({ ip: '10.0.0.1' }), netError('EADDRINUSE'));
        await assert.rejects(network.node({ name: 'server' }), netError('EADDRINUSE'));
        await assert.rejects(network.node({ name: 'No Name' }), netError('EINVAL'));
        await assert.rejects(network.node({ network: '' }), netError('EINVAL'));
        assert.equal(ipOf(await network.node()), '10.0.0.2');
      },
    );

    networked('waits for an address and a name whose holder is just ending', async (network) => {
      const old = await network.node({ name: 'server', ip: '10.0.0.1' });
      const coming = network.node({ name: 'server', ip: '10.0.0.1' });
      await turns(2);
      await old.close('exit');
      assert.equal(ipOf(await coming), '10.0.0.1');
    });

    networked('resolves names', async (network) => {
      const server = await network.node({ name: 'server' });
      const client = await network.node({ name: 'client' });
      const lookup = async (name: string): Promise<string[]> =>
        (await client.resolve(name)).map(formatAddress);
      assert.deepEqual(await lookup('server'), ['10.0.0.1', 'fd00:b7ab::1']);
      assert.deepEqual(await lookup('SERVER.'), ['10.0.0.1', 'fd00:b7ab::1']);
      assert.deepEqual(await lookup('client'), ['10.0.0.2', 'fd00:b7ab::2']);
      assert.deepEqual(await lookup(`server.${network.name}.internal`), [
        '10.0.0.1',
        'fd00:b7ab::1',
      ]);
      assert.deepEqual(await lookup('localhost'), ['127.0.0.1', '::1']);
      await assert.rejects(lookup('nobody'), netError('ENOTFOUND'));
      await assert.rejects(lookup('example.com'), netError('ENOTFOUND'));
      await assert.rejects(lookup('a.b<&>'), netError('EINVAL'));
      await server.close('exit');
      await assert.rejects(lookup('server'), netError('ENOTFOUND'));
    });

    networked('does not see other networks', async (network) => {
      const other = create();
      try {
        const server = await network.node({ name: 'server' });
        await listening(server, 'ipv4', 7000);
        const stranger = await other.node();
        assert.equal(ipOf(stranger), '10.0.0.1');
        const lost = await other.node();
        await assert.rejects(lost.resolve('server'), netError('ENOTFOUND'));
        await assert.rejects(connected(lost, at('10.0.0.1', 7000)), netError('ECONNREFUSED'));
        assert.equal(server.inspect().counters.handshakesRefused, 0);
      } finally {
        await other.close();
      }
    });

    networked('says what cannot be reached', async (network) => {
      const node = await network.node();
      const connecting = (host: string): Promise<unknown> => connected(node, at(host, 80));
      await assert.rejects(connecting('10.0.0.77'), netError('EHOSTUNREACH'));
      await assert.rejects(connecting('fd00:b7ab::77'), netError('EHOSTUNREACH'));
      await assert.rejects(connecting('192.0.2.1'), netError('ENETUNREACH'));
      await assert.rejects(connecting('2001:db8::1'), netError('ENETUNREACH'));
      await assert.rejects(connecting('127.0.0.1'), netError('ECONNREFUSED'));
      await assert.rejects(connecting('0.0.0.0'), netError('EINVAL'));
    });

    networked('keeps loopback in the node, and its own address too', async (network) => {
      const server = await network.node();
      const client = await network.node();
      const hidden = server.tcpSocket('ipv4');
      hidden.bind(at('127.0.0.1', 7000));
      hidden.listen();
      assert.equal(hidden.state, 'listening');
      await assert.rejects(connected(client, at('10.0.0.1', 7000)), netError('ECONNREFUSED'));
      await assert.rejects(connected(server, at('10.0.0.1', 7000)), netError('ECONNREFUSED'));
      const open = await listening(server, 'ipv4', 7001);
      const own = await connected(server, at('10.0.0.1', 7001));
      assert.equal(formatAddress(own.connection.local.address), '10.0.0.1');
      const loopback = await connected(server, at('127.9.9.9', 7001));
      assert.equal(formatAddress(loopback.connection.local.address), '127.0.0.1');
      await sendAll(own, bytesOf('inside'));
      // Nothing went over the carrier: what was sent is there within the turn.
      assert.equal(open.accept()?.connection?.available(), 6);
    });

    networked(
      'binds loopback, the wildcard and its own addresses, and no other',
      async (network) => {
        const node = await network.node();
        const bind = (host: string, port = 0): void => {
          node.tcpSocket(host.includes(':') ? 'ipv6' : 'ipv4').bind(at(host, port));
        };
        for (const host of [
          '0.0.0.0',
          '127.0.0.1',
          '127.3.2.1',
          '10.0.0.1',
          '::',
          '::1',
          'fd00:b7ab::1',
        ]) {
          bind(host);
        }
        for (const host of ['10.0.0.2', '192.0.2.0', '2001:db8::', 'fd00:b7ab::2']) {
          assert.throws(() => bind(host), netError('EADDRNOTAVAIL'));
        }
        for (const host of ['255.255.255.255', '224.254.0.0', 'ff00::', '::ffff:127.0.0.1']) {
          assert.throws(() => bind(host), netError('EINVAL'));
        }
        assert.throws(() => node.tcpSocket('ipv4').bind(at('::1', 0)), netError('EAFNOSUPPORT'));
        bind('10.0.0.1', 7000);
        bind('127.0.0.1', 7000);
        assert.throws(() => bind('0.0.0.0', 7000), netError('EADDRINUSE'));
        assert.throws(() => bind('10.0.0.1', 7000), netError('EADDRINUSE'));
        bind('::', 7000);
        assert.throws(() => bind('::1', 7000), netError('EADDRINUSE'));
      },
    );

    networked('ends an exited node’s connections by end-of-file', async (network) => {
      const server = await network.node();
      const client = await network.node();
      const listener = await listening(server, 'ipv4', 7000);
      const near = await connected(client, at('10.0.0.1', 7000));
      const far = await accepted(listener);
      const text = 'x'.repeat(400_000);
      const sending = sendAll(far, bytesOf(text));
      const receiving = receiveAll(near);
      await sending;
      await server.close('exit');
      assert.equal(textOf(await receiving), text);
      assert.equal(near.connection.available(), -1);
      await until(() => near.connection.state === 'closed');
      assert.throws(() => near.connection.sendable(), netError('ECONNRESET'));
      await assert.rejects(connected(client, at('10.0.0.1', 7000)), netError('EHOSTUNREACH'));
    });

    networked('resets a killed node’s connections and frees what it had first', async (network) => {
      const server = await network.node({ name: 'server' });
      const client = await network.node();
      const listener = await listening(server, 'ipv4', 7000);
      const near = await connected(client, at('10.0.0.1', 7000));
      const far = await accepted(listener);
      await sendAll(far, bytesOf('before'));
      assert.equal(textOf(await receiveExactly(near, 6)), 'before');
      network.releaseLocks(server);
      await until(() => near.connection.state === 'closed');
      // At this moment everything of the dead node is free.
      const heir = await network.node({ name: 'server', ip: '10.0.0.1' });
      assert.throws(() => near.connection.available(), netError('ECONNRESET'));
      const second = await listening(heir, 'ipv4', 7000);
      const again = await connected(client, at('10.0.0.1', 7000));
      await sendAll(again, bytesOf('alive'));
      assert.equal(textOf(await receiveExactly(await accepted(second), 5)), 'alive');
    });

    networked('makes a node whose locks are gone leave', async (network) => {
      const server = await network.node();
      const listener = await listening(server, 'ipv4', 7000);
      network.releaseLocks(server);
      await until(() => listener.state === 'closed');
      assert.equal(network.log.length, 1);
      assert.match(network.log[0] ?? '', /"node-1" .* has lost the lock that says it is alive/);
      const heir = await network.node();
      assert.equal(ipOf(heir), '10.0.0.1');
      await assert.rejects(connected(heir, at('10.0.0.1', 7000)), netError('ECONNREFUSED'));
    });

    networked('drops what a dead node still posts', async (network) => {
      const server = await network.node();
      const before = await network.ids();
      const client = await network.node();
      const listener = await listening(server, 'ipv4', 7000);
      const node = (await network.ids()).find((id) => !before.includes(id)) ?? '';
      const near = await connected(client, at('10.0.0.1', 7000));
      const far = await accepted(listener);
      network.releaseLocks(client);
      await until(() => far.connection.state === 'closed' && near.connection.state === 'closed');
      const channel = network.open(nodeChannel(network.name, 1));
      const route = { node, source: at('10.0.0.2', 5), destination: at('10.0.0.1', 7000) };
      channel.post(encodeSyn(route, randomId(), 1000));
      await until(() => server.inspect().counters.framesFromDead === 1);
      assert.equal(listener.waiting, 0);
    });

    networked(
      'resets a connection asked for by a node that dies before it is watched',
      async (network) => {
        const server = await network.node();
        const listener = await listening(server, 'ipv4', 7000);
        const route = {
          node: randomId(),
          source: at('10.0.0.9', 5),
          destination: at('10.0.0.1', 7000),
        };
        const channel = network.open(nodeChannel(network.name, 1));
        channel.post(encodeSyn(route, randomId(), 1000));
        const far = await accepted(listener);
        await until(() => far.connection.state === 'closed');
      },
    );

    networked('ignores a handshake whose connection has ended', async (network) => {
      const server = await network.node();
      const before = await network.ids();
      const client = await network.node();
      const node = (await network.ids()).find((id) => !before.includes(id)) ?? '';
      const listener = await listening(server, 'ipv4', 7000);
      const token = randomId();
      const source = at('10.0.0.2', 5);
      const syn = (): ArrayBuffer =>
        encodeSyn({ node, source, destination: at('10.0.0.1', 7000) }, token, 1000);
      const channel = network.open(nodeChannel(network.name, 1));
      const connection = network.open(connectionChannel(network.name, token));
      channel.post(syn());
      const far = await accepted(listener);
      connection.post(encodeReset('client', false));
      await until(() => far.connection.state === 'closed');
      channel.post(syn());
      await until(() => server.inspect().counters.misdirectedFrames === 1);
      assert.equal(listener.waiting, 0);
      assert.equal(client.inspect().connections.length, 0);
    });

    networked(
      'answers a repeated handshake and ignores one forged for its token',
      async (network) => {
        const server = await network.node();
        const before = await network.ids();
        await network.node();
        // The node id of a living node, as any script of the origin can read it.
        const node = (await network.ids()).find((id) => !before.includes(id)) ?? '';
        const listener = await listening(server, 'ipv4', 7000);
        const token = randomId();
        let answers = 0;
        network.open(connectionChannel(network.name, token), () => answers++);
        const channel = network.open(nodeChannel(network.name, 1));
        const destination = at('10.0.0.1', 7000);
        channel.post(encodeSyn({ node, source: at('10.0.0.2', 5), destination }, token, 1000));
        await until(() => answers === 1);
        channel.post(encodeSyn({ node, source: at('10.0.0.2', 5), destination }, token, 1000));
        await until(() => answers === 2);
        channel.post(encodeSyn({ node, source: at('10.0.0.2', 6), destination }, token, 1000));
        await until(() => server.inspect().counters.misdirectedFrames === 1);
        assert.equal(answers, 2);
        assert.equal(listener.waiting, 1);
      },
    );

    networked('undoes a connection that was given up while it was being made', async (network) => {
      const server = await network.node();
      const client = await network.node();
      const listener = await listening(server, 'ipv4', 7000);
      const socket = client.tcpSocket('ipv4');
      socket.connect(at('10.0.0.1', 7000));
      assert.equal(socket.state, 'connecting');
      socket.close();
      const far = await accepted(listener);
      await until(() => far.connection.state === 'closed');
      assert.throws(() => far.connection.available(), netError('ECONNRESET'));
    });

    networked('ends a kept-alive connection to a node that answers no more', async (network) => {
      const server = await network.node();
      const client = await network.node();
      const listener = await listening(server, 'ipv4', 7000);
      const near = await connected(client, at('10.0.0.1', 7000), ({ options }) => {
        Object.assign(options, {
          keepAlive: true,
          keepAliveIdle: 1,
          keepAliveInterval: 1,
          keepAliveCount: 2,
        });
      });
      const far = await accepted(listener);
      // Probed and answered while the peer is there.
      for (let second = 0; second < 10; second++) {
        near.connection.tick();
        await turns(4);
      }
      assert.equal(near.connection.state, 'established');
      // The far end falls silent without its locks being released.
      far.connection.abandon();
      for (let second = 0; second < 10; second++) near.connection.tick();
      assert.throws(() => near.connection.available(), netError('ETIMEDOUT'));
    });

    networked('shows itself', async (network) => {
      const server = await network.node({ name: 'server' });
      const client = await network.node();
      const listener = await listening(server, 'ipv4', 7000);
      const near = await connected(client, at('10.0.0.1', 7000));
      const far = await accepted(listener);
      await sendAll(near, bytesOf('12345'));
      await receiveExactly(far, 2);
      const { connections, ...rest } = server.inspect();
      assert.deepEqual(connections, [
        {
          local: '10.0.0.1:7000',
          remote: `10.0.0.2:${near.socket.local?.port ?? 0}`,
          state: 'established',
          sent: 0,
          received: 5,
          sendQueue: 0,
          receiveQueue: 3,
        },
      ]);
      assert.equal(rest.name, 'server');
      assert.equal(rest.network, network.name);
      assert.deepEqual(rest.listeners, [{ local: '0.0.0.0:7000', backlog: 128, waiting: 0 }]);
    });

    networked('counts and drops what is no frame', async (network) => {
      const server = await network.node();
      const client = await network.node();
      const listener = await listening(server, 'ipv4', 7000);
      const near = await connected(client, at('10.0.0.1', 7000));
      const far = await accepted(listener);
      const channel = network.open(nodeChannel(network.name, 1));
      channel.post(new ArrayBuffer(0));
      channel.post(new ArrayBuffer(1000));
      await until(() => server.inspect().counters.badFrames === 2);
      const route = {
        node: randomId(),
        source: at('10.0.0.9', 5),
        destination: at('10.0.0.7', 7000),
      };
      channel.post(encodeSyn(route, randomId(), 1000));
      await until(() => server.inspect().counters.misdirectedFrames === 1);
      await sendAll(near, bytesOf('undisturbed'));
      assert.equal(textOf(await receiveExactly(far, 11)), 'undisturbed');
    });
  });
}

test('a stack without a network has loopback alone', { timeout }, async () => {
  const { Stack } = await import('./stack.ts');
  const stack = Stack.loopback();
  const listener = await listening(stack, 'ipv4', 7000);
  const near = await connected(stack, at('127.0.0.1', 7000));
  await sendAll(near, bytesOf('x'));
  assert.equal(textOf(await receiveExactly(await accepted(listener), 1)), 'x');
  await assert.rejects(connected(stack, at('10.0.0.1', 7000)), netError('ENETUNREACH'));
  await assert.rejects(stack.resolve('server'), netError('ENOTFOUND'));
  assert.deepEqual(stack.inspect().addresses, []);
  await stack.close('exit');
});
