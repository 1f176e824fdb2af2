import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { broadcastChannelCarrier } from './carrier/broadcastchannel.ts';
import { decodePlan, encodePlan, type FaultPlan } from './carrier/fault-plan.ts';
import { FaultyCarrier } from './carrier/faulty.ts';
import { FaultControl } from './fault-control.ts';
import { untilReady } from './readiness.ts';
import type { Stack } from './stack.ts';
import { FaultyNetwork } from './testing/faults.ts';
import { webNetwork } from './testing/placements.ts';
import { seededRandom, testSeeds } from './testing/random.ts';
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

const A = '10.0.0.1';
const B = '10.0.0.2';
const timeout = 60_000;

function faulty(name: string, run: (network: FaultyNetwork) => Promise<void>): void {
  test(name, { timeout }, async () => {
    const network = new FaultyNetwork();
    try {
      await limited(() => run(network));
    } finally {
      await network.close();
    }
  });
}

/** A connection from the node A to the node B. */
async function pair(
  network: FaultyNetwork,
): Promise<{ a: Stack; b: Stack; near: Connected; far: Connected }> {
  const a = await network.node();
  const b = await network.node();
  const listener = await listening(b, 'ipv4', 7000);
  const near = await network.passing(connected(a, at(B, 7000)));
  const far = await accepted(listener);
  return { a, b, near, far };
}

function received({ connection }: Connected): string {
  const bytes = new Uint8Array(Math.max(0, connection.available()));
  connection.receive(bytes);
  return textOf(bytes);
}

