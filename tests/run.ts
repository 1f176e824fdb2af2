/**
 * Runs the test suites one after the other and ends with one line `N passed, N failed, N skipped`.
 *
 *     node tests/run.ts            every suite
 *     node tests/run.ts check      the developer's loop
 *     node tests/run.ts disk cli   the named suites
 */
import { spawn, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suites, type Suite } from './suites.ts';
import type { Tally } from './support/reporter.ts';

// Tests that run make themselves must find what they find when started by hand.
for (const name of ['MAKEFLAGS', 'MAKELEVEL', 'MFLAGS']) Reflect.deleteProperty(process.env, name);

const scratch = mkdtempSync(join(tmpdir(), 'backtab-test-'));

/** Runs a command with its output passed through; resolves to its exit status (128 + n on a signal). */
function execute(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 128));
  });
}

async function runNodeTests(suite: Suite & { kind: 'node' }): Promise<Tally> {
  const files = globSync(suite.files).sort();
  if (files.length === 0) throw new Error(`no test file matches ${suite.files.join(' ')}`);
  const tallyFile = join(scratch, suite.name);
  const status = await execute(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--test',
      `--test-concurrency=${suite.concurrency ?? 2}`,
      '--test-reporter=./tests/support/reporter.ts',
      '--test-reporter-destination=stdout',
      ...files,
    ],
    { ...process.env, ...suite.env, BACKTAB_TALLY: tallyFile },
  );
  const tally = addUp(
    readFileSync(tallyFile, 'utf8')
      .trim()
      .split('\n')
      // cast: the reporter of this same run wrote these lines.
      .map((line) => JSON.parse(line) as Tally),
  );
  // A runner that fails without a failing test (a crash, an empty file) must not count as green.
  if (status !== 0 && tally.failed === 0) tally.failed = 1;
  return tally;
}

function runCTest(suite: Suite & { kind: 'ctest' }): Tally {
  const report = join(scratch, `${suite.name}.xml`);
  const { status, stdout } = spawnSync(
    'ctest',
    ['--test-dir', suite.directory, '--output-on-failure', '--output-junit', report],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) {
    const passed = /^\s*\d+\/\d+ Test .*Passed.*$|^\s*Start +\d+:.*$/;
    console.log(
      stdout
        .split('\n')
        .filter((line) => !passed.test(line))
        .join('\n'),
    );
  }
  const header = /<testsuite\b[^>]*>/s.exec(readFileSync(report, 'utf8'))?.[0] ?? '';
  const count = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(header)?.[1] ?? 0);
  const failed = count('failures');
  const skipped = count('skipped') + count('disabled');
  const tally = { passed: count('tests') - failed - skipped, failed, skipped };
  if ((status !== 0 && failed === 0) || tally.passed + failed === 0) tally.failed++;
  return tally;
}

async function runCommands(suite: Suite & { kind: 'commands' }): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const [command, ...args] of suite.commands) {
    const status = await execute(command, args, process.env);
    if (status === 0) {
      tally.passed++;
    } else {
      tally.failed++;
      console.log(`  FAILED: ${[command, ...args].join(' ')} (exit status ${status})`);
    }
  }
  return tally;
}

function runSuite(suite: Suite): Tally | Promise<Tally> {
  switch (suite.kind) {
    case 'node':
      return runNodeTests(suite);
    case 'ctest':
      return runCTest(suite);
    case 'commands':
      return runCommands(suite);
  }
}

function addUp(tallies: Tally[]): Tally {
  const sum: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const tally of tallies) {
    sum.passed += tally.passed;
    sum.failed += tally.failed;
    sum.skipped += tally.skipped;
  }
  return sum;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => name !== 'check' && !suites.some((s) => s.name === name));
if (unknown.length > 0) {
  console.error(
    `unknown suite ${unknown.join(', ')}; suites: ${suites.map((s) => s.name).join(' ')}`,
  );
  process.exit(2);
}
const chosen =
  wanted.length === 0
    ? suites.filter((s) => s.check !== 'only')
    : suites.filter((s) => wanted.includes(s.name) || (wanted.includes('check') && s.check));

const results: Tally[] = [];
for (const suite of chosen) {
  const start = performance.now();
  let tally: Tally;
  try {
    tally = await runSuite(suite);
  } catch (error) {
    console.log(`  FAILED: suite ${suite.name} did not run: ${String(error)}`);
    tally = { passed: 0, failed: 1, skipped: 0 };
  }
  results.push(tally);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const { passed, failed, skipped } = tally;
  console.log(
    `${suite.name.padEnd(16)} ${seconds.padStart(7)} s  ${passed} passed, ${failed} failed, ${skipped} skipped`,
  );
}
rmSync(scratch, { recursive: true });
const total = addUp(results);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
