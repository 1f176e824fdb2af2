/** The generated lowers of the widest types, from a guest's memory to the host and back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Descriptor, FilesystemInterfaces } from '../generated/filesystem.ts';
import type {
  IncomingDatagramStream,
  OutgoingDatagramStream,
  SocketsInterfaces,
  TcpSocket,
  UdpSocket,
} from '../generated/sockets.ts';
import { runGuest } from './testing.ts';
import type { GuestOptions } from './testing.ts';
import { watCommand } from './testing-wat.ts';
import type { WatGuest } from './testing-wat.ts';
import { absentSockets } from './world-absent.ts';

/** A host resource with only the methods that a test uses; any other is a failure. */
function resource<T extends object>(methods: Partial<T>): T {
  const strict = new Proxy(methods, {
    get(target, name, receiver) {
      if (name !== Symbol.dispose) assert.ok(name in target, `unexpected use of ${String(name)}`);
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  // Complete as far as the guest of the test goes.
  return strict as T;
}

/** Runs a guest that prints the memory from 1024 on, and returns those bytes. */
async function memoryAfter(
  guest: WatGuest,
  length: number,
  options: GuestOptions,
): Promise<DataView> {
  const binary = await watCommand({
    ...guest,
    body: `${guest.body} (call $print (i32.const 1024) (i32.const ${length}))`,
  });
  const { stdoutBytes, outcome } = await runGuest(binary, options);
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
  assert.equal(stdoutBytes.length, length);
  return new DataView(stdoutBytes.buffer, stdoutBytes.byteOffset, length);
}

function withTcp(socket: Partial<TcpSocket>): GuestOptions {
  const sockets: SocketsInterfaces = {
    ...absentSockets,
    'wasi:sockets/tcp-create-socket': { createTcpSocket: () => resource<TcpSocket>(socket) },
  };
  return { sockets };
}

const tcpImports = `
  (import "wasi:sockets/instance-network@0.2.0" "instance-network" (func $network (result i32)))
  (import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $create (param i32 i32)))
  (import "wasi:sockets/tcp@0.2.0" "[resource-drop]tcp-socket" (func $drop-socket (param i32)))
  (import "wasi:io/streams@0.2.0" "[resource-drop]input-stream" (func $drop-input (param i32)))`;
const createTcp = `(local $socket i32)
  (call $create (i32.const 1) (i32.const 512))
  (local.set $socket (i32.load (i32.const 516)))`;

test('an IPv4 and an IPv6 address arrive from parameters', async () => {
  const addresses: unknown[] = [];
  await memoryAfter(
    {
      imports: `${tcpImports}
        (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.start-bind" (func $bind
          (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))`,
      body: `${createTcp}
        (call $bind (local.get $socket) (call $network)
          (i32.const 0) (i32.const 8080) (i32.const 10) (i32.const 0) (i32.const 255)
          (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
          (i32.const 0) (i32.const 1024))
        (call $bind (local.get $socket) (call $network)
          (i32.const 1) (i32.const 65535) (i32.const -1) (i32.const 0xfd00) (i32.const 1)
          (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
          (i32.const 0xffff) (i32.const 0x80000000) (i32.const 1024))`,
    },
    1,
    withTcp({
      startBind: (_network, localAddress) => {
        addresses.push(localAddress);
      },
    }),
  );
  assert.deepEqual(addresses, [
    { tag: 'ipv4', val: { port: 8080, address: [10, 0, 255, 1] } },
    {
      tag: 'ipv6',
      val: {
        port: 65535,
        flowInfo: 0xffffffff,
        address: [0xfd00, 1, 2, 3, 4, 5, 6, 0xffff],
        scopeId: 0x80000000,
      },
    },
  ]);
});

test('an address of an unknown family traps', async () => {
  const binary = await watCommand({
    imports: `${tcpImports}
      (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.shutdown"
        (func $shutdown (param i32 i32 i32)))`,
    body: `${createTcp} (call $shutdown (local.get $socket) (i32.const 3) (i32.const 1024))`,
  });
  const { outcome } = await runGuest(binary, withTcp({ shutdown: () => assert.fail('called') }));
  assert.equal(outcome.kind, 'trap');
  assert.equal(outcome.message, '3 is no case of receive|send|both');
});

test('addresses are stored as the ABI lays them out', async () => {
  const view = await memoryAfter(
    {
      imports: `${tcpImports}
        (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.local-address"
          (func $local-address (param i32 i32)))
        (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.remote-address"
          (func $remote-address (param i32 i32)))`,
      body: `${createTcp}
        (call $local-address (local.get $socket) (i32.const 1024))
        (call $remote-address (local.get $socket) (i32.const 1060))`,
    },
    72,
    withTcp({
      localAddress: () => ({ tag: 'ipv4', val: { port: 0x1234, address: [1, 2, 3, 4] } }),
      remoteAddress: () => ({
        tag: 'ipv6',
        val: { port: 1, flowInfo: 2, address: [3, 4, 5, 6, 7, 8, 9, 0xabcd], scopeId: 10 },
      }),
    }),
  );
  assert.deepEqual([view.getUint8(0), view.getUint8(4), view.getUint16(8, true)], [0, 0, 0x1234]);
  assert.deepEqual(
    [10, 11, 12, 13].map((at) => view.getUint8(at)),
    [1, 2, 3, 4],
  );
  assert.deepEqual([view.getUint8(36), view.getUint8(40), view.getUint16(44, true)], [0, 1, 1]);
  assert.equal(view.getUint32(48, true), 2);
  const groups = Array.from({ length: 8 }, (_, group) => view.getUint16(52 + 2 * group, true));
  assert.deepEqual(groups, [3, 4, 5, 6, 7, 8, 9, 0xabcd]);
  assert.equal(view.getUint32(68, true), 10);
});

test('the streams of an accepted socket are its children', async () => {
  const guest = (order: string): WatGuest => ({
    imports: `${tcpImports}
      (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.accept" (func $accept (param i32 i32)))`,
    body: `${createTcp}
      (call $accept (local.get $socket) (i32.const 1024))
      (call $drop-socket (local.get $socket))
      ${order}`,
  });
  const options = (): GuestOptions =>
    withTcp({ accept: () => [resource<TcpSocket>({}), resource({}), resource({})] });
  const dropSocket = '(call $drop-socket (i32.load (i32.const 1028)))';
  const dropStreams = `(call $drop-input (i32.load (i32.const 1032)))
    (call $drop-output-stream (i32.load (i32.const 1036)))`;
  await memoryAfter(guest(`${dropStreams} ${dropSocket}`), 1, options());
  const { outcome } = await runGuest(await watCommand(guest(dropSocket)), options());
  assert.equal(outcome.kind, 'trap');
  assert.equal(outcome.message, 'resource has children');
});

test('datagrams go both ways in lists', async () => {
  const sent: unknown[] = [];
  const incoming = resource<IncomingDatagramStream>({
    receive: (maxResults) => {
      assert.equal(maxResults, 2n ** 64n - 1n);
      return [
        {
          data: new TextEncoder().encode('first'),
          remoteAddress: { tag: 'ipv4', val: { port: 53, address: [9, 8, 7, 6] } },
        },
        {
          data: new Uint8Array(0),
          remoteAddress: {
            tag: 'ipv6',
            val: { port: 54, flowInfo: 0, address: [1, 0, 0, 0, 0, 0, 0, 2], scopeId: 7 },
          },
        },
      ];
    },
  });
  const outgoing = resource<OutgoingDatagramStream>({
    send(datagrams) {
      for (const { data, remoteAddress } of datagrams) {
        sent.push([new TextDecoder().decode(data), remoteAddress]);
      }
      return BigInt(datagrams.length);
    },
  });
  const view = await memoryAfter(
    {
      imports: `
        (import "wasi:sockets/udp-create-socket@0.2.0" "create-udp-socket"
          (func $create (param i32 i32)))
        (import "wasi:sockets/udp@0.2.0" "[method]udp-socket.stream" (func $stream
          (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
        (import "wasi:sockets/udp@0.2.0" "[method]incoming-datagram-stream.receive"
          (func $receive (param i32 i64 i32)))
        (import "wasi:sockets/udp@0.2.0" "[method]outgoing-datagram-stream.send"
          (func $send (param i32 i32 i32 i32)))`,
      definitions: `
        (data (i32.const 64) "onetwo")
        ;; { data: (64, 3), remote-address: none }, { data: (67, 3), some(ipv4 { 80, 1.2.3.4 }) }
        (data (i32.const 100) "\\40\\00\\00\\00\\03\\00\\00\\00\\00")
        (data (i32.const 144) "\\43\\00\\00\\00\\03\\00\\00\\00\\01\\00\\00\\00\\00\\00\\00\\00\\50\\00\\01\\02\\03\\04")`,
      body: `
        (call $create (i32.const 0) (i32.const 512))
        (call $stream (i32.load (i32.const 516)) (i32.const 0) (i32.const 0) (i32.const 0)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 520))
        (call $send (i32.load (i32.const 528)) (i32.const 100) (i32.const 2) (i32.const 1024))
        (call $receive (i32.load (i32.const 524)) (i64.const -1) (i32.const 544))
        (memory.copy (i32.const 1040) (i32.load (i32.const 548)) (i32.const 80))
        (memory.copy (i32.const 1120) (i32.load (i32.const 1040)) (i32.const 5))
        (i32.store (i32.const 1128) (i32.load (i32.const 552)))`,
    },
    108,
    {
      sockets: {
        ...absentSockets,
        'wasi:sockets/udp-create-socket': {
          createUdpSocket: () =>
            resource<UdpSocket>({
              stream(remoteAddress) {
                assert.equal(remoteAddress, undefined);
                return [incoming, outgoing];
              },
            }),
        },
      },
    },
  );
  assert.deepEqual(sent, [
    ['one', undefined],
    ['two', { tag: 'ipv4', val: { port: 80, address: [1, 2, 3, 4] } }],
  ]);
  assert.deepEqual([view.getUint8(0), view.getBigUint64(8, true)], [0, 2n]);
  assert.equal(view.getUint32(104, true), 2);
  assert.equal(view.getUint32(20, true), 5);
  assert.equal(
    new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + 96, 5)),
    'first',
  );
  assert.deepEqual([view.getUint8(24), view.getUint16(28, true), view.getUint8(30)], [0, 53, 9]);
  assert.deepEqual([view.getUint32(60, true), view.getUint8(64)], [0, 1]);
  assert.deepEqual([view.getUint16(68, true), view.getUint16(90, true)], [54, 2]);
  assert.equal(view.getUint32(92, true), 7);
});

function withDirectory(methods: Partial<Descriptor>): GuestOptions {
  const filesystem: FilesystemInterfaces = {
    'wasi:filesystem/types': { filesystemErrorCode: () => undefined },
    'wasi:filesystem/preopens': {
      getDirectories: () => [[resource<Descriptor>(methods), '/']],
    },
  };
  return { filesystem };
}

const directoryImports = `
  (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $get-directories (param i32)))`;
const directory = `(local $directory i32)
  (call $get-directories (i32.const 512))
  (local.set $directory (i32.load (i32.load (i32.const 512))))`;

test('file times and flags arrive, a path may be empty', async () => {
  const calls: unknown[] = [];
  await memoryAfter(
    {
      imports: `${directoryImports}
        (import "wasi:filesystem/types@0.2.0" "[method]descriptor.set-times-at" (func $set-times
          (param i32 i32 i32 i32 i32 i64 i32 i32 i64 i32 i32)))`,
      body: `${directory}
        (call $set-times (local.get $directory) (i32.const 1) (i32.const 0) (i32.const 0)
          (i32.const 1) (i64.const 0) (i32.const 0)
          (i32.const 2) (i64.const -1) (i32.const 999999999) (i32.const 1024))
        (call $set-times (local.get $directory) (i32.const 0) (i32.const 0) (i32.const 0)
          (i32.const 0) (i64.const 0) (i32.const 0)
          (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 1024))`,
    },
    1,
    withDirectory({
      setTimesAt: (...args) => {
        calls.push(args);
      },
    }),
  );
  const latest = { seconds: 2n ** 64n - 1n, nanoseconds: 999999999 };
  assert.deepEqual(calls, [
    [1, '', { tag: 'now' }, { tag: 'timestamp', val: latest }],
    [0, '', { tag: 'no-change' }, { tag: 'no-change' }],
  ]);
});

test('a stat is stored as the ABI lays it out', async () => {
  const view = await memoryAfter(
    {
      imports: `${directoryImports}
        (import "wasi:filesystem/types@0.2.0" "[method]descriptor.stat" (func $stat (param i32 i32)))`,
      body: `${directory} (call $stat (local.get $directory) (i32.const 1024))`,
    },
    104,
    withDirectory({
      stat: () => ({
        type: 'regular-file',
        linkCount: 2n ** 63n,
        size: 2 ** 53 - 1,
        dataAccessTimestamp: undefined,
        dataModificationTimestamp: { seconds: 5n, nanoseconds: 6 },
        statusChangeTimestamp: { seconds: 7n, nanoseconds: 8 },
      }),
    }),
  );
  assert.deepEqual([view.getUint8(0), view.getUint8(8)], [0, 6]);
  assert.equal(view.getBigUint64(16, true), 2n ** 63n);
  assert.equal(view.getBigUint64(24, true), 2n ** 53n - 1n);
  assert.equal(view.getUint8(32), 0);
  assert.deepEqual([view.getUint8(56), view.getBigUint64(64, true)], [1, 5n]);
  assert.deepEqual([view.getUint32(72, true), view.getUint8(80)], [6, 1]);
  assert.deepEqual([view.getBigUint64(88, true), view.getUint32(96, true)], [7n, 8]);
});
