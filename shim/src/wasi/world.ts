import { describeTrapCause, Guest } from '../abi/guest.ts';
import { GuestMemory } from '../abi/guest-memory.ts';
import type { Realloc } from '../abi/guest-memory.ts';
import { hasJspi, jspiMissing } from '../abi/jspi.ts';
import { makeTrampolines } from '../abi/trampolines.ts';
import type { Lower } from '../abi/trampolines.ts';
import { wasmStack } from '../abi/wasm-stack.ts';
import type { ExitInterface } from '../generated/cli.ts';
import { lowerAll, resourceKinds } from '../generated/lowers.ts';
import type { World } from '../generated/world.ts';
import { createIo } from './io.ts';
import { ProgramError } from './program.ts';
import type { Program } from './program.ts';
import type { Trace } from './trace.ts';
import { absentFilesystem, absentSockets } from './world-absent.ts';

/** How a program ended. */
export type Outcome =
  /** `status` is 0 to 255. */
  | { readonly kind: 'exit'; readonly status: number }
  /**
   * `stack` has one line per wasm function, innermost first, with its name if the program has
   * names; imports show as `INTERFACE#FUNCTION`.
   */
  | { readonly kind: 'trap'; readonly message: string; readonly stack: string };

/**
 * The interfaces a program gets: what `createCli`, `createClocks`, `createRandom`,
 * `createFilesystem` and `createSockets` return, spread into one record. Without a filesystem
 * there are no preopens; without sockets every one is `not-supported`.
 */
export type WorldParts = Omit<
  World,
  'wasi:cli/exit' | 'wasi:io/poll' | `wasi:filesystem/${string}` | `wasi:sockets/${string}`
> &
  Partial<
    Pick<World, Extract<keyof World, `wasi:filesystem/${string}` | `wasi:sockets/${string}`>>
  >;

type CoreImports = Record<string, Record<string, WebAssembly.ImportValue>>;

const RUN_EXPORT = /^wasi:cli\/run@0\.2\.\d+#run$/;

/**
 * Runs a command to its end, in a fresh instance.
 *
 * All handles are dropped when it ends, however it ends, so sockets are closed and streams
 * disposed of; nothing is flushed that the program did not flush.
 *
 * @param program - from `loadProgram`.
 * @param world - objects of this run alone: they may refer to each other's resources.
 * @param trace - shows each call; costs nothing when left out.
 * @returns how it ended; a program that neither returns nor exits never settles.
 * @throws ProgramError when it imports what is not here, Error when the browser lacks JSPI.
 */
export async function runCommand(
  program: Program,
  world: WorldParts,
  trace?: Trace,
): Promise<Outcome> {
  if (!hasJspi()) throw new Error(jspiMissing);
  if (trace === undefined) return await new Run(world, (whole) => whole).run(program);
  // Loaded only now: it describes all of WASI, which other programs should not have to wait for.
  const { traceWorld } = await import('./trace.ts');
  return await new Run(world, (whole) => traceWorld(whole, trace)).run(program);
}

/** One run of one program. */
class Run {
  readonly #guest = new Guest(resourceKinds);
  readonly #world: World;
  readonly #exited: Promise<Outcome>;
  #reportExit: (outcome: Outcome) => void = () => undefined;

