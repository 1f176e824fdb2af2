/**
 * Bundles the demo page into build/dashboard/: `node dashboard/build.mjs`. The programs it runs are
 * built by CMake; `dashboard/demo.ts` serves both.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const output = 'build/dashboard';

await build({
  // The node's worker must lie beside the module that starts it.
  entryPoints: { main: 'dashboard/src/main.ts', worker: 'shim/src/node/worker.ts' },
  outdir: output,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome137', 'firefox153', 'safari26'],
  sourcemap: true,
  logLevel: 'warning',
});
await build({
  entryPoints: { main: 'dashboard/src/main.css' },
  outdir: output,
  bundle: true,
  minify: true,
  logLevel: 'warning',
});
mkdirSync(output, { recursive: true });
copyFileSync('dashboard/src/index.html', join(output, 'index.html'));
