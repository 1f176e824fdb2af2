import {
  type Family,
  formatAddress,
  formatSocketAddress,
  hostAddress,
  type IpAddress,
} from './address.ts';
import type { Carrier } from './carrier/carrier.ts';
import { type Counters, newCounters } from './counters.ts';
import { Directory } from './directory.ts';
import { NetError } from './errors.ts';
import type { ControlFrame } from './frame.ts';
import type { LockHolder } from './locks.ts';
import { parseHostName } from './resolve.ts';
import { TcpLayer } from './tcp.ts';
import type { TcpSocket } from './tcp-socket.ts';
import { UdpLayer, type UdpSocket } from './udp.ts';
import { Uplink } from './uplink.ts';

/** How long an ending node waits for peers that take nothing, in milliseconds. */
const LINGER = 3000;

/** The names of a network's nodes may be written with this suffix: NODE.NETWORK.internal. */
const DOMAIN = 'internal';

/** What a stack is created with. */
export interface StackOptions {
  /** The network's name, `[a-z0-9-]{1,63}`. */
  readonly network: string;
  /** The node's name in the network; by default `node-` and its host number. */
  readonly name?: string | undefined;
  /** The node's address, IPv4 or IPv6 (the other follows from it); by default the next free one. */
  readonly ip?: string | undefined;
  /** What moves the frames. */
  readonly carrier: Carrier;
  /** Who holds the node's locks: one holder per stack. */
  readonly locks: LockHolder;
}

/** What a stack knows of itself at one moment. Addresses as `formatSocketAddress` writes them. */
export interface StackInfo {
  readonly network: string | undefined;
  readonly name: string | undefined;
  /** The node's addresses: its IPv4 and its IPv6 address; none without a network. */
  readonly addresses: readonly string[];
  readonly listeners: readonly {
    readonly local: string;
    readonly backlog: number;
    readonly waiting: number;
  }[];
  readonly connections: readonly {
    readonly local: string;
    readonly remote: string;
    /** The state in TCP's words, such as 'established' or 'close-wait'. */
    readonly state: string;
    /** Bytes. */
    readonly sent: number;
    readonly received: number;
    readonly sendQueue: number;
    readonly receiveQueue: number;
  }[];
  readonly counters: Readonly<Counters>;
}

/**
 * One node's network stack: TCP and UDP over the node's addresses in its network, and over
 * loopback, which never leaves the stack.
 *
 * A stack lives from `create` to `close`. Its locks may be held elsewhere; releasing them there
 * (LockHolder.releaseAll) is the node's death to all others, and to the stack itself as soon as it
 * learns of it.
 */
