import { broadcastChannelCarrier } from '../carrier/broadcastchannel.ts';
import type { Carrier, Channel } from '../carrier/carrier.ts';
import { MemoryCarrier } from '../carrier/memory.ts';
import { randomId } from '../frame.ts';
import { type LockHolder, MemoryLocks, WebLocks } from '../locks.ts';
import { Stack, type StackOptions } from '../stack.ts';

/** A network of a test, with everything needed to create and kill its nodes. */
export class TestNetwork {
  readonly name = `test-${randomId().slice(0, 8)}`;
  readonly carrier: Carrier;
  readonly #holder: () => LockHolder;
  readonly #channels: Channel[] = [];
  readonly #holders = new Map<Stack, LockHolder>();
  /** What the nodes had to say to whoever runs them. */
  readonly log: string[] = [];

  constructor(carrier: Carrier, holder: () => LockHolder) {
    this.carrier = carrier;
    this.#holder = holder;
  }

  /** A node of the network. */
  async node(options: Partial<StackOptions> = {}): Promise<Stack> {
    const locks = this.#holder();
    const stack = await Stack.create({
      network: this.name,
      carrier: this.carrier,
      locks,
      log: (message) => this.log.push(message),
      ...options,
    });
    this.#holders.set(stack, locks);
    return stack;
  }

  /** Opens a channel beside the nodes', for what another script of the origin might do. */
  open(channel: string, receive: (message: unknown) => void = () => undefined): Channel {
    const opened = this.carrier.open(channel, receive);
    this.#channels.push(opened);
    return opened;
  }

  /** The ids of the nodes that are alive. */
  async ids(): Promise<readonly string[]> {
    const locks = await this.#holder().query(`backtab/1/live/${this.name}/`);
    return locks.map((lock) => lock.slice(lock.lastIndexOf('/') + 1));
  }

  /**
   * Does to a node what the page does when it kills a worker: its locks are free, while the worker
   * may still run and post.
   */
  releaseLocks(stack: Stack): void {
    this.#holders.get(stack)?.releaseAll();
  }

  /** Ends what is left of the nodes. */
  async close(): Promise<void> {
    for (const stack of this.#holders.keys()) await stack.close('kill');
    for (const channel of this.#channels) channel.close();
  }
}

/** A network over the memory carrier, in which what nodes hold is known to this process alone. */
export function memoryNetwork(carrier = new MemoryCarrier()): TestNetwork {
  const locks = new MemoryLocks();
  return new TestNetwork(carrier, () => locks.holder());
}

/** A network over BroadcastChannel and Web Locks, as in a browser. */
export function webNetwork(): TestNetwork {
  return new TestNetwork(broadcastChannelCarrier, () => new WebLocks(navigator.locks));
}

/** Two ends that may be one node or two. */
export interface Placement {
  readonly client: Stack;
  readonly server: Stack;
  /** The address under which the client reaches the server. */
  readonly host: string;
  close(): Promise<void>;
}

/** Where client and server can be: in one node, or in two, over either carrier. */
export const placements: Readonly<Record<string, () => Promise<Placement>>> = {
  'in one node': async () => {
    await Promise.resolve();
    const stack = Stack.loopback();
    return { client: stack, server: stack, host: '127.0.0.1', close: () => stack.close('kill') };
  },
  'in one node, by IPv6': async () => {
    await Promise.resolve();
    const stack = Stack.loopback();
    return { client: stack, server: stack, host: '::1', close: () => stack.close('kill') };
  },
  'in two nodes (memory)': () => twoNodes(memoryNetwork(), '10.0.0.1'),
  'in two nodes (BroadcastChannel)': () => twoNodes(webNetwork(), '10.0.0.1'),
  'in two nodes, by IPv6 (memory)': () => twoNodes(memoryNetwork(), 'fd00:b7ab::1'),
};

async function twoNodes(network: TestNetwork, host: string): Promise<Placement> {
  const server = await network.node({ name: 'server' });
  const client = await network.node({ name: 'client' });
  return { client, server, host, close: () => network.close() };
}
