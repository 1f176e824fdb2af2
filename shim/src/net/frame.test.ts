import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  dataFrame,
  decodeConnectionFrame,
  decodeControlFrame,
  encodeAccept,
  encodeAck,
  encodeDatagram,
  encodeFin,
  encodePing,
  encodeReset,
  encodeSyn,
  encodeUnreachable,
  MAX_DATAGRAM,
  MAX_SEGMENT,
  MAX_WINDOW,
  randomId,
} from './frame.ts';
import { seededRandom, testSeeds } from './testing/random.ts';
import { at, bytesOf } from './testing/sockets.ts';

const node = '00112233445566778899aabbccddeeff';
const token = 'f0e1d2c3b4a5968778695a4b3c2d1e0f';
const ipv4Route = { node, source: at('10.0.1.2', 40000), destination: at('10.0.0.1', 80) };
const ipv6Route = { node, source: at('fd00:b7ab::102', 65535), destination: at('fd00:b7ab::1', 1) };

function data(offset: number, text: string): ArrayBuffer {
  const { frame, payload } = dataFrame('client', offset, text.length);
  payload.set(bytesOf(text));
  return frame;
}

/** One frame of every type on a node's channel. */
const controlFrames = [
  encodeSyn(ipv4Route, token, MAX_WINDOW),
  encodeSyn(ipv6Route, token, 0),
  encodeDatagram(ipv4Route, bytesOf('datagram')),
  encodeDatagram(ipv6Route, new Uint8Array(0)),
  encodeUnreachable(ipv4Route),
];

/** One frame of every type on a connection's channel. */
const connectionFrames = [
  encodeAccept(node, 1000),
  data(0, 'x'),
  data(2 ** 40 + 3, 'data'),
  encodeAck('client', 2 ** 33, 2 ** 33 + 5, true),
  encodeFin('client', 7),
  encodeReset('client', false),
  encodePing('client'),
];

function decodeEither(frame: unknown): unknown {
  return (
    decodeControlFrame(frame) ??
    decodeConnectionFrame(frame, 'client') ??
    decodeConnectionFrame(frame, 'server')
  );
}

