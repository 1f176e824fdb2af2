// @ts-check
/**
 * component.mjs CORE_MODULE COMPONENT
 *
 * The last step of a link: encodes a core module that carries its component type as a WASI 0.2
 * component.
 */
import console from 'node:console';
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import process from 'node:process';
import { componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';

const [corePath, componentPath] = process.argv.slice(2);
if (corePath === undefined || componentPath === undefined) {
  throw new Error('usage: component.mjs CORE_MODULE COMPONENT');
}

try {
  const component = await componentNew(await readFile(corePath));
  await writeFile(componentPath, component, { mode: 0o777 });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`${basename(componentPath)}: error: cannot make a component: ${reason}`);
  process.exitCode = 1;
}
