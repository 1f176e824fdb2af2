/**
 * Makes `shim/src/generated` from the description of the WASI functions: the host interfaces and
 * the lowers. Run with Node 22 or newer: `node shim/generate/main.ts`. Files whose text did not
 * change are left alone, so that build tools see nothing new.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packages } from '../src/wasi/description.ts';
import { emitInterfaces, emitWorld } from './interfaces.ts';
import { emitAllLowers, emitLowers } from './lowers.ts';

const directory = join(import.meta.dirname, '../src/generated');
mkdirSync(directory, { recursive: true });

for (const name of Object.keys(packages)) {
  write(`${name}.ts`, emitInterfaces(packages, name));
  write(`lowers-${name}.ts`, emitLowers(packages, name));
}
write('world.ts', emitWorld(packages));
write('lowers.ts', emitAllLowers(packages));

function write(name: string, text: string): void {
  const path = join(directory, name);
  if (current(path) !== text) writeFileSync(path, text);
}

function current(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
