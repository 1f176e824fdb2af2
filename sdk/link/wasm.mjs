// @ts-check
import { TextDecoder } from 'node:util';

/** The preamble of a core module: magic and version 1. */
const CORE_PREAMBLE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/**
 * Whether `bytes` begin as a WebAssembly core module (and not, say, a component) does.
 * @param {Uint8Array} bytes
 * @returns {boolean}
 */
export function isCoreModule(bytes) {
  return CORE_PREAMBLE.every((byte, index) => bytes[index] === byte);
}

/**
 * Reads an unsigned LEB128 number.
 * @param {Uint8Array} bytes
 * @param {number} offset where the number starts
 * @returns {{ value: number, next: number }} the number and the offset after it
 */
function readUnsigned(bytes, offset) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[offset++];
    if (byte === undefined || shift > 28) {
      throw new Error(`malformed wasm: bad number at byte ${offset - 1}`);
    }
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: offset };
  }
}

/**
 * The custom sections of a core module, in order (WebAssembly core specification 5.5.3).
 * @param {Uint8Array} module
 * @returns {{ name: string, payload: Uint8Array }[]} each section's name and contents; the contents
 *   are views of `module`
 */
export function customSections(module) {
  if (!isCoreModule(module)) throw new Error('not a WebAssembly core module');
  const sections = [];
  for (let offset = CORE_PREAMBLE.length; offset < module.length;) {
    const id = module[offset];
    const size = readUnsigned(module, offset + 1);
    const end = size.next + size.value;
    if (end > module.length) throw new Error('malformed wasm: a section is cut short');
    if (id === 0) {
      const length = readUnsigned(module, size.next);
      const nameEnd = length.next + length.value;
      if (nameEnd > end) throw new Error('malformed wasm: a section name is cut short');
      sections.push({
        name: new TextDecoder().decode(module.subarray(length.next, nameEnd)),
        payload: module.subarray(nameEnd, end),
      });
    }
    offset = end;
  }
  return sections;
}
