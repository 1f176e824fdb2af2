import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { MountOption } from '../options.ts';
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { deferred, type Deferred } from '../deferred.ts';
import { messageOf, ToolError, toolStatus } from '../errors.ts';
import { JsonError } from '../json.ts';
import { ChannelReset, Multiplexer, ProtocolError, readSized, writeAll } from '../multiplexer.ts';
import type { Channel } from '../multiplexer.ts';
import type { PreparedProgram } from '../program.ts';
import {
  protocolVersion,
  readPageMessage,
  type ExitedMessage,
  type ExitReason,
  type PageMessage,
  type ToolMessage,
} from '../protocol.ts';

/** What a node is started with. */
export interface NodeOptions {
  program: PreparedProgram;
  argv0: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  name?: string | undefined;
  network?: string | undefined;
  ip?: string | undefined;
  disk?: string | undefined;
  mounts: readonly MountOption[];
  /** Absolute guest paths and their contents; a path that ends in `/` makes a directory. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Absolute guest paths read back at the end. */
  outputs: readonly string[];
  terminal: { stdin: boolean; stdout: boolean; stderr: boolean };
  trace?: { packages: readonly string[]; write: (line: string) => void } | undefined;
}

/** How a node ended. */
export interface NodeExit {
  /** The program's status, or the tool's for any other reason than `exit`. */
  status: number;
  reason: ExitReason;
  message: string | undefined;
  /** By absolute guest path, files below an output directory each by their own. */
  outputs: Map<string, Uint8Array>;
}

/** A node that runs in a page, seen from the tool. */
export interface RemoteNode {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Resolves when the program enters main(); never when it does not get there. */
  readonly started: Promise<{ name: string; ip: string }>;
  /** Resolves, never rejects, when the node has ended; also when its page was lost. */
  readonly exited: Promise<NodeExit>;
  kill(): void;
  /**
   * Connects to a port that the node listens on.
   *
   * @throws ToolError when the connection is refused
   */
  connect(port: number): Promise<Channel>;
}

interface NodeRecord {
  started: (node: { name: string; ip: string }) => void;
  trace: (line: string) => void;
  exited: (message: ExitedMessage) => void;
  lost: (message: string) => void;
}

/** The tool's connection to one of its pages. */
export class PageConnection {
  readonly #socket: WebSocket;
  readonly #multiplexer: Multiplexer;
  readonly #nodes = new Map<number, NodeRecord>();
  readonly #connects = new Map<number, Deferred<undefined>>();
  readonly #watches = new Map<number, () => void>();
  readonly #ready = deferred<undefined>();
  #nextNumber = 1;
  #lost: string | undefined;

