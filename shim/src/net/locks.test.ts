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

suite('A stolen lock', { timeout }, () => {
  test('is reported and taken back', { timeout }, async () => {
    const stolen: string[] = [];
    const holder = new WebLocks(navigator.locks, (name) => stolen.push(name));
    const [name, kept] = [randomId(), randomId()];
    await holder.acquire(name, 0);
    await holder.acquire(kept, 0);
    const thief = await steal(name);
    await until(() => stolen.length === 1);
    assert.deepEqual(stolen, [name]);
    thief();
    const other = new WebLocks(navigator.locks);
    // The thief has let go, and the holder stood in line before anybody else.
    assert.equal(await other.acquire(name, 20), false);
    assert.equal(await other.acquire(kept, 0), false);
    const again = await steal(name);
    await until(() => stolen.length === 2);
    again();
    holder.releaseAll();
    assert.equal(await other.acquire(name, 10_000), true);
    assert.equal(await other.acquire(kept, 10_000), true);
    other.releaseAll();
  });

  test('is not asked for again once it was released', { timeout }, async () => {
    for (const end of [
      (holder: WebLocks, name: string) => holder.release(name),
      (holder: WebLocks) => holder.releaseAll(),
    ]) {
      let stolen = 0;
      const holder = new WebLocks(navigator.locks, () => stolen++);
      const name = randomId();
      await holder.acquire(name, 0);
      const thief = await steal(name);
      await until(() => stolen === 1);
      end(holder, name);
      const other = new WebLocks(navigator.locks);
      const coming = other.acquire(name, 10_000);
      thief();
      assert.equal(await coming, true);
      other.releaseAll();
    }
  });
});

/** Steals a lock, as any script of the origin can; returns what lets go of it. */
async function steal(name: string): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  await new Promise<void>((granted) => {
    const held = (): Promise<undefined> => {
      granted();
      return promise;
    };
    // Stolen back or let go: either way nothing is left to do here.
    navigator.locks.request(name, { steal: true }, held).catch(() => undefined);
  });
  return () => resolve(undefined);
}
