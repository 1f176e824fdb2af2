/**
 * The frames that nodes exchange: their layout, and a parser that trusts nothing. All integers are
 * little-endian. Every frame begins with
 *
 *   0 magic 0xB7 · 1 version 1 · 2 type · 3 flags
 *
 * Frames on a node's channel (control frames and datagrams) go on with
 *
 *   4 sender's node id (16) · 20 family (4 or 6) · 21 zero · 22 source port · 24 destination port ·
 *   26 zero (2) · 28 source address (16, an IPv4 address in the first 4) · 44 destination address (16) · 60 …
 *
 * and then SYN: connection token (16), window (u32); DATAGRAM: the payload; UNREACHABLE: nothing
 * (source and destination are those of the datagram it answers).
 *
 * Frames on a connection's own channel:
 *
 *   ACCEPT  4 node id (16) · 20 window (u32)
 *   DATA    4 offset (u64) · 12 payload, at least one byte
 *   ACK     4 bytes received (u64) · 12 limit: bytes that may be sent in all (u64); flag FIN when the
 *           sender's FIN has arrived
 *   FIN     4 offset (u64): all bytes there are
 *   RESET   flag REFUSED when nothing listens
 *   PING    asks for an ACK
 */

import {
  type Family,
  hostNumber,
  type IpAddress,
  ipv4,
  ipv6,
  type SocketAddress,
} from './address.ts';

const MAGIC = 0xb7;
const VERSION = 1;

const SYN = 1;
const DATAGRAM = 2;
const UNREACHABLE = 3;
const ACCEPT = 16;
const DATA = 17;
const ACK = 18;
const FIN = 19;
const RESET = 20;
const PING = 21;

/** Flag of connection frames: sent by the end that accepted. */
const FROM_SERVER = 1;
/** Flag of ACK: the FIN has arrived. Flag of RESET: nothing listens. */
const MARK = 2;

const CONTROL_HEADER = 60;
const DATA_HEADER = 12;

/**
 * The most bytes of a byte stream in one frame. Browsers move messages of this size fastest: 64 KiB
 * come to about half the bytes per second.
 */
export const MAX_SEGMENT = 256 * 1024;
/** The most bytes of a datagram: what UDP over IPv4 can carry. */
export const MAX_DATAGRAM = 65507;
/** The largest receive window. */
export const MAX_WINDOW = 4 * 1024 * 1024;

/** The end of a connection a frame comes from. */
export type Side = 'client' | 'server';

/** Where a control frame or datagram comes from and goes to. */
export interface Route {
  /** The sender's node id, 32 hexadecimal digits. */
  readonly node: string;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
}

/** A frame on a node's channel. */
export type ControlFrame =
  | (Route & { readonly type: 'syn'; readonly token: string; readonly window: number })
  | (Route & { readonly type: 'datagram'; readonly payload: Uint8Array })
  | (Route & { readonly type: 'unreachable' });

/** A frame on a connection's channel. Offsets count the bytes of one direction from 0. */
export type ConnectionFrame =
  | { readonly type: 'accept'; readonly node: string; readonly window: number }
  | { readonly type: 'data'; readonly offset: number; readonly payload: Uint8Array }
  | {
      readonly type: 'ack';
      readonly received: number;
      readonly limit: number;
      readonly fin: boolean;
    }
  | { readonly type: 'fin'; readonly offset: number }
  | { readonly type: 'reset'; readonly refused: boolean }
  | { readonly type: 'ping' };

/** A new node id or connection token: 128 random bits as 32 hexadecimal digits. */
export function randomId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/** A SYN: asks the destination for a connection, to be had on the channel named by `token`. */
export function encodeSyn(route: Route, token: string, window: number): ArrayBuffer {
  const view = controlFrame(SYN, route, 20);
  putId(view, CONTROL_HEADER, token);
  view.setUint32(CONTROL_HEADER + 16, window, true);
  return view.buffer;
}

/** A datagram. */
export function encodeDatagram(route: Route, payload: Uint8Array): ArrayBuffer {
  const view = controlFrame(DATAGRAM, route, payload.length);
  new Uint8Array(view.buffer, CONTROL_HEADER).set(payload);
  return view.buffer;
}

