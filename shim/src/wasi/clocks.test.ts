import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClocks } from './clocks.ts';

const clocks = createClocks();
const monotonic = clocks['wasi:clocks/monotonic-clock'];

test('the monotonic clock counts whole nanoseconds and never goes back', () => {
  let last = monotonic.now();
  for (let read = 0; read < 1000; read++) {
    const now = monotonic.now();
    assert.ok(Number.isSafeInteger(now) && now >= last);
    last = now;
  }
  const resolution = monotonic.resolution();
  assert.ok(Number.isSafeInteger(resolution) && resolution > 0 && resolution <= 2e6);
});

test('timers are ready at their instant and not before', async () => {
  for (const delay of [0, 1, 1_400_000, 7_000_000]) {
    const instant = monotonic.now() + delay;
    await monotonic.subscribeInstant(instant).block();
    assert.ok(monotonic.now() >= instant);
  }
  const start = monotonic.now();
  await monotonic.subscribeDuration(3_000_000).block();
  assert.ok(monotonic.now() - start >= 3_000_000);
});

test('instants that passed and durations of nothing are ready at once', () => {
  assert.equal(monotonic.subscribeInstant(0).ready(), true);
  assert.equal(monotonic.subscribeDuration(0).ready(), true);
});

test('the longest wait that can be asked for is not ready', () => {
  const pollable = monotonic.subscribeDuration(2 ** 64);
  assert.equal(pollable.ready(), false);
});

test('the wall clock is the wall clock', () => {
  const before = Math.floor(Date.now() / 1000);
  const { seconds, nanoseconds } = clocks['wasi:clocks/wall-clock'].now();
  assert.ok(Number(seconds) >= before && Number(seconds) <= before + 60);
  assert.ok(Number.isInteger(nanoseconds) && nanoseconds >= 0 && nanoseconds < 1e9);
  assert.deepEqual(clocks['wasi:clocks/wall-clock'].resolution(), {
    seconds: 0n,
    nanoseconds: 1_000_000,
  });
});

test('the time zone is that of the browser, and dates beyond JavaScript are UTC', () => {
  const timezone = clocks['wasi:clocks/timezone'];
  const when = { seconds: 1_700_000_000n, nanoseconds: 0 };
  const expected = -new Date(1_700_000_000_000).getTimezoneOffset() * 60;
  assert.equal(timezone.utcOffset(when), expected);
  assert.equal(timezone.display(when).utcOffset, expected);
  const never = { seconds: 2n ** 63n, nanoseconds: 0 };
  assert.deepEqual(timezone.display(never), {
    utcOffset: 0,
    name: 'UTC',
    inDaylightSavingTime: false,
  });
});
