import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { SLOW, TRAP } from './guest.ts';
import { makeTrampolines } from './trampolines.ts';
import type { Lower } from './trampolines.ts';

function flag(): WebAssembly.Global {
  return new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
}

/** Makes one trampoline and a promising function that calls it. */
function only(
  lower: Lower,
  trapFlag = flag(),
): {
  direct: (...args: unknown[]) => unknown;
  promising: (...args: unknown[]) => Promise<unknown>;
} {
  const fn = makeTrampolines(new Map([['f', lower]]), trapFlag).get('f');
  assert.ok(typeof fn === 'function');
  // An exported function: it takes any arguments and returns anything.
  const direct = fn as (...args: unknown[]) => unknown;
  return { direct, promising: WebAssembly.promising(direct) };
}

test('a fast call that is done does not reach the slow half', () => {
  const calls: unknown[] = [];
  const { direct } = only({
    params: ['i32', 'count', 'i64'],
    result: 'none',
    fast: (...args: number[]) => {
      calls.push(args);
      return 0;
    },
    slow: () => Promise.reject(new Error('not reached')),
  });
  assert.equal(direct(7, 2n ** 53n - 1n, 5n), undefined);
  assert.deepEqual(calls, [[7, 2 ** 53 - 1, 5n]]);
});

test('counts beyond 2^53 arrive rounded but not below it', () => {
  const seen: number[] = [];
  const { direct } = only({
    params: ['count'],
    result: 'none',
    fast: (count: number) => {
      seen.push(count);
      return 0;
    },
    slow: undefined,
  });
  for (const count of [0n, 2n ** 53n + 1n, 2n ** 64n - 1n]) direct(BigInt.asIntN(64, count));
  assert.deepEqual(seen, [0, 2 ** 53, 2 ** 64]);
});

test('a fast call that asks for it suspends in the slow half, with the same arguments', async () => {
  const { promising } = only({
    params: ['i32'],
    result: 'i32',
    fast: () => SLOW,
    slow: (value: number) =>
      new Promise((resolve) => {
        setImmediate(() => resolve(value + 1));
      }),
  });
  assert.equal(await promising(41), 42);
});

test('values come back as they are', () => {
  const values = (result: Lower['result'], value: number | bigint): unknown =>
    only({ params: [], result, fast: () => value, slow: undefined }).direct();
  assert.equal(values('i32', 2 ** 28 - 1), 2 ** 28 - 1);
  assert.equal(values('s32', -3600), -3600);
  assert.equal(values('count', 2 ** 53 - 1), 2n ** 53n - 1n);
  assert.equal(values('u64', -1n), -1n);
});

test('each kind of result can trap', async () => {
  const trapFlag = flag();
  const raise = (lower: Lower): (() => unknown) => only(lower, trapFlag).direct;
  const trap = { name: 'RuntimeError' };
  assert.throws(raise({ params: [], result: 'none', fast: () => TRAP, slow: undefined }), trap);
  assert.throws(raise({ params: [], result: 'i32', fast: () => TRAP, slow: undefined }), trap);
  assert.throws(raise({ params: [], result: 's32', fast: () => NaN, slow: undefined }), trap);
  assert.throws(raise({ params: [], result: 'count', fast: () => NaN, slow: undefined }), trap);
  const viaFlag = (): bigint => {
    trapFlag.value = 1;
    return 0n;
  };
  assert.throws(raise({ params: [], result: 'u64', fast: viaFlag, slow: undefined }), trap);
  const slow = (): Promise<number> => Promise.resolve(TRAP);
  await assert.rejects(
    only({ params: [], result: 'none', fast: () => SLOW, slow }).promising(),
    trap,
  );
  await assert.rejects(
    only({ params: [], result: 'i32', fast: undefined, slow }).promising(),
    trap,
  );
});

test('a trap passes by the cleanup code that an exception would run', async () => {
  const binary = new Uint8Array(
    await parse(`(module
      (import "" "f" (func $f))
      (global $cleaned (export "cleaned") (mut i32) (i32.const 0))
      (func (export "run")
        (block $caught (try_table (catch_all $caught) (call $f)))
        (global.set $cleaned (i32.const 1))))`),
  );
  const run = (f: WebAssembly.ImportValue): unknown => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), { '': { f } });
    const { run: start, cleaned } = instance.exports;
    assert.ok(typeof start === 'function' && cleaned instanceof WebAssembly.Global);
    try {
      // An exported function without parameters.
      (start as () => void)();
    } catch (error) {
      assert.ok(error instanceof WebAssembly.RuntimeError);
    }
    return cleaned.value;
  };
  const { direct } = only({ params: [], result: 'none', fast: () => TRAP, slow: undefined });
  assert.equal(run(direct), 0);
  // The control: what the lowers must never do.
  assert.equal(
    run(() => {
      throw new Error('thrown through the guest');
    }),
    1,
  );
});
