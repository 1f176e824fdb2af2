import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bool,
  bytes,
  option,
  own,
  record,
  result,
  string,
  tuple,
  u16,
  u64,
  u8,
  variant,
} from '../src/abi/wit.ts';
import type { WitType } from '../src/abi/wit.ts';
import { packages } from '../src/wasi/description.ts';
import { flatten, flattenParams, layout, offsets, payloadOffset } from './layout.ts';

function named(name: string): WitType {
  const found = Object.values(packages)
    .flatMap((interfaces) => interfaces.flatMap((wit) => wit.types))
    .find((type) => 'name' in type && type.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

test('fields are aligned and sizes are rounded up', () => {
  assert.deepEqual(offsets([u8, u64, u16, string, bool]), [0, 8, 16, 20, 28]);
  assert.deepEqual(layout(record('r', { a: u8, b: u64, c: u16 })), { size: 24, alignment: 8 });
  assert.deepEqual(layout(tuple()), { size: 0, alignment: 1 });
});

test('payloads come after the discriminant, aligned for the widest case', () => {
  assert.deepEqual(layout(option(u64)), { size: 16, alignment: 8 });
  assert.deepEqual(layout(option(u8)), { size: 2, alignment: 1 });
  const type = variant('v', { a: u8, b: u64 });
  assert.ok(type.kind === 'variant');
  assert.equal(payloadOffset(type), 8);
  assert.deepEqual(layout(result()), { size: 1, alignment: 1 });
});

// The sizes that wit-bindgen's C headers give these types on wasm32.
for (const [name, size, alignment] of [
  ['datetime', 16, 8],
  ['descriptor-stat', 96, 8],
  ['directory-entry', 12, 4],
  ['new-timestamp', 24, 8],
  ['ipv4-socket-address', 6, 2],
  ['ipv6-socket-address', 28, 4],
  ['ip-socket-address', 32, 4],
  ['incoming-datagram', 40, 4],
  ['outgoing-datagram', 44, 4],
  ['stream-error', 8, 4],
  ['ip-address', 18, 2],
] as const) {
  test(`layout of ${name}`, () => {
    assert.deepEqual(layout(named(name)), { size, alignment });
  });
}

test('variants flatten to a discriminant and the join of their cases', () => {
  assert.equal(flatten(named('ip-socket-address')).length, 12);
  assert.deepEqual(flatten(named('new-timestamp')), ['i32', 'i64', 'i32']);
  assert.deepEqual(flatten(tuple(bytes, own('pollable'), u64)), ['i32', 'i32', 'i32', 'i64']);
});

test('no function has more parameters than fit', () => {
  for (const interfaces of Object.values(packages)) {
    for (const wit of interfaces) {
      for (const fn of Object.values(wit.functions)) flattenParams(fn.params, false);
      for (const methods of Object.values(wit.resources)) {
        for (const fn of Object.values(methods)) flattenParams(fn.params, true);
      }
    }
  }
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`p${index}`, u8]));
  assert.throws(() => flattenParams(many, false), /17 core parameters/);
});
