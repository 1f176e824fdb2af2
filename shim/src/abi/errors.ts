/**
 * The two ways in which a host function ends other than by returning.
 *
 * Neither class extends `Error`: capturing a stack costs microseconds and a guest asks for
 * `would-block` thousands of times a second.
 */

/**
 * The error case of a WIT `result<T, E>`. A host function whose result type is a `result` returns
 * the `T` or throws a `WitError` with the `E`.
 */
export class WitError<E = unknown> {
  /** The value of type `E`; for an enum, the name of its case. */
  readonly payload: E;

  /** @param payload - the value of type `E`, in the form that the generated types prescribe. */
  constructor(payload: E) {
    this.payload = payload;
  }
}

/**
 * Ends the program as a WebAssembly trap. Thrown by host functions for what the specification
 * calls a trap (writing more than permitted, polling an empty list, dropping a parent before its
 * child) and by the lowers for invalid handles, pointers and strings.
 */
export class Trap {
  /** Why, in a few words: it is shown to the person who runs the program. */
  readonly reason: string;

  /** @param reason - one clause without a full stop, such as `unknown handle 7`. */
  constructor(reason: string) {
    this.reason = reason;
  }
}
