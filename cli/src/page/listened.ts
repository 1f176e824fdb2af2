import { formatSocketAddress, parseAddress } from '../../../shim/src/net/address.ts';
import { Directory, nodeAddress, type Snapshot } from '../../../shim/src/net/directory.ts';
import { WebLocks } from '../../../shim/src/net/locks.ts';
import { freeGatewayAddress } from './gateway.ts';

/** The directory is read this often, in ms: it tells of changes only when it is asked. */
const readEvery = 20;

/** Whether somebody listens on a port of a host, which is an address or a node's name. */
function listens({ nodes, listeners }: Snapshot, host: string, port: number): boolean {
  const told = parseAddress(host);
  const named = nodes.find(({ name }) => name === host);
  const addresses = told ? [told] : [];
  if (named) addresses.push(nodeAddress(named, 'ipv4'), nodeAddress(named, 'ipv6'));
  return addresses.some((address) => listeners.has(formatSocketAddress({ address, port })));
}

/**
 * Resolves once a node of the network listens on `host:port`. Nothing is connected to, so the
 * listener notices nothing.
 */
export async function listened(network: string, host: string, port: number): Promise<void> {
  const locks = new WebLocks(navigator.locks);
  const directory = await Directory.join(locks, network, undefined, freeGatewayAddress());
  try {
    while (!listens(await directory.snapshot(), host, port)) {
      await new Promise((resolve) => setTimeout(resolve, readEvery));
    }
  } finally {
    directory.leave();
  }
}
