/**
 * SQLite as its authors publish it: configured by autoconf, its amalgamation and its shell compiled
 * unchanged, and a database used.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, run, runOk, runProgram, temporaryDirectory } from './support.ts';

test('SQLite and its shell are configured, compiled and run', async (t) => {
  const source = join(root, 'build/sources/sqlite3');
  const fetched = await run(join(root, 'sdk/fetch-debian-source.sh'), ['sqlite3', source]);
  if (fetched.status !== 0) {
    t.skip(`the source of Debian's sqlite3 could not be fetched: ${fetched.stderr.trim()}`);
    return;
  }
  const directory = temporaryDirectory(t);
  const options = { cwd: directory, env: { CC: `${root}/backtab cc` } };
  const settings = [
    '--disable-tcl',
    '--disable-readline',
    '--disable-shared',
    '--disable-threadsafe',
  ];
  await runOk(
    join(source, 'configure'),
    ['--host=wasm32-unknown-none', ...settings, '--disable-load-extension'],
    options,
  );
  await runOk('make', ['sqlite3.c', 'shell.c'], options);
  const { stderr } = await runOk(
    join(root, 'backtab'),
    [
      ...['cc', '-O1', '-DSQLITE_THREADSAFE=0', '-DSQLITE_OMIT_LOAD_EXTENSION'],
      ...['-include', 'sqlite_cfg.h', 'shell.c', 'sqlite3.c', '-o', 'sqlite3.wasm'],
    ],
    options,
  );
  assert.match(stderr, /note: this program calls system\(\), which always fails here/);

  const statements = [
    'CREATE TABLE numbers(value)',
    "INSERT INTO numbers VALUES (1), (2), ('three')",
    'PRAGMA journal_mode = WAL',
    'BEGIN; DELETE FROM numbers; ROLLBACK',
    "SELECT count(*), group_concat(value, '-') FROM numbers",
    'PRAGMA integrity_check',
  ];
  const { stdout, outcome } = await runProgram(join(directory, 'sqlite3.wasm'), {
    args: ['/test.db', statements.join(';')],
  });
  assert.equal(stdout, 'wal\n3|1-2-three\nok\n');
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
});
