import { MAX_WINDOW } from './frame.ts';

/** The adjustable properties of a TCP socket. Sizes in bytes, times in seconds. */
export interface TcpOptions {
  /** How many connections may wait to be accepted (SOMAXCONN's default of Linux: 4096, here 128). */
  backlog: number;
  keepAlive: boolean;
  /** How long a connection is silent before the first probe. */
  keepAliveIdle: number;
  /** The time between probes. */
  keepAliveInterval: number;
  /** How many probes go unanswered before the connection is given up. */
  keepAliveCount: number;
  /** Kept and reported; no router lies between nodes that could count it down. */
  hopLimit: number;
  /** What a peer may have sent that the program has not read: the receive window. */
  receiveBufferSize: number;
  /** What the program may have sent beyond the peer's window. */
  sendBufferSize: number;
}

/**
 * What the options are until they are set; Linux's values where Linux has one value. The receive
 * buffer holds a few frames of the largest size, so that a sender does not run out of credit while
 * an acknowledgement is under way; nothing is allocated before it is needed.
 */
export function defaultTcpOptions(): TcpOptions {
  return {
    backlog: 128,
    keepAlive: false,
    keepAliveIdle: 7200,
    keepAliveInterval: 75,
    keepAliveCount: 9,
    hopLimit: 64,
    receiveBufferSize: 1024 * 1024,
    sendBufferSize: 512 * 1024,
  };
}

/** The ranges into which values are clamped, as Linux does for most of them. */
export const LIMITS = {
  backlog: [1, 4096],
  /** Of times in seconds: TCP_KEEPIDLE and TCP_KEEPINTVL of Linux. */
  seconds: [1, 32767],
  keepAliveCount: [1, 127],
  bufferSize: [1, MAX_WINDOW],
} as const;

/** `value`, or the nearest value of the range. */
export function clamp(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(Math.max(value, least), most);
}
