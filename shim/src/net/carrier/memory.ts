import type { Carrier, Channel } from './carrier.ts';

/** How a MemoryCarrier delivers. */
export interface MemoryCarrierOptions {
  /**
   * Chooses which of `count` waiting senders' oldest frame is delivered next (0 to count - 1);
   * by default the one that waits longest. A seeded choice replays an interleaving exactly.
   */
  readonly choose?: (count: number) => number;
  /** Runs `deliver` later, never inside the call; by default in a task of its own. */
  readonly schedule?: (deliver: () => void) => void;
}

/**
 * Frames within one process. As with BroadcastChannel, frames of one sender arrive in order, and
 * never at the sender; nothing holds between senders.
 */
export class MemoryCarrier implements Carrier {
  readonly #channels = new Map<string, Set<MemoryChannel>>();
  /** One queue per sender that has posted what is not delivered yet, in the order they began to wait. */
  readonly #waiting = new Set<MemoryChannel>();
  readonly #choose: (count: number) => number;
  readonly #schedule: (deliver: () => void) => void;
  #scheduled = false;

  constructor(options: MemoryCarrierOptions = {}) {
    this.#choose = options.choose ?? (() => 0);
    this.#schedule = options.schedule ?? ((deliver) => void setTimeout(deliver, 0));
  }

  open(name: string, receive: (message: unknown) => void): Channel {
    const channel = new MemoryChannel(this, name, receive);
    let channels = this.#channels.get(name);
    if (channels === undefined) this.#channels.set(name, (channels = new Set()));
    channels.add(channel);
    return channel;
  }

  /** @internal */
  posted(channel: MemoryChannel): void {
    this.#waiting.add(channel);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.#deliverAll();
    });
  }

  /** @internal */
  closed(channel: MemoryChannel): void {
    const channels = this.#channels.get(channel.name);
    channels?.delete(channel);
    if (channels?.size === 0) this.#channels.delete(channel.name);
  }

  /** Whether something was posted that is not delivered yet. */
  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  /** The number of open channels. */
  get channels(): number {
    let count = 0;
    for (const channels of this.#channels.values()) count += channels.size;
    return count;
  }

  /** Delivers what was posted up to now; what that makes others post comes with the next task. */
  #deliverAll(): void {
    let count = 0;
    for (const channel of this.#waiting) count += channel.outbox.length;
    for (; count > 0; count--) {
      const senders = [...this.#waiting];
      const sender = senders[this.#choose(senders.length)];
      const frame = sender?.outbox.shift();
      if (sender === undefined || frame === undefined) break;
      this.#waiting.delete(sender);
      if (sender.outbox.length > 0) this.#waiting.add(sender);
      for (const receiver of [...(this.#channels.get(sender.name) ?? [])]) {
        // A copy each, as structured cloning makes: receivers own what they get.
        if (receiver !== sender) receiver.deliver(frame.slice(0));
      }
    }
    const [waiting] = this.#waiting;
    if (waiting !== undefined) this.posted(waiting);
  }
}

class MemoryChannel implements Channel {
  readonly name: string;
  readonly outbox: ArrayBuffer[] = [];
  readonly #carrier: MemoryCarrier;
  readonly #receive: (message: unknown) => void;
  #open = true;

  constructor(carrier: MemoryCarrier, name: string, receive: (message: unknown) => void) {
    this.#carrier = carrier;
    this.name = name;
    this.#receive = receive;
  }

  post(frame: ArrayBuffer): void {
    if (!this.#open) return;
    this.outbox.push(frame.slice(0));
    this.#carrier.posted(this);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#carrier.closed(this);
  }

  deliver(message: unknown): void {
    if (this.#open) this.#receive(message);
  }
}
