/**
 * Every interface of the `wasi:cli/command` world of WASI 0.2, in one place. The generator in
 * `shim/generate` makes the host interfaces and the lowers from it; `docs/wasi-mapping.md` lists
 * what each one becomes in the browser.
 *
 * How WIT becomes TypeScript in the generated host interfaces:
 *
 * - Names: methods, fields and parameters in camelCase, types in PascalCase (the resource `error`
 *   becomes `IoError`).
 * - `bool` → boolean, `u8`…`u32`, `s32` → number, `u64` → bigint, `string` → string (always valid
 *   Unicode). Byte counts, file offsets and the clocks' nanoseconds, marked `count`, → number: exact
 *   up to `Number.MAX_SAFE_INTEGER`, and every larger parameter arrives as a number above it.
 * - `list<u8>` parameter → a `Uint8Array` view of guest memory, valid only until the host function
 *   returns or first awaits: copy what must live longer. Functions marked `sink` put the bytes of
 *   their result into a `ByteSink` and return the rest; other `list<u8>` results are returned.
 * - `list<T>` → array, `tuple` → array, `option<T>` → `T | undefined`, `enum` → its case's name,
 *   `flags` → bit mask, `variant` → `{ tag, val }`, `record` → object.
 * - `result<T, E>`: returns `T` or throws `new WitError(e)`. `new Trap(reason)` traps; anything else
 *   that is thrown is a bug of the host and traps with its message.
 * - A resource is an object that implements its interface. The object returned for `own<R>` belongs
 *   to the handle table, which calls its `[Symbol.dispose]()`, if it has one, when the guest drops
 *   the handle or the program ends. Never return the same object for two handles. The table knows
 *   parents and children; dropping a parent first traps.
 * - Free functions are methods of one object per interface, in a record by interface name without
 *   version. An optional interface or function that is missing answers its own `unsupported` code.
 * - A function that may block returns `T | Promise<T>`: it is called once per guest call, and a
 *   promise suspends the guest until it settles.
 *
 * The versions 0.2.0 to 0.2.x differ only by additions, so one description serves them all:
 * imports are matched by name and any 0.2 version.
 */
import type { WitInterface } from '../abi/wit.ts';
import { cliInterfaces } from './description-cli.ts';
import { clocksInterfaces } from './description-clocks.ts';
import { filesystemInterfaces } from './description-filesystem.ts';
import { ioInterfaces } from './description-io.ts';
import { randomInterfaces } from './description-random.ts';
import { socketsInterfaces } from './description-sockets.ts';

/** All interfaces, by package; a package becomes one generated module of the same name. */
export const packages: Readonly<Record<string, readonly WitInterface[]>> = {
  io: ioInterfaces,
  clocks: clocksInterfaces,
  random: randomInterfaces,
  cli: cliInterfaces,
  filesystem: filesystemInterfaces,
  sockets: socketsInterfaces,
};
