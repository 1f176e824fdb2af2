import {
  type Family,
  formatAddress,
  formatSocketAddress,
  hostAddress,
  type IpAddress,
} from './address.ts';
import type { Carrier } from './carrier/carrier.ts';
import { type Clock, every, systemClock } from './clock.ts';
import { type Counters, newCounters } from './counters.ts';
import { checkDomain, Directory } from './directory.ts';
import { NetError } from './errors.ts';
import type { ControlFrame } from './frame.ts';
import type { LockHolder } from './locks.ts';
import { Access, type Policy } from './policy.ts';
import { parseHostName } from './resolve.ts';
import { TcpLayer } from './tcp.ts';
import type { TcpSocket } from './tcp-socket.ts';
import { UdpLayer, type UdpSocket } from './udp.ts';
import { Uplink } from './uplink.ts';

/** How long an ending node waits for peers that take nothing, in milliseconds. */
const LINGER = 3000;

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
  /** What nodes' names may be followed by; by default `NETWORK.internal`. */
  readonly domain?: string | undefined;
  /** What the node may bind, connect to and resolve; by default everything in its network. */
  readonly policy?: Policy | undefined;
  /** By default the system's. */
  readonly clock?: Clock | undefined;
  /** Takes messages for whoever runs the node, one sentence each; by default the console. */
  readonly log?: ((message: string) => void) | undefined;
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
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #domain: string;
  #stopTicking: () => void = () => undefined;
  #closed = false;

  private constructor(
    access: Access,
    joined?: { readonly directory: Directory; readonly options: StackOptions },
  ) {
    const { directory, options } = joined ?? {};
    this.#access = access;
    this.#clock = options?.clock ?? systemClock;
    this.#domain = options?.domain ?? `${directory?.network ?? ''}.internal`;
    if (directory !== undefined && options !== undefined) {
      const log = options.log ?? ((message: string) => console.warn(message));
      this.#uplink = new Uplink(directory, options.carrier, this.#counters, {
        receive: (frame) => this.#receive(frame),
        expired: () => {
          log(
            `backtab: the node "${directory.node.name}" of the network "${directory.network}" has lost the lock that says it is alive (it was killed, or another script of this origin took the lock); its connections are reset`,
          );
          void this.close('kill');
        },
      });
    }
    this.network = directory?.network;
    this.name = directory?.node.name;
    this.#tcp = new TcpLayer(this.#uplink, this.#counters, access, this.#clock);
    this.#udp = new UdpLayer(this.#uplink, this.#counters, access);
    if (this.#uplink !== undefined) {
      this.#stopTicking = every(this.#clock, 1000, () => this.#tick());
    }
  }

  /**
   * Joins a network: marks the node alive, leases its address, claims its name.
   *
   * @throws NetError EINVAL for a malformed name, address, domain or policy; EADDRINUSE when the address or the
   *   name is taken (and stays so for a second); EADDRNOTAVAIL when the network is full
   */
  static async create(options: StackOptions): Promise<Stack> {
    const { locks, network, name, ip } = options;
    const access = new Access(options.policy);
    if (options.domain !== undefined) checkDomain(options.domain);
    return new Stack(access, {
      directory: await Directory.join(locks, network, name, ip),
      options,
    });
  }

  /** A stack without a network: its sockets reach only each other, over 127.0.0.0/8 and ::1. */
  static loopback(): Stack {
    return new Stack(new Access());
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
   * of the network, alone or followed by the domain (`.NETWORK.internal` unless told).
   *
   * @throws NetError EINVAL for what is no host name; ENOTFOUND for a name that nobody has; EACCES
   *   for one that the node's policy does not allow
   */
  async resolve(text: string): Promise<readonly IpAddress[]> {
    const host = parseHostName(text);
    if (host.kind === 'addresses') return host.addresses;
    const suffix = `.${this.#domain}`;
    const name = host.name.endsWith(suffix) ? host.name.slice(0, -suffix.length) : host.name;
    this.#access.checkResolve(name, name + suffix, host.name);
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
    this.#stopTicking();
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
        const stopWaiting = this.#clock.after(LINGER, () => {
          cancel();
          resolve(false);
        });
        const cancel = this.#tcp.progress.watch(() => {
          stopWaiting();
          resolve(true);
        });
      });
      if (!progressed) return;
    }
  }
}
