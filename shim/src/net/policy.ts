import {
  type IpAddress,
  formatSocketAddress,
  parseAddress,
  type SocketAddress,
} from './address.ts';
import { NetError } from './errors.ts';

/**
 * What a node's program may reach in its network. A missing list allows everything, an empty one
 * nothing. What stays in the node (loopback, the node's own addresses) is always allowed, and so
 * are ephemeral ports of clients.
 *
 * Addresses are `HOST` or `HOST:PORT` or `HOST:FIRST-LAST`, where HOST is `*`, `10.0.0.1`,
 * `10.0.0.0/24`, `[fd00:b7ab::1]` or `[fd00:b7ab::]/64`. Names are `db` or `*.demo.internal`.
 */
export interface Policy {
  /** The addresses to receive datagrams and connections on; the wildcard counts as the node's own. */
  readonly bind?: readonly string[] | undefined;
  /** The addresses to connect and send datagrams to. */
  readonly connect?: readonly string[] | undefined;
  /** The names to look up. */
  readonly resolve?: readonly string[] | undefined;
}

interface Rule {
  /** The address that is allowed with all that share its first `bits`; undefined for every one. */
  readonly address: IpAddress | undefined;
  readonly bits: number;
  readonly first: number;
  readonly last: number;
}

/** A policy in a form that can be asked. */
export class Access {
  readonly #bind: readonly Rule[] | undefined;
  readonly #connect: readonly Rule[] | undefined;
  readonly #resolve: readonly string[] | undefined;

  /** @throws NetError EINVAL for an entry that is none */
  constructor(policy: Policy = {}) {
    this.#bind = policy.bind?.map(parseRule);
    this.#connect = policy.connect?.map(parseRule);
    this.#resolve = policy.resolve?.map((name) => name.toLowerCase());
  }

  /**
   * Checks an address that a socket is to receive on.
   *
   * @throws NetError EACCES
   */
  checkBind(address: SocketAddress): void {
    check(this.#bind, address, 'bind');
  }

  /**
   * Checks an address that a socket is to connect or send to.
   *
   * @throws NetError EACCES
   */
  checkConnect(address: SocketAddress): void {
    check(this.#connect, address, 'connect to');
  }

  /**
   * Checks a name that is to be looked up.
   *
   * @param spellings - the forms of the name, any of which may be allowed
   * @throws NetError EACCES
   */
  checkResolve(...spellings: readonly string[]): void {
    const allowed =
      this.#resolve === undefined ||
      this.#resolve.some((pattern) => spellings.some((name) => matchesName(pattern, name)));
    if (!allowed) {
      throw new NetError(
        'EACCES',
        `the policy of this node does not allow to resolve ${spellings[0]}`,
      );
    }
  }
}

function check(rules: readonly Rule[] | undefined, address: SocketAddress, what: string): void {
  if (rules === undefined || rules.some((rule) => allows(rule, address))) return;
  const where = formatSocketAddress(address);
  throw new NetError('EACCES', `the policy of this node does not allow to ${what} ${where}`);
}

function allows(rule: Rule, { address, port }: SocketAddress): boolean {
  if (port < rule.first || port > rule.last) return false;
  if (rule.address === undefined) return true;
  return rule.address.family === address.family && sharesPrefix(rule.address, address, rule.bits);
}

function sharesPrefix(a: IpAddress, b: IpAddress, bits: number): boolean {
  const width = a.family === 'ipv4' ? 8 : 16;
  return a.parts.every((part, index) => {
    const rest = Math.max(0, Math.min(width, bits - index * width));
    return part >> (width - rest) === (b.parts[index] ?? 0) >> (width - rest);
  });
}

function matchesName(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}

function parseRule(text: string): Rule {
  const invalid = (): NetError =>
    new NetError(
      'EINVAL',
      `"${text}" is no entry of a policy; one is like 10.0.0.0/24:80 or [fd00:b7ab::1]:80-90`,
    );
  const match = /^(\*|\[([^\]]+)\]|[^:/[\]]+)(?:\/(\d{1,3}))?(?::(\d{1,5})(?:-(\d{1,5}))?)?$/.exec(
    text,
  );
  if (match === null) throw invalid();
  const [, host = '', ipv6, prefix, port, lastPort] = match;
  const first = port === undefined ? 0 : Number(port);
  const last = port === undefined ? 0xffff : Number(lastPort ?? port);
  if (last > 0xffff || first > last) throw invalid();
  if (host === '*') {
    if (prefix !== undefined) throw invalid();
    return { address: undefined, bits: 0, first, last };
  }
  const address = parseAddress(ipv6 ?? host);
  if (address === undefined || (address.family === 'ipv6') !== (ipv6 !== undefined))
    throw invalid();
  const width = address.family === 'ipv4' ? 32 : 128;
  const bits = prefix === undefined ? width : Number(prefix);
  if (bits > width) throw invalid();
  return { address, bits, first, last };
}
