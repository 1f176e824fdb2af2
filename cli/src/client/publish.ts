import { once } from 'node:events';
import { createServer, isIPv6, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, messageOf, ToolError } from '../errors.ts';
import type { Channel } from '../multiplexer.ts';
import type { Publication } from '../options.ts';

/** How long a connection may take nothing before what is left for it is given up, in ms. */
const deliveredWithin = 3000;

/**
 * Listens on this machine for a node: each connection is bridged to the node's port, half-closes
 * and resets included.
 */
export class PublishedPort {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** One promise per connection that the node may still send on. */
  readonly #deliveries = new Set<Promise<void>>();
  #chunksDelivered = 0;
  #connect: (() => Promise<Channel>) | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => void this.#bridge(socket));
  }

  /** @throws ToolError when the port cannot be listened on */
  static async listen({ address, hostPort }: Publication): Promise<PublishedPort> {
    const server = createServer({ allowHalfOpen: true });
    const shown = isIPv6(address) ? `[${address}]` : address;
    server.listen(hostPort, address);
    try {
      await once(server, 'listening');
    } catch (error) {
      const why = errorCode(error) === 'EADDRINUSE' ? 'it is in use' : messageOf(error);
      throw new ToolError(`cannot listen on ${shown}:${hostPort} to publish it: ${why}`);
    }
    return new PublishedPort(server);
  }

  /** The port that is listened on. */
  get port(): number {
    // cast: the server listens on an IP address, not on a pipe.
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on connections go where `connect` leads; before, they are reset. */
  serve(connect: () => Promise<Channel>): void {
    this.#connect = connect;
  }

  async #bridge(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // The error's other half, the closed stream, ends the bridge.
    socket.on('error', () => undefined);
    let channel;
    try {
      channel = await this.#connect?.();
    } catch {
      // Refused: reported below in the only way a connection that was accepted allows.
    }
    if (!channel) {
      socket.resetAndDestroy();
      return;
    }
    const delivered = this.#deliver(channel.readable, socket);
    this.#deliveries.add(delivered);
    void delivered.then(() => this.#deliveries.delete(delivered));
    const upstream = channel.writable.getWriter();
    upstream.closed.catch(() => socket.resetAndDestroy());
    try {
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        // cast: the socket has no encoding set, so its chunks are Buffers.
        await upstream.write(chunk as Buffer);
      }
      await upstream.close();
    } catch {
      await upstream.abort().catch(() => undefined);
    }
  }

  /** Copies what the node sends to the socket; resolves, never rejects, when that has ended. */
  async #deliver(source: ReadableStream<Uint8Array>, socket: Socket): Promise<void> {
    try {
      for await (const chunk of source) {
        await new Promise<void>((resolve, reject) => {
          socket.write(chunk, (error) => (error ? reject(error) : resolve()));
        });
        this.#chunksDelivered++;
      }
      await new Promise<void>((resolve) => socket.end(resolve));
    } catch {
      socket.resetAndDestroy();
    }
  }

  /**
   * Resolves when all that the node sent before its end has been delivered, or when a connection
   * takes nothing for three seconds.
   */
  async delivered(): Promise<void> {
    let before = -1;
    while (this.#deliveries.size > 0 && this.#chunksDelivered !== before) {
      before = this.#chunksDelivered;
      const waited = new AbortController();
      await Promise.race([
        Promise.all(this.#deliveries),
        delay(deliveredWithin, undefined, { signal: waited.signal }).catch(() => undefined),
      ]);
      waited.abort();
    }
  }

  /** Stops listening and ends the bridged connections. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
