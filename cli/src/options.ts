/** The values of the command line's options, checked: each error names the option and its value. */
import { isIPv4, isIPv6 } from 'node:net';
import { tracePackages } from '../../shim/src/wasi/trace-packages.ts';
import { ToolError } from './errors.ts';

/** A path in the program's file tree and one on this machine. */
export interface PathPair {
  guest: string;
  host: string;
}

/** A disk in the program's file tree: a named one, or a temporary one in memory without a name. */
export interface MountOption {
  /** Absolute and tidy. */
  path: string;
  disk?: string | undefined;
  readOnly: boolean;
}

/** A port of this machine that is bridged to a port the node listens on. */
export interface Publication {
  address: string;
  hostPort: number;
  port: number;
}

const namePattern = /^[a-z0-9-]{1,63}$/;

/** What a name of a network, node or disk must be. */
export const nameRule = '1 to 63 characters of a-z, 0-9 and "-"';

/** Whether a string can name a network, node or disk. */
export function isName(value: string): boolean {
  return namePattern.test(value);
}

/** @throws ToolError when the value is no name */
export function parseName(option: string, value: string): string {
  if (isName(value)) return value;
  throw new ToolError(`${option} ${value}: a name is ${nameRule}`);
}

/** @throws ToolError when the value is no IP address */
export function parseAddress(option: string, value: string): string {
  if (isIPv4(value) || isIPv6(value)) return value;
  throw new ToolError(`${option} ${value}: this is not an IP address`);
}

/**
 * Splits `K=V` at the first `=`.
 *
 * @throws ToolError when there is none, or no name before it
 */
export function parseVariable(value: string): [name: string, value: string] {
  const equals = value.indexOf('=');
  if (equals < 1) throw new ToolError(`--env ${value}: expected NAME=VALUE`);
  return [value.slice(0, equals), value.slice(equals + 1)];
}

/**
 * Splits `GUEST=HOST` at the first `=` and tidies the guest's path (no `.`, `..`, double or final
 * slash).
 *
 * @throws ToolError when either part is missing or the guest's path is not absolute
 */
export function parsePathPair(option: string, value: string): PathPair {
  const equals = value.indexOf('=');
  const guest = value.slice(0, Math.max(equals, 0));
  const host = value.slice(equals + 1);
  if (equals < 1 || host === '') throw new ToolError(`${option} ${value}: expected GUEST=HOST`);
  return { guest: tidyGuestPath(option, value, guest), host };
}

/**
 * Reads `GUEST=DISK` or `GUEST=DISK:ro`.
 *
 * @throws ToolError when a part is missing or of the wrong form
 */
export function parseMount(value: string): MountOption {
  const equals = value.indexOf('=');
  const guest = value.slice(0, Math.max(equals, 0));
  const [disk = '', mode, ...rest] = value.slice(equals + 1).split(':');
  if (equals < 1 || rest.length > 0 || (mode !== undefined && mode !== 'ro')) {
    throw new ToolError(`--mount ${value}: expected GUEST=DISK or GUEST=DISK:ro`);
  }
  if (!isName(disk)) throw new ToolError(`--mount ${value}: a disk's name is ${nameRule}`);
  return { path: mountPoint('--mount', value, guest), disk, readOnly: mode === 'ro' };
}

/**
 * Reads the path of a temporary directory in memory.
 *
 * @throws ToolError when it is of the wrong form
 */
export function parseTemporary(value: string): MountOption {
  return { path: mountPoint('--tmp', value, value), readOnly: false };
}

function mountPoint(option: string, value: string, guest: string): string {
  const path = tidyGuestPath(option, value, guest);
  if (path === '/') throw new ToolError(`${option} ${value}: / is the disk that --disk names`);
  return path;
}

/** A guest's path without `.`, `..`, double or final slashes. */
function tidyGuestPath(option: string, value: string, guest: string): string {
  if (!guest.startsWith('/')) {
    throw new ToolError(`${option} ${value}: the guest path ${guest} must begin with /`);
  }
  const parts: string[] = [];
  for (const part of guest.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/**
 * Reads the packages of `--trace=…`; none means all.
 *
 * @throws ToolError when one is not a package of WASI 0.2
 */
export function parseTrace(value: string): string[] {
  if (value === '') return [];
  const packages = value.split(',');
  const unknown = packages.find((name) => !tracePackages.includes(name));
  if (unknown === undefined) return packages;
  throw new ToolError(
    `--trace=${value}: no package "${unknown}"; known: ${tracePackages.join(', ')}`,
  );
}

/** A port number from 1 to 65535, or undefined. */
export function parsePort(value: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(value)) return undefined;
  const port = Number(value);
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** Reads `[ADDRESS:]HOSTPORT:PORT`; undefined when it is none. An IPv6 address stands in brackets. */
export function readPublication(value: string): Publication | undefined {
  const match = /^(?:(\[[^\]]*\]|[^:[\]]*):)?([^:]*):([^:]*)$/.exec(value);
  const address = (match?.[1] ?? '127.0.0.1').replace(/^\[|\]$/g, '');
  const hostPort = parsePort(match?.[2] ?? '');
  const port = parsePort(match?.[3] ?? '');
  if (hostPort === undefined || port === undefined) return undefined;
  if (!isIPv4(address) && !isIPv6(address)) return undefined;
  return { address, hostPort, port };
}

/** @throws ToolError when the value is not of the form `[ADDRESS:]HOSTPORT:PORT` */
export function parsePublication(value: string): Publication {
  const publication = readPublication(value);
  if (publication) return publication;
  throw new ToolError(
    `--publish ${value}: expected [ADDRESS:]HOSTPORT:PORT, e.g. 8080:80 or 127.0.0.1:8080:80`,
  );
}

/**
 * A number of seconds, whole or decimal.
 *
 * @returns milliseconds
 * @throws ToolError when the value is not above 0 or beyond what a timer can wait (24 days)
 */
export function parseSeconds(option: string, value: string): number {
  const milliseconds = /^[0-9]+(\.[0-9]+)?$/.test(value) ? Math.ceil(Number(value) * 1000) : 0;
  if (milliseconds > 0 && milliseconds <= 0x7fff_ffff) return milliseconds;
  throw new ToolError(`${option} ${value}: expected a number of seconds above 0`);
}
