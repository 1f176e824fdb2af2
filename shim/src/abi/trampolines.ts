import { DONE, SLOW } from './guest.ts';
import type {} from './jspi.ts';
import {
  encodeModule,
  encodeSection,
  functionBody,
  functionType,
  name,
  section,
  signed,
  unsigned,
  valueType,
  vector,
} from './wasm-encoder.ts';

/**
 * A parameter of a core function: `i32`; `i64`, which the lower gets as a bigint; or `count`, an
 * i64 that the lower gets as a number.
 */
export type CoreParam = 'i32' | 'i64' | 'count';

/**
 * The result of a core function and how its lower returns it.
 *
 * - `none`: the lower returns a status.
 * - `i32`: the lower returns the value, which is never negative, or a status other than done.
 * - `s32`, `count`: the lower returns a number of either sign, or from 0 to 2^64; NaN traps.
 * - `u64`: the lower returns a bigint; it sets the trap flag to trap.
 */
export type CoreResult = 'none' | 'i32' | 's32' | 'count' | 'u64';

/** A lowered host function: what a core module imports, in two halves. */
export interface Lower {
  readonly params: readonly CoreParam[];
  readonly result: CoreResult;
  /** Never suspends. Absent for functions that always do. */
  readonly fast: ((...args: never[]) => number | bigint) | undefined;
  /** Called when `fast` returned `SLOW`, with the same arguments. */
  readonly slow: ((...args: never[]) => Promise<number>) | undefined;
}

const coreParamType = {
  i32: valueType.i32,
  i64: valueType.i64,
  count: valueType.i64,
} as const;
const lowerParamType = {
  i32: valueType.i32,
  i64: valueType.i64,
  count: valueType.f64,
} as const;
const coreResultType = {
  none: [],
  i32: [valueType.i32],
  s32: [valueType.i32],
  count: [valueType.i64],
  u64: [valueType.i64],
} as const;
const lowerResultType = {
  none: valueType.i32,
  i32: valueType.i32,
  s32: valueType.f64,
  count: valueType.f64,
  u64: valueType.i64,
} as const;

const op = {
  unreachable: 0x00,
  if: 0x04,
  end: 0x0b,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  i32Const: 0x41,
  i32Ne: 0x47,
  i32LtS: 0x48,
  f64Ne: 0x62,
  f64ConvertI64U: 0xba,
  truncSat: 0xfc,
} as const;
const I32_TRUNC_SAT_F64_S = 2;
const I64_TRUNC_SAT_F64_U = 7;
const EMPTY_BLOCK = 0x40;

/** A lower that is never allowed to return a bigint and trap has no other way than this flag. */
const TRAP_FLAG_IMPORT = 'trapped';

/**
 * Joins each lower's halves into one core function, by a few bytes of wasm made on the spot.
 *
 * A Suspending import costs a turn of the microtask queue even when it has nothing to wait for, so
 * calls go to `fast` first. Traps are raised here, by `unreachable`, because an exception thrown
 * by JavaScript would run the guest's C++ destructors on its way out.
 *
 * @param lowers - by the names under which the functions are returned.
 * @param trapFlag - set to 1 by lowers that return a bigint and want to trap.
 * @returns the core functions, by the same names.
 */
