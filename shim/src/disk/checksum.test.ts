import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xxh32 } from './checksum.ts';

test('xxh32 gives the values of its reference implementation', () => {
  const hash = (value: string, seed = 0): number => {
    const bytes = new TextEncoder().encode(value);
    return xxh32(bytes, 0, bytes.length, seed);
  };
  assert.equal(hash(''), 0x02cc5d05);
  assert.equal(hash('a'), 0x550d7456);
  assert.equal(hash('abc'), 0x32d153ff);
  assert.equal(hash('Nobody inspects the spammish repetition'), 0xe2293b2f);
});