export class Stack {
  /** The network's name; undefined without a network. */
  readonly network: string | undefined;
  /** The node's name in the network; undefined without a network. */
  readonly name: string | undefined;
  readonly #uplink: Uplink | undefined;
  readonly #counters = newCounters();
  readonly #tcp: TcpLayer;
  readonly #udp: UdpLayer;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  private constructor(directory: Directory | undefined, carrier: Carrier | undefined) {
    if (directory !== undefined && carrier !== undefined) {
      this.#uplink = new Uplink(directory, carrier, this.#counters, {
        receive: (frame) => this.#receive(frame),
        expired: () => void this.close('kill'),
      });
    }
    this.network = directory?.network;
    this.name = directory?.node.name;
    this.#tcp = new TcpLayer(this.#uplink, this.#counters);
    this.#udp = new UdpLayer(this.#uplink, this.#counters);
    if (this.#uplink !== undefined) this.#ticker = setInterval(() => this.#tick(), 1000);
  }

  /**
   * Joins a network: marks the node alive, leases its address, claims its name.
   *
   * @throws NetError EINVAL for a malformed name or address; EADDRINUSE when the address or the
   *   name is taken (and stays so for a second); EADDRNOTAVAIL when the network is full
   */
  static async create(options: StackOptions): Promise<Stack> {
    const { locks, network, name, ip, carrier } = options;
    return new Stack(await Directory.join(locks, network, name, ip), carrier);
  }

  /** A stack without a network: its sockets reach only each other, over 127.0.0.0/8 and ::1. */
  static loopback(): Stack {
    return new Stack(undefined, undefined);
  }

  /** The node's own address of a family; undefined without a network. */
  address(family: Family): IpAddress | undefined {
    return this.#uplink?.address(family);
  }

  /** A new TCP socket. */
  tcpSocket(family: Family): TcpSocket {
    return this.#tcp.socket(family);
  }

  /** A new UDP socket. */
  udpSocket(family: Family): UdpSocket {
    return this.#udp.socket(family);
  }

  /**
   * The addresses of a host name: `localhost`, an address in any spelling, or the name of a node
   * of the network, alone or followed by `.NETWORK.internal`.
   *
   * @throws NetError EINVAL for what is no host name; ENOTFOUND for a name that nobody has
   */
  async resolve(text: string): Promise<readonly IpAddress[]> {
    const host = parseHostName(text);
    if (host.kind === 'addresses') return host.addresses;
    const suffix = `.${this.network ?? ''}.${DOMAIN}`;
    const name = host.name.endsWith(suffix) ? host.name.slice(0, -suffix.length) : host.name;
    const nodes = (await this.#uplink?.directory.snapshot())?.nodes ?? [];
    const node = nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new NetError('ENOTFOUND', `no node is named "${text}"`);
    return [hostAddress('ipv4', node.host), hostAddress('ipv6', node.host)];
  }

  /**
   * Leaves the network.
   *
   * @param how - 'exit' as the end of a process: peers get what was sent and then end-of-file
   *   (resolves when they have it, or take nothing for 3 seconds); 'kill': everything ends at once
   *   and peers see a reset
   */
  async close(how: 'exit' | 'kill'): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (how === 'exit') {
      this.#tcp.closeAll();
      await this.#drained();
    }
    clearInterval(this.#ticker);
    this.#tcp.abandonAll();
    this.#udp.closeAll();
    this.#uplink?.close();
    this.#uplink?.directory.leave();
  }

  /** A picture of the stack. */
  inspect(): StackInfo {
    const families: readonly Family[] = ['ipv4', 'ipv6'];
    const addresses = families.map((family) => this.address(family));
    return {
      network: this.network,
      name: this.name,
      addresses: addresses.filter((address) => address !== undefined).map(formatAddress),
      listeners: [...this.#tcp.listeners()].map((socket) => ({
        local: socket.local === undefined ? '' : formatSocketAddress(socket.local),
        backlog: socket.options.backlog,
        waiting: socket.waiting,
      })),
      connections: [...this.#tcp.connections].map((connection) => ({
        local: formatSocketAddress(connection.local),
        remote: formatSocketAddress(connection.remote),
        state: connection.state,
        ...connection.counts,
      })),
      counters: { ...this.#counters },
    };
  }

  #receive(frame: ControlFrame): void {
    switch (frame.type) {
      case 'syn':
        this.#tcp.onSyn(frame);
        break;
      case 'datagram':
        this.#udp.onDatagram(frame);
        break;
      case 'unreachable':
        this.#udp.onUnreachable(frame);
        break;
    }
  }

  #tick(): void {
    if (this.#tcp.busy) this.#tcp.tick();
    if (this.#uplink?.busy) this.#uplink.tick();
  }

  /** Resolves when every peer has what was sent, or none takes anything for too long. */
  async #drained(): Promise<void> {
    const undrained = (): boolean => {
      for (const connection of this.#tcp.connections) if (!connection.drained) return true;
      return false;
    };
    while (undrained()) {
      const progressed = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => {
          cancel();
          resolve(false);
        }, LINGER);
        const cancel = this.#tcp.progress.watch(() => {
          clearTimeout(timer);
          resolve(true);
        });
      });
      if (!progressed) return;
    }
  }
}
