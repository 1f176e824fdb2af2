/**
 * The suite `copies`: what a second wasm memory on the way from a program to a browser API costs.
 * docs/architecture.md draws the conclusion.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { askWorker, inBrowsers } from '../support/in-browsers.ts';
import { median, save, table } from '../support/report.ts';
import type { CopyRequest, CopyTimes } from './worker.ts';

const requests: readonly CopyRequest[] = (['new', 'kept'] as const).flatMap((end) =>
  [100, 4096, 65536].map((size) => ({ size, end })),
);
const rounds = 5;

const worker = await build({
  entryPoints: [join(import.meta.dirname, 'worker.ts')],
  bundle: true,
  format: 'esm',
  write: false,
});
const files = new Map([['worker.js', worker.outputFiles[0]?.text ?? '']]);

const figures = await inBrowsers(files, async (page) => {
  const rows: (CopyRequest & CopyTimes)[] = [];
  for (const request of requests) {
    const times: CopyTimes[] = [];
    for (let round = 0; round < rounds; round++) {
      times.push(await askWorker<CopyTimes>(page, 'worker.js', request));
    }
    rows.push({
      ...request,
      straight: median(times.map(({ straight }) => straight)),
      through: median(times.map(({ through }) => through)),
    });
  }
  return rows;
});

save('copies', figures);
for (const [browser, rows] of Object.entries(figures)) {
  console.log(
    table([
      [`${browser}: ns per transfer`, 'straight', 'through a second memory', 'ratio'],
      ...rows.map(({ size, end, straight, through }) => [
        `${size} bytes into a ${end} buffer`,
        straight.toFixed(0),
        through.toFixed(0),
        `${(through / straight).toFixed(2)}×`,
      ]),
    ]) + '\n',
  );
}
