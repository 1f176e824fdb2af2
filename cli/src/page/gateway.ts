import { broadcastChannelCarrier } from '../../../shim/src/net/carrier/broadcastchannel.ts';
import { WebLocks } from '../../../shim/src/net/locks.ts';
import { Stack } from '../../../shim/src/net/stack.ts';
import { connect } from '../../../shim/src/net/streams.ts';
import type { Channel } from '../multiplexer.ts';

/** Gateways take addresses from the end of a network's range, where nodes never get to by counting. */
const firstHost = 0xff00;
const lastHost = 0xfffe;

/** An address for what is in a network without being one of its nodes; very likely free. */
export function freeGatewayAddress(): string {
  const host = firstHost + Math.floor(Math.random() * (lastHost - firstHost + 1));
  return `10.0.${host >> 8}.${host & 0xff}`;
}

/** What of a page takes part in a network by itself: it connects this machine to published ports. */
export class Gateway {
  readonly #stack: Stack;

  private constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** @throws NetError when the network cannot be joined */
  static async join(network: string): Promise<Gateway> {
    const stack = await Stack.create({
      network,
      ip: freeGatewayAddress(),
      carrier: broadcastChannelCarrier,
      locks: new WebLocks(navigator.locks),
    });
    return new Gateway(stack);
  }

  /**
   * Connects a channel to a node's port. Half-closes and resets pass in both directions.
   *
   * @param connected called once the node has accepted, before any byte is moved
   * @throws NetError when the connection fails
   */
  async bridge(channel: Channel, host: string, port: number, connected: () => void): Promise<void> {
    const connection = await connect(this.#stack, { host, port });
    connected();
    // Each ends with its sender's end-of-stream, or by a reset, which passes to the other side.
    channel.readable.pipeTo(connection.writable).catch(() => undefined);
    connection.readable.pipeTo(channel.writable).catch(() => undefined);
  }

  /** Leaves the network; peers see a reset. */
  leave(): void {
    void this.#stack.close('kill');
  }
}
