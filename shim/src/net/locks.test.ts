import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { randomId } from './frame.ts';
import { type LockHolder, MemoryLocks, WebLocks } from './locks.ts';
import { turns, until } from './testing/sockets.ts';

const timeout = 30_000;
const memory = new MemoryLocks();
const kinds: Readonly<Record<string, () => LockHolder>> = {
  'in memory': () => memory.holder(),
  'of a LockManager': () => new WebLocks(navigator.locks),
};

for (const [kind, create] of Object.entries(kinds)) {
  suite(`Locks ${kind}`, { timeout }, () => {
    test('have one holder at a time', { timeout }, async () => {
      const [first, second, name] = [create(), create(), randomId()];
      assert.equal(await first.acquire(name, 0), true);
      assert.equal(await second.acquire(name, 0), false);
      assert.equal(await first.acquire(name, 0), false);
      second.release(name);
      assert.equal(await second.acquire(name, 0), false);
      first.release(name);
      assert.equal(await second.acquire(name, 1000), true);
      second.releaseAll();
    });

    test('are waited for, as long as told', { timeout }, async () => {
      const [first, second, name] = [create(), create(), randomId()];
      await first.acquire(name, 0);
      assert.equal(await second.acquire(name, 20), false);
      const coming = second.acquire(name, 10_000);
      await turns(3);
      first.release(name);
      assert.equal(await coming, true);
      second.releaseAll();
    });

    test('are seen by everybody, by prefix', { timeout }, async () => {
      const [first, second, prefix] = [create(), create(), randomId()];
      await first.acquire(`${prefix}/a`, 0);
      await second.acquire(`${prefix}/b`, 0);
      await second.acquire(randomId(), 0);
      assert.deepEqual((await create().query(prefix)).sort(), [`${prefix}/a`, `${prefix}/b`]);
      first.releaseAll();
      second.releaseAll();
    });

    test(
      'are watched: at their end, at once where there is none, not once withdrawn',
      { timeout },
      async () => {
        const [holder, watcher, name] = [create(), create(), randomId()];
        await holder.acquire(name, 0);
        let gone = 0;
        watcher.watch(name, () => gone++);
        create().watch(name, () => gone++);
        const unwatch = watcher.watch(name, () => assert.fail('the watch was withdrawn'));
        await turns(5);
        assert.equal(gone, 0);
        unwatch();
        holder.release(name);
        await until(() => gone === 2);
        watcher.watch(randomId(), () => gone++);
        await until(() => gone === 3);
      },
    );

    test(
      'are all released at the end, the first taken last, and no more taken',
      { timeout },
      async () => {
        const [holder, name] = [create(), randomId()];
        const order: number[] = [];
        for (const number of [1, 2, 3]) {
          await holder.acquire(`${name}/${number}`, 0);
          create().watch(`${name}/${number}`, () => order.push(number));
        }
        await turns(5);
        holder.releaseAll();
        await until(() => order.length === 3);
        assert.deepEqual(order, [3, 2, 1]);
        assert.equal(await holder.acquire(randomId(), 0), false);
      },
    );
  });
}

test('a stolen lock is not held any more', { timeout }, async () => {
  const [holder, name] = [new WebLocks(navigator.locks), randomId()];
  await holder.acquire(name, 0);
  await navigator.locks.request(name, { steal: true }, () => undefined);
  assert.equal(await holder.acquire(name, 1000), true);
  holder.releaseAll();
});