suite('Faults', () => {
  faulty('a cut link holds what connections send and delivers it on heal', async (network) => {
    const { near, far } = await pair(network);
    network.faults.cut(A, B);
    await network.settle();
    await sendAll(near, bytesOf('held'));
    await sendAll(far, bytesOf('held too'));
    await network.advance(30_000);
    assert.equal(received(far) + received(near), '');
    network.faults.heal(B, A);
    await network.settle();
    assert.equal(received(far), 'held');
    assert.equal(received(near), 'held too');
  });

  faulty('what a cut link holds is bounded by the buffers', async (network) => {
    const { near, far } = await pair(network);
    network.faults.cut(A, B);
    await network.settle();
    let sent = 0;
    for (let room = near.connection.sendable(); room > 0; room = near.connection.sendable()) {
      near.connection.send(new Uint8Array(room));
      sent += room;
      await network.settle();
    }
    const { receiveBufferSize, sendBufferSize } = near.connection.options;
    assert.equal(sent, receiveBufferSize + sendBufferSize);
    network.faults.heal();
    assert.equal((await receiveExactly(far, sent)).length, sent);
  });

  faulty('a link cut one way lets the other way through', async (network) => {
    const { near, far } = await pair(network);
    network.faults.cutOneWay(A, B);
    await network.settle();
    await sendAll(near, bytesOf('lost in thought'));
    await sendAll(far, bytesOf('heard'));
    await network.settle();
    assert.equal(received(near), 'heard');
    assert.equal(received(far), '');
    network.faults.heal();
    await network.settle();
    assert.equal(received(far), 'lost in thought');
  });

  faulty('a cut link drops handshakes, and connects once it heals', async (network) => {
    const a = await network.node();
    const b = await network.node();
    await listening(b, 'ipv4', 7000);
    network.faults.cut(A, B);
    await network.settle();
    const started = network.clock.now();
    const connecting = connected(a, at(B, 7000));
    await assert.rejects(network.passing(connecting), netError('ETIMEDOUT'));
    assert(network.clock.now() - started >= 60_000);
    const second = connected(a, at(B, 7000));
    await network.advance(5000);
    network.faults.heal();
    await network.passing(second);
  });

  faulty('a cut link drops datagrams', async (network) => {
    const a = await network.node();
    const b = await network.node();
    const [from, to] = [a.udpSocket('ipv4'), b.udpSocket('ipv4')];
    from.bind(at(A, 0));
    to.bind(at(B, 7000));
    network.faults.cut(A, B);
    await network.settle();
    from.send(bytesOf('lost'), at(B, 7000));
    network.faults.heal();
    await network.settle();
    from.send(bytesOf('found'), at(B, 7000));
    await network.settle();
    assert.equal(textOf(to.receive()?.payload ?? bytesOf('')), 'found');
    assert.equal(to.receive(), undefined);
  });

  faulty('60 s without progress end a connection that waits, on both ends', async (network) => {
    const { a, b, near, far } = await pair(network);
    await network.advance(10_000);
    network.faults.cut(A, B);
    await network.settle();
    await sendAll(near, bytesOf('into the void'));
    await network.advance(58_000);
    assert.equal(near.connection.state, 'established');
    await network.advance(4000);
    assert.throws(() => near.connection.available(), netError('ETIMEDOUT'));
    assert.throws(() => near.connection.sendable(), netError('ETIMEDOUT'));
    // The other end waited for nothing; it learns of the end when the link heals.
    assert.equal(far.connection.state, 'established');
    network.faults.heal();
    await network.settle();
    assert.equal(received(far), 'into the void');
    assert.throws(() => far.connection.available(), netError('ECONNRESET'));
    assert.deepEqual([...a.inspect().connections, ...b.inspect().connections], []);
  });

  faulty('an unacknowledged end of the stream times out as well', async (network) => {
    const { near } = await pair(network);
    network.faults.cut(A, B);
    await network.settle();
    near.connection.shutdownSend();
    await network.advance(62_000);
    assert.throws(() => near.connection.available(), netError('ETIMEDOUT'));
  });

  faulty('a connection on which nobody waits outlives any cut', async (network) => {
    const { near, far } = await pair(network);
    await sendAll(near, bytesOf('before'));
    await network.advance(5000);
    assert.equal(received(far), 'before');
    network.faults.cut(A, B);
    await network.advance(3_600_000);
    network.faults.heal();
    await sendAll(near, bytesOf('after'));
    await network.settle();
    assert.equal(received(far), 'after');
  });

  faulty('a peer that never reads is no peer that never answers', async (network) => {
    const { near, far } = await pair(network);
    for (let room = near.connection.sendable(); room > 0; room = near.connection.sendable()) {
      near.connection.send(new Uint8Array(room));
      await network.settle();
    }
    await network.advance(600_000);
    assert.equal(near.connection.state, 'established');
    assert(far.connection.available() > 0);
  });

  faulty(
    'keep-alive ends a connection whose peer does not answer, and no other',
    async (network) => {
      const { near, far } = await pair(network);
      const options = {
        keepAlive: true,
        keepAliveIdle: 10,
        keepAliveInterval: 5,
        keepAliveCount: 3,
      };
      Object.assign(near.connection.options, options);
      await network.advance(600_000);
      assert.equal(near.connection.state, 'established');
      await sendAll(far, bytesOf('the last sign of life'));
      await network.settle();
      network.faults.cut(A, B);
      await network.settle();
      await network.advance(23_000);
      assert.equal(near.connection.state, 'established');
      await network.advance(6000);
      received(near);
      assert.throws(() => near.connection.available(), netError('ETIMEDOUT'));
      assert.equal(far.connection.state, 'established');
    },
  );

  faulty('delay takes its time, in order within a connection', async (network) => {
    const { near, far } = await pair(network);
    network.faults.delay(A, B, 100, 400);
    await network.settle();
    let sent = '';
    for (let part = 0; part < 50; part++) {
      const text = `${part} `;
      near.connection.send(bytesOf(text));
      sent += text;
      await network.settle();
    }
    await network.advance(99);
    assert.equal(received(far), '');
    await network.advance(401);
    assert.equal(received(far), sent);
  });

  faulty('jitter reorders what different connections send', async (network) => {
    const a = await network.node();
    const b = await network.node();
    const listener = await listening(b, 'ipv4', 7000);
    const nears: Connected[] = [];
    const fars: Connected[] = [];
    for (let index = 0; index < 10; index++) {
      nears.push(await network.passing(connected(a, at(B, 7000))));
      fars.push(await accepted(listener));
    }
    network.faults.delay(A, B, 10, 1000);
    await network.settle();
    for (const near of nears) near.connection.send(bytesOf('x'));
    const order: number[] = [];
    for (const [index, { connection }] of fars.entries()) {
      void untilReady(connection.readable).then(() => order.push(index));
    }
    await network.advance(1010);
    assert.equal(order.length, 10);
    assert.notDeepEqual(
      order,
      order.toSorted((x, y) => x - y),
    );
  });

  faulty('a closed connection does not wait for ever for the peer’s end', async (network) => {
    const { a, near, far } = await pair(network);
    await sendAll(near, bytesOf('the end'));
    near.socket.close();
    await network.advance(59_000);
    assert.equal(a.inspect().connections.length, 1);
    await network.advance(3000);
    assert.equal(a.inspect().connections.length, 0);
    // The peer has the end of the stream all the same.
    assert.equal(received(far), 'the end');
    assert.equal(far.connection.available(), -1);
    assert.throws(() => far.connection.sendable(), netError('ECONNRESET'));
  });

  faulty('a frozen node is slow, not dead', async (network) => {
    const { near, far } = await pair(network);
    network.faults.freeze(B);
    await network.settle();
    await sendAll(near, bytesOf('are you there?'));
    await network.advance(30_000);
    assert.equal(near.connection.state, 'established');
    assert.equal(received(far), '');
    network.faults.unfreeze(B);
    await network.settle();
    assert.equal(received(far), 'are you there?');
    await sendAll(far, bytesOf('yes'));
    await network.settle();
    assert.equal(received(near), 'yes');
  });

  faulty('a killed node resets its connections', async (network) => {
    const { near } = await pair(network);
    network.faults.kill(B);
    await network.settle();
    assert.throws(() => near.connection.available(), netError('ECONNRESET'));
  });

  faulty('a node that joins later obeys the plan as well', async (network) => {
    const a = await network.node();
    network.faults.cut('*', B);
    const b = await network.node();
    await listening(b, 'ipv4', 7000);
    const connecting = connected(a, at(B, 7000));
    await network.advance(1000);
    assert.equal(a.inspect().connections.length, 0);
    network.faults.heal();
    await network.passing(connecting);
  });

  test('work over BroadcastChannel as well', { timeout }, () =>
    limited(async () => {
      const network = webNetwork();
      const carriers = [1, 2].map(
        () => new FaultyCarrier(broadcastChannelCarrier, { network: network.name }),
      );
      const [first, second] = carriers;
      const faults = new FaultControl({
        network: network.name,
        carrier: broadcastChannelCarrier,
        kill: () => assert.fail('nobody is to be killed'),
      });
      const obeyed = (links: number): Promise<void> =>
        until(() => carriers.every(({ plan }) => plan.links.length === links));
      try {
        assert(first !== undefined && second !== undefined);
        const a = await network.node({ carrier: first });
        const b = await network.node({ carrier: second });
        const listener = await listening(b, 'ipv4', 7000);
        const near = await connected(a, at(B, 7000));
        const far = await accepted(listener);
        faults.cut(A, B);
        await obeyed(2);
        await sendAll(near, bytesOf('held'));
        await turns(20);
        assert.equal(received(far), '');
        faults.heal();
        await obeyed(0);
        assert.equal(textOf(await receiveExactly(far, 4)), 'held');
      } finally {
        faults.close();
        await network.close();
        for (const carrier of carriers) carrier.close();
      }
    }),
  );

  test('plans come out as they went in; anything else is none', () => {
    const plan: FaultPlan = { links: [{ from: A, to: '*', cut: true, delayMs: 5 }], frozen: [B] };
    assert.deepEqual(decodePlan(encodePlan(plan)), plan);
    const wrong = [
      null,
      7,
      {},
      { links: [] },
      { links: [{}], frozen: [] },
      { links: [{ from: A, to: 'b' }], frozen: [] },
      { links: [{ from: A, to: B, delayMs: -1 }], frozen: [] },
      { links: [{ from: A, to: B, cut: 'yes' }], frozen: [] },
      { links: [], frozen: ['*'] },
    ];
    for (const value of wrong) {
      const { buffer } = new TextEncoder().encode(JSON.stringify(value));
      assert.equal(decodePlan(buffer), undefined);
    }
    for (const message of [undefined, 'text', plan, new ArrayBuffer(0), new ArrayBuffer(9)]) {
      assert.equal(decodePlan(message), undefined);
    }
  });

  for (const seed of testSeeds(20)) {
    test(`lose nothing under random faults (BACKTAB_SEED=${seed})`, { timeout }, () =>
      limited(async () => {
        const random = seededRandom(seed);
        const below = (limit: number): number => Math.floor(random() * limit);
        const network = new FaultyNetwork(seed);
        try {
          const nodes = [await network.node(), await network.node(), await network.node()];
          const listeners = await Promise.all(nodes.map((node) => listening(node, 'ipv4', 7000)));
          const results: Promise<void>[] = [];
          for (let index = 0; index < 8; index++) {
            const client = below(nodes.length);
            const server = (client + 1 + below(nodes.length - 1)) % nodes.length;
            const [from, to] = [nodes[client], listeners[server]];
            assert(from !== undefined && to !== undefined);
            const near = await network.passing(connected(from, at(`10.0.0.${server + 1}`, 7000)));
            const far = await accepted(to);
            const bytes = new Uint8Array(below(200_000)).map((_, at) => at * 7 + index);
            results.push(
              sendAll(near, bytes).then(() => near.connection.shutdownSend()),
              receiveAll(far).then((got) => assert(Buffer.from(bytes).equals(got))),
            );
          }
          const names = nodes.map((_, index) => `10.0.0.${index + 1}`);
          for (let step = 0; step < 40; step++) {
            const a = names[below(3)] ?? A;
            const b = names[below(3)] ?? B;
            const act = [
              () => network.faults.cut(a, b),
              () => network.faults.cutOneWay(a, b),
              () => network.faults.heal(a, b),
              () => network.faults.heal(),
              () => network.faults.delay(a, b, below(200), below(500)),
              () => network.faults.freeze(a),
              () => network.faults.unfreeze(a),
            ][below(7)];
            act?.();
            await network.advance(below(1000));
          }
          for (const name of names) network.faults.unfreeze(name);
          network.faults.heal();
          await network.passing(Promise.all(results));
          for (const node of nodes) assert.equal(node.inspect().counters.protocolViolations, 0);
        } finally {
          await network.close();
        }
      }),
    );
  }
});
