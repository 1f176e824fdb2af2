import type { Directory } from './directory.ts';

/** How many ticks a watch outlives the last connection: a watch costs a lock request. */
const KEEP_TICKS = 10;

/** How many of the dead are remembered. Ids are never used again, so forgetting one loses little. */
const REMEMBERED_DEAD = 1024;

/** What ends with a peer. */
export interface Dependent {
  /** The peer is dead. */
  peerDied(): void;
}

interface Peer {
  readonly dependents: Set<Dependent>;
  readonly unwatch: () => void;
  idleTicks: number;
}

/** The nodes that this node has to do with, watched for their death. */
export class Peers {
  readonly #directory: Directory;
  readonly #peers = new Map<string, Peer>();
  readonly #dead = new Set<string>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** Tells `dependent` when the node `id` dies; soon, if it is dead already. */
  add(id: string, dependent: Dependent): void {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      const unwatch = this.#directory.watch(id, () => this.#died(id));
      this.#peers.set(id, (peer = { dependents: new Set(), unwatch, idleTicks: 0 }));
    }
    peer.dependents.add(dependent);
    peer.idleTicks = 0;
  }

  /** The dependent has nothing to do with the node any more. */
  remove(id: string, dependent: Dependent): void {
    this.#peers.get(id)?.dependents.delete(dependent);
  }

  /** Whether the node is known to be dead: what still arrives from it is to be dropped. */
  isDead(id: string): boolean {
    return this.#dead.has(id);
  }

  /** The number of watched nodes. */
  get size(): number {
    return this.#peers.size;
  }

  /** A second has passed: ends watches that nothing depends on. */
  tick(): void {
    for (const [id, peer] of this.#peers) {
      peer.idleTicks = peer.dependents.size > 0 ? 0 : peer.idleTicks + 1;
      if (peer.idleTicks <= KEEP_TICKS) continue;
      peer.unwatch();
      this.#peers.delete(id);
    }
  }

  /** Ends all watches. */
  close(): void {
    for (const { unwatch } of this.#peers.values()) unwatch();
    this.#peers.clear();
  }

  #died(id: string): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    this.#peers.delete(id);
    this.#dead.add(id);
    if (this.#dead.size > REMEMBERED_DEAD) {
      const [oldest] = this.#dead;
      if (oldest !== undefined) this.#dead.delete(oldest);
    }
    for (const dependent of peer.dependents) dependent.peerDied();
  }
}
