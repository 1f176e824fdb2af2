import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'puppeteer-core';
import type * as backtab from '../../../shim/src/node/index.ts';
import type { Findings } from '../support/recording-worker.ts';
import type { Pages } from '../support/pages.ts';

/** What a test's page keeps between two calls of evaluate(). */
declare global {
  var node: backtab.Node;
}

const PACKAGE = '/shim/dist/index.js';
const program = (name: string): string => `/build/wasm/tests/programs/${name}.wasm`;

interface Ended {
  status: number;
  reason: string;
  stdout: string;
  message: string;
}

/** Runs a program in the page to its end. */
function run(page: Page, options: backtab.SpawnOptions): Promise<Ended> {
  return page.evaluate(
    async (url, spawnOptions) => {
      // cast: the package that the page serves is the one whose types are imported above.
      const { spawn } = (await import(url)) as typeof backtab;
      const started = spawn(spawnOptions);
      const stdout = new Response(started.stdout).text();
      const stderr = new Response(started.stderr).text();
      await started.stdin.close();
      const { status, reason, message = '' } = await started.exited;
      return { status, reason, stdout: await stdout, message: message + (await stderr) };
    },
    PACKAGE,
    options,
  );
}

/** Starts a program in the page; resolves to what it printed up to its first whole line. */
function start(page: Page, options: backtab.SpawnOptions): Promise<string> {
  return page.evaluate(
    async (url, spawnOptions) => {
      // cast: as above.
      const { spawn } = (await import(url)) as typeof backtab;
      globalThis.node = spawn(spawnOptions);
      const reader = globalThis.node.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let printed = '';
      while (!printed.includes('\n')) {
        const next = await reader.read();
        if (next.done) return `ended: ${JSON.stringify(await globalThis.node.exited)}`;
        printed += next.value;
      }
      return printed;
    },
    PACKAGE,
    options,
  );
}

/** What a page that imports the package can rely on. */
export function testPages(pages: () => Pages): void {
  test('spawn: arguments, environment, files in and out, two nodes that share nothing', async () => {
    const page = await pages().open();
    const result = await page.evaluate(
      async (url, carry) => {
        // cast: as above.
        const { spawn } = (await import(url)) as typeof backtab;
        const nodes = ['one', 'two'].map((suffix) =>
          spawn({
            program: carry,
            args: ['/in/file', '/out/deep/file'],
            env: { SUFFIX: suffix },
            files: { '/in/file': new TextEncoder().encode(`for ${suffix}\n`) },
            outputs: ['/out'],
          }),
        );
        return Promise.all(
          nodes.map(async (node) => {
            const { status, reason, outputs } = await node.exited;
            const file = outputs['/out/deep/file'];
            return [status, reason, file === undefined ? 'absent' : new TextDecoder().decode(file)];
          }),
        );
      },
      PACKAGE,
      program('carry'),
    );
    assert.deepEqual(result, [
      [0, 'exit', 'for one\none\n'],
      [0, 'exit', 'for two\ntwo\n'],
    ]);
    await page.close();
  });

  test('spawn refuses a name of the wrong form with a TypeError', async () => {
    const page = await pages().open();
    await assert.rejects(
      run(page, { program: program('ends'), disk: 'No Such/Name' }),
      /disk "No Such\/Name" is not a name/,
    );
    await page.close();
  });

  test('kill() ends a program that sleeps, and its network names are free at once', async () => {
    const page = await pages().open();
    const options = { program: program('ends'), args: ['sleep'], network: 'kills', name: 'victim' };
    for (let round = 0; round < 3; round++) {
      assert.equal(await start(page, options), 'asleep\n');
      const exited = await page.evaluate(() => {
        globalThis.node.kill();
        return globalThis.node.exited;
      });
      assert.deepEqual([exited.status, exited.reason], [137, 'killed']);
    }
    await page.close();
  });

  test('a busy node is killed and its disk opened again at once, with nothing of the late commits', async () => {
    const page = await pages().open();
    const disk = 'busy';
    const busy = { program: program('busy-writer'), args: ['/file'], disk };
    assert.equal(await start(page, busy), 'busy\n');
    await page.evaluate(() => globalThis.node.kill());
    const owner = await run(page, {
      program: program('records'),
      args: ['append', '/fresh', '25'],
      disk,
    });
    assert.deepEqual([owner.status, owner.message], [0, '']);
    assert.match(owner.stdout, /^synced 25$/m);
    const check = await run(page, { program: program('records'), args: ['check', '/fresh'], disk });
    assert.deepEqual([check.status, check.stdout], [0, 'intact 25\n']);
    await page.close();
  });

  test('a node whose disk was taken from it can commit nothing more, and is told', async () => {
    const page = await pages().open();
    const disk = 'stolen';
    const first = { program: program('records'), args: ['append', '/records'], disk };
    assert.match(await start(page, first), /^intact 0\n/);
    await page.evaluate(
      async (lock) => {
        await navigator.locks.request(lock, { steal: true }, () => undefined);
      },
      `backtab/1/disk/${encodeURIComponent(`default/${disk}`)}`,
    );
    const thief = await pages().open();
    const second = await run(thief, {
      program: program('records'),
      args: ['append', '/records', '50'],
      disk,
    });
    assert.deepEqual([second.status, second.message], [0, '']);
    const ended = await page.evaluate(() => globalThis.node.exited);
    assert.equal(ended.reason, 'error', 'its last commit cannot be written');
    assert.match(ended.message ?? '', /disk "default\/stolen"/);
    const check = await run(thief, {
      program: program('records'),
      args: ['check', '/records'],
      disk,
    });
    assert.deepEqual(
      [check.status, check.stdout],
      [0, second.stdout.replace(/^[^]*synced (\d+)\n$/, 'intact $1\n')],
    );
    await thief.close();
    await page.close();
  });

  test('fsync asks for strict durability and an explicit commit, and returns after complete', async () => {
    const page = await pages().open();
    const findings = page.evaluate(
      () =>
        new Promise<Findings>((resolve) => {
          const channel = new BroadcastChannel('recording');
          channel.onmessage = (event: MessageEvent<Findings>) => resolve(event.data);
        }),
    );
    const workerUrl = `${pages().origin}/build/tests/recording-worker.js`;
    const records = { program: program('records'), args: ['append', '/records', '20'] };
    const { status } = await run(page, { ...records, disk: 'recorded', workerUrl });
    assert.equal(status, 0);
    const { acknowledged, early, durabilities, implicit } = await findings;
    assert.deepEqual(
      { acknowledged, early, implicit },
      { acknowledged: 20, early: 0, implicit: 0 },
    );
    assert.equal(durabilities.filter((durability) => durability === 'strict').length >= 20, true);
    await page.close();
  });

  test('a page is navigated away; its disk opens at once in another tab', async () => {
    const first = await pages().open();
    const disk = 'navigated';
    const options = { program: program('records'), args: ['append', '/records'], disk };
    assert.match(await start(first, options), /^intact 0\n/);
    await first.goto(`${pages().origin}/other`);
    const second = await pages().open();
    const next = await run(second, {
      program: program('records'),
      args: ['append', '/records', '5'],
      disk,
    });
    assert.deepEqual([next.status, next.message], [0, '']);
    assert.match(next.stdout, /^intact \d+\n/);
    // Back, out of the cache where the browser keeps one: the node that was there has ended.
    await first.goBack();
    const check = await run(second, {
      program: program('records'),
      args: ['check', '/records'],
      disk,
    });
    assert.equal(check.status, 0);
    await first.close();
    await second.close();
  });
}
