import {
  type Family,
  formatSocketAddress,
  isIpv4Mapped,
  isUnicast,
  isWildcard,
  type SocketAddress,
} from './address.ts';
import { NetError } from './errors.ts';
import type { Binding } from './ports.ts';
import { condition, type Readiness, Signal } from './readiness.ts';
import type { Connection } from './tcp-connection.ts';
import { defaultTcpOptions, type TcpOptions } from './tcp-options.ts';

/**
 * Where a socket stands. `starting` is between listen() and the moment other nodes can see the
 * listener; `failed` is after a connect() that did not succeed.
 */
export type TcpState =
  'unbound' | 'bound' | 'starting' | 'listening' | 'connecting' | 'connected' | 'failed' | 'closed';

/** What a socket asks of the stack it belongs to. */
export interface TcpSocketHost {
  /** @throws NetError EADDRINUSE, EADDRNOTAVAIL */
  bind(socket: TcpSocket, address: SocketAddress): Binding<TcpSocket>;
  release(binding: Binding<TcpSocket>): void;
  /** Makes the listener visible; undefined when it is so already. */
  startListening(socket: TcpSocket, address: SocketAddress): Promise<void> | undefined;
  /** @param done - whether the announcement had been made */
  stopListening(address: SocketAddress): void;
  /**
   * Begins to connect; ends in `established` or `connectFailed`. Returns the local address, bound
   * or chosen for the remote one, and how to give up.
   *
   * @throws NetError when it is plain that the address cannot be reached
   */
  startConnecting(
    socket: TcpSocket,
    remote: SocketAddress,
  ): { readonly local: SocketAddress; readonly cancel: () => void };
}

/**
 * A TCP socket: unbound, then bound, then either listening or connecting and connected. bind,
 * listen and connect begin their work in the call and finish it later (`settled`).
 */
export class TcpSocket {
  readonly family: Family;
  readonly options: TcpOptions;
  /** Ready when bind, listen or connect is not under way, and for a listener with a connection to accept. */
  readonly settled: Readiness;
  readonly #host: TcpSocketHost;
  readonly #changed = new Signal();
  #state: TcpState = 'unbound';
  #binding: Binding<TcpSocket> | undefined;
  #local: SocketAddress | undefined;
  #remote: SocketAddress | undefined;
  #connection: Connection | undefined;
  #error: NetError | undefined;
  #cancelConnect: (() => void) | undefined;
  /** Established connections that nobody has accepted yet, oldest first. */
  #backlog: Connection[] = [];

