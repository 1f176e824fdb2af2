import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemoryCarrier } from './carrier/memory.ts';
import { nodeChannel } from './directory.ts';
import { encodeSyn, randomId } from './frame.ts';
import { memoryNetwork, type TestNetwork, webNetwork } from './testing/placements.ts';
import {
  accepted,
  at,
  bytesOf,
  type Connected,
  connected,
  listening,
  receiveExactly,
  sendAll,
  textOf,
  turns,
  until,
} from './testing/sockets.ts';

const timeout = 60_000;
const LISTENERS = 200;
const CONNECTIONS = 1000;

const networks: Readonly<Record<string, () => TestNetwork>> = {
  'in memory': () => memoryNetwork(),
  'over BroadcastChannel and Web Locks': webNetwork,
};

suite('Many at once', { timeout }, () => {
  for (const [where, create] of Object.entries(networks)) {
    test(
      `${LISTENERS} listeners and ${CONNECTIONS} connections ${where}`,
      { timeout },
      async () => {
        const network = create();
        try {
          const server = await network.node();
          const client = await network.node();
          const ports = Array.from({ length: LISTENERS }, (_, index) => 7000 + index);
          const listeners = await Promise.all(ports.map((port) => listening(server, 'ipv4', port)));
          const fars = new Map<number, Connected>();
          const serving = listeners.map(async (listener) => {
            for (let count = 0; count < CONNECTIONS / LISTENERS; count++) {
              const far = await accepted(listener);
              fars.set(far.connection.remote.port, far);
            }
          });
          const nears = await Promise.all(
            Array.from({ length: CONNECTIONS }, (_, index) =>
              connected(client, at('10.0.0.1', 7000 + (index % LISTENERS))),
            ),
          );
          await Promise.all(serving);
          // Each speaks with its own peer, all at the same time.
          await Promise.all(
            nears.map(async (near) => {
              const { port } = near.connection.local;
              const far = fars.get(port) ?? assert.fail(`nobody accepted port ${port}`);
              await sendAll(near, bytesOf(`request ${port}`));
              const request = textOf(await receiveExactly(far, `request ${port}`.length));
              await sendAll(far, bytesOf(`answer to ${request}`));
              const answer = await receiveExactly(near, `answer to ${request}`.length);
              assert.equal(textOf(answer), `answer to request ${port}`);
            }),
          );
          assert.equal(server.inspect().connections.length, CONNECTIONS);
          assert.equal(client.inspect().counters.handshakesRefused, 0);
          for (const { socket } of [...nears, ...fars.values()]) socket.close();
          await until(() => server.inspect().connections.length === 0);
          await until(() => client.inspect().connections.length === 0);
        } finally {
          await network.close();
        }
      },
    );
  }

  test('a flood of handshakes gets no further than the backlog', { timeout }, async () => {
    const carrier = new MemoryCarrier();
    const network = memoryNetwork(carrier);
    try {
      const server = await network.node();
      const bystander = await network.node();
      const listener = await listening(server, 'ipv4', 7000, ({ options }) => {
        options.backlog = 8;
      });
      const other = await listening(server, 'ipv4', 7001);
      const [, node = ''] = await network.ids();
      const flood = network.open(nodeChannel(network.name, 1));
      const before = carrier.channels;
      const COUNT = 20_000;
      for (let index = 0; index < COUNT; index++) {
        const source = at('10.0.0.2', 1 + (index % 65_535));
        const route = { node, source, destination: at('10.0.0.1', index % 2 ? 7000 : 7999) };
        flood.post(encodeSyn(route, randomId(), 1000));
      }
      await until(() => server.inspect().counters.handshakesRefused === COUNT / 2);
      await turns(2);
      // One more than the backlog may wait, as on Linux.
      assert.equal(server.inspect().connections.length, 9);
      assert.equal(listener.waiting, 9);
      assert(carrier.channels <= before + 9, 'no channel is left of what was refused');
      assert.equal(server.inspect().counters.handshakesDropped, COUNT / 2 - 9);
      // Other listeners do not notice, and neither do connections.
      const near = await connected(bystander, at('10.0.0.1', 7001));
      await sendAll(near, bytesOf('still here'));
      assert.equal(textOf(await receiveExactly(await accepted(other), 10)), 'still here');
    } finally {
      await network.close();
    }
  });
});
