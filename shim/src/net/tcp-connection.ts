import type { SocketAddress } from './address.ts';
import { ByteQueue } from './byte-queue.ts';
import { NetError, type NetErrno } from './errors.ts';
import { MAX_SEGMENT, MAX_WINDOW } from './frame.ts';
import { condition, type Readiness, Signal } from './readiness.ts';
import type { TcpOptions } from './tcp-options.ts';

/** The way from one end of a connection to the other. What is sent arrives once and in order. */
export interface Wire {
  /** Whether what is sent arrives within the call, so that collecting small writes gains nothing. */
  readonly immediate: boolean;
  /** Sends bytes that the caller keeps. */
  data(offset: number, bytes: Uint8Array): void;
  /** Sends the first `length` bytes of a queue, taking them out. */
  dataFrom(offset: number, queue: ByteQueue, length: number): void;
  ack(received: number, limit: number, fin: boolean): void;
  fin(offset: number): void;
  reset(): void;
  ping(): void;
  /** Nothing is sent or received any more. */
  close(): void;
}

/** How long the peer may leave unacknowledged what it was sent, in ticks of a second. */
const STALL_TICKS = 60;

/** How long a connection that its program has closed waits for the peer's end, in ticks of a second. */
const ORPHAN_TICKS = 60;

/** What a connection tells the stack it belongs to. */
export interface ConnectionOwner {
  /** The connection is over on both ends; nothing of it is left to do. */
  ended(connection: Connection): void;
  /** The peer took something, or the connection ended. */
  progressed(): void;
  /** The peer broke the protocol. */
  violated(): void;
}

/**
 * One end of an established TCP connection: two byte streams under credits.
 *
 * Each end tells the other a limit, the number of bytes it may send in all; it lies one receive
 * buffer beyond what the program has read. The carrier loses and repeats nothing, so offsets only
 * check: a gap or a repetition ends the connection, as does more than the limit allows.
 */
