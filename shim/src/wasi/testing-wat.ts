/** Guests for tests, written in the text format by hand: each shows one behaviour of the ABI. */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';

/** Parts of a guest in the text format. */
export interface WatGuest {
  /** Imports beside those of {@link watCommand}. */
  readonly imports?: string;
  /** Further definitions. */
  readonly definitions?: string;
  /** The instructions of `run`; the stack is empty at the end. */
  readonly body: string;
  /** Pages of memory at the start (default 2). */
  readonly pages?: number;
  /** The first address that cabi_realloc gives out (default 4096); unsigned. */
  readonly heap?: number;
}

/**
 * Assembles a core module that is a WASI 0.2 command.
 *
 * It has `$print` (pointer, length: writes to standard output) and a `cabi_realloc` that grows the
 * memory by a page at each call, so that every view is detached.
 */
export async function watCommand(guest: WatGuest): Promise<Uint8Array<ArrayBuffer>> {
  const text = `(module
    (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $get-stdout (result i32)))
    (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
      (func $write-and-flush (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream"
      (func $drop-output-stream (param i32)))
    ${guest.imports ?? ''}
    (memory (export "memory") ${guest.pages ?? 2})
    (global $next (mut i32) (i32.const ${guest.heap ?? 4096}))
    (func $print (param $pointer i32) (param $length i32) (local $stdout i32)
      (local.set $stdout (call $get-stdout))
      (call $write-and-flush (local.get $stdout) (local.get $pointer) (local.get $length)
        (i32.const 2048))
      (call $drop-output-stream (local.get $stdout)))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (drop (memory.grow (i32.const 1)))
      (global.set $next
        (i32.and
          (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get 2))))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3))))
    ${guest.definitions ?? ''}
    (func $run (export "wasi:cli/run@0.2.0#run") (result i32)
      ${guest.body}
      (i32.const 0)))`;
  return new Uint8Array(await parse(text));
}
