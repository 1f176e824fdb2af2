import {
  type Family,
  formatSocketAddress,
  hostNumber,
  type IpAddress,
  isLoopback,
  isWildcard,
  LOOPBACK,
  sameAddress,
  type SocketAddress,
} from './address.ts';
import type { Channel } from './carrier/carrier.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';
import { NetError } from './errors.ts';
import {
  type ConnectionFrame,
  type ControlFrame,
  decodeConnectionFrame,
  encodeAccept,
  encodeReset,
  encodeSyn,
  randomId,
} from './frame.ts';
import type { Access } from './policy.ts';
import { type Binding, Ports } from './ports.ts';
import { Signal } from './readiness.ts';
import { Connection, type ConnectionOwner } from './tcp-connection.ts';
import { type TcpState, TcpSocket, type TcpSocketHost } from './tcp-socket.ts';
import type { Uplink } from './uplink.ts';
import { ChannelWire, LocalWire } from './wires.ts';

/** The pauses between handshakes that go unanswered, in milliseconds; the last one repeats. */
const HANDSHAKE_PAUSES = [50, 100, 200, 400, 800, 1000];

/** How long a connection is asked for before ETIMEDOUT, in milliseconds. */
const HANDSHAKE_TIMEOUT = 60_000;

/**
 * How long the channel of a connection that was given up stays open, in milliseconds, to reset what
 * the other end makes of a handshake that was already under way.
 */
const GIVEN_UP_LINGER = 10_000;

/** How many ended connections' tokens are remembered, to know a late repetition of their SYN. */
const REMEMBERED_TOKENS = 4096;

type Syn = Extract<ControlFrame, { type: 'syn' }>;

/** What is known of a connection's other end, when that is in another node. */
interface RemoteEnd {
  readonly peer: string;
  readonly token: string;
}

/** TCP in one node: its sockets, their ports, and the connections that outlive them. */
export class TcpLayer implements TcpSocketHost, ConnectionOwner {
  /** Fires when a peer took something or a connection ended. */
  readonly progress = new Signal();
  readonly #uplink: Uplink | undefined;
  readonly #counters: Counters;
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #ports = new Ports<TcpSocket>();
  readonly #connections = new Map<Connection, RemoteEnd | undefined>();
  /** Connections that came from other nodes, by their token. */
  readonly #accepted = new Map<string, { readonly syn: Syn; readonly answer: () => void }>();
  /** The tokens of connections that came from other nodes and have ended, oldest first. */
  readonly #past = new Set<string>();
  /** What closes the channels of connections that were given up. */
  readonly #givenUp = new Set<() => void>();

  constructor(uplink: Uplink | undefined, counters: Counters, access: Access, clock: Clock) {
    this.#uplink = uplink;
    this.#counters = counters;
    this.#access = access;
    this.#clock = clock;
  }

  /** A new socket. */
  socket(family: Family): TcpSocket {
    return new TcpSocket(this, family);
  }

  /** Every connection that has not ended on both ends. */
  get connections(): Iterable<Connection> {
    return this.#connections.keys();
  }

