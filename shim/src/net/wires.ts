import type { ByteQueue } from './byte-queue.ts';
import type { Channel } from './carrier/carrier.ts';
import { dataFrame, encodeAck, encodeFin, encodePing, encodeReset, type Side } from './frame.ts';
import type { Connection, Wire } from './tcp-connection.ts';

/** The way to an end in the same node: calls. */
export class LocalWire implements Wire {
  readonly immediate = true;
  readonly #peer: Connection;

  constructor(peer: Connection) {
    this.#peer = peer;
  }

  data(offset: number, bytes: Uint8Array): void {
    // The sender may write to its bytes again; the copy is what the peer keeps.
    this.#peer.onData(offset, bytes.slice(), true);
  }

  dataFrom(offset: number, queue: ByteQueue, length: number): void {
    const bytes = new Uint8Array(length);
    queue.take(bytes);
    this.#peer.onData(offset, bytes, true);
  }

  ack(received: number, limit: number, fin: boolean): void {
    this.#peer.onAck(received, limit, fin);
  }

  fin(offset: number): void {
    this.#peer.onFin(offset);
  }

  reset(): void {
    this.#peer.onReset();
  }

  ping(): void {
    this.#peer.onPing();
  }

  close(): void {
    // Both ends end by what they tell each other; there is nothing between them to close.
  }
}

/** The way to an end in another node: frames on the connection's channel. */
export class ChannelWire implements Wire {
  readonly immediate = false;
  readonly #channel: Channel;
  readonly #side: Side;

  /** @param side - this end's */
  constructor(channel: Channel, side: Side) {
    this.#channel = channel;
    this.#side = side;
  }

  data(offset: number, bytes: Uint8Array): void {
    const { frame, payload } = dataFrame(this.#side, offset, bytes.length);
    payload.set(bytes);
    this.#channel.post(frame);
  }

  dataFrom(offset: number, queue: ByteQueue, length: number): void {
    const { frame, payload } = dataFrame(this.#side, offset, length);
    queue.take(payload);
    this.#channel.post(frame);
  }

  ack(received: number, limit: number, fin: boolean): void {
    this.#channel.post(encodeAck(this.#side, received, limit, fin));
  }

  fin(offset: number): void {
    this.#channel.post(encodeFin(this.#side, offset));
  }

  reset(): void {
    this.#channel.post(encodeReset(this.#side, false));
  }

  ping(): void {
    this.#channel.post(encodePing(this.#side));
  }

  close(): void {
    this.#channel.close();
  }
}
