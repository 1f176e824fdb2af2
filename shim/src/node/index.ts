/**
 * backtab: WASI 0.2 programs in a browser tab, their files in IndexedDB, their sockets over
 * BroadcastChannel.
 *
 * @packageDocumentation
 */
export { spawn, type ExitStatus, type Node } from './spawn.ts';
export type { SpawnOptions } from './options.ts';
export { tracePackages } from '../wasi/trace-packages.ts';
export type { AdaptedProgram } from '../wasi/program.ts';
