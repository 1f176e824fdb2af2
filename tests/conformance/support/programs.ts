/** Runs the conformance programs: natively, and as components in Node with the shim under them. */
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { MemoryStore, openDisk } from '../../../shim/src/disk/index.ts';
import { createFilesystem } from '../../../shim/src/wasi/filesystem.ts';
import { createSockets } from '../../../shim/src/wasi/sockets.ts';
import { runGuest } from '../../../shim/src/wasi/testing.ts';

const root = join(import.meta.dirname, '../../..');

/** What one run of a program printed and how it ended. */
export interface Run {
  readonly stdout: string;
  /** The exit status, or what ended the program instead. */
  readonly end: string;
}

/** The names of all programs: the sources beside this folder, without their suffix. */
export function programs(): string[] {
  return globSync('*.cc', { cwd: join(root, 'tests/conformance') })
    .map((source) => basename(source, '.cc'))
    .sort();
}

/** Runs the native form in a directory of its own, which is removed afterwards. */
export function runNatively(program: string, args: readonly string[] = []): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'backtab-conformance-'));
  const path = join(root, 'build/native/tests/conformance', program);
  return new Promise((resolve) => {
    execFile(path, args, { cwd: directory, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      rmSync(directory, { recursive: true });
      resolve({ stdout, end: error === null ? 'status 0' : `${error.message}\n${stderr}` });
    });
  });
}

/** Runs the component on a fresh disk in memory, with a network of its own. */
export async function runInShim(program: string, args: readonly string[] = []): Promise<Run> {
  const bytes = readFileSync(join(root, 'build/wasm/tests/conformance', `${program}.wasm`));
  // A cache this small makes the random program's files come back from the store all the time.
  const disk = await openDisk(new MemoryStore(), { cacheSize: 1 << 20 });
  try {
    const { stdout, stderr, outcome } = await runGuest(new Uint8Array(bytes), {
      args,
      filesystem: createFilesystem({ mounts: [{ path: '/', disk }] }),
      sockets: createSockets(),
    });
    const end = outcome.kind === 'exit' ? `status ${outcome.status}` : outcome.message;
    return { stdout, end: end === 'status 0' ? end : `${end}\n${stderr}` };
  } finally {
    await disk.close();
  }
}
