/** wasi:sockets/ip-name-lookup. */
import type { Pollable } from '../generated/io.ts';
import type { IpAddress as WitIpAddress, ResolveAddressStream } from '../generated/sockets.ts';
import type { IpAddress } from '../net/address.ts';
import { NetError } from '../net/errors.ts';
import { condition, Signal } from '../net/readiness.ts';
import { parseHostName } from '../net/resolve.ts';
import type { Stack } from '../net/stack.ts';
import { ReadinessPollable } from './io.ts';
import { networkError, reporting, socketError, toWitAddress } from './sockets-network.ts';

/**
 * Begins to resolve a name.
 *
 * @throws `invalid-argument` for what is neither a name nor an address
 */
export function resolveAddresses(stack: Stack, name: string): ResolveAddressStream {
  reporting(() => parseHostName(name));
  return new LookupStream(stack.resolve(name));
}

class LookupStream implements ResolveAddressStream {
  readonly #settled = new Signal();
  readonly #readiness = condition(
    () => this.#addresses !== undefined || this.#error !== undefined,
    this.#settled,
  );
  #addresses: IpAddress[] | undefined;
  #error: NetError | undefined;

  constructor(lookup: Promise<readonly IpAddress[]>) {
    lookup.then(
      (addresses) => {
        this.#addresses = [...addresses];
        this.#settled.fire();
      },
      (error: unknown) => {
        this.#error = error instanceof NetError ? error : new NetError('ENETDOWN', String(error));
        this.#settled.fire();
      },
    );
  }

  resolveNextAddress(): WitIpAddress | undefined {
    if (this.#error?.code === 'ENETDOWN') throw socketError('temporary-resolver-failure');
    if (this.#error !== undefined) throw networkError(this.#error);
    if (this.#addresses === undefined) throw socketError('would-block');
    const address = this.#addresses.shift();
    return address && toWitAddress(address);
  }

  subscribe(): Pollable {
    return new ReadinessPollable(this.#readiness);
  }
}
