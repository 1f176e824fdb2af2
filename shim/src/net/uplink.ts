import { type Family, hostAddress, hostNumber, type IpAddress, sameAddress } from './address.ts';
import type { Carrier, Channel } from './carrier/carrier.ts';
import type { Counters } from './counters.ts';
import { connectionChannel, type Directory, nodeChannel } from './directory.ts';
import { type ControlFrame, decodeControlFrame } from './frame.ts';
import { Peers } from './peers.ts';

/** How many ticks a channel to another node stays open for the next frame. */
const KEEP_TICKS = 2;

/** What an uplink tells its stack. */
export interface UplinkEvents {
  /** A valid frame for one of the node's addresses has arrived. */
  receive(frame: ControlFrame): void;
  /** The node's locks are gone: it was killed, or another script has stolen them. */
  expired(): void;
}

/** A node's way into its network: its entry in the directory, its channel, its peers. */
export class Uplink {
  readonly directory: Directory;
  readonly peers: Peers;
  readonly #carrier: Carrier;
  readonly #inbound: Channel;
  readonly #unwatch: () => void;
  /** Channels open to other nodes, by host number. */
  readonly #outbound = new Map<number, { readonly channel: Channel; idleTicks: number }>();

  constructor(directory: Directory, carrier: Carrier, counters: Counters, events: UplinkEvents) {
    this.directory = directory;
    this.peers = new Peers(directory);
    this.#carrier = carrier;
    const name = nodeChannel(directory.network, directory.node.host);
    this.#inbound = carrier.open(name, (message) => {
      const frame = decodeControlFrame(message);
      if (frame === undefined) {
        counters.badFrames++;
      } else if (this.peers.isDead(frame.node)) {
        counters.framesFromDead++;
      } else {
        events.receive(frame);
      }
    });
    // A node that is dead to the others must not go on answering in the place of its successor.
    this.#unwatch = directory.watch(directory.node.id, () => events.expired());
  }

  /** The node's address of a family. */
  address(family: Family): IpAddress {
    return hostAddress(family, this.directory.node.host);
  }

  /** Whether the address is the node's own. */
  isOwn(address: IpAddress): boolean {
    return sameAddress(address, this.address(address.family));
  }

  /**
   * Sends a frame to the node at an address, if there is one. The channel stays open for a moment:
   * opening one takes longer than the frame's way.
   */
  post(address: IpAddress, frame: ArrayBuffer): void {
    const host = hostNumber(address);
    if (host === undefined) return;
    let outbound = this.#outbound.get(host);
    if (outbound === undefined) {
      const name = nodeChannel(this.directory.network, host);
      // What others send to that node arrives here too and is not ours to look at.
      const channel = this.#carrier.open(name, () => undefined);
      this.#outbound.set(host, (outbound = { channel, idleTicks: 0 }));
    }
    outbound.idleTicks = 0;
    outbound.channel.post(frame);
  }

  /** Opens the channel of one connection. */
  openConnection(token: string, receive: (message: unknown) => void): Channel {
    return this.#carrier.open(connectionChannel(this.directory.network, token), receive);
  }

  /** Whether anything here needs the tick. */
  get busy(): boolean {
    return this.peers.size > 0 || this.#outbound.size > 0;
  }

  /** A second has passed. */
  tick(): void {
    for (const [host, outbound] of this.#outbound) {
      if (++outbound.idleTicks <= KEEP_TICKS) continue;
      outbound.channel.close();
      this.#outbound.delete(host);
    }
    this.peers.tick();
    if (this.peers.size > 0) {
      // Looking is what makes Chromium evict a navigated page whose node we watch, and so release
      // its locks; a watch alone never does. Failing to look is no news about any peer.
      this.directory.snapshot().catch(() => undefined);
    }
  }

  /** Closes the node's channels and ends its watches. */
  close(): void {
    this.#unwatch();
    this.#inbound.close();
    for (const { channel } of this.#outbound.values()) channel.close();
    this.#outbound.clear();
    this.peers.close();
  }
}
