/**
 * What the interfaces of wasi:sockets share: addresses and error codes.
 */
import { WitError } from '../abi/errors.ts';
import type {
  ErrorCode,
  IpAddress as WitIpAddress,
  IpSocketAddress,
  Ipv4Address,
  Ipv6Address,
} from '../generated/sockets.ts';
import type { IpAddress, SocketAddress } from '../net/address.ts';
import { NetError, type NetErrno } from '../net/errors.ts';
import { MessageError } from './io.ts';

/** The error codes of errno names. */
const ERROR_CODES: Readonly<Record<NetErrno, ErrorCode>> = {
  EACCES: 'access-denied',
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-bindable',
  EAFNOSUPPORT: 'invalid-argument',
  EALREADY: 'concurrency-conflict',
  ECONNABORTED: 'connection-aborted',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EHOSTUNREACH: 'remote-unreachable',
  EINVAL: 'invalid-argument',
  EISCONN: 'invalid-state',
  EMSGSIZE: 'datagram-too-large',
  ENETDOWN: 'remote-unreachable',
  ENETUNREACH: 'remote-unreachable',
  ENOTCONN: 'invalid-state',
  ENOTFOUND: 'name-unresolvable',
  EPIPE: 'connection-aborted',
  ETIMEDOUT: 'timeout',
};

/** The error of a socket stream: `network-error-code` finds its code. */
export class SocketStreamError extends MessageError {
  /** The code that wasi:sockets has for it. */
  readonly code: ErrorCode;

  constructor(error: NetError) {
    super(error.message);
    this.code = ERROR_CODES[error.code];
  }
}

/** The error of a function of wasi:sockets. */
export function socketError(code: ErrorCode): WitError<ErrorCode> {
  return new WitError(code);
}

/** The error of a function of wasi:sockets for what the network reported. */
export function networkError(error: NetError): WitError<ErrorCode> {
  return socketError(ERROR_CODES[error.code]);
}

/** Calls `operation`; what the network reports becomes the error code of wasi:sockets. */
export function reporting<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw error instanceof NetError ? networkError(error) : error;
  }
}

/** An address in the guest's form. */
export function toWitAddress({ family, parts }: IpAddress): WitIpAddress {
  // An address has as many parts as its family says.
  return family === 'ipv4'
    ? { tag: 'ipv4', val: parts as unknown as Ipv4Address }
    : { tag: 'ipv6', val: parts as unknown as Ipv6Address };
}

/** A socket address in the guest's form. Flow labels and scopes mean nothing here: always 0. */
export function toWitSocketAddress({ address, port }: SocketAddress): IpSocketAddress {
  const wit = toWitAddress(address);
  return wit.tag === 'ipv4'
    ? { tag: 'ipv4', val: { port, address: wit.val } }
    : { tag: 'ipv6', val: { port, flowInfo: 0, address: wit.val, scopeId: 0 } };
}

/** A socket address from the guest's form. */
export function fromWitSocketAddress({ tag, val }: IpSocketAddress): SocketAddress {
  return { address: { family: tag, parts: val.address }, port: val.port };
}
