/** One group of tests that is started, timed and counted together. */
export type Suite = {
  name: string;
  /** Part of `make check`, the loop of under five minutes; `'only'` if another suite covers it all. */
  check?: boolean | 'only';
} & (
  | {
      kind: 'node';
      /** Globs of node:test files, from the root of the checkout. */
      files: string[];
      /** How many files run at once (default: 2, the cores of the smallest machine supported). */
      concurrency?: number;
      env?: Record<string, string>;
    }
  | { kind: 'ctest'; directory: string }
  | { kind: 'commands'; commands: [string, ...string[]][] }
);

export const suites: Suite[] = [
  {
    name: 'lint',
    kind: 'commands',
    check: true,
    commands: [['make', '--silent', 'lint']],
  },
  { name: 'native', kind: 'ctest', check: true, directory: 'build/native' },
  { name: 'sanitized', kind: 'ctest', directory: 'build/sanitized' },
  { name: 'clang', kind: 'commands', commands: [['make', '--silent', 'clang']] },
  {
    name: 'abi',
    kind: 'node',
    check: true,
    files: ['shim/src/abi/**/*.test.ts', 'shim/generate/**/*.test.ts'],
  },
  { name: 'wasi', kind: 'node', check: true, files: ['shim/src/wasi/**/*.test.ts'] },
  { name: 'disk', kind: 'node', check: true, files: ['shim/src/disk/**/*.test.ts'] },
  { name: 'net', kind: 'node', check: true, files: ['shim/src/net/**/*.test.ts'] },
  { name: 'node', kind: 'node', check: true, files: ['shim/src/node/**/*.test.ts'] },
  { name: 'package', kind: 'node', check: true, files: ['tests/package/**/*.test.ts'] },
  { name: 'sdk', kind: 'node', files: ['sdk/**/*.test.ts'] },
  { name: 'cli', kind: 'node', files: ['cli/**/*.test.ts'] },
  { name: 'examples', kind: 'node', files: ['examples/**/*.test.ts'] },
  { name: 'conformance', kind: 'node', files: ['tests/conformance/**/*.test.ts'] },
  { name: 'power-loss', kind: 'node', files: ['tests/crash/**/*.test.ts'] },
  { name: 'demo', kind: 'node', files: ['dashboard/**/*.test.ts'], concurrency: 1 },
  {
    name: 'demo-firefox',
    kind: 'node',
    files: ['dashboard/page.test.ts'],
    env: { BACKTAB_TEST_BROWSER: 'firefox' },
  },
  { name: 'page', kind: 'node', check: 'only', files: ['tests/e2e/page.test.ts'], concurrency: 1 },
  { name: 'chromium', kind: 'node', files: ['tests/e2e/chromium.test.ts'], concurrency: 1 },
  { name: 'firefox', kind: 'node', files: ['tests/e2e/firefox.test.ts'], concurrency: 1 },
];