/** The answer to a datagram to a port nobody has bound; `route` is the datagram's, but for the node. */
export function encodeUnreachable(route: Route): ArrayBuffer {
  return controlFrame(UNREACHABLE, route, 0).buffer;
}

/** An ACCEPT: the connection is established, `window` bytes may be sent. */
export function encodeAccept(node: string, window: number): ArrayBuffer {
  const view = connectionFrame(ACCEPT, 'server', 0, 24);
  putId(view, 4, node);
  view.setUint32(20, window, true);
  return view.buffer;
}

/** A DATA frame of `length` bytes, and where to put them. */
export function dataFrame(
  side: Side,
  offset: number,
  length: number,
): { readonly frame: ArrayBuffer; readonly payload: Uint8Array } {
  const view = connectionFrame(DATA, side, 0, DATA_HEADER + length);
  putCount(view, 4, offset);
  return { frame: view.buffer, payload: new Uint8Array(view.buffer, DATA_HEADER) };
}

/** An ACK: what has been received and what may be sent. */
export function encodeAck(side: Side, received: number, limit: number, fin: boolean): ArrayBuffer {
  const view = connectionFrame(ACK, side, fin ? MARK : 0, 20);
  putCount(view, 4, received);
  putCount(view, 12, limit);
  return view.buffer;
}

/** A FIN: the direction ends after `offset` bytes. */
export function encodeFin(side: Side, offset: number): ArrayBuffer {
  const view = connectionFrame(FIN, side, 0, 12);
  putCount(view, 4, offset);
  return view.buffer;
}

/** A RESET: the connection is over; `refused` when it never was. */
export function encodeReset(side: Side, refused: boolean): ArrayBuffer {
  return connectionFrame(RESET, side, refused ? MARK : 0, 4).buffer;
}

/** A PING: asks whether the other end is there. */
export function encodePing(side: Side): ArrayBuffer {
  return connectionFrame(PING, side, 0, 4).buffer;
}

/** The control frame or datagram in `message`; undefined for anything that is none. */
export function decodeControlFrame(message: unknown): ControlFrame | undefined {
  const view = frameView(message);
  if (view === undefined || view.getUint8(3) !== 0 || view.byteLength < CONTROL_HEADER)
    return undefined;
  const route = getRoute(view);
  if (route === undefined) return undefined;
  const rest = view.byteLength - CONTROL_HEADER;
  switch (view.getUint8(2)) {
    case SYN: {
      if (rest !== 20) return undefined;
      const window = view.getUint32(CONTROL_HEADER + 16, true);
      if (window > MAX_WINDOW) return undefined;
      return { type: 'syn', ...route, token: getId(view, CONTROL_HEADER), window };
    }
    case DATAGRAM:
      if (rest > MAX_DATAGRAM) return undefined;
      return { type: 'datagram', ...route, payload: new Uint8Array(view.buffer, CONTROL_HEADER) };
    case UNREACHABLE:
      return rest === 0 ? { type: 'unreachable', ...route } : undefined;
    default:
      return undefined;
  }
}

/** The connection frame in `message`, if it is one and was sent by the end `from`. */
export function decodeConnectionFrame(message: unknown, from: Side): ConnectionFrame | undefined {
  const view = frameView(message);
  if (view === undefined) return undefined;
  const flags = view.getUint8(3);
  if ((flags & FROM_SERVER) !== (from === 'server' ? FROM_SERVER : 0)) return undefined;
  const marked = (flags & MARK) !== 0;
  const length = view.byteLength;
  const type = view.getUint8(2);
  const mayBeMarked = type === ACK || type === RESET;
  if ((flags & ~(FROM_SERVER | MARK)) !== 0 || (marked && !mayBeMarked)) return undefined;
  switch (type) {
    case DATA: {
      if (length <= DATA_HEADER || length > DATA_HEADER + MAX_SEGMENT) return undefined;
      const offset = getCount(view, 4);
      if (offset === undefined) return undefined;
      return { type: 'data', offset, payload: new Uint8Array(view.buffer, DATA_HEADER) };
    }
    case ACK: {
      if (length !== 20) return undefined;
      const received = getCount(view, 4);
      const limit = getCount(view, 12);
      if (received === undefined || limit === undefined) return undefined;
      return { type: 'ack', received, limit, fin: marked };
    }
    case ACCEPT: {
      if (length !== 24 || from !== 'server') return undefined;
      const window = view.getUint32(20, true);
      if (window > MAX_WINDOW) return undefined;
      return { type: 'accept', node: getId(view, 4), window };
    }
    case FIN: {
      const offset = length === 12 ? getCount(view, 4) : undefined;
      return offset === undefined ? undefined : { type: 'fin', offset };
    }
    case RESET:
      return length === 4 ? { type: 'reset', refused: marked } : undefined;
    case PING:
      return length === 4 ? { type: 'ping' } : undefined;
    default:
      return undefined;
  }
}

