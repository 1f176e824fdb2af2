/**
 * The suite `calls`: nanoseconds per WASI call by backtab's lowers and by jco's default bindings,
 * on the same component and the same host objects, in one worker, in Chromium and Firefox. Prints
 * a table and writes build/bench/calls.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transpileBytes } from '@bytecodealliance/jco-transpile';
import { build } from 'esbuild';
import type { Page } from 'puppeteer-core';
import { askWorker, inBrowsers } from '../support/in-browsers.ts';
import { median, output, save, table } from '../support/report.ts';
import { operations } from './operations.ts';
import type { Binding } from './operations.ts';
import type { Request } from './worker.ts';

/** One row: medians of the rounds, in nanoseconds per operation. */
interface CallFigures {
  readonly operation: string;
  /** The part that plain JavaScript pays too; 0 where the operation is nothing but a call. */
  readonly bare: number;
  readonly backtab: number;
  readonly jco: number;
}

const root = join(import.meta.dirname, '../..');
const rounds = 3;

async function buildFiles(): Promise<Map<string, string | Uint8Array>> {
  mkdirSync(output, { recursive: true });
  const program = join(output, 'calls.wasm');
  execFileSync(join(root, 'backtab'), [
    'c++',
    ...['-std=c++20', '-O2', '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra', '-Werror'],
    ...[join(import.meta.dirname, 'calls.cc'), '-o', program],
  ]);
  const component = readFileSync(program);
  const transpiled = await transpileBytes(component, {
    name: 'calls',
    instantiation: 'async',
    asyncMode: 'jspi',
    asyncImports: [
      'wasi:io/poll#poll',
      'wasi:io/poll#[method]pollable.block',
      'wasi:io/streams#[method]output-stream.blocking-flush',
    ],
    asyncExports: ['wasi:cli/run#run', 'run'],
    nodejsCompat: false,
    bindgenEnableWasmExnref: true,
  });
  const worker = await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    bundle: true,
    format: 'esm',
    write: false,
  });
  const files = new Map<string, string | Uint8Array>([
    ['worker.js', worker.outputFiles[0]?.text ?? ''],
    ['calls.wasm', component],
  ]);
  for (const [name, contents] of Object.entries(transpiled.files)) {
    files.set(`jco/${name}`, contents);
  }
  return files;
}

async function measureIn(page: Page): Promise<CallFigures[]> {
  const measure = (request: Request): Promise<number> =>
    askWorker<number>(page, 'worker.js', request);
  const figures: CallFigures[] = [];
  for (const { name, title } of operations) {
    const times: Record<Binding, number[]> = { bare: [], backtab: [], jco: [] };
    // Alternating, so that whatever else the machine does meets both.
    for (let round = 0; round < rounds; round++) {
      times.bare.push(await measure({ binding: 'bare', operation: name }));
      times.backtab.push(await measure({ binding: 'backtab', operation: name }));
      times.jco.push(await measure({ binding: 'jco', operation: name }));
    }
    figures.push({
      operation: title,
      bare: median(times.bare),
      backtab: median(times.backtab),
      jco: median(times.jco),
    });
  }
  return figures;
}

const figures = await inBrowsers(await buildFiles(), measureIn);
save('calls', figures);
for (const [browser, rows] of Object.entries(figures)) {
  console.log(
    table([
      [`${browser}: ns per operation`, 'bare', 'backtab', 'jco', 'jco/backtab'],
      ...rows.map(({ operation, bare, backtab, jco }) => [
        operation,
        bare === 0 ? '' : bare.toFixed(0),
        backtab.toFixed(0),
        jco.toFixed(0),
        `${(jco / backtab).toFixed(1)}×`,
      ]),
    ]) + '\n',
  );
}
