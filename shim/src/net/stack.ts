import type { Carrier } from './carrier/carrier.ts';
import type { Family, IpAddress } from './address.ts';
import type { LockHolder } from './locks.ts';

/** What a stack is created with. */
export interface StackOptions {
  /** The network's name, `[a-z0-9-]{1,63}`. */
  readonly network: string;
  /** The node's name in the network; by default `node-` and its host number. */
  readonly name?: string | undefined;
  /** The node's address, IPv4 or IPv6 (the other follows from it); by default the next free one. */
  readonly ip?: string | undefined;
  /** What moves the frames. */
  readonly carrier: Carrier;
  /** Who holds the node's locks. */
  readonly locks: LockHolder;
}

/** What a stack knows of itself at one moment. */
export interface StackInfo {
  readonly network: string | undefined;
  readonly name: string | undefined;
  /** The node's addresses: its IPv4 and its IPv6 address; none without a network. */
  readonly addresses: readonly string[];
  readonly listeners: readonly {
    readonly local: string;
    readonly backlog: number;
    readonly waiting: number;
  }[];
  readonly connections: readonly {
    readonly local: string;
    readonly remote: string;
    readonly state: string;
    readonly sent: number;
    readonly received: number;
    readonly sendQueue: number;
    readonly receiveQueue: number;
  }[];
  /** Counters since the stack was created. */
  readonly counters: Readonly<Record<string, number>>;
}

/**
 * One node's network stack.
 *
 * The page end and the worker end use it alike: `await Stack.create({...})`, and at the end
 * `await stack.close('exit')` or `stack.close('kill')`.
 */
export declare class Stack {
  /**
   * Joins a network: leases an address, claims the name, marks the node alive.
   *
   * @throws NetError EADDRINUSE when the address or the name is taken, EINVAL for a wrong option
   */
  static create(options: StackOptions): Promise<Stack>;
  /** A stack without a network: its sockets reach only each other, over 127.0.0.0/8 and ::1. */
  static loopback(): Stack;
  readonly network: string | undefined;
  readonly name: string | undefined;
  /** The node's own address of a family; undefined without a network. */
  address(family: Family): IpAddress | undefined;
  /** The addresses of a host name or literal. */
  resolve(name: string): Promise<IpAddress[]>;
  /**
   * Leaves the network. `'exit'`: peers see end-of-file; resolves when what was sent has arrived (or
   * the peer took nothing for 3 seconds). `'kill'`: everything ends at once, peers see a reset.
   */
  close(how: 'exit' | 'kill'): Promise<void>;
  inspect(): StackInfo;
}
