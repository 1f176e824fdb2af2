import { parseAddress, type SocketAddress } from './address.ts';
import { NetError } from './errors.ts';
import { untilReady } from './readiness.ts';
import type { Stack } from './stack.ts';
import type { Connection } from './tcp-connection.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** The most bytes handed over in one chunk. */
const CHUNK = 64 * 1024;

/** A connection as web streams. */
export interface ByteConnection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /**
   * What the peer sends; ends when the peer sends no more, fails when the connection is lost. The
   * peer is held back while nobody reads. Cancelling it stops receiving.
   */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * What is sent to the peer. A write resolves once the connection has taken it, so writing waits
   * for a peer that does not read. Closing it ends this direction only; aborting it resets the
   * connection.
   */
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when both directions have ended; rejects with a NetError when the connection is lost. */
  readonly closed: Promise<void>;
  /** Lets go of the connection at once: what was written still arrives. */
  close(): void;
}

/** Accepts connections as web streams. */
export interface ByteListener extends AsyncIterable<ByteConnection> {
  readonly local: SocketAddress;
  /** Ends the listener, and with it the iteration. */
  close(): void;
}

/**
 * Connects to a host and port of the stack's network, trying each address of the host in turn.
 *
 * @throws NetError why the last address could not be connected to
 */
export async function connect(
  stack: Stack,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<ByteConnection> {
  let failure = new NetError('ENOTFOUND', `"${host}" has no address`);
  for (const address of await stack.resolve(host)) {
    const socket = stack.tcpSocket(address.family);
    try {
      socket.connect({ address, port });
      await untilReady(socket.settled);
      if (socket.connection !== undefined) return new StreamsOfSocket(socket, socket.connection);
      throw socket.error ?? new NetError('ECONNABORTED', 'the stack was closed');
    } catch (error) {
      socket.close();
      if (!(error instanceof NetError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/**
 * Listens on an address of the stack, `0.0.0.0` unless told.
 *
 * @throws NetError EADDRINUSE, EADDRNOTAVAIL, EINVAL for an address that is none
 */
export async function listen(
  stack: Stack,
  { host = '0.0.0.0', port }: { readonly host?: string; readonly port: number },
): Promise<ByteListener> {
  const address = parseAddress(host);
  if (address === undefined) throw new NetError('EINVAL', `"${host}" is not an address`);
  const socket = stack.tcpSocket(address.family);
  try {
    socket.bind({ address, port });
    socket.listen();
    while (socket.state === 'starting') await changed(socket);
    if (socket.state !== 'listening' || socket.local === undefined) {
      throw socket.error ?? new NetError('ECONNABORTED', 'the stack was closed');
    }
  } catch (error) {
    socket.close();
    throw error;
  }
  return new ListenerOfSocket(socket, socket.local);
}

class ListenerOfSocket implements ByteListener {
  readonly local: SocketAddress;
  readonly #socket: TcpSocket;

  constructor(socket: TcpSocket, local: SocketAddress) {
    this.#socket = socket;
    this.local = local;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ByteConnection> {
    for (;;) {
      await untilReady(this.#socket.settled);
      if (this.#socket.state !== 'listening') return;
      const accepted = this.#socket.accept();
      if (accepted?.connection !== undefined) {
        yield new StreamsOfSocket(accepted, accepted.connection);
      }
    }
  }

  close(): void {
    this.#socket.close();
  }
}

class StreamsOfSocket implements ByteConnection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;
  readonly closed: Promise<void>;
  readonly #socket: TcpSocket;
  readonly #connection: Connection;
  readonly #settle = Promise.withResolvers<undefined>();
  #openDirections = 2;

  constructor(socket: TcpSocket, connection: Connection) {
    this.#socket = socket;
    this.#connection = connection;
    this.local = connection.local;
    this.remote = connection.remote;
    this.closed = this.#settle.promise;
    // Nobody has to look at it; the streams report the same failure.
    this.closed.catch(() => undefined);
    this.readable = new ReadableStream(
      {
        pull: (controller) => this.#pull(controller),
        cancel: () => {
          connection.shutdownReceive();
          this.#directionEnded();
        },
      },
      // Nothing is read ahead of the reader: the connection's own buffer is the only one.
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream({
      write: (bytes) => this.#write(bytes),
      close: () => {
        connection.shutdownSend();
        this.#directionEnded();
      },
      abort: () => {
        connection.reset('ECONNABORTED');
        this.#lost(new NetError('ECONNABORTED', 'the connection was aborted'));
      },
    });
  }

  close(): void {
    this.#socket.close();
    this.#settle.resolve(undefined);
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    const connection = this.#connection;
    try {
      await untilReady(connection.readable);
      const available = connection.available();
      if (available < 0) {
        controller.close();
        this.#directionEnded();
      } else {
        const chunk = new Uint8Array(Math.min(available, CHUNK));
        connection.receive(chunk);
        controller.enqueue(chunk);
      }
    } catch (error) {
      this.#lost(error);
      throw error;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const connection = this.#connection;
    try {
      for (let start = 0; start < bytes.length;) {
        await untilReady(connection.writable);
        const end = Math.min(start + connection.sendable(), bytes.length);
        connection.send(bytes.subarray(start, end));
        start = end;
      }
    } catch (error) {
      this.#lost(error);
      throw error;
    }
  }

  #directionEnded(): void {
    this.#openDirections--;
    if (this.#openDirections === 0) this.close();
  }

  #lost(error: unknown): void {
    this.#settle.reject(error);
    this.#socket.close();
  }
}

function changed(socket: TcpSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.settled.watch(resolve);
  });
}
