/** wasi:sockets 0.2: network, instance-network, tcp, udp and their creation, ip-name-lookup. */
import {
  alias,
  bool,
  borrow,
  bytes,
  enumeration,
  func,
  list,
  option,
  own,
  record,
  result,
  tuple,
  string,
  u16,
  u32,
  u64,
  u8,
  variant,
  witInterface,
} from '../abi/wit.ts';
import type { Fields, WitFunction, WitType } from '../abi/wit.ts';

const errorCode = enumeration(
  'error-code',
  'unknown',
  'access-denied',
  'not-supported',
  'invalid-argument',
  'out-of-memory',
  'timeout',
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
  'invalid-state',
  'new-socket-limit',
  'address-not-bindable',
  'address-in-use',
  'remote-unreachable',
  'connection-refused',
  'connection-reset',
  'connection-aborted',
  'datagram-too-large',
  'name-unresolvable',
  'temporary-resolver-failure',
  'permanent-resolver-failure',
);
const ipAddressFamily = enumeration('ip-address-family', 'ipv4', 'ipv6');
const ipv4Address = alias('ipv4-address', tuple(u8, u8, u8, u8));
const ipv6Address = alias('ipv6-address', tuple(u16, u16, u16, u16, u16, u16, u16, u16));
const ipAddress = variant('ip-address', { ipv4: ipv4Address, ipv6: ipv6Address });
const ipv4SocketAddress = record('ipv4-socket-address', { port: u16, address: ipv4Address });
const ipv6SocketAddress = record('ipv6-socket-address', {
  port: u16,
  'flow-info': u32,
  address: ipv6Address,
  'scope-id': u32,
});
const ipSocketAddress = variant('ip-socket-address', {
  ipv4: ipv4SocketAddress,
  ipv6: ipv6SocketAddress,
});
const shutdownType = enumeration('shutdown-type', 'receive', 'send', 'both');
const incomingDatagram = record('incoming-datagram', {
  data: bytes,
  'remote-address': ipSocketAddress,
});
const outgoingDatagram = record('outgoing-datagram', {
  data: bytes,
  'remote-address': option(ipSocketAddress),
});

const network = { network: borrow('network') };
const subscribe = func({}, own('pollable'), { children: 'of-self' });

/** A function that returns at once. */
const immediate = (params: Fields, ok?: WitType): WitFunction =>
  func(params, result(ok, errorCode));
/** A function that programs repeat until it stops failing with `would-block`. */
const repeated = (params: Fields, ok?: WitType): WitFunction =>
  func(params, result(ok, errorCode), { blocking: 'yields' });

/** The interfaces of wasi:sockets. */
export const socketsInterfaces = [
  witInterface('wasi:sockets/network', {
    types: [
      errorCode,
      ipAddressFamily,
      ipv4Address,
      ipv6Address,
      ipAddress,
      ipv4SocketAddress,
      ipv6SocketAddress,
      ipSocketAddress,
    ],
    resources: { network: {} },
    functions: { 'network-error-code': func({ err: borrow('error') }, option(errorCode)) },
  }),
  witInterface('wasi:sockets/instance-network', {
    functions: { 'instance-network': func({}, own('network')) },
  }),
  witInterface('wasi:sockets/tcp', {
    types: [shutdownType],
    resources: {
      'tcp-socket': {
        'start-bind': immediate({ ...network, 'local-address': ipSocketAddress }),
        'finish-bind': repeated({}),
        'start-connect': immediate({ ...network, 'remote-address': ipSocketAddress }),
        'finish-connect': func(
          {},
          result(tuple(own('input-stream'), own('output-stream')), errorCode),
          { blocking: 'yields', children: 'of-self' },
        ),
        'start-listen': immediate({}),
        'finish-listen': repeated({}),
        accept: func(
          {},
          result(tuple(own('tcp-socket'), own('input-stream'), own('output-stream')), errorCode),
          { blocking: 'yields', children: 'of-first' },
        ),
        'local-address': immediate({}, ipSocketAddress),
        'remote-address': immediate({}, ipSocketAddress),
        'is-listening': func({}, bool),
        'address-family': func({}, ipAddressFamily),
        'set-listen-backlog-size': immediate({ value: u64 }),
        'keep-alive-enabled': immediate({}, bool),
        'set-keep-alive-enabled': immediate({ value: bool }),
        'keep-alive-idle-time': immediate({}, u64),
        'set-keep-alive-idle-time': immediate({ value: u64 }),
        'keep-alive-interval': immediate({}, u64),
        'set-keep-alive-interval': immediate({ value: u64 }),
        'keep-alive-count': immediate({}, u32),
        'set-keep-alive-count': immediate({ value: u32 }),
        'hop-limit': immediate({}, u8),
        'set-hop-limit': immediate({ value: u8 }),
        'receive-buffer-size': immediate({}, u64),
        'set-receive-buffer-size': immediate({ value: u64 }),
        'send-buffer-size': immediate({}, u64),
        'set-send-buffer-size': immediate({ value: u64 }),
        subscribe,
        shutdown: immediate({ 'shutdown-type': shutdownType }),
      },
    },
  }),
  witInterface('wasi:sockets/tcp-create-socket', {
    functions: {
      'create-tcp-socket': immediate({ 'address-family': ipAddressFamily }, own('tcp-socket')),
    },
  }),
  witInterface('wasi:sockets/udp', {
    types: [incomingDatagram, outgoingDatagram],
    resources: {
      'udp-socket': {
        'start-bind': immediate({ ...network, 'local-address': ipSocketAddress }),
        'finish-bind': repeated({}),
        stream: func(
          { 'remote-address': option(ipSocketAddress) },
          result(
            tuple(own('incoming-datagram-stream'), own('outgoing-datagram-stream')),
            errorCode,
          ),
          { children: 'of-self' },
        ),
        'local-address': immediate({}, ipSocketAddress),
        'remote-address': immediate({}, ipSocketAddress),
        'address-family': func({}, ipAddressFamily),
        'unicast-hop-limit': immediate({}, u8),
        'set-unicast-hop-limit': immediate({ value: u8 }),
        'receive-buffer-size': immediate({}, u64),
        'set-receive-buffer-size': immediate({ value: u64 }),
        'send-buffer-size': immediate({}, u64),
        'set-send-buffer-size': immediate({ value: u64 }),
        subscribe,
      },
      'incoming-datagram-stream': {
        receive: repeated({ 'max-results': u64 }, list(incomingDatagram)),
        subscribe,
      },
      'outgoing-datagram-stream': {
        'check-send': repeated({}, u64),
        send: repeated({ datagrams: list(outgoingDatagram) }, u64),
        subscribe,
      },
    },
  }),
  witInterface('wasi:sockets/udp-create-socket', {
    functions: {
      'create-udp-socket': immediate({ 'address-family': ipAddressFamily }, own('udp-socket')),
    },
  }),
  witInterface('wasi:sockets/ip-name-lookup', {
    resources: {
      'resolve-address-stream': {
        'resolve-next-address': repeated({}, option(ipAddress)),
        subscribe,
      },
    },
    functions: {
      'resolve-addresses': immediate({ ...network, name: string }, own('resolve-address-stream')),
    },
  }),
];
