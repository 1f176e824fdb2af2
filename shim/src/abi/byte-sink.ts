/**
 * Where a host function puts the bytes of a `list<u8>` result without an intermediate copy: the
 * last parameter of the functions that the description marks `sink`.
 */
export interface ByteSink {
  /**
   * Reserves guest memory for the result.
   *
   * At most one call per host function call; not calling it returns an empty list. The array is
   * zero-length for `length` 0, otherwise it must be filled wholly before the host function
   * returns or next awaits: memory may move as soon as the guest runs again.
   *
   * @param length - how many bytes the result has; a host that may find fewer bytes than asked
   *   for looks first and allocates then.
   * @returns a view of exactly `length` bytes whose contents are undefined.
   */
  allocate(length: number): Uint8Array;
}
