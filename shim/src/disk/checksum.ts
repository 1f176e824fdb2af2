const PRIME1 = 0x9e3779b1 | 0;
const PRIME2 = 0x85ebca77 | 0;
const PRIME3 = 0xc2b2ae3d | 0;
const PRIME4 = 0x27d4eb2f | 0;
const PRIME5 = 0x165667b1 | 0;

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** The four bytes at `at` as a little-endian 32-bit integer. */
function word(bytes: Uint8Array, at: number): number {
  // The callers stay within the array, so `?? 0` never applies; it is there for the type only.
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

/**
 * The 32-bit xxHash (XXH32) of `bytes[start, end)`, as an unsigned number. It finds torn and altered
 * records; it is no protection against intent.
 */
export function xxh32(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let at = start;
  let hash: number;
  if (end - start >= 16) {
    let a = (seed + PRIME1 + PRIME2) | 0;
    let b = (seed + PRIME2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME1) | 0;
    const last = end - 16;
    while (at <= last) {
      a = Math.imul(rotate((a + Math.imul(word(bytes, at), PRIME2)) | 0, 13), PRIME1);
      b = Math.imul(rotate((b + Math.imul(word(bytes, at + 4), PRIME2)) | 0, 13), PRIME1);
      c = Math.imul(rotate((c + Math.imul(word(bytes, at + 8), PRIME2)) | 0, 13), PRIME1);
      d = Math.imul(rotate((d + Math.imul(word(bytes, at + 12), PRIME2)) | 0, 13), PRIME1);
      at += 16;
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else {
    hash = (seed + PRIME5) | 0;
  }
  hash = (hash + (end - start)) | 0;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(word(bytes, at), PRIME3)) | 0, 17), PRIME4);
  }
  for (; at < end; at++) {
    hash = Math.imul(rotate((hash + Math.imul(bytes[at] ?? 0, PRIME5)) | 0, 11), PRIME1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
