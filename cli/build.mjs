/**
 * Bundles the command-line tool into build/cli/: `node cli/build.mjs [OUTPUT]`.
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
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const output = process.argv[2] ?? 'build/cli';
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

/** What decides how programs are adapted: our own sources for it, and jco. */
function adapterVersion() {
  const hash = createHash('sha256');
  for (const source of ['shim/src/wasi/adapt.ts', 'shim/src/wasi/program.ts']) {
    hash.update(readFileSync(source));
  }
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const [name, version] of Object.entries(dependencies)) {
    if (name.startsWith('@bytecodealliance/')) hash.update(`${name}@${version}`);
  }
  return hash.digest('hex').slice(0, 16);
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
      // They load WebAssembly files from beside their own modules.
      external: ['@bytecodealliance/*'],
      define: {
        BACKTAB_VERSION: JSON.stringify(version),
        BACKTAB_ADAPTER: JSON.stringify(adapterVersion()),
      },
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
  // Chunks are named by their contents: those of earlier builds would pile up.
  const made = new Set(
    results.flatMap(({ metafile }) => Object.keys(metafile.outputs).map((path) => basename(path))),
  );
  for (const name of readdirSync(join(output, 'chunks'))) {
    if (!made.has(name)) rmSync(join(output, 'chunks', name));
  }
  const sources = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  writeFileSync(
    stamp,
    JSON.stringify([
      ...new Set([...sources, html, 'cli/build.mjs', 'shim/package.json', 'package.json']),
    ]),
  );
}
