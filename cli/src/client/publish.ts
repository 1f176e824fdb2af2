import { once } from 'node:events';
import { createServer, isIPv6, type AddressInfo, type Server, type Socket } from 'node:net';
import { errorCode, messageOf, ToolError } from '../errors.ts';
import type { Channel } from '../multiplexer.ts';
import type { Publication } from '../options.ts';

/**
 * Listens on this machine for a node: each connection is bridged to the node's port, half-closes
 * and resets included.
 */
export class PublishedPort {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
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
    const upstream = channel.writable.getWriter();
    writerFailed(upstream, () => socket.resetAndDestroy());
    await Promise.all([
      (async () => {
        try {
          // cast: the socket has no encoding set, so its chunks are Buffers.
          for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
            await upstream.write(chunk as Buffer);
          }
          await upstream.close();
        } catch {
          await upstream.abort().catch(() => undefined);
        }
      })(),
      (async () => {
        try {
          for await (const chunk of channel.readable) {
            await new Promise<void>((resolve, reject) => {
              socket.write(chunk, (error) => (error ? reject(error) : resolve()));
            });
          }
          socket.end();
        } catch {
          socket.resetAndDestroy();
        }
      })(),
    ]);
  }

  /** Stops listening and ends the bridged connections. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function writerFailed(writer: WritableStreamDefaultWriter<Uint8Array>, failed: () => void): void {
  writer.closed.catch(failed);
}