  /** @param options - the socket's own; defaults unless it was accepted */
  constructor(host: TcpSocketHost, family: Family, options: TcpOptions = defaultTcpOptions()) {
    this.#host = host;
    this.family = family;
    this.options = options;
    this.settled = condition(() => {
      if (this.#state === 'listening') return this.#backlog.length > 0;
      return this.#state !== 'starting' && this.#state !== 'connecting';
    }, this.#changed);
  }

  get state(): TcpState {
    return this.#state;
  }

  /** Why the last listen() or connect() failed; undefined when it did not. */
  get error(): NetError | undefined {
    return this.#error;
  }

  /** The established connection, while `connected`. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** The local address; undefined while unbound. */
  get local(): SocketAddress | undefined {
    return this.#local;
  }

  /** The peer's address; undefined unless connected (also after the peer has gone). */
  get remote(): SocketAddress | undefined {
    return this.#remote;
  }

  /** How many connections wait to be accepted. */
  get waiting(): number {
    return this.#backlog.length;
  }

  /**
   * Binds the socket (bind(2), with SO_REUSEADDR's freedom from lingering connections).
   *
   * @param address - the wildcard or an address of this node; port 0 takes a free one
   * @throws NetError EINVAL when bound already; EAFNOSUPPORT, EINVAL, EADDRNOTAVAIL for an address
   *   that cannot be bound; EADDRINUSE
   */
  bind(address: SocketAddress): void {
    if (this.#state !== 'unbound') throw new NetError('EINVAL', 'the socket is already bound');
    this.#checkAddress(address);
    this.#binding = this.#host.bind(this, address);
    this.#local = this.#binding.address;
    this.#state = 'bound';
  }

  /**
   * Begins to listen: `settled`, then `state` is 'listening', or 'bound' with the reason in `error`.
   *
   * @throws NetError EINVAL unless the socket is bound and neither listening nor connected
   */
  listen(): void {
    if (this.#state !== 'bound' || this.#local === undefined) {
      throw new NetError('EINVAL', `a socket that is ${this.#state} cannot listen`);
    }
    this.#error = undefined;
    const starting = this.#host.startListening(this, this.#local);
    if (starting === undefined) {
      this.#state = 'listening';
      return;
    }
    this.#state = 'starting';
    starting.then(
      () => this.#settleListen('listening', undefined),
      (error: unknown) => this.#settleListen('bound', asNetError(error)),
    );
  }

  /** A listener's next connection, as a connected socket; undefined while there is none. */
  accept(): TcpSocket | undefined {
    const connection = this.#backlog.shift();
    if (connection === undefined) return undefined;
    // Options set since the connection arrived count for it too; set later ones do not.
    Object.assign(connection.options, this.options);
    connection.receiveBufferChanged();
    const socket = new TcpSocket(this.#host, this.family, connection.options);
    socket.established(connection);
    return socket;
  }

  /**
   * Begins to connect: `settled`, then `state` is 'connected', or 'failed' with the reason in `error`.
   *
   * @throws NetError EISCONN, EALREADY or EINVAL in the wrong state; EAFNOSUPPORT or EINVAL for an
   *   address that cannot be connected to. The socket is then as it was.
   */
  connect(remote: SocketAddress): void {
    if (this.#state === 'connected')
      throw new NetError('EISCONN', 'the socket is already connected');
    if (this.#state === 'connecting')
      throw new NetError('EALREADY', 'the socket is already connecting');
    if (this.#state !== 'unbound' && this.#state !== 'bound') {
      throw new NetError('EINVAL', `a socket that is ${this.#state} cannot connect`);
    }
    this.#checkAddress(remote);
    if (isWildcard(remote.address) || remote.port === 0) {
      throw new NetError('EINVAL', `${formatSocketAddress(remote)} names no peer`);
    }
    const before = this.#state;
    this.#state = 'connecting';
    try {
      const { local, cancel } = this.#host.startConnecting(this, remote);
      this.#local = local;
      // It may have ended within the call, when the peer is in this node.
      if (this.state === 'connecting') this.#cancelConnect = cancel;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      if (error.code === 'EINVAL') {
        this.#state = before;
        throw error;
      }
      this.connectFailed(error);
    }
  }

  /** Ends whatever the socket does and frees its port; see Connection.close for a connection. */
  close(): void {
    if (this.#state === 'closed') return;
    const before = this.#state;
    this.#state = 'closed';
    this.#cancelConnect?.();
    this.#connection?.close();
    if ((before === 'listening' || before === 'starting') && this.#local !== undefined) {
      this.#host.stopListening(this.#local);
    }
    for (const connection of this.#backlog) connection.reset('ECONNRESET');
    this.#backlog = [];
    if (this.#binding !== undefined) this.#host.release(this.#binding);
    this.#binding = undefined;
    this.#changed.fire();
  }

  // For the stack.

  /** Whether the backlog has room; Linux lets one more wait than the backlog says. */
  get admits(): boolean {
    return this.#state === 'listening' && this.#backlog.length <= this.options.backlog;
  }

  /** A connection has arrived at the listener. */
  admit(connection: Connection): void {
    this.#backlog.push(connection);
    this.#changed.fire();
  }

  /** Remembers what the stack bound for a socket that connects without having been bound. */
  bound(binding: Binding<TcpSocket>): void {
    this.#binding = binding;
  }

  /** The binding of the socket, if it has one. */
  get binding(): Binding<TcpSocket> | undefined {
    return this.#binding;
  }

  /** The socket is connected. */
  established(connection: Connection): void {
    this.#state = 'connected';
    this.#connection = connection;
    this.#local = connection.local;
    this.#remote = connection.remote;
    this.#cancelConnect = undefined;
    this.#changed.fire();
  }

  /** Connecting has failed. */
  connectFailed(error: NetError): void {
    this.#state = 'failed';
    this.#error = error;
    this.#cancelConnect = undefined;
    this.#changed.fire();
  }

  #settleListen(state: TcpState, error: NetError | undefined): void {
    // It may have been closed meanwhile; the stack has withdrawn the listener then.
    if (this.#state !== 'starting') return;
    this.#state = state;
    this.#error = error;
    this.#changed.fire();
  }

  #checkAddress({ address }: SocketAddress): void {
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
}

function asNetError(error: unknown): NetError {
  return error instanceof NetError ? error : new NetError('ENETDOWN', String(error));
}
