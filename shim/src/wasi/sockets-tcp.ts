/** wasi:sockets/tcp: the resource over the network's TCP socket, and the streams of a connection. */
import type { ByteSink } from '../abi/byte-sink.ts';
import type { Readiness } from '../abi/readiness.ts';
import type { WitError } from '../abi/errors.ts';
import type { InputStream, OutputStream, Pollable, StreamError } from '../generated/io.ts';
import type {
  IpAddressFamily,
  IpSocketAddress,
  Network,
  ShutdownType,
  TcpSocket as WitTcpSocket,
} from '../generated/sockets.ts';
import { NetError } from '../net/errors.ts';
import type { Connection } from '../net/tcp-connection.ts';
import { clamp, LIMITS } from '../net/tcp-options.ts';
import type { TcpSocket } from '../net/tcp-socket.ts';
import { lastOperationFailed, ReadinessPollable, streamClosed } from './io.ts';
import { ByteInputStream, ByteOutputStream } from './io-streams.ts';
import {
  fromWitSocketAddress,
  networkError,
  reporting,
  socketError,
  SocketStreamError,
  toWitSocketAddress,
} from './sockets-network.ts';

const NANOSECONDS = 1_000_000_000n;

/** An operation that was started and not finished. */
type Pending = 'bind' | 'connect' | 'listen';

/**
 * The `tcp-socket` resource. The start functions do the work as far as it can be done at once; the
 * finish functions report how it went.
 */
export class WasiTcpSocket implements WitTcpSocket {
  readonly #socket: TcpSocket;
  readonly #readiness: Readiness;
  #pending: Pending | undefined;
  /** Whether the program has had the chance to see that connecting takes time. */
  #waited = false;