  /** @param wrap - what the program gets in place of the whole world */
  constructor(parts: WorldParts, wrap: (world: World) => World) {
    this.#exited = new Promise((resolve) => {
      this.#reportExit = resolve;
    });
    const exit: ExitInterface = {
      exit: (status) => this.#exit(status.tag === 'ok' ? 0 : 1),
      exitWithCode: (statusCode) => this.#exit(statusCode),
    };
    this.#world = wrap({
      ...absentFilesystem,
      ...absentSockets,
      ...createIo(),
      ...parts,
      'wasi:cli/exit': exit,
    });
  }

  async run(program: Program): Promise<Outcome> {
    const instances =
      program.kind === 'plain'
        ? [await this.#instantiate(program.module, {})]
        : await this.#instantiateAdapted(program);
    const main = instances.flatMap((instance) =>
      Object.entries(instance.exports).filter(([name]) => RUN_EXPORT.test(name)),
    )[0]?.[1];
    if (typeof main !== 'function') throw new ProgramError('the program exports no wasi:cli/run');
    try {
      return await Promise.race([this.#exited, this.#call(instances, main)]);
    } finally {
      this.#guest.handles.dropAll();
    }
  }

  async #call(
    instances: readonly WebAssembly.Instance[],
    main: CallableFunction,
  ): Promise<Outcome> {
    try {
      for (const { exports } of instances) {
        if (typeof exports._initialize === 'function') await promising(exports._initialize)();
      }
      const failed = await promising(main)();
      return { kind: 'exit', status: failed === 0 ? 0 : 1 };
    } catch (error) {
      return this.#trapOutcome(error);
    }
  }

  #trapOutcome(error: unknown): Outcome {
    const cause = this.#guest.trapCause;
    const stack = error instanceof Error ? wasmStack(error.stack ?? '') : '';
    if (cause !== undefined) return { kind: 'trap', message: describeTrapCause(cause), stack };
    if (error instanceof WebAssembly.Exception) {
      return { kind: 'trap', message: 'an exception was not caught', stack };
    }
    return { kind: 'trap', message: error instanceof Error ? error.message : String(error), stack };
  }

  /** Ends the program: the guest is suspended and never resumed, so that nothing unwinds. */
  #exit(status: number): Promise<never> {
    this.#reportExit({ kind: 'exit', status });
    return new Promise(() => undefined);
  }

  async #instantiateAdapted(
    program: Extract<Program, { kind: 'adapted' }>,
  ): Promise<readonly WebAssembly.Instance[]> {
    const instances: WebAssembly.Instance[] = [];
    // The glue is jco's, made for asynchronous instantiation: this is what it exports.
    const glue = (await import(program.glue)) as {
      instantiate(
        getCoreModule: (name: string) => WebAssembly.Module,
        imports: unknown,
        instantiateCore: (
          module: WebAssembly.Module,
          imports?: CoreImports,
        ) => Promise<WebAssembly.Instance>,
      ): Promise<unknown>;
    };
    await glue.instantiate(
      (name) => {
        const module = program.modules.get(name);
        if (module === undefined) throw new Error(`the adapted program has no module ${name}`);
        return module;
      },
      unusedImports,
      async (module, imports = {}) => {
        const instance = await this.#instantiate(module, imports);
        instances.push(instance);
        return instance;
      },
    );
    return instances;
  }

  /** Instantiates a core module with the WASI imports replaced by ours. */
  async #instantiate(
    module: WebAssembly.Module,
    others: CoreImports,
  ): Promise<WebAssembly.Instance> {
    const memory = new GuestMemory();
    const wanted = this.#wantedLowers(module, memory);
    const functions = makeTrampolines(wanted, this.#guest.trapFlag);
    const imports: CoreImports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      const value = functions.get(importKey(from, name)) ?? others[from]?.[name];
      if (value === undefined)
        throw new ProgramError(`nothing provides the import ${from} ${name}`);
      (imports[from] ??= {})[name] = value;
    }
    const instance = await WebAssembly.instantiate(module, imports);
    const { exports } = instance;
    const linear = others.env?.memory ?? exports.memory;
    const realloc = exports.cabi_import_realloc ?? exports.cabi_realloc;
    if (linear instanceof WebAssembly.Memory) {
      // The canonical ABI fixes the type of an export of this name.
      memory.attach(linear, typeof realloc === 'function' ? (realloc as Realloc) : undefined);
    }
    return instance;
  }

  /** The lowers that a core module imports, by {@link importKey}. */
  #wantedLowers(module: WebAssembly.Module, memory: GuestMemory): Map<string, Lower> {
    const wanted = new Map<string, Lower>();
    let lowers: Map<string, Lower> | undefined;
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      const key = importKey(from, name);
      if (key === PROC_EXIT) {
        wanted.set(key, this.#procExit());
      } else if (from.startsWith('wasi:')) {
        lowers ??= lowerAll(this.#guest, memory, this.#world);
        const lower = lowers.get(key);
        if (lower === undefined) {
          throw new ProgramError(
            `the program imports ${from} ${name}, which WASI 0.2 does not have`,
          );
        }
        wanted.set(key, lower);
      }
    }
    return wanted;
  }

  /**
   * Preview 1's proc_exit. The adapter knows only success and failure, so the call is taken before
   * it gets there and the whole status survives.
   */
  #procExit(): Lower {
    return {
      params: ['i32'],
      result: 'none',
      fast: undefined,
      slow: (status: number) => this.#exit(status & 0xff),
    };
  }
}

/** The key of a core import among the lowers: its version does not matter. */
function importKey(module: string, name: string): string {
  const at = module.indexOf('@');
  return `${at === -1 ? module : module.slice(0, at)}#${name}`;
}

const PROC_EXIT = 'wasi_snapshot_preview1#proc_exit';

function promising(fn: CallableFunction): (...args: unknown[]) => Promise<unknown> {
  // Exported functions take any arguments; this narrows only the static type.
  return WebAssembly.promising(fn as (...args: never[]) => unknown);
}

/**
 * The imports that jco's glue asks for: it takes functions and resource classes out of them, but
 * every core import that would call them is replaced, so that none is ever called.
 */
const unusedImports: unknown = new Proxy(calledThroughGlue, {
  get: (_, property) => (property === 'prototype' ? {} : unusedImports),
});

function calledThroughGlue(): never {
  throw new Error('a WASI function was called through the glue');
}
