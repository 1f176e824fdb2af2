import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemoryCarrier } from './carrier/memory.ts';
import { NetError } from './errors.ts';
import { untilReady } from './readiness.ts';
import type { Stack } from './stack.ts';
import { memoryNetwork } from './testing/placements.ts';
import { seededRandom, testSeeds } from './testing/random.ts';
import {
  accepted,
  at,
  type Connected,
  connected,
  limited,
  listening,
  until,
} from './testing/sockets.ts';

/** The byte at an offset of a stream: a gap, a repetition or an exchange of streams shows. */
function byteAt(stream: number, offset: number): number {
  return (stream * 37 + offset * 7 + (offset >> 8)) & 255;
}

/** How one end of a connection behaves. */
interface Plan {
  /** How many bytes it sends, in what pieces, before it ends its direction. */
  readonly bytes: number;
  readonly largestWrite: number;
  readonly largestRead: number;
  /** Whether it resets the connection after this many bytes sent; undefined for never. */
  readonly resetAfter: number | undefined;
  /** Whether it shuts down sending (and goes on receiving), or closes once both are done. */
  readonly halfCloses: boolean;
}

/** What an end received: how much, and whether the end of the stream came. */
interface Received {
  readonly bytes: number;
  readonly ended: boolean;
}

function isLoss(error: unknown): boolean {
  return error instanceof NetError && ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(error.code);
}

async function play(
  end: Connected,
  plan: Plan,
  streams: { readonly out: number; readonly in: number },
  random: () => number,
): Promise<Received> {
  const { connection } = end;
  const sending = (async () => {
    for (let sent = 0; sent < plan.bytes;) {
      await untilReady(connection.writable);
      const room = Math.min(connection.sendable(), plan.bytes - sent);
      const size = Math.min(room, 1 + Math.floor(random() * plan.largestWrite));
      const start = sent;
      const part = new Uint8Array(size);
      for (let index = 0; index < size; index++) part[index] = byteAt(streams.out, start + index);
      connection.send(part);
      sent += size;
      if (plan.resetAfter !== undefined && sent >= plan.resetAfter) {
        connection.reset('ECONNABORTED');
        return;
      }
      // Sometimes in one turn with the next write, sometimes not.
      if (random() < 0.5) await Promise.resolve();
    }
    if (plan.halfCloses) connection.shutdownSend();
  })().catch((error: unknown) => {
    if (!isLoss(error)) throw error;
  });
  let bytes = 0;
  let ended = false;
  try {
    for (;;) {
      await untilReady(connection.readable);
      const available = connection.available();
      if (available < 0) break;
      const chunk = new Uint8Array(
        Math.min(available, 1 + Math.floor(random() * plan.largestRead)),
      );
      connection.receive(chunk);
      const start = bytes;
      bytes += chunk.length;
      const isRight = chunk.every((byte, index) => byte === byteAt(streams.in, start + index));
      assert(isRight, `stream ${streams.in} is wrong between ${start} and ${bytes}`);
    }
    ended = true;
  } catch (error) {
    if (!isLoss(error)) throw error;
  }
  await sending;
  end.socket.close();
  return { bytes, ended };
}

suite('TCP under random interleavings', () => {
  for (const seed of testSeeds(30)) {
    test(`BACKTAB_SEED=${seed}`, { timeout: 60_000 }, () =>
      limited(async () => {
        const random = seededRandom(seed);
        const below = (limit: number): number => Math.floor(random() * limit);
        // Every delivery, whose turn it is, is the seed's choice.
        const network = memoryNetwork(
          new MemoryCarrier({ choose: below, schedule: (deliver) => void setImmediate(deliver) }),
        );
        try {
          const servers = await Promise.all([network.node(), network.node()]);
          const clients: readonly Stack[] = [await network.node(), ...servers];
          const listeners = await Promise.all(
            servers.map((server) =>
              listening(server, 'ipv4', 7000, ({ options }) => {
                options.receiveBufferSize = 1 + below(20_000);
                options.backlog = 1 + below(5);
              }),
            ),
          );
          const count = 12;
          const plan = (halfCloses: boolean): Plan => ({
            bytes: below(random() < 0.2 ? 300_000 : 5000),
            largestWrite: 1 + below(random() < 0.5 ? 100 : 100_000),
            largestRead: 1 + below(random() < 0.5 ? 100 : 100_000),
            resetAfter: random() < 0.15 ? below(3000) : undefined,
            halfCloses,
          });
          const plans = Array.from({ length: count }, () => ({
            server: below(servers.length),
            client: below(clients.length),
            near: plan(true),
            far: plan(true),
          }));
          // The first byte of each stream tells the server which connection it is: by port.
          const numbers = new Map<string, number>();
          const results = new Map<string, Received>();
          const serving = listeners.map(async (listener, server) => {
            const mine = plans.filter((one) => one.server === server).length;
            const ends: Promise<void>[] = [];
            for (let number = 0; number < mine; number++) {
              const far = await accepted(listener);
              const { address, port } = far.connection.remote;
              const key = `${server} ${address.parts.join('.')} ${port}`;
              ends.push(
                (async () => {
                  await until(() => numbers.has(key));
                  const index = numbers.get(key) ?? -1;
                  const { far: farPlan } = plans[index] ?? assert.fail();
                  const streams = { out: 2 * index + 1, in: 2 * index };
                  const own = seededRandom(seed * 1000 + 2 * index + 1);
                  results.set(`far ${index}`, await play(far, farPlan, streams, own));
                })(),
              );
            }
            await Promise.all(ends);
          });
          const calling = plans.map(async (one, index) => {
            const client = clients[one.client] ?? assert.fail();
            const near = await connected(
              client,
              at(`10.0.0.${one.server + 1}`, 7000),
              ({ options }) => {
                options.sendBufferSize = 1 + below(20_000);
                options.receiveBufferSize = 1 + below(20_000);
              },
            );
            const { address, port } = near.connection.local;
            numbers.set(`${one.server} ${address.parts.join('.')} ${port}`, index);
            const streams = { out: 2 * index, in: 2 * index + 1 };
            const own = seededRandom(seed * 1000 + 2 * index);
            results.set(`near ${index}`, await play(near, one.near, streams, own));
          });
          await Promise.all([...serving, ...calling]);
          for (const [index, { near, far }] of plans.entries()) {
            const nearGot = results.get(`near ${index}`) ?? assert.fail();
            const farGot = results.get(`far ${index}`) ?? assert.fail();
            const isReset = (plan: Plan): boolean =>
              plan.resetAfter !== undefined && plan.bytes > 0;
            if (!isReset(near) && !isReset(far)) {
              assert.deepEqual(nearGot, { bytes: far.bytes, ended: true });
              assert.deepEqual(farGot, { bytes: near.bytes, ended: true });
            } else {
              assert(nearGot.bytes <= far.bytes && farGot.bytes <= near.bytes);
            }
          }
          await until(() => clients.every((node) => node.inspect().connections.length === 0));
          for (const node of clients) {
            const { badFrames, protocolViolations } = node.inspect().counters;
            assert.deepEqual(
              { badFrames, protocolViolations },
              { badFrames: 0, protocolViolations: 0 },
            );
          }
        } finally {
          await network.close();
        }
      }),
    );
  }
});
