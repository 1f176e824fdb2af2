import { type IpAddress, ipv4, LOOPBACK, parseAddress } from './address.ts';
import { NetError } from './errors.ts';

/** What a host name asks for: addresses that are plain from it, or a name to look up. */
export type HostName =
  | { readonly kind: 'addresses'; readonly addresses: readonly IpAddress[] }
  | { readonly kind: 'name'; readonly name: string };

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Reads a host name: an IPv4 address in any of the forms of inet_aton(3), an IPv6 address (also in
 * brackets), `localhost` and names below it (RFC 6761), or a domain name, which is returned in
 * lower case and ASCII.
 *
 * @throws NetError EINVAL for what is none of them
 */
export function parseHostName(text: string): HostName {
  const invalid = (): NetError => new NetError('EINVAL', `"${text}" is not a host name`);
  const literal = parseAddress(text.replace(/^\[(.*:.*)\]$/, '$1')) ?? parseIpv4Number(text);
  if (literal !== undefined) return { kind: 'addresses', addresses: [literal] };
  const name = toAscii(text)?.replace(/\.$/, '');
  if (name === undefined || name === '' || name.length > 253) throw invalid();
  const labels = name.split('.');
  const last = labels[labels.length - 1] ?? '';
  // A name that ends in a number would be an IPv4 address, and is none.
  if (!labels.every((label) => LABEL.test(label)) || /^(\d+|0x[0-9a-f]*)$/.test(last)) {
    throw invalid();
  }
  if (last === 'localhost') {
    return { kind: 'addresses', addresses: [LOOPBACK.ipv4, LOOPBACK.ipv6] };
  }
  return { kind: 'name', name };
}

/** The name in lower case, international labels in Punycode; undefined if it cannot be. */
function toAscii(text: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- exactly the ASCII characters
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  // The URL parser knows IDNA; whatever would end or structure a URL's host has no place in a name.
  if (/[\s/?#@:\\[\]<>%]/u.test(text)) return undefined;
  return URL.parse(`http://${text}/`)?.hostname;
}

/**
 * An IPv4 address as inet_aton(3) reads it: one to four numbers, decimal, octal (0…) or hexadecimal
 * (0x…), the last of which fills the octets that are left.
 */
function parseIpv4Number(text: string): IpAddress | undefined {
  const words = text.split('.');
  if (words.length > 4) return undefined;
  const numbers = words.map((word) => {
    if (/^0x[0-9a-f]{1,8}$/i.test(word)) return parseInt(word, 16);
    if (/^0[0-7]{0,11}$/.test(word)) return parseInt(word, 8);
    return /^[1-9]\d{0,9}$/.test(word) ? Number(word) : NaN;
  });
  const last = numbers.pop() ?? NaN;
  // NaN fails every comparison.
  if (!numbers.every((number) => number <= 255) || !(last < 256 ** (4 - numbers.length))) {
    return undefined;
  }
  for (let shift = 3 - numbers.length; shift >= 0; shift--) {
    numbers.push(Math.floor(last / 256 ** shift) % 256);
  }
  return ipv4(...numbers);
}
