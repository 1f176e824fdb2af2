import { FaultyCarrier } from '../carrier/faulty.ts';
import { MemoryCarrier } from '../carrier/memory.ts';
import { FaultControl } from '../fault-control.ts';
import type { Stack, StackOptions } from '../stack.ts';
import { ManualClock } from './manual-clock.ts';
import { memoryNetwork, type TestNetwork } from './placements.ts';
import { seededRandom } from './random.ts';

/** A network in memory whose links can fail and whose time stands still unless it is moved. */
export class FaultyNetwork {
  readonly clock = new ManualClock();
  readonly faults: FaultControl;
  readonly #network: TestNetwork;
  readonly #base: MemoryCarrier;
  readonly #random: () => number;
  readonly #carriers: FaultyCarrier[] = [];
  readonly #stacks = new Map<string, Stack>();

  /** @param seed - of the interleavings and the jitter */
  constructor(seed = 1) {
    this.#random = seededRandom(seed);
    this.#base = new MemoryCarrier({
      choose: (count) => Math.floor(this.#random() * count),
      schedule: (deliver) => void setImmediate(deliver),
    });
    this.#network = memoryNetwork(this.#base);
    this.faults = new FaultControl({
      network: this.#network.name,
      carrier: this.#base,
      kill: (node) => {
        const stack = this.#stacks.get(node);
        if (stack !== undefined) this.#network.releaseLocks(stack);
      },
    });
  }

  /** A node; they get 10.0.0.1, 10.0.0.2 and so on. */
  async node(options: Partial<StackOptions> = {}): Promise<Stack> {
    const { clock } = this;
    const network = this.#network.name;
    const carrier = new FaultyCarrier(this.#base, { network, clock, random: this.#random });
    this.#carriers.push(carrier);
    const stack = await this.#network.node({ carrier, clock, ...options });
    this.#stacks.set(stack.inspect().addresses[0] ?? '', stack);
    await this.settle();
    return stack;
  }

  /** Resolves when everything is delivered that no fault holds back. */
  async settle(): Promise<void> {
    do {
      for (let turn = 0; turn < 4; turn++) {
        await new Promise<void>((resolve) => void setImmediate(resolve));
      }
    } while (this.#base.isBusy);
  }

  /** Lets time pass. */
  advance(ms: number): Promise<void> {
    return this.clock.advance(ms, () => this.settle());
  }

  /** Lets time pass, a little at a time, until the promise is settled. */
  async passing<T>(promise: Promise<T>): Promise<T> {
    const progress = { settled: false };
    const done = (): void => {
      progress.settled = true;
    };
    promise.then(done, done);
    await this.settle();
    while (!progress.settled) await this.advance(10);
    return promise;
  }

  /** Ends the nodes and the faults. */
  async close(): Promise<void> {
    this.faults.close();
    await this.#network.close();
    for (const carrier of this.#carriers) carrier.close();
  }
}
