/** wasi:random: cryptographic bytes from the browser, and fast ones that promise nothing. */
import type { ByteSink } from '../abi/byte-sink.ts';
import type { RandomInterfaces } from '../generated/random.ts';

/** The most that one call of `getRandomValues` fills. */
const QUOTA = 65536;

/** Makes the interfaces of wasi:random. */
export function createRandom(): RandomInterfaces {
  const generator = new Xoshiro128();
  return {
    'wasi:random/random': {
      getRandomBytes(len: number, sink: ByteSink): void {
        fillSecurely(sink.allocate(len));
      },
      getRandomU64: () => secureWords(1)[0],
    },
    'wasi:random/insecure': {
      getInsecureRandomBytes(len: number, sink: ByteSink): void {
        generator.fill(sink.allocate(len));
      },
      getInsecureRandomU64: () => generator.next64(),
    },
    'wasi:random/insecure-seed': {
      insecureSeed: () => secureWords(2),
    },
  };
}

/** Fills a buffer of any size with cryptographic random bytes. */
export function fillSecurely(bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; offset += QUOTA) {
    // Guest memory is never shared, which is what the narrower type of the library asks for.
    const part = bytes.subarray(offset, offset + QUOTA) as Uint8Array<ArrayBuffer>;
    crypto.getRandomValues(part);
  }
}

function secureWords(count: 1): readonly [bigint];
function secureWords(count: 2): readonly [bigint, bigint];
function secureWords(count: number): readonly bigint[] {
  return [...crypto.getRandomValues(new BigUint64Array(count))];
}

/** xoshiro128**, seeded from the browser's cryptographic source. */
class Xoshiro128 {
  readonly #state = crypto.getRandomValues(new Uint32Array(4));

  /** 64 random bits. */
  next64(): bigint {
    return (BigInt(this.#next32()) << 32n) | BigInt(this.#next32());
  }

  fill(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let offset = 0;
    for (; offset + 4 <= bytes.length; offset += 4) view.setUint32(offset, this.#next32());
    for (let word = this.#next32(); offset < bytes.length; offset++, word >>>= 8) {
      bytes[offset] = word & 0xff;
    }
  }

  #next32(): number {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = this.#state;
    const t2 = s2 ^ s0;
    const t3 = s3 ^ s1;
    this.#state[0] = s0 ^ t3;
    this.#state[1] = s1 ^ t2;
    this.#state[2] = t2 ^ (s1 << 9);
    this.#state[3] = rotateLeft(t3, 11);
    return Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
  }
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