  /** @param socket - the network's socket; this resource owns it. */
  constructor(socket: TcpSocket) {
    this.#socket = socket;
    this.#readiness = {
      // A listener is ready for finish-listen first, and from then on for accept.
      ready: () =>
        this.#pending === 'listen' ? socket.state !== 'starting' : socket.settled.ready(),
      watch: (callback) => socket.settled.watch(callback),
    };
  }

  startBind(_network: Network, localAddress: IpSocketAddress): void {
    this.#start('unbound');
    reporting(() => this.#socket.bind(fromWitSocketAddress(localAddress)));
    this.#pending = 'bind';
  }

  finishBind(): void {
    this.#finish('bind');
  }

  startConnect(_network: Network, remoteAddress: IpSocketAddress): void {
    this.#start('unbound', 'bound');
    reporting(() => this.#socket.connect(fromWitSocketAddress(remoteAddress)));
    this.#pending = 'connect';
    this.#waited = false;
  }

  finishConnect(): readonly [InputStream, OutputStream] {
    // Within the node the outcome is known at once. Linux never reports it in the call that begins
    // to connect a non-blocking socket (EINPROGRESS), and programs count on that.
    const waited = this.#waited;
    this.#waited = true;
    if (this.#pending === 'connect' && (!waited || this.#socket.state === 'connecting')) {
      throw socketError('would-block');
    }
    this.#finish('connect');
    const { connection, error } = this.#socket;
    if (error !== undefined) throw networkError(error);
    if (connection === undefined) throw socketError('invalid-state');
    return streamsOf(connection);
  }

  startListen(): void {
    this.#start('bound');
    reporting(() => this.#socket.listen());
    this.#pending = 'listen';
  }

  finishListen(): void {
    if (this.#pending === 'listen' && this.#socket.state === 'starting') {
      throw socketError('would-block');
    }
    this.#finish('listen');
    if (this.#socket.error !== undefined) throw networkError(this.#socket.error);
  }

  accept(): readonly [WitTcpSocket, InputStream, OutputStream] {
    if (!this.isListening()) throw socketError('invalid-state');
    const accepted = this.#socket.accept();
    if (accepted?.connection === undefined) throw socketError('would-block');
    return [new WasiTcpSocket(accepted), ...streamsOf(accepted.connection)];
  }

  localAddress(): IpSocketAddress {
    const { local } = this.#socket;
    if (local === undefined || this.#pending === 'bind') throw socketError('invalid-state');
    return toWitSocketAddress(local);
  }

  remoteAddress(): IpSocketAddress {
    const { remote } = this.#socket;
    if (remote === undefined || this.#pending === 'connect') throw socketError('invalid-state');
    return toWitSocketAddress(remote);
  }

  isListening(): boolean {
    return this.#socket.state === 'listening' && this.#pending === undefined;
  }

  addressFamily(): IpAddressFamily {
    return this.#socket.family;
  }

  setListenBacklogSize(value: bigint): void {
    notZero(value);
    const { state } = this.#socket;
    if (state === 'connecting' || state === 'connected') throw socketError('invalid-state');
    this.#socket.options.backlog = clampBig(value, LIMITS.backlog);
  }

  keepAliveEnabled(): boolean {
    return this.#socket.options.keepAlive;
  }

  setKeepAliveEnabled(value: boolean): void {
    this.#socket.options.keepAlive = value;
  }

  keepAliveIdleTime(): bigint {
    return BigInt(this.#socket.options.keepAliveIdle) * NANOSECONDS;
  }

  setKeepAliveIdleTime(value: bigint): void {
    notZero(value);
    this.#socket.options.keepAliveIdle = toSeconds(value);
  }

  keepAliveInterval(): bigint {
    return BigInt(this.#socket.options.keepAliveInterval) * NANOSECONDS;
  }

  setKeepAliveInterval(value: bigint): void {
    notZero(value);
    this.#socket.options.keepAliveInterval = toSeconds(value);
  }

  keepAliveCount(): number {
    return this.#socket.options.keepAliveCount;
  }

  setKeepAliveCount(value: number): void {
    notZero(value);
    this.#socket.options.keepAliveCount = clamp(value, LIMITS.keepAliveCount);
  }

  hopLimit(): number {
    return this.#socket.options.hopLimit;
  }

  setHopLimit(value: number): void {
    notZero(value);
    this.#socket.options.hopLimit = value;
  }

  receiveBufferSize(): bigint {
    return BigInt(this.#socket.options.receiveBufferSize);
  }

  setReceiveBufferSize(value: bigint): void {
    notZero(value);
    this.#socket.options.receiveBufferSize = clampBig(value, LIMITS.bufferSize);
    this.#socket.connection?.receiveBufferChanged();
  }

  sendBufferSize(): bigint {
    return BigInt(this.#socket.options.sendBufferSize);
  }

  setSendBufferSize(value: bigint): void {
    notZero(value);
    this.#socket.options.sendBufferSize = clampBig(value, LIMITS.bufferSize);
    this.#socket.connection?.sendBufferChanged();
  }

  subscribe(): Pollable {
    this.#waited = true;
    return new ReadinessPollable(this.#readiness);
  }

  shutdown(shutdownType: ShutdownType): void {
    const { connection } = this.#socket;
    if (connection === undefined || this.#pending === 'connect') throw socketError('invalid-state');
    if (shutdownType !== 'send') connection.shutdownReceive();
    if (shutdownType !== 'receive') connection.shutdownSend();
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  /** Checks that an operation may start: none is under way, and the socket is in one of the states. */
  #start(...states: readonly TcpSocket['state'][]): void {
    if (this.#pending !== undefined) throw socketError('concurrency-conflict');
    if (!states.includes(this.#socket.state)) throw socketError('invalid-state');
  }

  #finish(operation: Pending): void {
    if (this.#pending !== operation) throw socketError('not-in-progress');
    this.#pending = undefined;
  }
}

/** The streams of an established connection. */
function streamsOf(connection: Connection): readonly [InputStream, OutputStream] {
  return [new TcpInputStream(connection), new TcpOutputStream(connection)];
}

/** What arrives on a connection. Dropping it does nothing; the socket's shutdown and drop do. */
class TcpInputStream extends ByteInputStream {
  protected readonly readiness: Readiness;
  readonly #connection: Connection;
  readonly #failures = new StreamFailures();

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    this.readiness = connection.readable;
  }

  read(len: number, sink: ByteSink): void {
    const available = this.#failures.watch(() => this.#connection.available());
    if (available < 0) throw streamClosed;
    const count = Math.min(len, available);
    if (count > 0) this.#connection.receive(sink.allocate(count));
  }
}

/** What is sent on a connection. Dropping it does nothing; the socket's shutdown and drop do. */
class TcpOutputStream extends ByteOutputStream {
  protected readonly readiness: Readiness;
  readonly #connection: Connection;
  readonly #failures = new StreamFailures();

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    this.readiness = connection.writable;
  }

  protected capacity(): number {
    return this.#failures.watch(() => this.#connection.sendable());
  }

  protected accept(contents: Uint8Array): void {
    this.#failures.watch(() => this.#connection.send(contents));
  }

  /**
   * Never waits for the peer, and leaves the news of a lost connection to the next operation: on a
   * socket, a write that was accepted has succeeded, even if the peer resets the connection at once.
   */
  override flush(): void {
    if (this.#connection.isSendShut) throw streamClosed;
  }
}

/** Reports a connection's failure once; after that the stream is closed, as wasi:io says. */
class StreamFailures {
  #reported = false;

  watch<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      throw error instanceof NetError ? this.#toStreamError(error) : error;
    }
  }

  #toStreamError(error: NetError): WitError<StreamError> {
    if (this.#reported || error.code === 'EPIPE') return streamClosed;
    this.#reported = true;
    return lastOperationFailed(new SocketStreamError(error));
  }
}

function notZero(value: number | bigint): void {
  if (Number(value) === 0) throw socketError('invalid-argument');
}

/** Whole seconds, rounded up: what 1 ns asks for is more than nothing. */
function toSeconds(nanoseconds: bigint): number {
  return clampBig((nanoseconds + NANOSECONDS - 1n) / NANOSECONDS, LIMITS.seconds);
}

function clampBig(value: bigint, range: readonly [number, number]): number {
  return clamp(Number(value), range);
}
