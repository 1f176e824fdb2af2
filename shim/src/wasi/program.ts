import { readOutline } from '../abi/component.ts';
import type { ComponentOutline, ModuleOutline } from '../abi/component.ts';
import { interfaceNames } from '../generated/lowers.ts';

/** The program is not one that can run here. The message is one sentence for its user. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/**
 * A program that jco took apart: made by `adapt`, safe to store and to post between threads.
 */
export interface AdaptedProgram {
  readonly kind: 'adapted';
  /** The source of an ES module that instantiates the core modules. */
  readonly glue: string;
  /** The core modules by the names that the glue uses. */
  readonly modules: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}

/** What has to happen to a program before it can run. */
export type ProgramShape =
  /** Nothing: this core module is the program. */
  | { readonly kind: 'plain'; readonly module: Uint8Array<ArrayBuffer> }
  /** `adapt` must take it apart; a preview 1 command or a core module becomes a component first. */
  | { readonly kind: 'adapt'; readonly from: 'component' | 'module' };

/** A program that can be run, any number of times, each in an instance of its own. */
export type Program =
  | { readonly kind: 'plain'; readonly module: WebAssembly.Module }
  | {
      readonly kind: 'adapted';
      /** The address of the glue as an ES module. */
      readonly glue: string;
      readonly modules: ReadonlyMap<string, WebAssembly.Module>;
    };

const PREVIEW_1 = 'wasi_snapshot_preview1';
const RUN_EXPORT = /^wasi:cli\/run@0\.2\.\d+#run$/;

/**
 * Looks at a program.
 *
 * @param binary - a component, a core module that carries its component type, or a preview 1
 *   command.
 * @throws ProgramError when it is none of these, or needs what is not here.
 */
export function examineProgram(binary: Uint8Array<ArrayBuffer>): ProgramShape {
  const outline = outlineOf(binary);
  if (outline.kind === 'module') return examineModule(outline);
  for (const name of outline.imports) checkImport(name);
  if (!outline.exports.some((name) => /^wasi:cli\/run@0\.2\./.test(name))) {
    throw new ProgramError(
      outline.exports.some((name) => name.startsWith('wasi:cli/run@0.3'))
        ? 'the program is a WASI 0.3 program (it exports wasi:cli/run@0.3); backtab runs WASI 0.2'
        : 'the component is not a command: it does not export wasi:cli/run',
    );
  }
  const module = plainModule(outline);
  return module === undefined ? { kind: 'adapt', from: 'component' } : { kind: 'plain', module };
}

/**
 * Compiles a program.
 *
 * @throws ProgramError as {@link examineProgram}, and when the program has to be adapted first.
 */
export async function loadProgram(
  source: Uint8Array<ArrayBuffer> | AdaptedProgram,
): Promise<Program> {
  if (!(source instanceof Uint8Array)) {
    const modules = await Promise.all(
      Object.entries(source.modules).map(
        async ([name, bytes]) => [name, await compile(bytes)] as const,
      ),
    );
    return {
      kind: 'adapted',
      glue: `data:text/javascript;charset=utf-8,${encodeURIComponent(source.glue)}`,
      modules: new Map(modules),
    };
  }
  const shape = examineProgram(source);
  if (shape.kind === 'plain') return { kind: 'plain', module: await compile(shape.module) };
  throw new ProgramError(
    'the program is not a plain component and has to be adapted before it can run here',
  );
}

function outlineOf(binary: Uint8Array<ArrayBuffer>): ModuleOutline | ComponentOutline {
  let outline;
  try {
    outline = readOutline(binary);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ProgramError(`the program is not valid WebAssembly: ${error.message}`);
  }
  if (outline === undefined) throw new ProgramError('the program is not a WebAssembly binary');
  return outline;
}

function examineModule(outline: ModuleOutline): ProgramShape {
  let preview1 = false;
  for (const { module, name } of outline.imports) {
    if (module === PREVIEW_1) preview1 = true;
    else if (module.startsWith('wasi:')) checkImport(module);
    else throw new ProgramError(`the program imports ${module}.${name}, which is not of WASI 0.2`);
  }
  if (preview1) {
    if (!outline.exports.includes('_start')) {
      throw new ProgramError('the program is not a command: it does not export _start');
    }
    return { kind: 'adapt', from: 'module' };
  }
  if (outline.exports.some((name) => RUN_EXPORT.test(name))) {
    return { kind: 'plain', module: outline.bytes };
  }
  throw new ProgramError('the core module is not a WASI command: it does not export wasi:cli/run');
}

/** Checks that an import is of an interface that the command world of WASI 0.2 has. */
function checkImport(name: string): void {
  const at = name.indexOf('@');
  const interfaceName = at === -1 ? name : name.slice(0, at);
  const version = at === -1 ? '' : name.slice(at + 1);
  if (name.startsWith('wasi:') && version.startsWith('0.3.')) {
    throw new ProgramError(
      `the program is a WASI 0.3 program (it imports ${name}); backtab runs WASI 0.2`,
    );
  }
  if (interfaceName.startsWith('wasi:http/')) {
    throw new ProgramError(
      `the program is a wasi:http program (it imports ${name}), which backtab does not run`,
    );
  }
  if (!interfaceNames.has(interfaceName) || !version.startsWith('0.2.')) {
    throw new ProgramError(
      `the program imports ${name}, which the command world of WASI 0.2 does not have`,
    );
  }
}

/**
 * The core module that is the program, if nothing but it matters: it imports only WASI, and the
 * other modules are those by which wit-component ties imports to a memory that does not exist yet,
 * which is not needed here.
 */
function plainModule(outline: ComponentOutline): Uint8Array<ArrayBuffer> | undefined {
  if (outline.composed) return undefined;
  const [main, ...others] = outline.modules;
  const isMain =
    main?.exports.some((name) => RUN_EXPORT.test(name)) === true &&
    main.exports.includes('memory') &&
    main.imports.every(({ module }) => module.startsWith('wasi:'));
  const othersTie = others.every(({ imports }) =>
    imports.every(({ name }) => /^(\d+|\$imports)$/.test(name)),
  );
  return isMain && othersTie ? main.bytes : undefined;
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw new ProgramError(`this engine cannot compile the program: ${error.message}`);
  }
}
