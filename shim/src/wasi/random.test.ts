import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSink } from '../abi/byte-sink.ts';
import { createRandom } from './random.ts';

const random = createRandom();

/** The bytes that a function puts into its sink. */
function bytesOf(fill: (sink: ByteSink) => void): Uint8Array {
  let bytes = new Uint8Array(0);
  fill({ allocate: (length) => (bytes = new Uint8Array(length)) });
  return bytes;
}

const sources = {
  secure: (len: number) =>
    bytesOf((sink) => random['wasi:random/random'].getRandomBytes(len, sink)),
  insecure: (len: number) =>
    bytesOf((sink) => random['wasi:random/insecure'].getInsecureRandomBytes(len, sink)),
};

for (const [name, bytes] of Object.entries(sources)) {
  test(`${name} bytes fill every length, also beyond what the browser gives at once`, () => {
    for (const length of [0, 1, 7, 8, 65536, 65537, 200_003]) {
      assert.equal(bytes(length).length, length);
    }
    const many = bytes(200_003);
    // Chances of a false alarm: a run of 32 zeroes, 1 in 2^238; a value missing, 1 in 10^300.
    assert.ok(many.subarray(-32).some((byte) => byte !== 0));
    assert.equal(new Set(many).size, 256);
    const ones = many.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    assert.ok(Math.abs(ones / (many.length * 8) - 0.5) < 0.01);
  });
}

test('words and seeds are 64 bits wide and differ', () => {
  const words = [
    random['wasi:random/random'].getRandomU64(),
    random['wasi:random/random'].getRandomU64(),
    random['wasi:random/insecure'].getInsecureRandomU64(),
    random['wasi:random/insecure'].getInsecureRandomU64(),
    ...random['wasi:random/insecure-seed'].insecureSeed(),
    ...random['wasi:random/insecure-seed'].insecureSeed(),
  ];
  assert.equal(new Set(words).size, words.length);
  assert.ok(words.every((word) => word >= 0n && word < 2n ** 64n));
  assert.ok(words.some((word) => word >= 2n ** 56n));
});
