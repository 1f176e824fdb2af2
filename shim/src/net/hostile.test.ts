import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemoryCarrier } from './carrier/memory.ts';
import { connectionChannel, nodeChannel } from './directory.ts';
import {
  dataFrame,
  decodeControlFrame,
  encodeAccept,
  encodeAck,
  encodeDatagram,
  encodeFin,
  encodePing,
  encodeReset,
  encodeSyn,
  encodeUnreachable,
  randomId,
  type Side,
} from './frame.ts';
import { memoryNetwork } from './testing/placements.ts';
import { seededRandom, testSeeds } from './testing/random.ts';
import {
  accepted,
  at,
  bytesOf,
  connected,
  limited,
  listening,
  receiveExactly,
  sendAll,
  textOf,
  turns,
  until,
} from './testing/sockets.ts';

const timeout = 60_000;

/** What another script of the origin knows: it has listened on every channel from the beginning. */
interface Knowledge {
  readonly ids: readonly string[];
  readonly tokens: readonly string[];
  /** Everything that was posted, to be posted again. */
  readonly overheard: readonly ArrayBuffer[];
}

/** A frame that may be anything: valid, replayed, out of its window, altered, or none at all. */
function anyFrame(random: () => number, known: Knowledge): ArrayBuffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  const count = (): number =>
    [0, 1, below(1000), 2 ** 32 + below(1000), 2 ** 53 - 1][below(5)] ?? 0;
  const side: Side = random() < 0.5 ? 'client' : 'server';
  const id = random() < 0.5 ? randomId() : (known.ids[below(known.ids.length)] ?? randomId());
  const port = (): number => [7000, 7001, 40_000 + below(100), 1 + below(65_535)][below(4)] ?? 1;
  const route = {
    node: id,
    source: at(`10.0.0.${1 + below(4)}`, port()),
    destination: at(`10.0.0.${1 + below(3)}`, port()),
  };
  const token = random() < 0.5 ? randomId() : (known.tokens[below(known.tokens.length)] ?? '');
  const makers: readonly (() => ArrayBuffer)[] = [
    () => encodeSyn(route, token, below(100_000)),
    () => encodeDatagram(route, new Uint8Array(below(2000))),
    () => encodeUnreachable(route),
    () => encodeAccept(id, below(100_000)),
    () => dataFrame(side, count(), 1 + below(2000)).frame,
    () => encodeAck(side, count(), count(), random() < 0.5),
    () => encodeFin(side, count()),
    () => encodeReset(side, random() < 0.5),
    () => encodePing(side),
    () => (known.overheard[below(known.overheard.length)] ?? new ArrayBuffer(4)).slice(0),
    () => new ArrayBuffer(below(100)),
  ];
  const bytes = new Uint8Array(makers[below(makers.length)]?.() ?? new ArrayBuffer(0));
  if (random() < 0.5) {
    for (let change = below(4); change > 0 && bytes.length > 0; change--) {
      bytes[below(bytes.length)] = below(256);
    }
  }
  return bytes.buffer;
}

suite('Frames from another script of the origin', { timeout }, () => {
  for (const seed of testSeeds(20)) {
    test(`harm no connection but the one they name (BACKTAB_SEED=${seed})`, { timeout }, () =>
      limited(async () => {
        const random = seededRandom(seed);
        const network = memoryNetwork(new MemoryCarrier());
        try {
          const tokens: string[] = [];
          const overheard: ArrayBuffer[] = [];
          const control = [1, 2, 3].map((host) =>
            network.open(nodeChannel(network.name, host), (message) => {
              const frame = decodeControlFrame(message);
              if (frame?.type === 'syn') tokens.push(frame.token);
              if (message instanceof ArrayBuffer) overheard.push(message);
            }),
          );
          const server = await network.node();
          const client = await network.node();
          const listener = await listening(server, 'ipv4', 7000);
          const target = await connected(client, at('10.0.0.1', 7000));
          const targetFar = await accepted(listener);
          await turns(2);
          const victims = tokens.splice(0);
          // This one's token is known to no attacker here: what it carries must not change.
          const bystander = await connected(client, at('10.0.0.1', 7000));
          const bystanderFar = await accepted(listener);
          await turns(2);
          tokens.length = 0;
          const attacked = victims.map((token) =>
            network.open(connectionChannel(network.name, token), (message) => {
              if (message instanceof ArrayBuffer) overheard.push(message);
            }),
          );
          const handshakes = overheard.length;
          const known = { ids: await network.ids(), tokens: victims, overheard };
          for (let round = 0; round < 500; round++) {
            const channels = [...control, ...attacked];
            const channel = channels[Math.floor(random() * channels.length)];
            channel?.post(anyFrame(random, known));
            if (round % 25 === 0) {
              const text = `round ${round}`;
              await sendAll(bystander, bytesOf(text));
              assert.equal(textOf(await receiveExactly(bystanderFar, text.length)), text);
              await sendAll(bystanderFar, bytesOf(text));
              assert.equal(textOf(await receiveExactly(bystander, text.length)), text);
              // Whatever was admitted is let go, so that the backlog is no limit to the attack.
              for (let one = listener.accept(); one !== undefined; one = listener.accept()) {
                one.close();
              }
            }
          }
          assert(handshakes > 0 && victims.length > 0, 'the attack knew something');
          const counters = server.inspect().counters;
          const dropped =
            counters.badFrames +
            counters.misdirectedFrames +
            counters.framesFromDead +
            counters.protocolViolations;
          assert(dropped > 0, 'what was dropped is counted');
          // Both ends are what they were, and new connections come about.
          assert.equal(bystander.connection.state, 'established');
          assert.equal(bystanderFar.connection.state, 'established');
          const next = await connected(client, at('10.0.0.1', 7000));
          listener.close();
          for (const { socket } of [next, bystander, bystanderFar]) socket.close();
          // The attacked connection itself is at the attacker's mercy, its end included.
          const own = [next, bystander].map(({ connection }) => connection.local.port);
          await until(() =>
            client
              .inspect()
              .connections.every(({ local }) => !own.includes(Number(local.split(':')[1]))),
          );
          target.socket.close();
          targetFar.socket.close();
        } finally {
          await network.close();
        }
      }),
    );
  }
});
