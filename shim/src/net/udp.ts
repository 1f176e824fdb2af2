import {
  type Family,
  formatSocketAddress,
  hostNumber,
  isIpv4Mapped,
  isLoopback,
  isUnicast,
  isWildcard,
  LOOPBACK,
  sameAddress,
  type SocketAddress,
} from './address.ts';
import type { Counters } from './counters.ts';
import { NetError } from './errors.ts';
import {
  type ControlFrame,
  encodeDatagram,
  encodeUnreachable,
  MAX_DATAGRAM,
  MAX_WINDOW,
} from './frame.ts';
import type { Access } from './policy.ts';
import { type Binding, Ports } from './ports.ts';
import { condition, type Readiness, Signal } from './readiness.ts';
import { clamp } from './tcp-options.ts';
import type { Uplink } from './uplink.ts';

/** What a waiting datagram counts beyond its payload, so that empty ones are not free. */
const OVERHEAD = 64;

/** A datagram that has arrived. */
export interface Datagram {
  readonly payload: Uint8Array;
  readonly source: SocketAddress;
}

/** A UDP socket: unbound, then bound, and connected to one peer or to none. */
export class UdpSocket {
  readonly family: Family;
  hopLimit = 64;
  sendBufferSize = 256 * 1024;
  /** A datagram to receive, or an error. */
  readonly readable: Readiness;
  readonly #layer: UdpLayer;
  readonly #changed = new Signal();
  #binding: Binding<UdpSocket> | undefined;
  #remote: SocketAddress | undefined;
  #receiveBufferSize = 256 * 1024;
  #inbox: Datagram[] = [];
  #inboxSize = 0;
  #refused: NetError | undefined;
  #closed = false;

  constructor(layer: UdpLayer, family: Family) {
    this.#layer = layer;
    this.family = family;
    this.readable = condition(
      () => this.#inbox.length > 0 || this.#refused !== undefined,
      this.#changed,
    );
  }

