import { tracePackages } from '../wasi/trace-packages.ts';
import type { AdaptedProgram } from '../wasi/program.ts';

/** How to start a node; see {@link spawn}. */
export interface SpawnOptions {
  /**
   * The program: the address of a WASI 0.2 component, its bytes, or what `adapt` made of a program
   * of another shape.
   */
  readonly program: URL | string | Uint8Array | AdaptedProgram;
  /** The program's arguments, without its own name. */
  readonly args?: readonly string[];
  /** `argv[0]`; by default the last part of the program's address, or `program`. */
  readonly argv0?: string;
  /** Environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** The disk's name, `[a-z0-9-]{1,63}`, within the network; without one the disk is in memory. */
  readonly disk?: string;
  /**
   * More disks, by the absolute guest path they appear at: a named one, perhaps read-only, or
   * `'memory'` for a temporary one.
   */
  readonly mounts?: Readonly<
    Record<string, 'memory' | { readonly disk: string; readonly readOnly?: boolean }>
  >;
  /** What a returned fsync promises on named disks (default `strict`: it outlasts a power loss). */
  readonly durability?: 'strict' | 'relaxed';
  /** The network's name, `[a-z0-9-]{1,63}` (default `default`). */
  readonly network?: string;
  /** The node's name in the network (default: made from its address). */
  readonly name?: string;
  /** The node's address (default: the next free one). */
  readonly ip?: string;
  /**
   * Files to put on the disk before the start, by absolute guest path; existing ones are
   * overwritten, parents are made. A path that ends in `/` makes an empty directory.
   */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Absolute guest paths to read back when the program has ended; a directory means all below it. */
  readonly outputs?: readonly string[];
  /** Which standard streams are attached to a terminal (default: none). */
  readonly terminal?:
    boolean | { readonly stdin?: boolean; readonly stdout?: boolean; readonly stderr?: boolean };
  /**
   * Shows each WASI call of the program with its arguments, result and time, one line each, as strace
   * does. Costs nothing when left out.
   */
  readonly trace?: {
    /** Packages such as `filesystem` (see `tracePackages`); all by default. */
    readonly packages?: readonly string[];
    /** Takes one line, without its end. */
    write(line: string): void;
  };
  /** The address of this package's `worker.js` (default: beside the module that holds `spawn`). */
  readonly workerUrl?: URL | string;
}

const NAME = /^[a-z0-9-]{1,63}$/;

/**
 * Checks the names in the options.
 *
 * @throws TypeError that names the option, its value and the form it must have
 */
export function checkNames(options: SpawnOptions): void {
  for (const key of ['disk', 'network', 'name'] as const) checkName(key, options[key]);
  const disks = [options.disk];
  for (const [path, mount] of Object.entries(options.mounts ?? {})) {
    if (!/^(\/[^/]+)+$/.test(path) || /\/\.\.?(\/|$)/.test(path)) {
      throw new TypeError(
        `mount point ${JSON.stringify(path)} must begin with "/", name a directory below it, and have no "." or ".."`,
      );
    }
    if (mount === 'memory') continue;
    checkName('disk', mount.disk);
    // Each disk has one owner, and the node would wait for itself.
    if (disks.includes(mount.disk)) throw new TypeError(`disk "${mount.disk}" is mounted twice`);
    disks.push(mount.disk);
  }
  for (const name of options.trace?.packages ?? []) {
    if (!tracePackages.includes(name)) {
      throw new TypeError(
        `no package ${JSON.stringify(name)} to trace: ${tracePackages.join(', ')}`,
      );
    }
  }
  const paths = [...Object.keys(options.files ?? {}), ...(options.outputs ?? [])];
  for (const path of paths) {
    if (!path.startsWith('/')) {
      throw new TypeError(
        `guest path ${JSON.stringify(path)} is not absolute: it must begin with "/"`,
      );
    }
  }
}

function checkName(key: string, value: string | undefined): void {
  if (value !== undefined && !NAME.test(value)) {
    throw new TypeError(
      `${key} ${JSON.stringify(value)} is not a name: 1 to 63 characters of a-z, 0-9 and "-"`,
    );
  }
}
