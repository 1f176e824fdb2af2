import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { examineProgram, ProgramError, type AdaptedProgram } from '../../shim/src/wasi/program.ts';
import { adapterVersion } from './build-info.ts';
import type { Progress } from './client/progress.ts';
import { fileProblem, ToolError } from './errors.ts';
import { cacheDirectory } from './paths.ts';
import { ProgramCache } from './program-cache.ts';
import type { ProgramForm } from './protocol.ts';

/** A program as a page can load it; see {@link ProgramForm} for its parts. */
export interface PreparedProgram {
  form: ProgramForm;
  parts: [name: string, bytes: Uint8Array][];
}

/**
 * Reads a program and adapts it where that is needed, from the user's cache when it was done before.
 *
 * @throws ToolError when there is no such file or it is no program that can run here
 */
export async function prepareProgram(path: string, progress: Progress): Promise<PreparedProgram> {
  const binary = read(path);
  try {
    if (examineProgram(binary).kind === 'plain') {
      return { form: 'component', parts: [['program', binary]] };
    }
    const { glue, modules } = await adapted(binary, path, progress);
    return {
      form: 'adapted',
      parts: [['glue', new TextEncoder().encode(glue)], ...Object.entries(modules)],
    };
  } catch (error) {
    if (error instanceof ProgramError) throw new ToolError(`${path}: ${error.message}`);
    throw error;
  }
}

function read(path: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ToolError(`${path}: ${fileProblem(error)}`);
  }
}

async function adapted(
  binary: Uint8Array<ArrayBuffer>,
  path: string,
  progress: Progress,
): Promise<AdaptedProgram> {
  const cache = new ProgramCache(join(cacheDirectory(), 'programs'), adapterVersion);
  const known = cache.load(binary);
  if (known) return known;
  progress.show(`adapting ${path}`);
  // Loaded only here: jco takes longer to load than everything else the tool does before a run.
  const { adapt } = await import('../../shim/src/wasi/adapt.ts');
  const program = await adapt(binary, loadPreview1Adapter);
  try {
    cache.store(binary, program);
  } catch {
    // A cache that cannot be written (a read-only home) costs time only.
  }
  return program;
}

/** The adapter that jco ships beside its modules. */
function loadPreview1Adapter(): Promise<Uint8Array> {
  const jco = import.meta.resolve('@bytecodealliance/jco');
  const file = new URL('../lib/wasi_snapshot_preview1.command.wasm', jco);
  return Promise.resolve(readFileSync(fileURLToPath(file)));
}
