import {
  type Family,
  formatAddress,
  formatSocketAddress,
  hostAddress,
  hostNumber,
  type IpAddress,
  MAX_HOST,
  parseAddress,
  parseHost,
  parseSocketAddress,
  type SocketAddress,
} from './address.ts';
import { NetError } from './errors.ts';
import { randomId } from './frame.ts';
import type { LockHolder } from './locks.ts';

/** What the names of networks and nodes look like. */
const NAME = /^[a-z0-9-]{1,63}$/;

/** How long a told address or name may still be held by a node that is just ending. */
const TAKEOVER_MS = 1000;

/** How long a listening port of an address we own may still be held by the address's last owner. */
const PORT_TAKEOVER_MS = 3000;

/** A node as the directory shows it. */
export interface DirectoryNode {
  readonly id: string;
  readonly name: string;
  readonly host: number;
}

/** What the directory said at one moment. */
export interface Snapshot {
  readonly nodes: readonly DirectoryNode[];
  /** The host numbers leased by somebody. */
  readonly leases: ReadonlySet<number>;
  /** The listening addresses, as `formatSocketAddress` writes them. */
  readonly listeners: ReadonlySet<string>;
}

/** The name of a channel or lock: `backtab/1/<kind>/` and the percent-encoded parts. */
function resourceName(kind: string, ...parts: string[]): string {
  return ['backtab', '1', kind, ...parts.map(encodeURIComponent)].join('/');
}

/** The channel on which the node at an address takes control frames and datagrams. */
export function nodeChannel(network: string, host: number): string {
  return resourceName('node', network, formatAddress(hostAddress('ipv4', host)));
}

/** The channel of one connection. */
export function connectionChannel(network: string, token: string): string {
  return resourceName('connection', network, token);
}

/**
 * Checks the name of a network or node.
 *
 * @throws NetError EINVAL
 */
export function checkName(what: string, name: string): void {
  if (!NAME.test(name)) {
    throw new NetError(
      'EINVAL',
      `"${name}" is not the name of a ${what}: 1 to 63 of the characters a-z, 0-9 and -`,
    );
  }
}

/**
 * Checks the domain of a network's names.
 *
 * @throws NetError EINVAL
 */
export function checkDomain(domain: string): void {
  if (!domain.split('.').every((label) => NAME.test(label))) {
    throw new NetError('EINVAL', `"${domain}" is not a domain: names joined by dots`);
  }
}

/**
 * The directory of a network, and one node's entries in it. All of it is locks, so that whatever a
 * node held is free when its context ends, however it ends:
 *
 *   backtab/1/live/NETWORK/ID          the node with this id is alive
 *   backtab/1/ip/NETWORK/IPV4          this address (and the IPv6 address of its host number) is leased
 *   backtab/1/name/NETWORK/NAME        this name is taken
 *   backtab/1/host/NETWORK/ID/IPV4/NAME  this node has this address and this name
 *   backtab/1/tcp/NETWORK/ADDRESS:PORT  somebody listens here
 *
 * Lock names are readable by every script of the origin.
 */
export class Directory {
  readonly network: string;
  readonly node: DirectoryNode;
  readonly #locks: LockHolder;

  private constructor(network: string, node: DirectoryNode, locks: LockHolder) {
    this.network = network;
    this.node = node;
    this.#locks = locks;
  }

  /**
   * Enters a node: marks it alive, leases its address, claims its name.
   *
   * @throws NetError EINVAL for a malformed name or address; EADDRINUSE when one is taken;
   *   EADDRNOTAVAIL when every address of the network is
   */
  static async join(
    locks: LockHolder,
    network: string,
    name: string | undefined,
    ip: string | undefined,
  ): Promise<Directory> {
    checkName('network', network);
    if (name !== undefined) checkName('node', name);
    const told = ip === undefined ? undefined : parseHost(ip);
    const id = randomId();
    try {
      if (!(await locks.acquire(liveLock(network, id), 0))) {
        throw new NetError(
          'ENETDOWN',
          `the network "${network}" is not available to an ended node`,
        );
      }
      const host = await leaseHost(locks, network, told);
      const address = formatAddress(hostAddress('ipv4', host));
      const own = name ?? `node-${host}`;
      const [named] = await Promise.all([
        locks.acquire(resourceName('name', network, own), TAKEOVER_MS),
        locks.acquire(resourceName('host', network, id, address, own), 0),
      ]);
      if (!named) {
        throw new NetError('EADDRINUSE', `the network "${network}" already has a node "${own}"`);
      }
      return new Directory(network, { id, name: own, host }, locks);
    } catch (error) {
      locks.releaseAll();
      throw error;
    }
  }

