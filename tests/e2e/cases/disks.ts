import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { browserProcess, endProcess } from '../support/browser-process.ts';
import { fixtures, wasmProgram, type Tool } from '../support/tool.ts';

const KILL_ROUNDS = 10;

/** What lies on a named disk, and who may open it. */
export function testDisks(tool: Tool): void {
  const records = wasmProgram('records');

  test('a Rust program reads on its second run what its first kept', async (t) => {
    const program = join(fixtures, 'rust/files.wasm');
    if (!existsSync(program)) {
      t.skip(`${program} is absent`);
      return;
    }
    const rest = [
      'read: term=1 vote=2',
      'seek: term=7 vote=2',
      'len: 6',
      'renamed: true',
      'removed: NotFound',
      'names: ["kept.log"]',
      '',
    ].join('\n');
    const first = await tool.run(['--disk', 'rust-files', program]);
    assert.deepEqual([first.stderr, first.stdout], ['', `kept: nothing yet\n${rest}`]);
    const second = await tool.run(['--disk', 'rust-files', program]);
    assert.deepEqual([second.stderr, second.stdout], ['', `kept: term=7\n${rest}`]);
  });

  test('two nodes that ask for one disk: the second gets one clear sentence', async () => {
    const owner = tool.start(['--disk', 'owned', wasmProgram('ends'), 'sleep']);
    await owner.printed(/asleep/);
    const second = await tool.run(['--disk', 'owned', records, 'check', '/x']);
    assert.deepEqual([second.status, second.stdout], [125, '']);
    assert.match(second.stderr, /^backtab: .*disk.*owned.*in use.*\n$/);
    owner.child.kill('SIGINT');
    assert.equal((await owner.finished).status, 130);
    const third = await tool.run(['--disk', 'owned', records, 'append', '/x', '1']);
    assert.equal(third.status, 0);
  });

  test('what a node wrote is on its own disk only', async () => {
    await tool.run(['--disk', 'one', records, 'append', '/mine', '1']);
    const other = await tool.run(['--disk', 'two', records, 'check', '/mine']);
    assert.equal(other.status, 1);
    assert.match(other.stderr, /No such file/);
    const memory = await tool.run([records, 'check', '/mine']);
    assert.equal(memory.status, 1);
  });

  test(`nothing acknowledged is lost over ${KILL_ROUNDS} kills of the whole browser`, async () => {
    let acknowledged = 0;
    for (let round = 0; round < KILL_ROUNDS; round++) {
      const writer = tool.start(['--disk', 'killed', records, 'append', '/records']);
      const [, found] = await writer.printed(/^intact (\d+)$/m);
      assert.ok(Number(found) >= acknowledged, `${found} intact, ${acknowledged} acknowledged`);
      // A different moment each round: after so many more acknowledged records.
      await writer.printed(new RegExp(`^synced ${Number(found) + 3 + round * 7}$`, 'm'));
      await endProcess(browserProcess(tool.profile));
      const { stdout } = await writer.finished;
      acknowledged = Number(/.*^synced (\d+)$/ms.exec(stdout)?.[1]);
    }
    const check = await tool.run(['--disk', 'killed', records, 'check', '/records']);
    const intact = Number(/intact (\d+)/.exec(check.stdout)?.[1]);
    assert.ok(intact >= acknowledged, `${intact} intact, ${acknowledged} acknowledged`);
  });

  test('disks are mounted where asked, read-only ones refuse changes, temporary ones go', async () => {
    const first = await tool.run(['--mount', '/data=mounted', records, 'append', '/data/log', '3']);
    assert.deepEqual([first.status, first.stderr], [0, '']);
    const check = ['--mount', '/elsewhere=mounted:ro', records, 'check', '/elsewhere/log'];
    assert.equal((await tool.run(check)).stdout, 'intact 3\n');
    const refused = await tool.run([
      '--mount',
      '/data=mounted:ro',
      records,
      'append',
      '/data/log',
      '1',
    ]);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /Read-only file system/);
    const temporary = ['--disk', 'with-tmp', '--tmp', '/tmp', records];
    assert.equal((await tool.run([...temporary, 'append', '/tmp/log', '1'])).status, 0);
    assert.equal((await tool.run([...temporary, 'check', '/tmp/log'])).status, 1);
  });

  test('the port of a profile stays, so that its disks do', () => {
    const state: unknown = JSON.parse(readFileSync(join(tool.profile, 'backtab.json'), 'utf8'));
    assert.ok(typeof state === 'object' && state !== null && 'port' in state);
  });
}
