/** Runs programs in Node for tests: standard streams in memory, everything else as in a tab. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readiness } from '../abi/readiness.ts';
import type { FilesystemInterfaces } from '../generated/filesystem.ts';
import type { SocketsInterfaces } from '../generated/sockets.ts';
import { createCli } from './cli.ts';
import type { InputSource, OutputSink } from './cli.ts';
import { createClocks } from './clocks.ts';
import { loadProgram } from './program.ts';
import type { AdaptedProgram } from './program.ts';
import { createRandom } from './random.ts';
import type { Trace } from './trace.ts';
import { runCommand } from './world.ts';
import type { Outcome } from './world.ts';

/** How to run a guest; what is left out is empty. */
export interface GuestOptions {
  /** The arguments after `argv[0]`, which is `program`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** All of standard input, or a source. */
  readonly stdin?: string | Uint8Array | InputSource;
  /** Where standard output goes; by default into {@link GuestResult.stdout}. */
  readonly stdout?: OutputSink;
  readonly filesystem?: FilesystemInterfaces;
  readonly sockets?: SocketsInterfaces;
  readonly terminal?: boolean;
  readonly trace?: Trace;
}

/** What a guest did. */
export interface GuestResult {
  /** What it wrote, as UTF-8 text. */
  readonly stdout: string;
  readonly stderr: string;
  /** The bytes it wrote to standard output. */
  readonly stdoutBytes: Uint8Array;
  readonly outcome: Outcome;
}

/**
 * Runs a guest to its end.
 *
 * @param program - a plain component or core module, or an adapted program.
 */
export async function runGuest(
  program: Uint8Array<ArrayBuffer> | AdaptedProgram,
  options: GuestOptions = {},
): Promise<GuestResult> {
  const { stdin = '' } = options;
  const stdout = new CollectingSink();
  const stderr = new CollectingSink();
  const terminal = options.terminal ?? false;
  const world = {
    ...createCli({
      args: ['program', ...(options.args ?? [])],
      env: Object.entries(options.env ?? {}),
      cwd: '/',
      stdin:
        typeof stdin === 'string'
          ? new BytesSource(new TextEncoder().encode(stdin))
          : stdin instanceof Uint8Array
            ? new BytesSource(stdin)
            : stdin,
      stdout: options.stdout ?? stdout,
      stderr,
      terminals: { stdin: terminal, stdout: terminal, stderr: terminal },
    }),
    ...createClocks(),
    ...createRandom(),
    ...options.filesystem,
    ...options.sockets,
  };
  const outcome = await runCommand(await loadProgram(program), world, options.trace);
  return { stdout: stdout.text(), stderr: stderr.text(), stdoutBytes: stdout.bytes(), outcome };
}

/** The path of a fixture, or `undefined` where the folder of fixtures is absent. */
export function fixture(name: string): Uint8Array<ArrayBuffer> | undefined {
  const folder =
    process.env.BACKTAB_FIXTURES ?? join(import.meta.dirname, '../../../../shared/fixtures');
  try {
    return new Uint8Array(readFileSync(join(folder, name)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const always: Readiness = {
  ready: () => true,
  watch(callback) {
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  },
};

class BytesSource implements InputSource {
  readonly ready = always.ready.bind(always);
  readonly watch = always.watch.bind(always);
  #rest: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#rest = bytes;
  }

  take(limit: number): Uint8Array | undefined {
    if (this.#rest.length === 0) return undefined;
    const taken = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }
}

class CollectingSink implements OutputSink {
  readonly ready = always.ready.bind(always);
  readonly watch = always.watch.bind(always);
  readonly #parts: Uint8Array[] = [];

  room(): number {
    return 65536;
  }

  write(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice());
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }
}
