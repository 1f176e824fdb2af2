import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { WebLocks } from '../net/locks.ts';
import type { FromWorker } from './protocol.ts';
import { RemoteLocks } from './remote-locks.ts';

/** A worker's end whose messages are answered by real locks, as the page does. */
function connected(): { remote: RemoteLocks; page: WebLocks } {
  const page = new WebLocks(navigator.locks);
  const remote: RemoteLocks = new RemoteLocks((message: FromWorker) => {
    if (message.type === 'lock-acquire') {
      void page
        .acquire(message.name, message.waitMs)
        .then((held) => remote.settle(message.id, held));
    } else if (message.type === 'lock-release') {
      page.release(message.name);
    } else if (message.type === 'lock-release-all') {
      page.releaseAll();
    }
  }, navigator.locks);
  return { remote, page };
}

test('a lock taken through the page is seen by everybody and excludes others', async () => {
  const name = `test/${randomUUID()}`;
  const { remote } = connected();
  const other = connected().remote;
  assert.equal(await remote.acquire(name, 0), true);
  assert.deepEqual(await other.query(name), [name]);
  assert.equal(await other.acquire(name, 0), false);
  remote.release(name);
  assert.equal(await other.acquire(name, 1000), true);
  other.release(name);
});

test('all locks of a node are free once its page lets go of them', async () => {
  const name = `test/${randomUUID()}`;
  const { remote, page } = connected();
  const observer = connected().remote;
  assert.equal(await remote.acquire(`${name}/a`, 0), true);
  assert.equal(await remote.acquire(`${name}/b`, 0), true);
  const gone = new Promise<void>((resolve) => observer.watch(`${name}/b`, resolve));
  page.releaseAll();
  await gone;
  assert.deepEqual(await observer.query(name), []);
});
