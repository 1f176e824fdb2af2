import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');

const CONSUMER = `
import { spawn, type ExitStatus, type Node, type SpawnOptions } from 'backtab';
import { adapt } from 'backtab/adapt';

const options: SpawnOptions = { program: new URL('http://localhost/p.wasm'), disk: 'data' };
export async function run(binary: Uint8Array<ArrayBuffer>): Promise<ExitStatus> {
  const node: Node = spawn({ ...options, program: await adapt(binary, () => Promise.reject(new Error())) });
  const { ip }: { readonly ip: string } = await node.started;
  console.log(ip);
  // @ts-expect-error an option that does not exist must be a type error, so the types are there
  spawn({ program: 'p.wasm', disc: 'data' });
  return node.exited;
}
`;

test('the packed npm package holds its modules and its types, and nothing else', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'backtab-package-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const packed: unknown = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', directory], {
      cwd: join(root, 'shim'),
      encoding: 'utf8',
    }),
  );
  assert.ok(Array.isArray(packed));
  // cast: what \`npm pack --json\` prints, by its documentation.
  const { filename, files } = packed[0] as { filename: string; files: { path: string }[] };
  const paths = files.map(({ path }) => path);
  for (const path of ['dist/index.js', 'dist/worker.js', 'dist/adapt.js', 'package.json']) {
    assert.ok(paths.includes(path), path);
  }
  assert.deepEqual(
    paths.filter((path) => !path.startsWith('dist/') && path !== 'package.json'),
    [],
  );

  const installed = join(directory, 'node_modules/backtab');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(directory, filename), '-C', installed, '--strip-components=1']);
  writeFileSync(join(directory, 'consumer.mts'), CONSUMER);
  const compilerOptions = {
    target: 'ES2024',
    module: 'NodeNext',
    lib: ['ES2024', 'DOM', 'DOM.AsyncIterable'],
    types: [],
    strict: true,
    noEmit: true,
  };
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['consumer.mts'] }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', directory], { stdio: 'inherit' });
});
