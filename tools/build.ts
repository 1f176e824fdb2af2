/**
 * Builds the TypeScript: the npm package below shim/dist (modules and their types), the
 * command-line tool below build/cli, the demo page below build/dashboard. Takes a few seconds.
 */
import { spawnSync } from 'node:child_process';
import { build, type BuildOptions } from 'esbuild';

const browser = {
  bundle: true,
  format: 'esm',
  target: ['chrome137', 'firefox153', 'safari26'],
  sourcemap: true,
  logLevel: 'warning',
} satisfies BuildOptions;

await build({
  ...browser,
  entryPoints: {
    index: 'shim/src/node/index.ts',
    worker: 'shim/src/node/worker.ts',
    adapt: 'shim/src/wasi/adapt.ts',
  },
  outdir: 'shim/dist',
  // It finds its WebAssembly files beside its own modules, so whoever uses it bundles it.
  external: ['@bytecodealliance/jco-transpile'],
});
await build({
  ...browser,
  entryPoints: ['tests/e2e/support/recording-worker.ts', 'tests/e2e/support/disk-in-page.ts'],
  outdir: 'build/tests',
});

for (const command of [
  ['cli/build.mjs'],
  ['dashboard/build.mjs'],
  ['node_modules/typescript/bin/tsc', '-p', 'shim'],
]) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
