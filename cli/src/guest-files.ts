import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileProblem, ToolError } from './errors.ts';
import type { PathPair } from './options.ts';

function failure(option: string, { guest, host }: PathPair, error: unknown): ToolError {
  return new ToolError(`${option} ${guest}=${host}: ${fileProblem(error)}`);
}

/**
 * Reads what `--file` and `--dir` name, in that order, so that a single file wins over a tree.
 *
 * @returns contents by guest path; a directory's path ends in `/` and has none
 * @throws ToolError when something cannot be read
 */
export function readGuestFiles(
  files: readonly PathPair[],
  directories: readonly PathPair[],
): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  const readTree = (guest: string, host: string) => {
    contents.set(guest === '/' ? guest : `${guest}/`, new Uint8Array());
    for (const name of readdirSync(host).sort()) {
      const below = {
        guest: guest === '/' ? `/${name}` : `${guest}/${name}`,
        host: join(host, name),
      };
      if (statSync(below.host).isDirectory()) readTree(below.guest, below.host);
      else contents.set(below.guest, readFileSync(below.host));
    }
  };
  for (const pair of directories) {
    try {
      readTree(pair.guest, pair.host);
    } catch (error) {
      throw failure('--dir', pair, error);
    }
  }
  for (const pair of files) {
    try {
      contents.set(pair.guest, readFileSync(pair.host));
    } catch (error) {
      throw failure('--file', pair, error);
    }
  }
  return contents;
}

/**
 * Writes what `--out` names from what a node left: a file to the host's path, a directory's whole
 * tree below it.
 *
 * @throws ToolError when the program left nothing there or the host's path cannot be written
 */
export function writeOutputs(
  pairs: readonly PathPair[],
  outputs: ReadonlyMap<string, Uint8Array>,
): void {
  for (const pair of pairs) {
    const { guest, host } = pair;
    try {
      const file = outputs.get(guest);
      if (file) {
        mkdirSync(dirname(host), { recursive: true });
        writeFileSync(host, file);
        continue;
      }
      const prefix = guest === '/' ? guest : `${guest}/`;
      const below = [...outputs].filter(([path]) => path.startsWith(prefix));
      if (below.length === 0) throw new Error('the program left no such file');
      for (const [path, bytes] of below) {
        const target = join(host, path.slice(prefix.length));
        if (path.endsWith('/')) {
          mkdirSync(target, { recursive: true });
        } else {
          mkdirSync(dirname(target), { recursive: true });
          writeFileSync(target, bytes);
        }
      }
    } catch (error) {
      throw failure('--out', pair, error);
    }
  }
}
