import { parseAddress } from '../address.ts';

/** What is wrong with the way from one node to another. Nodes by their IPv4 address; `*` is any. */
export interface LinkFault {
  readonly from: string;
  readonly to: string;
  /** Whether nothing gets through: connections' frames are held, handshakes and datagrams dropped. */
  readonly cut?: boolean;
  /** How long each frame takes at least, in milliseconds. */
  readonly delayMs?: number;
  /** How much longer it may take, at random; frames of one channel stay in order. */
  readonly jitterMs?: number;
}

/** Everything that is wrong with a network at one moment. */
export interface FaultPlan {
  /** For a pair of nodes the last entry that names it counts. */
  readonly links: readonly LinkFault[];
  /** The nodes that neither send nor receive until they go on. */
  readonly frozen: readonly string[];
}

/** A network with nothing wrong. */
export const NO_FAULTS: FaultPlan = { links: [], frozen: [] };

/** The longest delay that a plan may ask for, in milliseconds. */
const MAX_DELAY = 3_600_000;

/** The channel on which a network's plan is published. An empty frame on it asks for the plan. */
export function faultChannel(network: string): string {
  return `backtab/1/faults/${encodeURIComponent(network)}`;
}

/** What is wrong between two nodes, one way. */
export function faultOf(plan: FaultPlan, from: string, to: string): LinkFault | undefined {
  const isNamed = (pattern: string, node: string): boolean => pattern === '*' || pattern === node;
  return plan.links.findLast((link) => isNamed(link.from, from) && isNamed(link.to, to));
}

/** A plan as a frame. */
export function encodePlan(plan: FaultPlan): ArrayBuffer {
  return new TextEncoder().encode(JSON.stringify(plan)).buffer;
}

/** The plan in a frame; undefined for anything that is none. */
export function decodePlan(message: unknown): FaultPlan | undefined {
  if (!(message instanceof ArrayBuffer)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(message));
  } catch {
    return undefined;
  }
  const { links, frozen } = fieldsOf(value);
  if (!Array.isArray(links) || !links.every(isLinkFault)) return undefined;
  if (!Array.isArray(frozen) || !frozen.every(isNode)) return undefined;
  return { links, frozen };
}

function isLinkFault(value: unknown): value is LinkFault {
  const { from, to, cut, delayMs, jitterMs } = fieldsOf(value);
  const isDelay = (ms: unknown): boolean =>
    ms === undefined || (typeof ms === 'number' && ms >= 0 && ms <= MAX_DELAY);
  const isPattern = (node: unknown): boolean => node === '*' || isNode(node);
  const isCut = cut === undefined || typeof cut === 'boolean';
  return isPattern(from) && isPattern(to) && isCut && isDelay(delayMs) && isDelay(jitterMs);
}

function isNode(value: unknown): value is string {
  return typeof value === 'string' && parseAddress(value)?.family === 'ipv4';
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // What is no object has no field; what is one may have any.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
