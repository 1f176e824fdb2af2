/**
 * Bundles the command-line tool into build/cli/: `node cli/build.mjs`.
 *
 *     backtab.mjs       the tool, for Node 20
 *     host.mjs          the process that owns a profile's browser
 *     page/             what that process serves: the page of a tab and the worker of a node
 *
 * Does nothing when no source is newer than what was built.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const output = 'build/cli';
const stamp = join(output, 'sources.json');
const html = 'cli/src/page/index.html';

/** Whether every source of the last build is unchanged since then. */
function upToDate() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return JSON.parse(readFileSync(stamp, 'utf8')).every(
    (source) => existsSync(source) && statSync(source).mtimeMs < built,
  );
}

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  format: 'esm',
  metafile: true,
  logLevel: 'warning',
  absWorkingDir: root,
};

if (!upToDate()) {
  const { version } = JSON.parse(readFileSync('shim/package.json', 'utf8'));
  const results = await Promise.all([
    build({
      ...common,
      platform: 'node',
      target: 'node20',
      entryPoints: { backtab: 'cli/src/main.ts', host: 'cli/src/host/main.ts' },
      outdir: output,
      outExtension: { '.js': '.mjs' },
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      // It loads WebAssembly files from beside its own modules.
      external: ['@bytecodealliance/jco'],
      define: { BACKTAB_VERSION: JSON.stringify(version) },
      banner: {
        // CommonJS packages in an ES module bundle call a `require` that has to exist.
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    }),
    build({
      ...common,
      platform: 'browser',
      target: ['chrome137', 'firefox153'],
      entryPoints: { page: 'cli/src/page/page.ts', worker: 'shim/src/node/worker.ts' },
      outdir: join(output, 'page'),
      sourcemap: true,
    }),
  ]);
  mkdirSync(join(output, 'page'), { recursive: true });
  copyFileSync(html, join(output, 'page/index.html'));
  const sources = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  writeFileSync(
    stamp,
    JSON.stringify([
      ...new Set([...sources, html, 'cli/build.mjs', 'shim/package.json', 'package-lock.json']),
    ]),
  );
}
