import { generate, $init as bindgenReady } from '@bytecodealliance/jco-transpile/component';
import { examineProgram, ProgramError } from './program.ts';
import type { AdaptedProgram } from './program.ts';

/** The name by which jco's adapter takes the place of preview 1. */
const PREVIEW_1 = 'wasi_snapshot_preview1';

/**
 * Takes apart a program that is not a plain component, so that it can run: a component made of
 * several parts, or a preview 1 command, which becomes a component first. Works in Node and in
 * pages; it takes some tens of milliseconds, so keep the result.
 *
 * Of what jco makes only the wiring of the core modules is used: every WASI import is bound by
 * `runCommand` itself, with the same lowers and handles as those of plain components. That is why
 * jco's asynchronous modes are left off: they concern host calls through its glue.
 *
 * @param binary - the program.
 * @param loadPreview1Adapter - gets the bytes of `wasi_snapshot_preview1.command.wasm`, which jco
 *   ships; called only for preview 1 commands.
 * @throws ProgramError when the program cannot run here.
 */
export async function adapt(
  binary: Uint8Array<ArrayBuffer>,
  loadPreview1Adapter: () => Promise<Uint8Array>,
): Promise<AdaptedProgram> {
  const shape = examineProgram(binary);
  const component =
    shape.kind === 'adapt' && shape.from === 'module'
      ? await toComponent(binary, await loadPreview1Adapter())
      : binary;
  await bindgenReady;
  const { files } = failClearly('jco cannot take the program apart', () =>
    generate(component, {
      name: 'program',
      instantiation: { tag: 'async' },
      noTypescript: true,
      noNodejsCompat: true,
      bindgenEnableWasmExnref: true,
    }),
  );
  const modules: Record<string, Uint8Array<ArrayBuffer>> = {};
  let glue: string | undefined;
  for (const [name, contents] of files) {
    if (name.endsWith('.wasm')) modules[name] = new Uint8Array(contents);
    else if (name.endsWith('.js')) glue = new TextDecoder().decode(contents);
  }
  if (glue === undefined) throw new Error('jco returned no JavaScript');
  return { kind: 'adapted', glue, modules };
}

async function toComponent(
  module: Uint8Array<ArrayBuffer>,
  adapter: Uint8Array,
): Promise<Uint8Array> {
  // Large, and needed only here.
  const { componentNew } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  try {
    return await componentNew(module, [[PREVIEW_1, adapter]]);
  } catch (error) {
    throw new ProgramError(`the program cannot be made a component: ${messageOf(error)}`);
  }
}

function failClearly<T>(what: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw new ProgramError(`${what}: ${messageOf(error)}`);
  }
}

/** jco's components throw their error strings as payloads. */
function messageOf(error: unknown): string {
  if (error instanceof Error && 'payload' in error) return String(error.payload);
  return error instanceof Error ? error.message : String(error);
}
