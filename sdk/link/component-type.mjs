// @ts-check
/**
 * component-type.mjs WIT_FILE WORLD
 *
 * Prints assembly for an object whose custom section declares the component type of WORLD. Linked
 * into a core module, it tells the component encoder the types of that world's imports.
 */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { componentEmbed } from '@bytecodealliance/jco-transpile/wasm-tools';
import { customSections } from './wasm.mjs';

const [witPath, worldName] = process.argv.slice(2);
if (witPath === undefined || worldName === undefined) {
  throw new Error('usage: component-type.mjs WIT_FILE WORLD');
}
const emptyModule = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const embedded = await componentEmbed({
  binary: emptyModule,
  witSource: await readFile(witPath, 'utf8'),
  worldName,
});
const section = customSections(embedded).find(({ name }) => name.startsWith('component-type'));
if (section === undefined) {
  throw new Error(`${witPath}: the encoder made no component type`);
}
process.stdout.write(
  `.section ".custom_section.component-type:backtab-${worldName}","",@\n` +
    `.byte ${Array.from(section.payload).join(',')}\n`,
);