export function makeTrampolines(
  lowers: ReadonlyMap<string, Lower>,
  trapFlag: WebAssembly.Global,
): Map<string, WebAssembly.ExportValue> {
  const types: number[][] = [];
  const imports: number[][] = [];
  const functions: number[][] = [];
  const exports: number[][] = [];
  const bodies: number[][] = [];
  const importObject: Record<string, WebAssembly.ImportValue> = { [TRAP_FLAG_IMPORT]: trapFlag };

  const addType = (params: readonly number[], results: readonly number[]): number =>
    types.push(functionType(params, results)) - 1;
  let importCount = 0;
  const addImport = (key: string, type: number, value: WebAssembly.ImportValue): number => {
    imports.push([...name(''), ...name(key), 0x00, ...unsigned(type)]);
    importObject[key] = value;
    return importCount++;
  };

  const halves = [...lowers].map(([key, lower]) => {
    const params = lower.params.map((param) => lowerParamType[param]);
    const type = addType(params, [lowerResultType[lower.result]]);
    const slowType = lower.slow === undefined ? type : addType(params, [valueType.i32]);
    return {
      lower,
      key,
      fast: lower.fast === undefined ? undefined : addImport(`fast ${key}`, type, lower.fast),
      slow:
        lower.slow === undefined
          ? undefined
          : addImport(`slow ${key}`, slowType, suspending(lower.slow)),
    };
  });
  for (const { lower, key, fast, slow } of halves) {
    const index = importCount + functions.length;
    const type = addType(
      lower.params.map((param) => coreParamType[param]),
      coreResultType[lower.result],
    );
    functions.push(unsigned(type));
    exports.push([...name(key), 0x00, ...unsigned(index)]);
    bodies.push(trampolineBody(lower, fast, slow));
  }
  imports.push([...name(''), ...name(TRAP_FLAG_IMPORT), 0x03, valueType.i32, 0x01]);

  const module = new WebAssembly.Module(
    encodeModule([
      encodeSection(section.type, vector(types)),
      encodeSection(section.import, vector(imports)),
      encodeSection(section.function, vector(functions)),
      encodeSection(section.export, vector(exports)),
      encodeSection(section.code, vector(bodies)),
      encodeSection(section.custom, [
        ...name('name'),
        ...functionNames(importCount, lowers.keys()),
      ]),
    ]),
  );
  const instance = new WebAssembly.Instance(module, { '': importObject });
  return new Map(Object.entries(instance.exports));
}

/** The names that a stack shows: a trap in an import then tells which one. */
function functionNames(firstIndex: number, names: Iterable<string>): number[] {
  const FUNCTION_NAMES = 1;
  const named = Array.from(names, (key, index) => [...unsigned(firstIndex + index), ...name(key)]);
  return encodeSection(FUNCTION_NAMES, vector(named));
}

function suspending(slow: (...args: never[]) => Promise<number>): WebAssembly.ImportValue {
  // The JavaScript API takes a Suspending object where it takes a function, which TypeScript's
  // library does not know yet.
  return new WebAssembly.Suspending(slow) as unknown as WebAssembly.ImportValue;
}

function trampolineBody(
  lower: Lower,
  fast: number | undefined,
  slow: number | undefined,
): number[] {
  const args = lower.params.flatMap((param, index) => [
    op.localGet,
    ...unsigned(index),
    ...(param === 'count' ? [op.f64ConvertI64U] : []),
  ]);
  const result = unsigned(lower.params.length);
  const trap = [op.if, EMPTY_BLOCK, op.unreachable, op.end];
  const callFast = fast === undefined ? [] : [...args, op.call, ...unsigned(fast)];
  const callSlow = slow === undefined ? [] : [...args, op.call, ...unsigned(slow)];

  if (lower.result === 'u64') {
    return functionBody([], [...callFast, op.globalGet, 0, ...trap]);
  }
  if (lower.result === 's32' || lower.result === 'count') {
    const isNaN = [op.localTee, ...result, op.localGet, ...result, op.f64Ne];
    const convert = lower.result === 's32' ? I32_TRUNC_SAT_F64_S : I64_TRUNC_SAT_F64_U;
    return functionBody(
      [{ count: 1, type: valueType.f64 }],
      [...callFast, ...isNaN, ...trap, op.localGet, ...result, op.truncSat, convert],
    );
  }

  const isStatus = [op.localTee, ...result, op.i32Const, ...signed(DONE), op.i32LtS];
  const handleStatus =
    slow === undefined || fast === undefined
      ? [op.unreachable]
      : [
          ...[op.localGet, ...result, op.i32Const, ...signed(SLOW), op.i32Ne],
          ...trap,
          ...callSlow,
          ...isStatus,
          ...trap,
        ];
  return functionBody(
    [{ count: 1, type: valueType.i32 }],
    [
      ...(fast === undefined ? callSlow : callFast),
      ...isStatus,
      ...[op.if, EMPTY_BLOCK, ...handleStatus, op.end],
      ...(lower.result === 'i32' ? [op.localGet, ...result] : []),
    ],
  );
}
