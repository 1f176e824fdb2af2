import { formatAddress, hostAddress, hostNumber, type SocketAddress } from '../address.ts';
import { type Clock, systemClock } from '../clock.ts';
import { connectionChannel } from '../directory.ts';
import { decodeConnectionFrame, decodeControlFrame } from '../frame.ts';
import type { Carrier, Channel } from './carrier.ts';
import { decodePlan, faultChannel, faultOf, type FaultPlan, NO_FAULTS } from './fault-plan.ts';

/** How many connections' ends are remembered of which no channel was ever opened here. */
const REMEMBERED_HANDSHAKES = 1024;

/** Two nodes, one of which this carrier belongs to. */
interface Ends {
  readonly self: string;
  readonly peer: string;
}

/** How a FaultyCarrier is made. */
export interface FaultyCarrierOptions {
  readonly network: string;
  readonly clock?: Clock;
  /** Chooses jitter: a number from 0 (inclusive) to 1 (exclusive). */
  readonly random?: () => number;
}

/**
 * One node's carrier with faults put in: what the node sends is delayed, held back or dropped as
 * the network's plan says (`FaultControl` publishes it), and while the node is frozen what it gets
 * waits. Which nodes a frame travels between is read from the handshakes.
 *
 * The directory is not part of it: a cut node is still seen to be alive, and to listen.
 */
export class FaultyCarrier implements Carrier {
  readonly #base: Carrier;
  readonly #network: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #channels = new Set<FaultyChannel>();
  /** The ends of connections, by the names of their channels. */
  readonly #ends = new Map<string, Ends>();
  readonly #control: Channel;
  #plan = NO_FAULTS;

  constructor(base: Carrier, options: FaultyCarrierOptions) {
    this.#base = base;
    this.#network = options.network;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#control = base.open(faultChannel(options.network), (message) => {
      const plan = decodePlan(message);
      if (plan !== undefined) this.apply(plan);
    });
    this.#control.post(new ArrayBuffer(0));
  }

  open(name: string, receive: (message: unknown) => void): Channel {
    const channel = new FaultyChannel(this, name, receive, this.#clock);
    this.#channels.add(channel);
    channel.attach(this.#base.open(name, (message) => channel.arrived(message)));
    return channel;
  }

  /** Makes a plan count from now on; frames that it no longer holds back go on. */
  apply(plan: FaultPlan): void {
    this.#plan = plan;
    for (const channel of [...this.#channels]) channel.planChanged();
  }

  /** The plan that counts now. */
  get plan(): FaultPlan {
    return this.#plan;
  }

  /** Stops listening for plans. */
  close(): void {
    this.#control.close();
  }

  /** @internal The nodes a frame travels between, when it is sent or received on a channel. */
  endsOf(name: string, frame: unknown, isSent: boolean): Ends | undefined {
    const known = this.#ends.get(name);
    if (known !== undefined) return known;
    const control = decodeControlFrame(frame);
    if (control === undefined) return undefined;
    const [self, peer] = isSent
      ? [control.source, control.destination]
      : [control.destination, control.source];
    const ends = { self: nodeOf(self), peer: nodeOf(peer) };
    if (control.type === 'syn') {
      this.#ends.set(connectionChannel(this.#network, control.token), ends);
      const [oldest] = this.#ends.keys();
      const isFull = this.#ends.size > REMEMBERED_HANDSHAKES + this.#channels.size;
      if (isFull && oldest !== undefined) this.#ends.delete(oldest);
    }
    return ends;
  }

  /** @internal */
  closed(channel: FaultyChannel): void {
    this.#channels.delete(channel);
    this.#ends.delete(channel.name);
  }

  /** @internal */
  isFrozen(node: string | undefined): boolean {
    return node !== undefined && this.#plan.frozen.includes(node);
  }

  /** @internal Whether the way to the peer is cut. */
  isCut({ self, peer }: Ends): boolean {
    return faultOf(this.#plan, self, peer)?.cut === true;
  }

  /** @internal How long a frame to the peer takes. */
  delay({ self, peer }: Ends): number {
    const { delayMs = 0, jitterMs = 0 } = faultOf(this.#plan, self, peer) ?? {};
    return delayMs + (jitterMs > 0 ? this.#random() * jitterMs : 0);
  }
}

/** A frame on its way out. */
interface Outgoing {
  readonly frame: ArrayBuffer;
  readonly ends: Ends;
  readonly due: number;
}

class FaultyChannel implements Channel {
  readonly name: string;
  readonly #carrier: FaultyCarrier;
  readonly #receive: (message: unknown) => void;
  readonly #clock: Clock;
  #base: Channel | undefined;
  readonly #outgoing: Outgoing[] = [];
  readonly #incoming: unknown[] = [];
  #self: string | undefined;
  #lastDue = 0;
  #closed = false;
  #cancelTimer: () => void = () => undefined;

  constructor(
    carrier: FaultyCarrier,
    name: string,
    receive: (message: unknown) => void,
    clock: Clock,
  ) {
    this.#carrier = carrier;
    this.name = name;
    this.#receive = receive;
    this.#clock = clock;
  }

  attach(base: Channel): void {
    this.#base = base;
  }

  post(frame: ArrayBuffer): void {
    if (this.#closed) return;
    const ends = this.#carrier.endsOf(this.name, frame, true);
    if (ends === undefined) {
      this.#base?.post(frame);
      return;
    }
    this.#self = ends.self;
    if (this.#carrier.isCut(ends) && !isOfConnection(frame)) return;
    this.#lastDue = Math.max(this.#lastDue, this.#clock.now() + this.#carrier.delay(ends));
    this.#outgoing.push({ frame, ends, due: this.#lastDue });
    this.#send();
  }

  close(): void {
    this.#closed = true;
    this.#incoming.length = 0;
    this.#send();
  }

  /** A message has come from the carrier below. */
  arrived(message: unknown): void {
    this.#self ??= this.#carrier.endsOf(this.name, message, false)?.self;
    if (this.#closed) return;
    this.#incoming.push(message);
    this.#deliver();
  }

  planChanged(): void {
    this.#deliver();
    this.#send();
  }

  #deliver(): void {
    while (this.#incoming.length > 0 && !this.#carrier.isFrozen(this.#self)) {
      this.#receive(this.#incoming.shift());
    }
  }

  #send(): void {
    this.#cancelTimer();
    for (;;) {
      const [next] = this.#outgoing;
      if (next === undefined) break;
      if (this.#carrier.isFrozen(this.#self) || this.#carrier.isCut(next.ends)) return;
      const wait = next.due - this.#clock.now();
      if (wait > 0) {
        this.#cancelTimer = this.#clock.after(wait, () => this.#send());
        return;
      }
      this.#outgoing.shift();
      this.#base?.post(next.frame);
    }
    // What was posted before the end is still to arrive.
    if (!this.#closed) return;
    this.#base?.close();
    this.#carrier.closed(this);
  }
}

/** Whether a frame belongs to an established connection, whose bytes no fault may lose. */
function isOfConnection(frame: ArrayBuffer): boolean {
  const decoded = decodeConnectionFrame(frame, 'client') ?? decodeConnectionFrame(frame, 'server');
  return decoded !== undefined && decoded.type !== 'accept';
}

function nodeOf({ address }: SocketAddress): string {
  const host = hostNumber(address);
  return host === undefined ? '' : formatAddress(hostAddress('ipv4', host));
}