  /** What the network's nodes hold now. */
  async snapshot(): Promise<Snapshot> {
    return snapshot(this.#locks, this.network);
  }

  /**
   * Announces that this node listens on an address of its own.
   *
   * @throws NetError EADDRINUSE when somebody else holds the port for longer than any node takes to end
   */
  async announce(address: SocketAddress): Promise<void> {
    if (!(await this.#locks.acquire(listenerLock(this.network, address), PORT_TAKEOVER_MS))) {
      throw new NetError(
        'EADDRINUSE',
        `${formatSocketAddress(address)} is announced by another node`,
      );
    }
  }

  /** Takes an announcement back. */
  withdraw(address: SocketAddress): void {
    this.#locks.release(listenerLock(this.network, address));
  }

  /** Calls `gone` once the node `id` is dead. Returns a function that ends the watch. */
  watch(id: string, gone: () => void): () => void {
    return this.#locks.watch(liveLock(this.network, id), gone);
  }

  /** Removes the node and everything it held. */
  leave(): void {
    this.#locks.releaseAll();
  }
}

/** The addresses of a node. */
export function nodeAddress(node: DirectoryNode, family: Family): IpAddress {
  return hostAddress(family, node.host);
}

function liveLock(network: string, id: string): string {
  return resourceName('live', network, id);
}

function listenerLock(network: string, address: SocketAddress): string {
  return resourceName('tcp', network, formatSocketAddress(address));
}

async function leaseHost(
  locks: LockHolder,
  network: string,
  told: number | undefined,
): Promise<number> {
  const lease = (host: number, waitMs: number): Promise<boolean> =>
    locks.acquire(resourceName('ip', network, formatAddress(hostAddress('ipv4', host))), waitMs);
  if (told !== undefined) {
    if (await lease(told, TAKEOVER_MS)) return told;
    const address = formatAddress(hostAddress('ipv4', told));
    throw new NetError('EADDRINUSE', `another node of the network "${network}" has ${address}`);
  }
  const { leases } = await snapshot(locks, network);
  for (let host = 1; host <= MAX_HOST; host++) {
    if (!leases.has(host) && (await lease(host, 0))) return host;
  }
  throw new NetError('EADDRNOTAVAIL', `the network "${network}" has no free address`);
}

/** Reads the directory. Whatever in it this layer did not write is passed over. */
async function snapshot(locks: LockHolder, network: string): Promise<Snapshot> {
  const nodes: DirectoryNode[] = [];
  const leases = new Set<number>();
  const listeners = new Set<string>();
  for (const lock of await locks.query('backtab/1/')) {
    const [, , kind, owner, ...parts] = lock.split('/').map(decode);
    if (owner !== network) continue;
    if (kind === 'ip') {
      const host = parseLease(parts[0]);
      if (host !== undefined) leases.add(host);
    } else if (kind === 'host') {
      const [id = '', address, name = ''] = parts;
      const host = parseLease(address);
      if (host !== undefined && /^[0-9a-f]{32}$/.test(id) && NAME.test(name)) {
        nodes.push({ id, name, host });
      }
    } else if (kind === 'tcp') {
      const address = parseSocketAddress(parts[0] ?? '');
      if (address !== undefined) listeners.add(formatSocketAddress(address));
    }
  }
  return { nodes, leases, listeners };
}

function parseLease(text: string | undefined): number | undefined {
  const address = text === undefined ? undefined : parseAddress(text);
  return address?.family === 'ipv4' ? hostNumber(address) : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