suite('Frames', () => {
  test('come out as they went in', () => {
    const [syn, syn6, datagram, empty, unreachable] = controlFrames.map(decodeControlFrame);
    assert.deepEqual(syn, { type: 'syn', ...ipv4Route, token, window: MAX_WINDOW });
    assert.deepEqual(syn6, { type: 'syn', ...ipv6Route, token, window: 0 });
    assert.deepEqual(datagram, { type: 'datagram', ...ipv4Route, payload: bytesOf('datagram') });
    assert.deepEqual(empty, { type: 'datagram', ...ipv6Route, payload: new Uint8Array(0) });
    assert.deepEqual(unreachable, { type: 'unreachable', ...ipv4Route });
    const client = (frame: ArrayBuffer): unknown => decodeConnectionFrame(frame, 'client');
    assert.deepEqual(decodeConnectionFrame(encodeAccept(node, 1000), 'server'), {
      type: 'accept',
      node,
      window: 1000,
    });
    assert.deepEqual(client(data(2 ** 40 + 3, 'data')), {
      type: 'data',
      offset: 2 ** 40 + 3,
      payload: bytesOf('data'),
    });
    assert.deepEqual(client(encodeAck('client', 2 ** 33, 2 ** 33 + 5, true)), {
      type: 'ack',
      received: 2 ** 33,
      limit: 2 ** 33 + 5,
      fin: true,
    });
    assert.deepEqual(client(encodeFin('client', 7)), { type: 'fin', offset: 7 });
    assert.deepEqual(client(encodeReset('client', true)), { type: 'reset', refused: true });
    assert.deepEqual(client(encodePing('client')), { type: 'ping' });
  });

  test('are taken from the expected end only', () => {
    for (const frame of connectionFrames.slice(1)) {
      assert.equal(decodeConnectionFrame(frame, 'server'), undefined);
    }
    assert.equal(decodeConnectionFrame(encodeAccept(node, 1000), 'client'), undefined);
  });

  test('are taken on the channel they belong on only', () => {
    for (const frame of controlFrames) {
      assert.equal(decodeConnectionFrame(frame, 'client'), undefined);
      assert.equal(decodeConnectionFrame(frame, 'server'), undefined);
    }
    for (const frame of connectionFrames) assert.equal(decodeControlFrame(frame), undefined);
  });

  test('are nothing but array buffers', () => {
    const others = [undefined, null, 0, 'frame', {}, [], new Uint8Array(64)];
    for (const other of others) assert.equal(decodeEither(other), undefined);
    assert.equal(decodeEither(new SharedArrayBuffer(64)), undefined);
  });

  test('have exact lengths', () => {
    for (const frame of [...controlFrames, ...connectionFrames]) {
      const variable = [2, 17].includes(new Uint8Array(frame)[2] ?? 0);
      for (let length = 0; length < frame.byteLength; length++) {
        const decoded = decodeEither(frame.slice(0, length));
        // What carries a payload may carry less, but never less than its header.
        if (!variable) assert.equal(decoded, undefined, `${length} of ${frame.byteLength} bytes`);
      }
      const longer = new Uint8Array(frame.byteLength + 1);
      longer.set(new Uint8Array(frame));
      if (!variable) assert.equal(decodeEither(longer.buffer), undefined);
    }
    assert.equal(decodeConnectionFrame(dataFrame('client', 0, 0).frame, 'client'), undefined);
    assert(decodeConnectionFrame(dataFrame('client', 0, MAX_SEGMENT).frame, 'client'));
    const tooLong = dataFrame('client', 0, MAX_SEGMENT + 1).frame;
    assert.equal(decodeConnectionFrame(tooLong, 'client'), undefined);
    assert(decodeControlFrame(encodeDatagram(ipv4Route, new Uint8Array(MAX_DATAGRAM))));
    const tooLarge = encodeDatagram(ipv4Route, new Uint8Array(MAX_DATAGRAM + 1));
    assert.equal(decodeControlFrame(tooLarge), undefined);
  });

  test('have known versions, types and flags, and zeros where nothing is', () => {
    const changed = (frame: ArrayBuffer, at: number, value: number): unknown => {
      const copy = frame.slice(0);
      new Uint8Array(copy)[at] = value;
      return decodeEither(copy);
    };
    for (const frame of [...controlFrames, ...connectionFrames]) {
      assert.equal(changed(frame, 0, 0), undefined);
      assert.equal(changed(frame, 1, 2), undefined);
      for (const type of [0, 4, 15, 22, 255]) assert.equal(changed(frame, 2, type), undefined);
      assert.equal(changed(frame, 3, 4), undefined);
    }
    for (const frame of controlFrames) {
      assert.equal(changed(frame, 3, 1), undefined);
      assert.equal(changed(frame, 20, 5), undefined);
      for (const at of [21, 26, 27]) assert.equal(changed(frame, at, 1), undefined);
    }
    // A byte behind an IPv4 address.
    assert.equal(changed(encodeUnreachable(ipv4Route), 43, 1), undefined);
  });

  test('name only addresses and ports that a node of a network can have', () => {
    const wrong = [
      at('10.0.0.0', 80),
      at('10.0.255.255', 80),
      at('10.1.0.1', 80),
      at('127.0.0.1', 80),
      at('10.0.0.1', 0),
    ];
    for (const address of wrong) {
      const from = { ...ipv4Route, source: address };
      const to = { ...ipv4Route, destination: address };
      assert.equal(decodeControlFrame(encodeUnreachable(from)), undefined);
      assert.equal(decodeControlFrame(encodeUnreachable(to)), undefined);
    }
    assert.equal(decodeControlFrame(encodeSyn(ipv4Route, token, MAX_WINDOW + 1)), undefined);
  });

  test('count no further than numbers do exactly', () => {
    const frame = encodeFin('client', 0);
    new DataView(frame).setUint32(8, 2 ** 21, true);
    assert.equal(decodeConnectionFrame(frame, 'client'), undefined);
  });

  test('are those of the worked example in docs/wire-format.md', () => {
    const client = '8f1c0d5a7e2b4960b3d4c5e6f7081920';
    const server = '2b7e151628aed2a6abf7158809cf4f3c';
    const channel = 'c0ffee00112233445566778899aabbcc';
    const route = {
      node: client,
      source: at('10.0.0.2', 40000),
      destination: at('10.0.0.1', 7000),
    };
    const sent = [
      encodeSyn(route, channel, 262144),
      encodeAccept(server, 262144),
      data(0, 'hello'),
      encodeFin('client', 5),
      encodeAck('server', 5, 262144, true),
      encodeFin('server', 0),
      encodeAck('client', 0, 262144, true),
    ];
    const page = join(import.meta.dirname, '../../../docs/wire-format.md');
    const text = readFileSync(page, 'utf8').split('\n## Example\n')[1] ?? '';
    const documented = [...text.matchAll(/```\n(.*?)```/gs)].map(([, block = '']) =>
      block
        .replaceAll(/^[0-9a-f]{2} {2}/gm, '')
        .trim()
        .split(/\s+/)
        .join(' '),
    );
    const bytes = (frame: ArrayBuffer): string =>
      Array.from(new Uint8Array(frame), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    assert.deepEqual(documented, sent.map(bytes));
  });

  test('ids are 32 hexadecimal digits', () => {
    assert.match(randomId(), /^[0-9a-f]{32}$/);
    assert.notEqual(randomId(), randomId());
  });

  for (const seed of testSeeds(20)) {
    test(`any bytes decode to a valid frame or to nothing (BACKTAB_SEED=${seed})`, () => {
      const random = seededRandom(seed);
      const below = (limit: number): number => Math.floor(random() * limit);
      const originals = [...controlFrames, ...connectionFrames];
      for (let round = 0; round < 5000; round++) {
        const original = originals[below(originals.length)] ?? new ArrayBuffer(0);
        const bytes = new Uint8Array(below(4) === 0 ? below(100) : original.byteLength);
        bytes.set(new Uint8Array(original).subarray(0, bytes.length));
        for (let change = below(5); change > 0; change--) {
          if (bytes.length > 0) bytes[below(bytes.length)] = below(256);
        }
        const control = decodeControlFrame(bytes.buffer);
        if (control !== undefined) {
          for (const { port, address } of [control.source, control.destination]) {
            assert(port > 0 && port < 65536);
            assert(address.parts.every((part) => Number.isInteger(part)));
          }
          if (control.type === 'syn') assert(control.window <= MAX_WINDOW);
        }
        for (const side of ['client', 'server'] as const) {
          const frame = decodeConnectionFrame(bytes.buffer, side);
          if (frame?.type === 'data') {
            assert(Number.isSafeInteger(frame.offset) && frame.payload.length > 0);
          } else if (frame?.type === 'ack') {
            assert(Number.isSafeInteger(frame.received) && Number.isSafeInteger(frame.limit));
          }
        }
      }
    });
  }
});