  /** @param socket has just been opened */
  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#ready.promise.catch(() => undefined);
    this.#multiplexer = new Multiplexer(
      (frame) => socket.send(frame),
      (message) => this.#handle(readPageMessage(message)),
    );
    socket.on('message', (data) => {
      try {
        // cast: with the default binaryType, `ws` hands over messages as one Buffer.
        this.#multiplexer.receive(data as Buffer);
      } catch (error) {
        if (!(error instanceof ProtocolError) && !(error instanceof JsonError)) throw error;
        this.end(`its page broke the protocol: ${error.message}`);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', (_code, reason) => {
      const detail = reason.toString();
      this.end(detail === '' ? 'its page was lost' : `its page failed: ${detail}`);
    });
  }

  /** Resolves when the page can run nodes. @throws ToolError when its browser cannot */
  get ready(): Promise<undefined> {
    return this.#ready.promise;
  }

  /** Ends the connection and everything on it, for the given reason. */
  end(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    this.#multiplexer.close(new ChannelReset(reason));
    this.#ready.reject(new ToolError(reason));
    for (const node of [...this.#nodes.values()]) node.lost(reason);
    for (const connect of this.#connects.values()) connect.reject(new ToolError(reason));
    this.#socket.terminate();
  }

  #send(message: ToolMessage): void {
    this.#multiplexer.control(message);
  }

  #handle(message: PageMessage): void {
    switch (message.type) {
      case 'ready':
        if (message.version !== protocolVersion) {
          this.end('its page is of another version of backtab');
        } else if (message.problem !== undefined) {
          this.#ready.reject(new ToolError(message.problem));
        } else {
          this.#ready.resolve(undefined);
        }
        break;
      case 'started':
        this.#nodes.get(message.node)?.started({ name: message.name, ip: message.ip });
        break;
      case 'trace':
        this.#nodes.get(message.node)?.trace(message.line);
        break;
      case 'exited':
        this.#nodes.get(message.node)?.exited(message);
        break;
      case 'connected':
        this.#connects.get(message.channel)?.resolve(undefined);
        this.#connects.delete(message.channel);
        break;
      case 'refused':
        this.#connects.get(message.channel)?.reject(new ToolError(message.message));
        this.#connects.delete(message.channel);
        break;
      case 'listening':
        this.#watches.get(message.watch)?.();
        this.#watches.delete(message.watch);
        break;
    }
  }

  /** Resolves once a node of the network listens on `host:port`; never when none ever does. */
  watchListener(network: string, host: string, port: number): Promise<void> {
    const watch = this.#nextNumber++;
    return new Promise((resolve) => {
      this.#watches.set(watch, resolve);
      this.#send({ type: 'watch-listener', watch, network, host, port });
    });
  }

  /** Starts a node in the page. */
  start(options: NodeOptions): RemoteNode {
    const node = this.#nextNumber++;
    const multiplexer = this.#multiplexer;
    // The page opens them in the same order, at the message.
    const contents = multiplexer.openNext('send');
    const stdin = multiplexer.openNext('send');
    const stdout = multiplexer.openNext('receive');
    const stderr = multiplexer.openNext('receive');
    const results = multiplexer.openNext('receive');

    const started = deferred<{ name: string; ip: string }>();
    const exited = deferred<NodeExit>();
    const lost = (message: string) => {
      this.#nodes.delete(node);
      const status = toolStatus.killed;
      exited.resolve({ status, reason: 'killed', message, outputs: new Map() });
    };
    this.#nodes.set(node, {
      started: started.resolve,
      trace: (line) => options.trace?.write(line),
      exited: (message) => {
        readSized(
          results.channel.readable,
          message.outputs.map(({ size }) => size),
        ).then(
          (bytes) => {
            this.#nodes.delete(node);
            exited.resolve({
              status: message.status,
              reason: message.reason,
              message: message.message,
              outputs: new Map(
                message.outputs.map(({ path }, index) => [path, bytes[index] ?? new Uint8Array()]),
              ),
            });
          },
          (error: unknown) => lost(messageOf(error)),
        );
      },
      lost,
    });
    if (this.#lost !== undefined) lost(this.#lost);

    const files = [...options.files];
    const { form, parts } = options.program;
    const sized = (list: readonly (readonly [string, Uint8Array])[]) =>
      list.map(([path, bytes]) => ({ path, size: bytes.length }));
    this.#send({
      type: 'start',
      node,
      program: { form, parts: sized(parts) },
      files: sized(files),
      outputs: [...options.outputs],
      argv0: options.argv0,
      args: [...options.args],
      env: { ...options.env },
      name: options.name,
      network: options.network,
      ip: options.ip,
      disk: options.disk,
      mounts: [...options.mounts],
      ...(options.trace === undefined ? {} : { trace: [...options.trace.packages] }),
      terminal: options.terminal,
      contents: contents.id,
      stdin: stdin.id,
      stdout: stdout.id,
      stderr: stderr.id,
      results: results.id,
    });
    // A failure here is the connection's end, which `exited` reports.
    writeAll(
      contents.channel.writable,
      [...parts, ...files].map(([, bytes]) => bytes),
    ).catch(() => undefined);

    return {
      stdin: stdin.channel.writable,
      stdout: stdout.channel.readable,
      stderr: stderr.channel.readable,
      started: started.promise,
      exited: exited.promise,
      kill: () => this.#send({ type: 'kill', node }),
      connect: async (port) => {
        const { id, channel } = multiplexer.openNext('both');
        const answered = deferred<undefined>();
        this.#connects.set(id, answered);
        if (this.#lost !== undefined) answered.reject(new ToolError(this.#lost));
        this.#send({ type: 'connect', node, port, channel: id });
        await answered.promise;
        return channel;
      },
    };
  }
}

/** Where the tool's pages connect to: a WebSocket server of this process, on loopback. */
export class PageServer {
  readonly #http: Server;
  readonly #port: number;
  readonly #expected = new Map<string, (connection: PageConnection) => void>();

  private constructor(http: Server, origin: string) {
    this.#http = http;
    // cast: the server listens on an IP address, not on a pipe.
    this.#port = (http.address() as AddressInfo).port;
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    http.on('upgrade', (request: IncomingMessage, socket, head) => {
      const path = request.url ?? '';
      const expected = this.#expected.get(path);
      // Only the profile's own pages, and each address works once.
      if (!expected || request.headers.origin !== origin) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      this.#expected.delete(path);
      sockets.handleUpgrade(request, socket, head, (client) => {
        expected(new PageConnection(client));
      });
    });
  }

  /** @param origin the origin of the pages that may connect */
  static async listen(origin: string): Promise<PageServer> {
    const http = createServer((_request, response) => response.writeHead(404).end());
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return new PageServer(http, origin);
  }

  /** Prepares for one page: the address to give it, and its connection once it has connected. */
  expect(): { address: string; connection: Promise<PageConnection> } {
    const path = `/${randomBytes(32).toString('hex')}`;
    return {
      address: `ws://127.0.0.1:${this.#port}${path}`,
      connection: new Promise((resolve) => this.#expected.set(path, resolve)),
    };
  }

  close(): void {
    this.#http.close();
    this.#http.closeAllConnections();
  }
}
