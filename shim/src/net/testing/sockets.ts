import assert from 'node:assert/strict';
import { type Family, parseAddress, type SocketAddress, WILDCARD } from '../address.ts';
import { NetError } from '../errors.ts';
import { untilReady } from '../readiness.ts';
import type { Stack } from '../stack.ts';
import type { Connection } from '../tcp-connection.ts';
import type { TcpSocket } from '../tcp-socket.ts';

/** The socket address of a host's literal and a port. */
export function at(host: string, port: number): SocketAddress {
  const address = parseAddress(host);
  assert(address !== undefined, `${host} is an address`);
  return { address, port };
}

/** A connected socket and its connection. */
export interface Connected {
  readonly socket: TcpSocket;
  readonly connection: Connection;
}

/** A socket that listens on the wildcard address. */
export async function listening(
  stack: Stack,
  family: Family,
  port = 0,
  configure: (socket: TcpSocket) => void = () => undefined,
): Promise<TcpSocket> {
  const socket = stack.tcpSocket(family);
  configure(socket);
  socket.bind({ address: WILDCARD[family], port });
  socket.listen();
  while (socket.state === 'starting') {
    await new Promise<void>((resolve) => {
      socket.settled.watch(resolve);
    });
  }
  if (socket.error !== undefined) throw socket.error;
  return socket;
}

/** A connection to an address; rejects with the NetError that connecting ends in. */
export async function connected(
  stack: Stack,
  remote: SocketAddress,
  configure: (socket: TcpSocket) => void = () => undefined,
): Promise<Connected> {
  const socket = stack.tcpSocket(remote.address.family);
  configure(socket);
  socket.connect(remote);
  await untilReady(socket.settled);
  if (socket.connection === undefined) throw socket.error ?? new Error(`still ${socket.state}`);
  return { socket, connection: socket.connection };
}

/** A listener's next connection. */
export async function accepted(listener: TcpSocket): Promise<Connected> {
  await untilReady(listener.settled);
  const socket = listener.accept();
  assert(socket?.connection !== undefined, 'a connection was waiting');
  return { socket, connection: socket.connection };
}

/** Sends all bytes, waiting for the peer as needed. */
export async function sendAll({ connection }: Connected, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length;) {
    await untilReady(connection.writable);
    const end = Math.min(start + connection.sendable(), bytes.length);
    connection.send(bytes.subarray(start, end));
    start = end;
  }
}

/** Receives exactly `count` bytes. */
export async function receiveExactly(
  { connection }: Connected,
  count: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let filled = 0; filled < count;) {
    await untilReady(connection.readable);
    assert(connection.available() > 0, `the stream ended after ${filled} of ${count} bytes`);
    filled += connection.receive(bytes.subarray(filled));
  }
  return bytes;
}

/** Receives everything up to the end of the stream. */
export async function receiveAll({ connection }: Connected): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    await untilReady(connection.readable);
    const available = connection.available();
    if (available < 0) return Buffer.concat(chunks);
    const chunk = new Uint8Array(available);
    connection.receive(chunk);
    chunks.push(chunk);
  }
}

/** Matches a NetError of a code, for assert.throws and assert.rejects. */
export function netError(code: NetError['code']): (error: unknown) => boolean {
  return (error) => {
    assert(error instanceof NetError, `a NetError, not ${String(error)}`);
    assert.equal(error.code, code);
    return true;
  };
}

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text of bytes. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Lets everything run that is due: timers, deliveries, promises. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise<void>((resolve) => void setTimeout(resolve, 0));
  }
}

/** How long a test waits for what must come, in milliseconds: far longer than it ever takes. */
const LIMIT = 10_000;

/** Waits until a condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + LIMIT;
  while (!condition()) {
    assert(performance.now() < deadline, `still not so: ${condition.toString()}`);
    await turns(1);
  }
}

/** Runs a test's body; fails it when it hangs, so that what it opened can be closed. */
export async function limited(run: () => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the test hangs')), 2 * LIMIT);
  });
  try {
    await Promise.race([run(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
