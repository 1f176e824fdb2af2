import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { ToolError } from './errors.ts';
import { readGuestFiles, writeOutputs } from './guest-files.ts';

const scratch = mkdtempSync(join(tmpdir(), 'backtab-test-'));
after(() => rmSync(scratch, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

suite('files between guest and host', () => {
  test('a tree with empty directories is read, a single file wins over it', () => {
    const tree = join(scratch, 'in');
    mkdirSync(join(tree, 'sub/empty'), { recursive: true });
    writeFileSync(join(tree, 'one'), '1');
    writeFileSync(join(tree, 'sub/two'), '2');
    writeFileSync(join(scratch, 'other'), '3');
    const files = readGuestFiles(
      [{ guest: '/data/one', host: join(scratch, 'other') }],
      [{ guest: '/data', host: tree }],
    );
    const texts = [...files].map(([path, content]) => [path, new TextDecoder().decode(content)]);
    assert.deepEqual(Object.fromEntries(texts), {
      '/data/': '',
      '/data/one': '3',
      '/data/sub/': '',
      '/data/sub/empty/': '',
      '/data/sub/two': '2',
    });
    const root = readGuestFiles([], [{ guest: '/', host: tree }]);
    assert.deepEqual([...root.keys()].sort(), ['/', '/one', '/sub/', '/sub/empty/', '/sub/two']);
  });

  test('what is missing is named', () => {
    const missing = { guest: '/a', host: join(scratch, 'nothing') };
    for (const [option, read] of [
      ['--file', () => readGuestFiles([missing], [])],
      ['--dir', () => readGuestFiles([], [missing])],
    ] as const) {
      assert.throws(read, {
        name: ToolError.name,
        message: `${option} /a=${missing.host}: there is no such file`,
      });
    }
  });

  test('a file and a tree are written back', () => {
    const target = join(scratch, 'out');
    writeOutputs(
      [
        { guest: '/log', host: join(target, 'log') },
        { guest: '/data', host: join(target, 'tree') },
      ],
      new Map([
        ['/log', bytes('l')],
        ['/data/', bytes('')],
        ['/data/empty/', bytes('')],
        ['/data/sub/two', bytes('2')],
        ['/database', bytes('not below /data')],
      ]),
    );
    assert.equal(readFileSync(join(target, 'log'), 'utf8'), 'l');
    assert.equal(readFileSync(join(target, 'tree/sub/two'), 'utf8'), '2');
    assert.ok(statSync(join(target, 'tree/empty')).isDirectory());
    assert.throws(() => statSync(join(target, 'tree/base')), { code: 'ENOENT' });
  });

  test('a file that the program did not leave is named', () => {
    assert.throws(() => writeOutputs([{ guest: '/a', host: 'b' }], new Map()), {
      name: ToolError.name,
      message: '--out /a=b: the program left no such file',
    });
  });
});