function connectionFrame(
  type: number,
  side: Side,
  flags: number,
  length: number,
): DataView<ArrayBuffer> {
  return newFrame(type, flags | (side === 'server' ? FROM_SERVER : 0), length);
}

function controlFrame(type: number, route: Route, rest: number): DataView<ArrayBuffer> {
  const view = newFrame(type, 0, CONTROL_HEADER + rest);
  putId(view, 4, route.node);
  view.setUint8(20, route.source.address.family === 'ipv4' ? 4 : 6);
  view.setUint16(22, route.source.port, true);
  view.setUint16(24, route.destination.port, true);
  putAddress(view, 28, route.source.address);
  putAddress(view, 44, route.destination.address);
  return view;
}

function newFrame(type: number, flags: number, length: number): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(length));
  view.setUint8(0, MAGIC);
  view.setUint8(1, VERSION);
  view.setUint8(2, type);
  view.setUint8(3, flags);
  return view;
}

function frameView(message: unknown): DataView<ArrayBuffer> | undefined {
  if (!(message instanceof ArrayBuffer) || message.byteLength < 4) return undefined;
  const view = new DataView(message);
  return view.getUint8(0) === MAGIC && view.getUint8(1) === VERSION ? view : undefined;
}

function getRoute(view: DataView): Route | undefined {
  const version = view.getUint8(20);
  if ((version !== 4 && version !== 6) || view.getUint8(21) !== 0 || view.getUint16(26) !== 0) {
    return undefined;
  }
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const source = getSocketAddress(view, family, 28, 22);
  const destination = getSocketAddress(view, family, 44, 24);
  return source && destination && { node: getId(view, 4), source, destination };
}

/** A socket address; undefined unless it is one that a node of a network can have. */
function getSocketAddress(
  view: DataView,
  family: Family,
  addressAt: number,
  portAt: number,
): SocketAddress | undefined {
  const port = view.getUint16(portAt, true);
  const address = getAddress(view, family, addressAt);
  if (port === 0 || address === undefined || hostNumber(address) === undefined) return undefined;
  return { address, port };
}

function putAddress(view: DataView, at: number, address: IpAddress): void {
  for (const [index, part] of address.parts.entries()) {
    if (address.family === 'ipv4') view.setUint8(at + index, part);
    else view.setUint16(at + 2 * index, part);
  }
}

function getAddress(view: DataView, family: Family, at: number): IpAddress | undefined {
  if (family === 'ipv6') {
    return ipv6(...Array.from({ length: 8 }, (_, index) => view.getUint16(at + 2 * index)));
  }
  for (let index = 4; index < 16; index++) if (view.getUint8(at + index) !== 0) return undefined;
  return ipv4(...Array.from({ length: 4 }, (_, index) => view.getUint8(at + index)));
}

function putCount(view: DataView, at: number, count: number): void {
  view.setUint32(at, count >>> 0, true);
  view.setUint32(at + 4, Math.floor(count / 2 ** 32), true);
}

/** A u64; undefined when it exceeds what a number holds exactly. */
function getCount(view: DataView, at: number): number | undefined {
  const count = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  return Number.isSafeInteger(count) ? count : undefined;
}

function putId(view: DataView, at: number, id: string): void {
  for (let index = 0; index < 16; index++) {
    view.setUint8(at + index, parseInt(id.slice(2 * index, 2 * index + 2), 16));
  }
}

function getId(view: DataView, at: number): string {
  return hex(new Uint8Array(view.buffer, view.byteOffset + at, 16));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
