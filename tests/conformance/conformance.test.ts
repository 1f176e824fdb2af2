/**
 * Linux is the oracle: each program of this folder prints in the shim what it prints natively, but
 * for the rows of differences.md, each of which must still hold.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compare, readDifferences } from './support/differences.ts';
import { programs, runInShim, runNatively } from './support/programs.ts';

/** Lines shown of a failure. For a seed that differs: `--seed` shows each operation, see file-random.cc. */
const mostShown = 20;

const differences = readDifferences();

suite('programs print what they print on Linux', () => {
  for (const program of programs()) {
    test(program, async () => {
      const [linux, shim] = await Promise.all([runNatively(program), runInShim(program)]);
      assert.equal(linux.end, 'status 0', 'the native run');
      assert.equal(shim.end, 'status 0', 'the run in the shim');
      assert.ok(linux.stdout.split('\n').length > 3, 'the program observes something');
      const rows = differences.filter((difference) => difference.program === program);
      const { unexpected, obsolete } = compare(linux.stdout, shim.stdout, rows);
      assert.deepEqual(
        { unexpected: unexpected.slice(0, mostShown), obsolete },
        { unexpected: [], obsolete: [] },
        `${unexpected.length} lines differ`,
      );
    });
  }

  test('every row of differences.md names a program', () => {
    const known = programs();
    assert.deepEqual(
      differences.filter(({ program }) => !known.includes(program)),
      [],
    );
    assert.ok(differences.length > 0, 'the table has been read');
  });
});

suite('the comparison', () => {
  const row = { program: 'p', label: 'stat *', linux: 'ENOENT', tab: 'ok' };
  test('finds what differs, and rows that nothing needs', () => {
    assert.deepEqual(compare('a: 1\nb: 2\n', 'a: 1\nb: 3\n', []).unexpected, [
      'line 2: Linux "b: 2", tab "b: 3"',
    ]);
    assert.equal(compare('a: 1\n', 'a: 1\nb: 3\n', []).unexpected.length, 2);
    assert.deepEqual(compare('stat x: ENOENT\n', 'stat x: ok\n', [row]), {
      unexpected: [],
      obsolete: [],
    });
    assert.equal(compare('stat x: ENOENT\n', 'stat x: EPERM\n', [row]).unexpected.length, 1);
    assert.deepEqual(compare('stat x: ok\n', 'stat x: ok\n', [row]).obsolete, ['p: stat *']);
  });
});
