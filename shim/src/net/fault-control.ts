import type { Carrier, Channel } from './carrier/carrier.ts';
import {
  encodePlan,
  faultChannel,
  type FaultPlan,
  type LinkFault,
  NO_FAULTS,
} from './carrier/fault-plan.ts';

/** How a FaultControl reaches what it controls. */
export interface FaultControlOptions {
  readonly network: string;
  /** The carrier below the nodes' FaultyCarriers. */
  readonly carrier: Carrier;
  /** Kills a node, as `kill()` does. */
  readonly kill: (node: string) => void;
}

/**
 * What makes a network's faults: tests and dashboards call it, the nodes' FaultyCarriers obey. It
 * publishes the whole plan after each call; nodes that join later ask for it. Nodes by their IPv4
 * address, `*` for any.
 */
export class FaultControl {
  readonly #channel: Channel;
  readonly #kill: (node: string) => void;
  #plan = NO_FAULTS;

  constructor({ network, carrier, kill }: FaultControlOptions) {
    this.#kill = kill;
    this.#channel = carrier.open(faultChannel(network), (message) => {
      if (message instanceof ArrayBuffer && message.byteLength === 0) this.#publish();
    });
    this.#publish();
  }

  /** What is wrong now. */
  get plan(): FaultPlan {
    return this.#plan;
  }

  /** Makes frames both ways between two nodes take longer, in milliseconds. */
  delay(a: string, b: string, delayMs: number, jitterMs = 0): void {
    this.#change(a, b, { delayMs, jitterMs });
    this.#change(b, a, { delayMs, jitterMs });
    this.#publish();
  }

  /** Cuts the way from one node to another; the way back stays. */
  cutOneWay(from: string, to: string): void {
    this.#change(from, to, { cut: true });
    this.#publish();
  }

  /** Cuts both ways between two nodes. */
  cut(a: string, b: string): void {
    this.#change(a, b, { cut: true });
    this.#change(b, a, { cut: true });
    this.#publish();
  }

  /** Ends what is wrong with the ways between two nodes, or with all: what was held is delivered. */
  heal(a?: string, b?: string): void {
    const isHealed = ({ from, to }: LinkFault): boolean =>
      a === undefined || (from === a && to === b) || (from === b && to === a);
    this.#plan = { ...this.#plan, links: this.#plan.links.filter((link) => !isHealed(link)) };
    this.#publish();
  }

  /** Makes a node neither send nor receive until `unfreeze`; it is slow then, not dead. */
  freeze(node: string): void {
    this.#plan = { ...this.#plan, frozen: [...this.#plan.frozen, node] };
    this.#publish();
  }

  /** Lets a frozen node go on. */
  unfreeze(node: string): void {
    this.#plan = { ...this.#plan, frozen: this.#plan.frozen.filter((other) => other !== node) };
    this.#publish();
  }

  /** Kills a node: its peers see a reset, whatever the links are like. */
  kill(node: string): void {
    this.#kill(node);
  }

  /** Ends the control and what it has made wrong. */
  close(): void {
    this.#plan = NO_FAULTS;
    this.#publish();
    this.#channel.close();
  }

  #change(from: string, to: string, fault: Omit<LinkFault, 'from' | 'to'>): void {
    const isThis = (link: LinkFault): boolean => link.from === from && link.to === to;
    const before = this.#plan.links.find(isThis) ?? { from, to };
    const others = this.#plan.links.filter((link) => !isThis(link));
    this.#plan = { ...this.#plan, links: [...others, { ...before, ...fault }] };
  }

  #publish(): void {
    this.#channel.post(encodePlan(this.#plan));
  }
}
