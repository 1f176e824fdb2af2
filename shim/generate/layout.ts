/** The canonical ABI's layout of types in memory and their flattening to core values. */
import type { Fields, WitType } from '../src/abi/wit.ts';
import type { CoreParam } from '../src/abi/trampolines.ts';

/** Size and alignment in memory, in bytes. */
export interface Layout {
  readonly size: number;
  readonly alignment: number;
}

/** The most core parameters a function may have; beyond it they would go through memory. */
export const MAX_FLAT_PARAMS = 16;

const primitiveSizes = { bool: 1, u8: 1, u16: 2, u32: 4, s32: 4, u64: 8 } as const;

/** The layout of a type. */
export function layout(type: WitType): Layout {
  switch (type.kind) {
    case 'primitive': {
      if (type.name === 'string') return { size: 8, alignment: 4 };
      const size = primitiveSizes[type.name];
      return { size, alignment: size };
    }
    case 'count':
      return { size: 8, alignment: 8 };
    case 'list':
      return { size: 8, alignment: 4 };
    case 'own':
    case 'borrow':
      return { size: 4, alignment: 4 };
    case 'alias':
      return layout(type.type);
    case 'record':
      return recordLayout(Object.values(type.fields));
    case 'tuple':
      return recordLayout(type.elements);
    case 'enum': {
      const size = discriminantSize(type.cases.length);
      return { size, alignment: size };
    }
    case 'flags': {
      if (type.names.length > 32) throw new Error('flags beyond 32 names do not occur');
      const size = type.names.length <= 8 ? 1 : type.names.length <= 16 ? 2 : 4;
      return { size, alignment: size };
    }
    case 'option':
    case 'result':
    case 'variant': {
      const payloads = cases(type).flatMap(([, payload]) =>
        payload === undefined ? [] : [layout(payload)],
      );
      const alignment = Math.max(
        discriminantSize(cases(type).length),
        ...payloads.map((payload) => payload.alignment),
      );
      const end = payloadOffset(type) + Math.max(0, ...payloads.map((payload) => payload.size));
      return { size: align(end, alignment), alignment };
    }
  }
}

/** A type with cases. */
export type CaseType = Extract<WitType, { kind: 'option' | 'result' | 'variant' }>;

/** The cases of a variant, option or result: names and payloads. */
export function cases(type: CaseType): (readonly [string, WitType | undefined])[] {
  switch (type.kind) {
    case 'option':
      return [
        ['none', undefined],
        ['some', type.some],
      ];
    case 'result':
      return [
        ['ok', type.ok],
        ['err', type.err],
      ];
    case 'variant':
      return Object.entries(type.cases);
  }
}

/** Where the payload lies behind the discriminant. */
export function payloadOffset(type: CaseType): number {
  const alignments = cases(type).map(([, payload]) =>
    payload === undefined ? 1 : layout(payload).alignment,
  );
  return align(discriminantSize(alignments.length), Math.max(...alignments));
}

/** The offset of each field of a record or element of a tuple. */
export function offsets(types: readonly WitType[]): number[] {
  let end = 0;
  return types.map((type) => {
    const { size, alignment } = layout(type);
    const offset = align(end, alignment);
    end = offset + size;
    return offset;
  });
}

/** The core values that a type flattens to. */
export function flatten(type: WitType): CoreParam[] {
  switch (type.kind) {
    case 'primitive':
      if (type.name === 'string') return ['i32', 'i32'];
      return type.name === 'u64' ? ['i64'] : ['i32'];
    case 'count':
      return ['count'];
    case 'list':
      return ['i32', 'i32'];
    case 'own':
    case 'borrow':
    case 'enum':
    case 'flags':
      return ['i32'];
    case 'alias':
      return flatten(type.type);
    case 'record':
      return Object.values(type.fields).flatMap(flatten);
    case 'tuple':
      return type.elements.flatMap(flatten);
    case 'option':
    case 'result':
    case 'variant': {
      const joined: CoreParam[] = [];
      for (const [, payload] of cases(type)) {
        for (const [index, core] of (payload === undefined ? [] : flatten(payload)).entries()) {
          if (joined[index] !== undefined && joined[index] !== core) {
            throw new Error('cases whose core values differ in type do not occur');
          }
          joined[index] = core;
        }
      }
      return ['i32', ...joined];
    }
  }
}

/** Whether a type flattens to more than one core value: such results go through memory. */
export function flattensToMany(type: WitType): boolean {
  if (type.kind === 'option' || type.kind === 'result' || type.kind === 'variant') {
    return cases(type).some(([, payload]) => payload !== undefined);
  }
  return flatten(type).length > 1;
}

/** The core parameters of a function, with `self` and without a return pointer. */
export function flattenParams(params: Fields, isMethod: boolean): CoreParam[] {
  const flat: CoreParam[] = [
    ...(isMethod ? (['i32'] as const) : []),
    ...Object.values(params).flatMap(flatten),
  ];
  if (flat.length > MAX_FLAT_PARAMS) {
    throw new Error(`${flat.length} core parameters would have to go through memory`);
  }
  return flat;
}

function recordLayout(types: readonly WitType[]): Layout {
  const starts = offsets(types);
  const alignment = Math.max(1, ...types.map((type) => layout(type).alignment));
  const last = types.at(-1);
  const end = last === undefined ? 0 : (starts.at(-1) ?? 0) + layout(last).size;
  return { size: align(end, alignment), alignment };
}

function discriminantSize(count: number): number {
  if (count > 256) throw new Error('types with more than 256 cases do not occur');
  return 1;
}

function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