  /**
   * The local address; undefined while unbound. A socket that is bound to the wildcard shows the
   * address that its datagrams come from while it is connected, as on Linux.
   */
  get local(): SocketAddress | undefined {
    const bound = this.#binding?.address;
    if (bound === undefined || this.#remote === undefined) return bound;
    return this.#layer.sourceFor(bound, this.#remote);
  }

  /** The peer that the socket is connected to, if any. */
  get remote(): SocketAddress | undefined {
    return this.#remote;
  }

  get receiveBufferSize(): number {
    return this.#receiveBufferSize;
  }

  set receiveBufferSize(size: number) {
    this.#receiveBufferSize = clamp(size, [1, MAX_WINDOW]);
  }

  /**
   * Binds the socket.
   *
   * @throws NetError EINVAL when bound already; EAFNOSUPPORT, EINVAL, EADDRNOTAVAIL for an address
   *   that cannot be bound; EADDRINUSE
   */
  bind(address: SocketAddress): void {
    if (this.#binding !== undefined) throw new NetError('EINVAL', 'the socket is already bound');
    this.#check(address);
    this.#binding = this.#layer.bind(this, address);
  }

  /**
   * Limits the socket to one peer, or to none. Datagrams of other peers that wait are dropped.
   *
   * @throws NetError EAFNOSUPPORT, EINVAL for an address that names no peer
   */
  connect(remote: SocketAddress | undefined): void {
    if (remote !== undefined) {
      this.#checkPeer(remote);
      this.#layer.checkConnect(remote);
    }
    this.#remote = remote;
    this.#refused = undefined;
    if (remote === undefined) return;
    this.#inbox = this.#inbox.filter(({ source }) => isSame(source, remote));
    this.#inboxSize = this.#inbox.reduce((sum, { payload }) => sum + payload.length + OVERHEAD, 0);
  }

  /**
   * Sends a datagram to an address, or to the peer.
   *
   * @throws NetError EMSGSIZE above 65507 bytes; EAFNOSUPPORT, EINVAL for an address that names no
   *   peer, is not the socket's peer, or is missing; ENETUNREACH for one in no network of the node;
   *   ECONNREFUSED when an earlier datagram to the peer met a port that nobody has bound
   */
  send(payload: Uint8Array, to: SocketAddress | undefined): void {
    const remote = to ?? this.#remote;
    if (remote === undefined) throw new NetError('EINVAL', 'the datagram has no destination');
    this.#checkPeer(remote);
    if (this.#remote !== undefined && !isSame(remote, this.#remote)) {
      throw new NetError(
        'EINVAL',
        `the socket is connected to ${formatSocketAddress(this.#remote)}`,
      );
    }
    if (payload.length > MAX_DATAGRAM) {
      throw new NetError('EMSGSIZE', `a datagram holds at most ${MAX_DATAGRAM} bytes`);
    }
    this.#throwRefused();
    if (this.#binding === undefined) throw new NetError('EINVAL', 'the socket is not bound');
    this.#layer.send(this.#binding.address, remote, payload);
  }

  /**
   * The next datagram; undefined while there is none.
   *
   * @throws NetError ECONNREFUSED when a datagram to the peer met a port that nobody has bound
   */
  receive(): Datagram | undefined {
    this.#throwRefused();
    const datagram = this.#inbox.shift();
    if (datagram !== undefined) this.#inboxSize -= datagram.payload.length + OVERHEAD;
    return datagram;
  }

  /** Frees the port and drops what waits. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inbox = [];
    if (this.#binding !== undefined) this.#layer.release(this.#binding);
    this.#changed.fire();
  }

  // For the stack.

  /** A datagram has arrived; false when it was dropped for want of room. */
  deliver(datagram: Datagram): boolean {
    if (this.#remote !== undefined && !isSame(datagram.source, this.#remote)) return true;
    const size = datagram.payload.length + OVERHEAD;
    // One datagram always fits, however small the buffer.
    if (this.#inbox.length > 0 && this.#inboxSize + size > this.#receiveBufferSize) return false;
    this.#inbox.push(datagram);
    this.#inboxSize += size;
    this.#changed.fire();
    return true;
  }

  /** A datagram to `destination` met a port that nobody has bound. */
  unreachable(destination: SocketAddress): void {
    if (this.#remote === undefined || !isSame(destination, this.#remote)) return;
    const where = formatSocketAddress(destination);
    this.#refused = new NetError('ECONNREFUSED', `nobody has bound ${where}`);
    this.#changed.fire();
  }

  #throwRefused(): void {
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused !== undefined) throw refused;
  }

  #check({ address }: SocketAddress): void {
    if (address.family !== this.family) {
      throw new NetError(
        'EAFNOSUPPORT',
        `an ${address.family} address for an ${this.family} socket`,
      );
    }
    if (!isUnicast(address)) throw new NetError('EINVAL', 'the address is not a unicast address');
    if (isIpv4Mapped(address)) {
      throw new NetError('EINVAL', 'IPv6 sockets are IPv6 only: the address is IPv4-mapped');
    }
  }

  #checkPeer(remote: SocketAddress): void {
    this.#check(remote);
    if (isWildcard(remote.address) || remote.port === 0) {
      throw new NetError('EINVAL', `${formatSocketAddress(remote)} names no peer`);
    }
  }
}

type Arrived<Type extends ControlFrame['type']> = Extract<ControlFrame, { type: Type }>;

/** UDP in one node: its sockets and their ports. */
export class UdpLayer {
  readonly #uplink: Uplink | undefined;
  readonly #counters: Counters;
  readonly #access: Access;
  readonly #ports = new Ports<UdpSocket>();

  constructor(uplink: Uplink | undefined, counters: Counters, access: Access) {
    this.#uplink = uplink;
    this.#counters = counters;
    this.#access = access;
  }

  /** A new socket. */
  socket(family: Family): UdpSocket {
    return new UdpSocket(this, family);
  }

  /** Binds an address for a socket. */
  bind(socket: UdpSocket, address: SocketAddress): Binding<UdpSocket> {
    const ip = address.address;
    if (!isWildcard(ip) && !isLoopback(ip) && this.#uplink?.isOwn(ip) !== true) {
      throw new NetError('EADDRNOTAVAIL', `${formatSocketAddress(address)} is not this node's`);
    }
    if (address.port !== 0 && !isLoopback(ip) && this.#uplink !== undefined) {
      this.#access.checkBind({ address: this.#uplink.address(ip.family), port: address.port });
    }
    return this.#ports.bind(address, socket);
  }

  /** Checks the policy for an address to send to. */
  checkConnect(remote: SocketAddress): void {
    if (!this.#isHere(remote)) this.#access.checkConnect(remote);
  }

  /** Frees a binding. */
  release(binding: Binding<UdpSocket>): void {
    this.#ports.release(binding);
  }

  /** The address that a datagram from a bound address to a destination comes from. */
  sourceFor(bound: SocketAddress, { address }: SocketAddress): SocketAddress {
    if (!isWildcard(bound.address)) return bound;
    const { family } = address;
    const own = isLoopback(address) ? undefined : this.#uplink?.address(family);
    return { address: own ?? LOOPBACK[family], port: bound.port };
  }

  /** Sends a datagram from a bound address. */
  send(bound: SocketAddress, destination: SocketAddress, payload: Uint8Array): void {
    const { family } = destination.address;
    const uplink = this.#uplink;
    const source = this.sourceFor(bound, destination);
    if (this.#isHere(destination)) {
      this.#deliver({ source, payload: payload.slice() }, destination, () => {
        this.#ports.find(source)?.unreachable(destination);
      });
      return;
    }
    if (uplink === undefined || hostNumber(destination.address) === undefined) {
      const where = formatSocketAddress(destination);
      throw new NetError('ENETUNREACH', `${where} is in no network of this node`);
    }
    if (!sameAddress(source.address, uplink.address(family))) {
      throw new NetError('EINVAL', 'a socket bound to loopback cannot leave the node');
    }
    this.#access.checkConnect(destination);
    const route = { node: uplink.directory.node.id, source, destination };
    uplink.post(destination.address, encodeDatagram(route, payload));
  }

  /** A datagram from another node. */
  onDatagram(frame: Arrived<'datagram'>): void {
    const uplink = this.#uplink;
    const { source, destination, payload } = frame;
    if (uplink?.isOwn(destination.address) !== true) {
      this.#counters.misdirectedFrames++;
      return;
    }
    this.#deliver({ source, payload }, destination, () => {
      const route = { node: uplink.directory.node.id, source, destination };
      uplink.post(source.address, encodeUnreachable(route));
    });
  }

  /** Another node's answer to a datagram for a port that nobody has bound there. */
  onUnreachable({ source, destination }: Arrived<'unreachable'>): void {
    const socket = this.#uplink?.isOwn(source.address) ? this.#ports.find(source) : undefined;
    if (socket === undefined) this.#counters.misdirectedFrames++;
    else socket.unreachable(destination);
  }

  /** Closes every socket. */
  closeAll(): void {
    for (const socket of [...this.#ports.owners()]) socket.close();
  }

  #isHere({ address }: SocketAddress): boolean {
    return isLoopback(address) || this.#uplink?.isOwn(address) === true;
  }

  #deliver(datagram: Datagram, destination: SocketAddress, unreachable: () => void): void {
    const socket = this.#ports.find(destination);
    if (socket === undefined) unreachable();
    else if (!socket.deliver(datagram)) this.#counters.datagramsDropped++;
  }
}

function isSame(a: SocketAddress, b: SocketAddress): boolean {
  return a.port === b.port && sameAddress(a.address, b.address);
}