  /** Every listening socket. */
  *listeners(): Iterable<TcpSocket> {
    for (const socket of this.#ports.owners()) if (socket.state === 'listening') yield socket;
  }

  /** Whether anything here needs the tick. */
  get busy(): boolean {
    return this.#connections.size > 0;
  }

  /** A second has passed. */
  tick(): void {
    for (const [connection, remote] of [...this.#connections]) {
      if (remote !== undefined) connection.tick();
    }
  }

  /** Closes every socket and connection as the end of a process does. */
  closeAll(): void {
    for (const socket of [...this.#ports.owners()]) socket.close();
    for (const connection of [...this.#connections.keys()]) connection.close();
  }

  /** Ends every socket and connection without a word to anybody. */
  abandonAll(): void {
    for (const connection of [...this.#connections.keys()]) connection.abandon();
    for (const socket of [...this.#ports.owners()]) socket.close();
    for (const close of [...this.#givenUp]) close();
  }

  // TcpSocketHost

  bind(socket: TcpSocket, address: SocketAddress): Binding<TcpSocket> {
    const ip = address.address;
    if (!isWildcard(ip) && !isLoopback(ip) && this.#uplink?.isOwn(ip) !== true) {
      throw new NetError('EADDRNOTAVAIL', `${formatSocketAddress(address)} is not this node's`);
    }
    // Which ephemeral port a listener gets is known when it listens; a client's is nobody's matter.
    if (address.port !== 0) this.#checkBind(address);
    return this.#ports.bind(address, socket);
  }

  release(binding: Binding<TcpSocket>): void {
    this.#ports.release(binding);
  }

  startListening(socket: TcpSocket, address: SocketAddress): Promise<void> | undefined {
    const uplink = this.#uplink;
    const visible = uplink && announced(uplink, address);
    if (uplink === undefined || visible === undefined) return undefined;
    this.#access.checkBind(visible);
    return uplink.directory.announce(visible).then(() => {
      if (!isStarting(socket.state)) uplink.directory.withdraw(visible);
    });
  }

  stopListening(address: SocketAddress): void {
    const uplink = this.#uplink;
    const visible = uplink && announced(uplink, address);
    if (visible !== undefined) uplink?.directory.withdraw(visible);
  }

  startConnecting(
    socket: TcpSocket,
    remote: SocketAddress,
  ): { readonly local: SocketAddress; readonly cancel: () => void } {
    const uplink = this.#uplink;
    const isHere = isLoopback(remote.address) || uplink?.isOwn(remote.address) === true;
    const reachable = isHere || (uplink !== undefined && hostNumber(remote.address) !== undefined);
    const bound = socket.local?.address;
    if (!isHere && bound !== undefined && isLoopback(bound)) {
      throw new NetError('EINVAL', 'a socket bound to loopback cannot leave the node');
    }
    if (!reachable) {
      throw new NetError(
        'ENETUNREACH',
        `${formatSocketAddress(remote)} is in no network of this node`,
      );
    }
    if (!isHere) this.#access.checkConnect(remote);
    const local = this.#sourceAddress(socket, remote.address);
    const handshake = new Handshake(this.#clock);
    const failed = (error: NetError): void => {
      handshake.end();
      socket.connectFailed(error);
    };
    if (isHere || uplink === undefined) {
      handshake.run(failed, () => this.#connectHere(socket, handshake, local, remote));
      return { local, cancel: () => handshake.end() };
    }
    const giveUp = this.#connectAway(uplink, socket, handshake, local, remote);
    return { local, cancel: giveUp };
  }

  // ConnectionOwner

  ended(connection: Connection): void {
    const remote = this.#connections.get(connection);
    this.#connections.delete(connection);
    if (remote === undefined) return;
    if (this.#accepted.delete(remote.token)) this.#past.add(remote.token);
    const [oldest] = this.#past;
    if (this.#past.size > REMEMBERED_TOKENS && oldest !== undefined) this.#past.delete(oldest);
    this.#uplink?.peers.remove(remote.peer, connection);
  }

  progressed(): void {
    this.progress.fire();
  }

  violated(): void {
    this.#counters.protocolViolations++;
  }

  // What comes from other nodes.

  /** Another node asks for a connection. */
  onSyn(syn: Syn): void {
    const uplink = this.#uplink;
    if (uplink === undefined || !uplink.isOwn(syn.destination.address)) {
      this.#counters.misdirectedFrames++;
      return;
    }
    const known = this.#accepted.get(syn.token);
    if (known !== undefined) {
      // Our answer may not have been awaited yet; a different request under that token is a forgery.
      const same =
        known.syn.node === syn.node &&
        sameSocketAddress(known.syn.source, syn.source) &&
        sameSocketAddress(known.syn.destination, syn.destination);
      if (same) known.answer();
      else this.#counters.misdirectedFrames++;
      return;
    }
    if (this.#past.has(syn.token)) {
      this.#counters.misdirectedFrames++;
      return;
    }
    const listener = this.#ports.find(syn.destination, isListening);
    if (listener === undefined) {
      this.#counters.handshakesRefused++;
      const channel = uplink.openConnection(syn.token, () => undefined);
      channel.post(encodeReset('server', true));
      channel.close();
    } else if (!listener.admits) {
      this.#counters.handshakesDropped++;
    } else {
      this.#admit(uplink, listener, syn);
    }
  }

  #admit(uplink: Uplink, listener: TcpSocket, syn: Syn): void {
    const options = { ...listener.options };
    const window = options.receiveBufferSize;
    const connection = new Connection(
      this,
      syn.destination,
      syn.source,
      options,
      window,
      syn.window,
    );
    const channel = uplink.openConnection(syn.token, (message) =>
      this.#dispatch(connection, decodeConnectionFrame(message, 'client')),
    );
    connection.attach(new ChannelWire(channel, 'server'));
    const answer = (): void => channel.post(encodeAccept(uplink.directory.node.id, window));
    this.#accepted.set(syn.token, { syn, answer });
    this.#connections.set(connection, { peer: syn.node, token: syn.token });
    uplink.peers.add(syn.node, connection);
    answer();
    listener.admit(connection);
  }

  #dispatch(connection: Connection, frame: ConnectionFrame | undefined): void {
    switch (frame?.type) {
      case 'data':
        connection.onData(frame.offset, frame.payload, true);
        break;
      case 'ack':
        connection.onAck(frame.received, frame.limit, frame.fin);
        break;
      case 'fin':
        connection.onFin(frame.offset);
        break;
      case 'reset':
        connection.onReset();
        break;
      case 'ping':
        connection.onPing();
        break;
      case 'accept':
        // The answer to a repeated handshake, after the first one's.
        break;
      case undefined:
        this.#counters.badFrames++;
    }
  }

  /** The address a connection to `remote` comes from; binds a port if the socket has none. */
  #sourceAddress(socket: TcpSocket, remote: IpAddress): SocketAddress {
    const { family } = remote;
    const address = isLoopback(remote)
      ? LOOPBACK[family]
      : (this.#uplink?.address(family) ?? LOOPBACK[family]);
    if (socket.binding === undefined) {
      socket.bound(this.#ports.bind({ address, port: 0 }, socket));
    }
    const bound = socket.binding?.address ?? { address, port: 0 };
    return isWildcard(bound.address) ? { address, port: bound.port } : bound;
  }

  /** One attempt to connect within the node. */
  #connectHere(
    socket: TcpSocket,
    handshake: Handshake,
    local: SocketAddress,
    remote: SocketAddress,
  ): void {
    const listener = this.#ports.find(remote, isListening);
    if (listener === undefined) throw refused(remote);
    if (!listener.admits) return;
    handshake.end();
    const options = { ...listener.options };
    const here = socket.options.receiveBufferSize;
    const there = options.receiveBufferSize;
    const client = new Connection(this, local, remote, socket.options, here, there);
    const server = new Connection(this, remote, local, options, there, here);
    client.attach(new LocalWire(server));
    server.attach(new LocalWire(client));
    this.#connections.set(client, undefined);
    this.#connections.set(server, undefined);
    socket.established(client);
    listener.admit(server);
  }

  /** Connects to another node: asks until it answers, or the directory says that it never will. */
  #connectAway(
    uplink: Uplink,
    socket: TcpSocket,
    handshake: Handshake,
    local: SocketAddress,
    remote: SocketAddress,
  ): () => void {
    const token = randomId();
    const window = socket.options.receiveBufferSize;
    let connection: Connection | undefined;
    let givenUp = false;
    const channel = uplink.openConnection(token, (message) => {
      const frame = decodeConnectionFrame(message, 'server');
      if (connection !== undefined) {
        this.#dispatch(connection, frame);
      } else if (givenUp) {
        if (frame?.type === 'accept') channel.post(encodeReset('client', false));
      } else if (frame?.type === 'accept' && uplink.peers.isDead(frame.node)) {
        this.#counters.framesFromDead++;
      } else if (frame?.type === 'accept') {
        handshake.end();
        connection = new Connection(this, local, remote, socket.options, window, frame.window);
        connection.attach(new ChannelWire(channel, 'client'));
        this.#connections.set(connection, { peer: frame.node, token });
        uplink.peers.add(frame.node, connection);
        socket.established(connection);
      } else if (frame?.type === 'reset') {
        failed(
          frame.refused ? refused(remote) : new NetError('ECONNRESET', 'the handshake was reset'),
        );
      } else {
        this.#counters.badFrames++;
      }
    });
    const giveUp = (): void => {
      if (connection !== undefined || givenUp) return;
      givenUp = true;
      handshake.end();
      channel.post(encodeReset('client', false));
      this.#lingerThenClose(channel);
    };
    const failed = (error: NetError): void => {
      giveUp();
      socket.connectFailed(error);
    };
    const route = { node: uplink.directory.node.id, source: local, destination: remote };
    let attempts = 0;
    handshake.run(failed, () => {
      if (attempts++ > 0) this.#counters.handshakesRepeated++;
      // The request travels while the directory is asked: whoever answers first decides.
      uplink.post(remote.address, encodeSyn(route, token, window));
      whyUnreachable(uplink, remote).then(
        (error) => {
          if (error !== undefined && !handshake.ended) failed(error);
        },
        (error: unknown) => {
          if (!handshake.ended) failed(new NetError('ENETDOWN', String(error)));
        },
      );
    });
    return giveUp;
  }

  #lingerThenClose(channel: Channel): void {
    const close = (): void => {
      cancel();
      this.#givenUp.delete(close);
      channel.close();
    };
    const cancel = this.#clock.after(GIVEN_UP_LINGER, close);
    this.#givenUp.add(close);
  }

  #checkBind(address: SocketAddress): void {
    const visible = this.#uplink && announced(this.#uplink, address);
    if (visible !== undefined) this.#access.checkBind(visible);
  }
}

/** The repetition of a handshake until it ends. */
class Handshake {
  readonly #clock: Clock;
  #ended = false;
  #cancelPause: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Attempts now and again; fails with what an attempt throws, or when it takes too long. */
  run(failed: (error: NetError) => void, attempt: () => void): void {
    const deadline = this.#clock.now() + HANDSHAKE_TIMEOUT;
    const again = (attempts: number): void => {
      try {
        if (this.#clock.now() >= deadline) {
          throw new NetError('ETIMEDOUT', 'the peer did not answer the handshake');
        }
        attempt();
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        failed(error);
      }
      if (this.#ended) return;
      const pause = HANDSHAKE_PAUSES[Math.min(attempts, HANDSHAKE_PAUSES.length - 1)] ?? 0;
      this.#cancelPause = this.#clock.after(pause, () => again(attempts + 1));
    };
    again(0);
  }

  end(): void {
    this.#ended = true;
    this.#cancelPause();
  }
}

/** Why no connection to an address of the network can come about; undefined when one can. */
async function whyUnreachable(
  uplink: Uplink,
  remote: SocketAddress,
): Promise<NetError | undefined> {
  const { leases, listeners } = await uplink.directory.snapshot();
  if (listeners.has(formatSocketAddress(remote))) return undefined;
  const host = hostNumber(remote.address);
  if (host !== undefined && leases.has(host)) return refused(remote);
  return new NetError('EHOSTUNREACH', `${formatSocketAddress(remote)}: no node has this address`);
}

function refused(remote: SocketAddress): NetError {
  return new NetError('ECONNREFUSED', `nothing listens on ${formatSocketAddress(remote)}`);
}

/** The address under which other nodes see a listener; undefined for one on loopback. */
function announced(uplink: Uplink, { address, port }: SocketAddress): SocketAddress | undefined {
  return isLoopback(address) ? undefined : { address: uplink.address(address.family), port };
}

function isListening(socket: TcpSocket): boolean {
  return socket.state === 'listening';
}

function isStarting(state: TcpState): boolean {
  return state === 'starting';
}

function sameSocketAddress(a: SocketAddress, b: SocketAddress): boolean {
  return a.port === b.port && sameAddress(a.address, b.address);
}
