/**
 * The suite `calls`: nanoseconds per WASI call by backtab's lowers and by jco's default bindings,
 * on the same component and the same host objects, in one worker, in Chromium and Firefox. Prints
 * a table and writes build/bench/calls.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { transpileBytes } from '@bytecodealliance/jco-transpile';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';
import type { Browser } from 'puppeteer-core';
import { operations } from './operations.ts';
import type { Binding } from './operations.ts';
import type { Request } from './worker.ts';

/** One row: medians of the rounds, in nanoseconds per operation. */
export interface CallFigures {
  readonly operation: string;
  readonly backtab: number;
  readonly jco: number;
}

const root = join(import.meta.dirname, '../..');
const output = join(root, 'build/bench');
const rounds = 3;

const browsers = {
  chromium: () =>
    puppeteer.launch({
      executablePath: process.env.BACKTAB_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    }),
  firefox: () =>
    puppeteer.launch({
      browser: 'firefox',
      executablePath: process.env.BACKTAB_FIREFOX ?? '/usr/bin/firefox-esr',
    }),
} satisfies Record<string, () => Promise<Browser>>;

/**
 * Measures all operations in both browsers.
 *
 * @returns the figures by browser.
 */
export async function measureCalls(): Promise<Record<string, CallFigures[]>> {
  const files = await buildFiles();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    const body = files.get(path);
    const type = path.endsWith('.js')
      ? 'text/javascript'
      : path.endsWith('.wasm')
        ? 'application/wasm'
        : 'text/html';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const figures: Record<string, CallFigures[]> = {};
  try {
    for (const [name, launch] of Object.entries(browsers)) {
      const browser = await launch();
      try {
        figures[name] = await measureIn(browser, `http://127.0.0.1:${address.port}/`);
      } finally {
        await browser.close();
      }
    }
  } finally {
    server.close();
  }
  return figures;
}

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
    ['', '<!doctype html><title>calls</title>'],
    ['worker.js', worker.outputFiles[0]?.text ?? ''],
    ['calls.wasm', component],
  ]);
  for (const [name, contents] of Object.entries(transpiled.files)) {
    files.set(`jco/${name}`, contents);
  }
  return files;
}

async function measureIn(browser: Browser, url: string): Promise<CallFigures[]> {
  const page = await browser.newPage();
  await page.goto(url);
  const measure = async (request: Request): Promise<number> => {
    const answer: unknown = await page.evaluate(
      (message) =>
        new Promise<unknown>((resolve) => {
          const worker = new Worker('worker.js', { type: 'module' });
          const finish = (answer: unknown): void => {
            worker.terminate();
            resolve(answer);
          };
          worker.onmessage = (event: MessageEvent<unknown>) => finish(event.data);
          worker.onerror = (event) => finish(`the worker failed: ${event.message}`);
          worker.postMessage(message);
        }),
      request,
    );
    if (typeof answer !== 'number') {
      throw new Error(`${request.binding} ${request.operation}: ${String(answer)}`);
    }
    return answer;
  };
  const figures: CallFigures[] = [];
  for (const { name, title } of operations) {
    const times: Record<Binding, number[]> = { backtab: [], jco: [] };
    // Alternating, so that whatever else the machine does meets both.
    for (let round = 0; round < rounds; round++) {
      times.backtab.push(await measure({ binding: 'backtab', operation: name }));
      times.jco.push(await measure({ binding: 'jco', operation: name }));
    }
    figures.push({ operation: title, backtab: median(times.backtab), jco: median(times.jco) });
  }
  return figures;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function table(figures: Readonly<Record<string, readonly CallFigures[]>>): string {
  const header = ['nanoseconds', 'backtab', 'jco', 'ratio'];
  return Object.entries(figures)
    .map(([browser, rows]) => {
      const lines = [
        [`${browser}: ${header[0] ?? ''}`, ...header.slice(1)],
        ...rows.map(({ operation, backtab, jco }) => [
          operation,
          backtab.toFixed(0),
          jco.toFixed(0),
          `${(jco / backtab).toFixed(1)}×`,
        ]),
      ];
      return lines
        .map(([first = '', ...cells]) =>
          [first.padEnd(44), ...cells.map((cell) => cell.padStart(9))].join(''),
        )
        .join('\n');
    })
    .join('\n\n');
}

const figures = await measureCalls();
writeFileSync(join(output, 'calls.json'), `${JSON.stringify(figures, null, 2)}\n`);
console.log(table(figures));
