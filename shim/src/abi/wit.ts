/**
 * A model of WIT types and functions: the vocabulary in which interfaces are described for the
 * generator. Constructor functions keep a description as short as WIT itself.
 */

/** A WIT type. Named types carry their WIT name; the generator emits each one once. */
export type WitType =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'count' }
  | { readonly kind: 'list'; readonly element: WitType }
  | { readonly kind: 'tuple'; readonly elements: readonly WitType[] }
  | { readonly kind: 'option'; readonly some: WitType }
  | { readonly kind: 'result'; readonly ok: WitType | undefined; readonly err: WitType | undefined }
  | { readonly kind: 'alias'; readonly name: string; readonly type: WitType }
  | { readonly kind: 'record'; readonly name: string; readonly fields: Fields }
  | {
      readonly kind: 'variant';
      readonly name: string;
      readonly cases: Readonly<Record<string, WitType | undefined>>;
    }
  | { readonly kind: 'enum'; readonly name: string; readonly cases: readonly string[] }
  | { readonly kind: 'flags'; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: 'own'; readonly resource: string }
  | { readonly kind: 'borrow'; readonly resource: string };

/** The primitive types that WASI 0.2's command world uses. */
export type PrimitiveName = 'bool' | 'u8' | 'u16' | 'u32' | 'u64' | 's32' | 'string';

/** Ordered names and types: of a record's fields or a function's parameters, without `self`. */
export type Fields = Readonly<Record<string, WitType>>;

/**
 * How a function behaves towards the event loop.
 *
 * - `never`: returns at once.
 * - `yields`: returns at once, but programs call it in busy loops while they wait for something
 *   to change, so it gives the event loop a turn when the guest has run for too long.
 * - `sometimes`: the host returns a value or a promise; yields like `yields`.
 * - `always`: the host always returns a promise.
 */
export type Blocking = 'never' | 'yields' | 'sometimes' | 'always';

/** A function of an interface or a method of a resource. */
export interface WitFunction {
  /** Parameters after `self`. */
  readonly params: Fields;
  /** The result type, `undefined` for none. */
  readonly result: WitType | undefined;
  /** How it behaves towards the event loop. */
  readonly blocking: Blocking;
  /** Whether the bytes of its result go through a `ByteSink` (its only list<u8>). */
  readonly sink: boolean;
  /**
   * Which handle every resource in the result becomes a child of: none, the method's receiver, or
   * the first resource of the result tuple (for `accept`, whose streams belong to the new socket).
   */
  readonly children: 'none' | 'of-self' | 'of-first';
}

/** Deviations from a function that never blocks and returns no children. */
export interface FunctionOptions {
  readonly blocking?: Blocking;
  readonly sink?: boolean;
  readonly children?: 'of-self' | 'of-first';
}

/** An interface such as `wasi:io/streams`. */
export interface WitInterface {
  /** Package and interface without version, such as `wasi:io/streams`. */
  readonly name: string;
  /** Named types that this interface defines, in order of definition. */
  readonly types: readonly WitType[];
  /** Resources by WIT name, each with its methods by WIT name. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, WitFunction>>>>;
  /** Free functions by WIT name. */
  readonly functions: Readonly<Record<string, WitFunction>>;
}

function primitive(name: PrimitiveName): WitType {
  return { kind: 'primitive', name };
}

export const bool = primitive('bool');
export const u8 = primitive('u8');
export const u16 = primitive('u16');
export const u32 = primitive('u32');
export const u64 = primitive('u64');
export const s32 = primitive('s32');
export const string = primitive('string');

/**
 * A `u64` that the host sees as a number: byte counts, file offsets and nanoseconds, on hot paths
 * where a bigint would be allocated per call. Every value up to `Number.MAX_SAFE_INTEGER` is exact
 * in both directions; a larger parameter arrives rounded, but still above `MAX_SAFE_INTEGER`; a
 * result must be an integer from 0 to 2^64 (exclusive).
 */
export const count: WitType = { kind: 'count' };

export const list = (element: WitType): WitType => ({ kind: 'list', element });
export const bytes: WitType = list(u8);
export const tuple = (...elements: WitType[]): WitType => ({ kind: 'tuple', elements });
export const option = (some: WitType): WitType => ({ kind: 'option', some });
export const result = (ok?: WitType, err?: WitType): WitType => ({ kind: 'result', ok, err });
export const alias = (name: string, type: WitType): WitType => ({ kind: 'alias', name, type });
export const record = (name: string, fields: Fields): WitType => ({ kind: 'record', name, fields });
export const variant = (
  name: string,
  cases: Readonly<Record<string, WitType | undefined>>,
): WitType => ({ kind: 'variant', name, cases });
export const enumeration = (name: string, ...cases: string[]): WitType => ({
  kind: 'enum',
  name,
  cases,
});
export const flags = (name: string, ...names: string[]): WitType => ({
  kind: 'flags',
  name,
  names,
});
export const own = (resource: string): WitType => ({ kind: 'own', resource });
export const borrow = (resource: string): WitType => ({ kind: 'borrow', resource });

/** Describes a function; see {@link WitFunction} for the options' meanings. */
export function func(
  params: Fields = {},
  resultType?: WitType,
  options: FunctionOptions = {},
): WitFunction {
  return {
    params,
    result: resultType,
    blocking: options.blocking ?? 'never',
    sink: options.sink ?? false,
    children: options.children ?? 'none',
  };
}

/** Describes an interface; parts that are left out are empty. */
export function witInterface(
  name: string,
  parts: Partial<Omit<WitInterface, 'name'>>,
): WitInterface {
  return { name, types: [], resources: {}, functions: {}, ...parts };
}
