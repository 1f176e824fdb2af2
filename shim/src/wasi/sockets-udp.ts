/** wasi:sockets/udp: the resource over the network's UDP socket, and its datagram streams. */
import { Trap } from '../abi/errors.ts';
import type { Pollable } from '../generated/io.ts';
import type {
  IncomingDatagram,
  IncomingDatagramStream,
  IpAddressFamily,
  IpSocketAddress,
  Network,
  OutgoingDatagram,
  OutgoingDatagramStream,
  UdpSocket as WitUdpSocket,
} from '../generated/sockets.ts';
import { NetError } from '../net/errors.ts';
import { MAX_WINDOW } from '../net/frame.ts';
import { clamp } from '../net/tcp-options.ts';
import type { UdpSocket } from '../net/udp.ts';
import { alwaysReady, ReadinessPollable } from './io.ts';
import {
  fromWitSocketAddress,
  networkError,
  reporting,
  socketError,
  toWitSocketAddress,
} from './sockets-network.ts';

/** How many datagrams one send may carry. A datagram never waits, so this bounds one call only. */
const SEND_PERMIT = 64;

/** The `udp-socket` resource. */
export class WasiUdpSocket implements WitUdpSocket {
  readonly #socket: UdpSocket;
  #binding = false;

  /** @param socket - the network's socket; this resource owns it. */
  constructor(socket: UdpSocket) {
    this.#socket = socket;
  }

  startBind(_network: Network, localAddress: IpSocketAddress): void {
    if (this.#binding) throw socketError('concurrency-conflict');
    if (this.#socket.local !== undefined) throw socketError('invalid-state');
    reporting(() => this.#socket.bind(fromWitSocketAddress(localAddress)));
    this.#binding = true;
  }

  finishBind(): void {
    if (!this.#binding) throw socketError('not-in-progress');
    this.#binding = false;
  }

  stream(
    remoteAddress: IpSocketAddress | undefined,
  ): readonly [IncomingDatagramStream, OutgoingDatagramStream] {
    if (this.#socket.local === undefined || this.#binding) throw socketError('invalid-state');
    const remote = remoteAddress && fromWitSocketAddress(remoteAddress);
    reporting(() => this.#socket.connect(remote));
    return [new UdpInputStream(this.#socket), new UdpOutputStream(this.#socket)];
  }

  localAddress(): IpSocketAddress {
    const { local } = this.#socket;
    if (local === undefined || this.#binding) throw socketError('invalid-state');
    return toWitSocketAddress(local);
  }

  remoteAddress(): IpSocketAddress {
    const { remote } = this.#socket;
    if (remote === undefined) throw socketError('invalid-state');
    return toWitSocketAddress(remote);
  }

  addressFamily(): IpAddressFamily {
    return this.#socket.family;
  }

  unicastHopLimit(): number {
    return this.#socket.hopLimit;
  }

  setUnicastHopLimit(value: number): void {
    if (value === 0) throw socketError('invalid-argument');
    this.#socket.hopLimit = value;
  }

  receiveBufferSize(): bigint {
    return BigInt(this.#socket.receiveBufferSize);
  }

  setReceiveBufferSize(value: bigint): void {
    if (value === 0n) throw socketError('invalid-argument');
    this.#socket.receiveBufferSize = Number(value);
  }

  sendBufferSize(): bigint {
    return BigInt(this.#socket.sendBufferSize);
  }

  setSendBufferSize(value: bigint): void {
    if (value === 0n) throw socketError('invalid-argument');
    this.#socket.sendBufferSize = clamp(Number(value), [1, MAX_WINDOW]);
  }

  subscribe(): Pollable {
    // The only operation that could be waited for is bind, and that never waits.
    return new ReadinessPollable(alwaysReady);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** What arrives on a socket. */
class UdpInputStream implements IncomingDatagramStream {
  readonly #socket: UdpSocket;

  constructor(socket: UdpSocket) {
    this.#socket = socket;
  }

  receive(maxResults: bigint): readonly IncomingDatagram[] {
    const received: IncomingDatagram[] = [];
    while (received.length < maxResults) {
      // An error after the first datagram would lose it; it can only come before.
      const datagram = reporting(() => this.#socket.receive());
      if (datagram === undefined) break;
      const remoteAddress = toWitSocketAddress(datagram.source);
      received.push({ data: datagram.payload, remoteAddress });
    }
    return received;
  }

  subscribe(): Pollable {
    return new ReadinessPollable(this.#socket.readable);
  }
}

/** What is sent on a socket. */
class UdpOutputStream implements OutgoingDatagramStream {
  readonly #socket: UdpSocket;
  #permit = 0;

  constructor(socket: UdpSocket) {
    this.#socket = socket;
  }

  checkSend(): bigint {
    this.#permit = SEND_PERMIT;
    return BigInt(SEND_PERMIT);
  }

  send(datagrams: readonly OutgoingDatagram[]): bigint {
    if (datagrams.length > this.#permit) {
      throw new Trap(
        `${datagrams.length} datagrams were sent where check-send permitted ${this.#permit}`,
      );
    }
    this.#permit -= datagrams.length;
    let sent = 0n;
    for (const { data, remoteAddress } of datagrams) {
      try {
        this.#socket.send(data, remoteAddress && fromWitSocketAddress(remoteAddress));
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        // What was sent before the failure is what the call reports.
        if (sent > 0n) break;
        throw networkError(error);
      }
      sent++;
    }
    return sent;
  }

  subscribe(): Pollable {
    return new ReadinessPollable(alwaysReady);
  }
}
