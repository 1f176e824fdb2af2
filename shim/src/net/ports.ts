import {
  type Family,
  formatSocketAddress,
  isWildcard,
  sameAddress,
  type SocketAddress,
} from './address.ts';
import { NetError } from './errors.ts';

/** Linux's range of ephemeral ports (net.ipv4.ip_local_port_range). */
const FIRST_EPHEMERAL = 32768;
const LAST_EPHEMERAL = 60999;

/** A port that a socket has bound. */
export interface Binding<Owner> {
  readonly address: SocketAddress;
  readonly owner: Owner;
}

/**
 * The bound ports of one protocol in one node. An address belongs to one node at a time, so whether
 * a port is free is known here, without asking anybody.
 */
export class Ports<Owner> {
  readonly #bindings = new Map<string, Binding<Owner>[]>();
  #next = FIRST_EPHEMERAL + Math.floor(Math.random() * (LAST_EPHEMERAL - FIRST_EPHEMERAL + 1));

  /**
   * Binds an address for a socket; port 0 takes a free ephemeral one.
   *
   * @throws NetError EADDRINUSE when the port, or every ephemeral port, is taken at that address
   */
  bind(address: SocketAddress, owner: Owner): Binding<Owner> {
    const free = address.port === 0 ? this.#ephemeral(address) : address;
    if (!this.#isFree(free)) {
      throw new NetError(
        'EADDRINUSE',
        `${formatSocketAddress(address)} is bound by another socket`,
      );
    }
    const binding = { address: free, owner };
    const key = keyOf(free.address.family, free.port);
    const bindings = this.#bindings.get(key);
    if (bindings === undefined) this.#bindings.set(key, [binding]);
    else bindings.push(binding);
    return binding;
  }

  /** Frees a binding. */
  release(binding: Binding<Owner>): void {
    const key = keyOf(binding.address.address.family, binding.address.port);
    const left = this.#bindings.get(key)?.filter((other) => other !== binding) ?? [];
    if (left.length > 0) this.#bindings.set(key, left);
    else this.#bindings.delete(key);
  }

  /** Who has bound an address, itself or by the wildcard, and is `wanted`. */
  find(address: SocketAddress, wanted: (owner: Owner) => boolean = () => true): Owner | undefined {
    for (const { address: bound, owner } of this.#at(address)) {
      const covers = isWildcard(bound.address) || sameAddress(bound.address, address.address);
      if (covers && wanted(owner)) return owner;
    }
    return undefined;
  }

  /** Everybody who has bound something. */
  *owners(): Iterable<Owner> {
    for (const bindings of this.#bindings.values()) for (const { owner } of bindings) yield owner;
  }

  #at(address: SocketAddress): readonly Binding<Owner>[] {
    return this.#bindings.get(keyOf(address.address.family, address.port)) ?? [];
  }

  #isFree(address: SocketAddress): boolean {
    return !this.#at(address).some(
      ({ address: { address: bound } }) =>
        isWildcard(bound) || isWildcard(address.address) || sameAddress(bound, address.address),
    );
  }

  #ephemeral({ address }: SocketAddress): SocketAddress {
    for (let tried = FIRST_EPHEMERAL; tried <= LAST_EPHEMERAL; tried++) {
      const candidate = { address, port: this.#next };
      this.#next = this.#next === LAST_EPHEMERAL ? FIRST_EPHEMERAL : this.#next + 1;
      if (this.#isFree(candidate)) return candidate;
    }
    throw new NetError('EADDRINUSE', 'no ephemeral port is free');
  }
}

function keyOf(family: Family, port: number): string {
  return `${family}:${port}`;
}
