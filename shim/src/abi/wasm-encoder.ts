/** Encodes the few parts of a core WebAssembly module that trampolines (and tests) need. */

/** Value types. */
export const valueType = { i32: 0x7f, i64: 0x7e, f64: 0x7c, externref: 0x6f } as const;

/** Section numbers. */
export const section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
  data: 11,
} as const;

/** An unsigned number in LEB128. */
export function unsigned(value: number): number[] {
  const encoded: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    encoded.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return encoded;
}

/** A signed 32-bit number in LEB128. */
export function signed(value: number): number[] {
  const encoded: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      encoded.push(byte);
      return encoded;
    }
    encoded.push(byte | 0x80);
  }
}

/** A vector: its length, then its items. */
export function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

/** A name: its length in bytes, then UTF-8. */
export function name(text: string): number[] {
  const encoded = new TextEncoder().encode(text);
  return [...unsigned(encoded.length), ...encoded];
}

/** A section: its number, its size, its contents. */
export function encodeSection(id: number, contents: readonly number[]): number[] {
  return [id, ...unsigned(contents.length), ...contents];
}

/** A function type. */
export function functionType(params: readonly number[], results: readonly number[]): number[] {
  return [0x60, ...unsigned(params.length), ...params, ...unsigned(results.length), ...results];
}

/** A function's body: groups of locals, then instructions, with the final `end` added. */
export function functionBody(
  locals: readonly { readonly count: number; readonly type: number }[],
  code: readonly number[],
): number[] {
  const body = [
    ...vector(locals.map(({ count, type }) => [...unsigned(count), type])),
    ...code,
    0x0b,
  ];
  return [...unsigned(body.length), ...body];
}

/** A module from its sections, in order. */
export function encodeModule(sections: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}