export class Connection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Bytes to read, the end of them, or an error. */
  readonly readable: Readiness;
  /** Room for bytes to send, or an error. */
  readonly writable: Readiness;

  readonly #owner: ConnectionOwner;
  readonly #options: TcpOptions;
  #wire: Wire | undefined;
  #error: NetErrno | undefined;
  /** Whether the program has let go of the connection. */
  #closed = false;
  #ended = false;

  readonly #inbox = new ByteQueue();
  readonly #inboxChanged = new Signal();
  #received = 0;
  /** Received bytes that are not the program's to read any more. */
  #consumed = 0;
  #receiveLimit: number;
  #finReceived = false;
  #receiveShut = false;

  readonly #outbox = new ByteQueue();
  readonly #outboxChanged = new Signal();
  #sent = 0;
  #sendLimit: number;
  #acknowledged = 0;
  #sendShut = false;
  #finSent = false;
  #finAcknowledged = false;
  /** Whether something was sent in this turn of the event loop, so that more may wait for its end. */
  #sentThisTurn = false;

  /** Whether an ACK arrived since the last tick; seconds without one while the peer owes it. */
  #progressed = false;
  #stalled = 0;
  /** Seconds in which only the peer's end of the stream was missing. */
  #orphaned = 0;
  /** Whether a frame arrived since the last tick; seconds of silence; probes sent in it. */
  #heard = true;
  #silence = 0;
  #probes = 0;

  /**
   * @param options - shared with the socket: later changes count
   * @param receiveLimit - how much the peer has been told it may send
   * @param sendLimit - how much the peer has told it may be sent
   */
  constructor(
    owner: ConnectionOwner,
    local: SocketAddress,
    remote: SocketAddress,
    options: TcpOptions,
    receiveLimit: number,
    sendLimit: number,
  ) {
    this.#owner = owner;
    this.local = local;
    this.remote = remote;
    this.#options = options;
    this.#receiveLimit = receiveLimit;
    this.#sendLimit = sendLimit;
    this.readable = condition(
      () =>
        this.#inbox.length > 0 ||
        this.#finReceived ||
        this.#receiveShut ||
        this.#error !== undefined,
      this.#inboxChanged,
    );
    this.writable = condition(
      () => this.#sendShut || this.#error !== undefined || this.#room() > 0,
      this.#outboxChanged,
    );
  }

  /** Gives the connection its way to the peer; before anything else. */
  attach(wire: Wire): void {
    this.#wire = wire;
  }

  /** The options that the connection obeys. */
  get options(): TcpOptions {
    return this.#options;
  }

  // What the program does.

  /**
   * How many bytes can be read now: 0 while there are none yet, -1 at the end of the stream (the
   * peer has sent everything, or receiving was shut down).
   *
   * @throws NetError ECONNRESET or ETIMEDOUT once everything that arrived before has been read
   */
  available(): number {
    if (this.#inbox.length > 0) return this.#inbox.length;
    if (this.#finReceived || this.#receiveShut) return -1;
    if (this.#error !== undefined) throw this.#failure(this.#error);
    return 0;
  }

  /** Reads as many bytes as there are and `into` holds; returns their number. */
  receive(into: Uint8Array): number {
    const count = this.#inbox.take(into);
    this.#consume(count);
    return count;
  }

  /**
   * How many bytes may be sent now; 0 while the peer takes no more.
   *
   * @throws NetError EPIPE after sending was shut down, ECONNRESET or ETIMEDOUT when the
   *   connection is lost
   */
  sendable(): number {
    if (this.#error !== undefined) throw this.#failure(this.#error);
    if (this.#sendShut) throw this.#failure('EPIPE');
    return this.#room();
  }

  /** Whether sending was shut down, by the program or by its close. */
  get isSendShut(): boolean {
    return this.#sendShut;
  }

  /**
   * Sends bytes, at most as many as `sendable` said. They are copied before this returns.
   *
   * The first bytes after a pause leave at once; what follows in the same turn of the event loop
   * is collected into larger frames.
   *
   * @throws NetError as `sendable` does
   */
  send(bytes: Uint8Array): void {
    this.sendable();
    if (bytes.length === 0) return;
    const wire = this.#wire;
    const fits = this.#outbox.length === 0 && bytes.length <= this.#credit();
    const worthIt =
      wire?.immediate === true || !this.#sentThisTurn || bytes.length >= MAX_SEGMENT / 2;
    if (wire !== undefined && fits && worthIt) {
      for (let start = 0; start < bytes.length && this.#error === undefined; start += MAX_SEGMENT) {
        const part = bytes.subarray(start, start + MAX_SEGMENT);
        const offset = this.#sent;
        this.#sent += part.length;
        wire.data(offset, part);
      }
    } else {
      this.#outbox.push(bytes, false);
      if (wire?.immediate === true || this.#outbox.length >= MAX_SEGMENT) this.#pump();
    }
    if (this.#sentThisTurn || wire?.immediate === true) return;
    this.#sentThisTurn = true;
    queueMicrotask(() => {
      this.#sentThisTurn = false;
      this.#pump();
    });
  }

  /** Sends no more: the peer sees the end of the stream after everything sent. */
  shutdownSend(): void {
    if (this.#sendShut || this.#error !== undefined) return;
    this.#sendShut = true;
    this.#pump();
    this.#outboxChanged.fire();
  }

  /** Receives no more: what has arrived and what is to come is dropped. */
  shutdownReceive(): void {
    if (this.#receiveShut) return;
    this.#receiveShut = true;
    const dropped = this.#inbox.length;
    this.#inbox.clear();
    this.#inboxChanged.fire();
    this.#consume(dropped);
  }

  /**
   * Lets go of the connection. What was sent still arrives, followed by the end of the stream;
   * with unread bytes, or when the peer sends more, the connection is reset.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#ended) return;
    if (this.#inbox.length > 0) {
      this.reset('ECONNRESET');
    } else {
      this.shutdownSend();
      this.#endIfDone();
    }
  }

  /** Ends the connection at once and tells the peer. */
  reset(error: NetErrno): void {
    if (this.#ended) return;
    this.#wire?.reset();
    this.#fail(error);
  }

  /** Ends this end at once, without a word to the peer: the node is gone. */
  abandon(): void {
    this.#fail('ENETDOWN');
  }

  /** Makes a larger receive buffer known to the peer. A smaller one counts as the buffer empties. */
  receiveBufferChanged(): void {
    if (!this.#ended) this.#advertise(1);
  }

  /** Makes a larger send buffer known to those who wait for room. */
  sendBufferChanged(): void {
    this.#outboxChanged.fire();
  }

  // What the peer does.

  /**
   * Bytes have arrived.
   *
   * @param owned - whether the connection may keep the array
   */
  onData(offset: number, bytes: Uint8Array, owned: boolean): void {
    if (this.#ended) return;
    this.#heard = true;
    const beyond = this.#received + bytes.length > this.#receiveLimit;
    if (offset !== this.#received || beyond || this.#finReceived) {
      this.#owner.violated();
      this.reset('ECONNRESET');
      return;
    }
    this.#received += bytes.length;
    if (this.#closed) {
      this.reset('ECONNRESET');
    } else if (this.#receiveShut) {
      this.#consume(bytes.length);
    } else {
      this.#inbox.push(bytes, owned);
      this.#inboxChanged.fire();
    }
  }

  /** The peer has received so many bytes and allows so many in all. */
  onAck(received: number, limit: number, fin: boolean): void {
    if (this.#ended) return;
    this.#heard = true;
    const plausible =
      received <= this.#sent &&
      limit >= this.#sendLimit &&
      limit <= received + MAX_WINDOW &&
      (!fin || (this.#finSent && received === this.#sent));
    if (!plausible) {
      this.#owner.violated();
      return;
    }
    this.#progressed = true;
    this.#acknowledged = Math.max(this.#acknowledged, received);
    this.#sendLimit = limit;
    if (fin) this.#finAcknowledged = true;
    this.#pump();
    if (this.#room() > 0) this.#outboxChanged.fire();
    this.#owner.progressed();
    this.#endIfDone();
  }

  /** The peer sends no more: its stream is `offset` bytes long. */
  onFin(offset: number): void {
    if (this.#ended) return;
    this.#heard = true;
    if (offset !== this.#received || this.#finReceived) {
      this.#owner.violated();
      this.reset('ECONNRESET');
      return;
    }
    this.#finReceived = true;
    this.#wire?.ack(this.#received, this.#receiveLimit, true);
    this.#inboxChanged.fire();
    this.#endIfDone();
  }

  /** The peer has reset the connection. */
  onReset(): void {
    this.#fail('ECONNRESET');
  }

  /** The peer's node is dead. */
  peerDied(): void {
    this.#fail('ECONNRESET');
  }

  /** The peer asks for a sign of life. */
  onPing(): void {
    if (this.#ended) return;
    this.#heard = true;
    this.#wire?.ack(this.#received, this.#receiveLimit, this.#finReceived);
  }

  /**
   * A second has passed: asks a peer that owes an acknowledgement for one, and gives up after 60
   * such seconds; sends a keep-alive probe when it is time for one (TCP_KEEPIDLE and so on); lets go
   * of a closed connection whose peer does not end its direction (Linux's tcp_fin_timeout).
   */
  tick(): void {
    if (this.#ended) return;
    if (this.#closed && this.#finAcknowledged && ++this.#orphaned >= ORPHAN_TICKS) {
      this.reset('ETIMEDOUT');
      return;
    }
    const stalls = this.#awaitsPeer() && !this.#progressed;
    this.#progressed = false;
    this.#stalled = stalls ? this.#stalled + 1 : 0;
    if (this.#stalled >= STALL_TICKS) {
      this.reset('ETIMEDOUT');
      return;
    }
    if (stalls) this.#wire?.ping();
    if (this.#heard || stalls) {
      this.#heard = false;
      this.#silence = 0;
      this.#probes = 0;
      return;
    }
    this.#silence++;
    const { keepAlive, keepAliveIdle, keepAliveInterval, keepAliveCount } = this.#options;
    const overdue = this.#silence - keepAliveIdle;
    if (!keepAlive || overdue < 0 || overdue % keepAliveInterval !== 0) return;
    if (this.#probes >= keepAliveCount) {
      this.reset('ETIMEDOUT');
    } else {
      this.#probes++;
      this.#wire?.ping();
    }
  }

  // What can be seen of it.

  /** Whether the peer has everything that was sent, the end included, or is lost. */
  get drained(): boolean {
    return this.#ended || this.#finAcknowledged;
  }

  /** The state in TCP's words (RFC 9293). */
  get state(): string {
    if (this.#ended) return 'closed';
    if (!this.#sendShut) return this.#finReceived ? 'close-wait' : 'established';
    if (this.#finReceived) return 'last-ack';
    return this.#finAcknowledged ? 'fin-wait-2' : 'fin-wait-1';
  }

  /** Bytes sent and received, and those that wait in the queues. */
  get counts(): { sent: number; received: number; sendQueue: number; receiveQueue: number } {
    return {
      sent: this.#sent,
      received: this.#received,
      sendQueue: this.#outbox.length,
      receiveQueue: this.#inbox.length,
    };
  }

  /** Whether the peer has yet to acknowledge or allow something; it answers even if it never reads. */
  #awaitsPeer(): boolean {
    const finOwed = this.#finSent && !this.#finAcknowledged;
    return this.#acknowledged < this.#sent || this.#outbox.length > 0 || finOwed;
  }

  #credit(): number {
    return this.#sendLimit - this.#sent;
  }

  #room(): number {
    return Math.max(0, this.#options.sendBufferSize + this.#credit() - this.#outbox.length);
  }

  /** Sends what the peer allows, and the end of the stream when that is due. */
  #pump(): void {
    const wire = this.#wire;
    if (wire === undefined || this.#ended) return;
    for (;;) {
      const length = Math.min(this.#outbox.length, this.#credit(), MAX_SEGMENT);
      if (length <= 0) break;
      const offset = this.#sent;
      this.#sent += length;
      wire.dataFrom(offset, this.#outbox, length);
    }
    if (this.#sendShut && !this.#finSent && this.#outbox.length === 0) {
      this.#finSent = true;
      wire.fin(this.#sent);
    }
  }

  /** The program is done with `count` received bytes. Does nothing after sending the new limit. */
  #consume(count: number): void {
    this.#consumed += count;
    if (this.#ended || this.#finReceived) return;
    this.#advertise(Math.max(1, this.#options.receiveBufferSize >> 2));
  }

  /** Tells the peer the new limit if it has grown by at least `least`. */
  #advertise(least: number): void {
    const limit = this.#consumed + this.#options.receiveBufferSize;
    if (limit - this.#receiveLimit < least) return;
    this.#receiveLimit = limit;
    this.#wire?.ack(this.#received, limit, false);
  }

  #endIfDone(): void {
    if (this.#closed && this.#finAcknowledged && this.#finReceived) this.#end();
  }

  #fail(error: NetErrno): void {
    if (this.#ended) return;
    this.#error = error;
    this.#outbox.clear();
    this.#end();
    this.#inboxChanged.fire();
    this.#outboxChanged.fire();
  }

  #end(): void {
    this.#ended = true;
    if (this.#closed) this.#inbox.clear();
    this.#wire?.close();
    this.#owner.ended(this);
    this.#owner.progressed();
  }

  #failure(code: NetErrno): NetError {
    const what =
      code === 'EPIPE'
        ? 'sending was shut down'
        : code === 'ETIMEDOUT'
          ? 'the peer did not answer'
          : code === 'ECONNRESET'
            ? 'the connection was reset by the peer'
            : 'the connection was lost';
    return new NetError(code, what);
  }
}
