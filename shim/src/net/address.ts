import { NetError } from './errors.ts';

/** The address families: IPv4 and IPv6. */
export type Family = 'ipv4' | 'ipv6';

/**
 * An IP address: for IPv4 its 4 octets, for IPv6 its 8 groups of 16 bits, in network order.
 * Immutable.
 */
export interface IpAddress {
  readonly family: Family;
  readonly parts: readonly number[];
}

/** An address and a port (0-65535). */
export interface SocketAddress {
  readonly address: IpAddress;
  readonly port: number;
}

const PARTS = { ipv4: 4, ipv6: 8 } as const;

/** The IPv4 address of 4 octets. */
export function ipv4(...octets: number[]): IpAddress {
  return { family: 'ipv4', parts: octets };
}

/** The IPv6 address of 8 groups. */
export function ipv6(...groups: number[]): IpAddress {
  return { family: 'ipv6', parts: groups };
}

/** The addresses that stand for "any local address" (INADDR_ANY, in6addr_any). */
export const WILDCARD: Readonly<Record<Family, IpAddress>> = {
  ipv4: ipv4(0, 0, 0, 0),
  ipv6: ipv6(0, 0, 0, 0, 0, 0, 0, 0),
};

/** The loopback addresses that a node's own connections come from. */
export const LOOPBACK: Readonly<Record<Family, IpAddress>> = {
  ipv4: ipv4(127, 0, 0, 1),
  ipv6: ipv6(0, 0, 0, 0, 0, 0, 0, 1),
};

/** The number of nodes' addresses in a network: 10.0.0.1 to 10.0.255.254. */
export const MAX_HOST = 0xfffe;

/**
 * The address of a network's host number (1 to MAX_HOST): 10.0.0.0/16 and fd00:b7ab::/64 have the
 * same host numbers, so that one lease gives a node both addresses.
 */
export function hostAddress(family: Family, host: number): IpAddress {
  return family === 'ipv4'
    ? ipv4(10, 0, host >> 8, host & 0xff)
    : ipv6(0xfd00, 0xb7ab, 0, 0, 0, 0, 0, host);
}

/** The host number of an address of the networks' range; undefined for any other address. */
export function hostNumber(address: IpAddress): number | undefined {
  const last = address.parts[address.parts.length - 1] ?? 0;
  const host = address.family === 'ipv4' ? ((address.parts[2] ?? 0) << 8) | last : last;
  const inRange =
    host >= 1 && host <= MAX_HOST && sameAddress(hostAddress(address.family, host), address);
  return inRange ? host : undefined;
}

/** Whether two addresses are the same. */
export function sameAddress(a: IpAddress, b: IpAddress): boolean {
  return a.family === b.family && a.parts.every((part, index) => part === b.parts[index]);
}

/** Whether the address is 0.0.0.0 or ::. */
export function isWildcard(address: IpAddress): boolean {
  return address.parts.every((part) => part === 0);
}

/** Whether the address never leaves the node: 127.0.0.0/8 and ::1. */
export function isLoopback(address: IpAddress): boolean {
  return address.family === 'ipv4' ? address.parts[0] === 127 : sameAddress(address, LOOPBACK.ipv6);
}

/** Whether the address is ::ffff:0:0/96, an IPv4 address in the clothes of IPv6. */
export function isIpv4Mapped(address: IpAddress): boolean {
  return (
    address.family === 'ipv6' &&
    address.parts.every((part, index) => index > 5 || part === (index === 5 ? 0xffff : 0))
  );
}

/** Whether the address can name one host: neither multicast nor IPv4's broadcast. */
export function isUnicast(address: IpAddress): boolean {
  const first = address.parts[0] ?? 0;
  if (address.family === 'ipv6') return first >> 8 !== 0xff;
  return (first < 224 || first > 239) && !address.parts.every((part) => part === 255);
}

/** The address's text: dotted decimal, or the canonical form of RFC 5952. */
export function formatAddress(address: IpAddress): string {
  if (address.family === 'ipv4') return address.parts.join('.');
  // The longest run of at least two zero groups becomes "::"; the first of equals.
  let start = 0;
  let length = 1;
  for (let index = 0; index < PARTS.ipv6; index++) {
    let end = index;
    while (end < PARTS.ipv6 && address.parts[end] === 0) end++;
    if (end - index > length) {
      start = index;
      length = end - index;
    }
  }
  const hex = (groups: readonly number[]): string =>
    groups.map((group) => group.toString(16)).join(':');
  if (length < 2) return hex(address.parts);
  return `${hex(address.parts.slice(0, start))}::${hex(address.parts.slice(start + length))}`;
}

/** The socket address's text: `10.0.0.1:80`, `[fd00:b7ab::1]:80`. */
export function formatSocketAddress({ address, port }: SocketAddress): string {
  const text = formatAddress(address);
  return address.family === 'ipv4' ? `${text}:${port}` : `[${text}]:${port}`;
}

/** The address that `text` spells in the standard forms; undefined when it spells none. */
export function parseAddress(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseDottedDecimal(text);
}

/** The address and port of `10.0.0.1:80` or `[::1]:80`; undefined for anything else. */
export function parseSocketAddress(text: string): SocketAddress | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const address = match === null ? undefined : parseAddress(match[1] ?? match[2] ?? '');
  if (address === undefined || port > 0xffff) return undefined;
  return (address.family === 'ipv6') === (match?.[1] !== undefined) ? { address, port } : undefined;
}

function parseDottedDecimal(text: string): IpAddress | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const octets = text.split('.').map(Number);
  return octets.some((octet) => octet > 255) ? undefined : ipv4(...octets);
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const parsed = halves.map((half, index) =>
    half === '' && halves.length === 2 ? [] : parseGroups(half, index === halves.length - 1),
  );
  const [head, tail] = parsed;
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === PARTS.ipv6 ? ipv6(...head) : undefined;
  if (tail === undefined) return undefined;
  const zeros = PARTS.ipv6 - head.length - tail.length;
  return zeros < 1 ? undefined : ipv6(...head, ...Array<number>(zeros).fill(0), ...tail);
}

/** The groups of one side of "::"; the very last may be an IPv4 address. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  const groups: number[] = [];
  const words = text.split(':');
  for (const [index, word] of words.entries()) {
    const dotted = last && index === words.length - 1 ? parseDottedDecimal(word) : undefined;
    if (dotted !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = dotted.parts;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-f]{1,4}$/i.test(word)) {
      groups.push(parseInt(word, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

/**
 * The host number of an `ip` option.
 *
 * @throws NetError EINVAL when the text is no address of the networks' range
 */
export function parseHost(ip: string): number {
  const address = parseAddress(ip);
  const host = address && hostNumber(address);
  if (host === undefined) {
    throw new NetError(
      'EINVAL',
      `${ip} is not an address of a network; addresses are 10.0.0.1 to 10.0.255.254 and fd00:b7ab::1 to fd00:b7ab::fffe`,
    );
  }
  return host;
}
