/**
 * Builds the TypeScript: the npm package below shim/dist (two modules and their types), the
 * command-line tool below build/cli, the demo page below build/dashboard. Takes about a second.
 */
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

await build({
  entryPoints: { index: 'shim/src/node/index.ts', worker: 'shim/src/node/worker.ts' },
  outdir: 'shim/dist',
  bundle: true,
  format: 'esm',
  target: ['chrome137', 'firefox153', 'safari26'],
  sourcemap: true,
  logLevel: 'warning',
});

for (const script of ['cli/build.mjs', 'dashboard/build.mjs']) {
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
