import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputSink } from './cli.ts';
import { runGuest } from './testing.ts';
import { watCommand } from './testing-wat.ts';

/** Copies standard input to standard output by blocking-splice until the end. */
const copy = await watCommand({
  imports: `
    (import "wasi:cli/stdin@0.2.0" "get-stdin" (func $get-stdin (result i32)))
    (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-splice"
      (func $splice (param i32 i32 i64 i32)))`,
  body: `(local $in i32) (local $out i32)
    (local.set $in (call $get-stdin))
    (local.set $out (call $get-stdout))
    (loop $more
      (call $splice (local.get $out) (local.get $in) (i64.const 100000) (i32.const 64))
      (br_if $more (i32.eqz (i32.load8_u (i32.const 64)))))
    (if (i32.ne (i32.load8_u (i32.const 72)) (i32.const 1)) (then unreachable))`,
});

test('1 MiB goes through stdin and stdout unchanged', async () => {
  const input = new Uint8Array(1 << 20);
  for (let at = 0; at < input.length; at++) input[at] = (at * 2654435761) >>> 24;
  const { stdoutBytes, outcome } = await runGuest(copy, { stdin: input });
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
  assert.ok(Buffer.from(stdoutBytes).equals(input));
});

test('a program that writes faster than its reader reads is slowed', async () => {
  const reader = new SlowReader(1000);
  const input = new Uint8Array(20_000).fill(7);
  const running = runGuest(copy, { stdin: input, stdout: reader });
  let taken = 0;
  while (taken < input.length) {
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(reader.waiting <= 1000);
    taken += reader.readAll();
  }
  assert.deepEqual((await running).outcome, { kind: 'exit', status: 0 });
  assert.equal(taken, input.length);
});

test('when nobody reads any more, writing fails with closed', async () => {
  const reader = new SlowReader(1000);
  const running = runGuest(copy, { stdin: new Uint8Array(5000), stdout: reader });
  await new Promise((resolve) => setImmediate(resolve));
  reader.close();
  assert.deepEqual((await running).outcome, { kind: 'exit', status: 0 });
});

test('terminals are there only when attached to one', async () => {
  const program = await watCommand({
    imports: `(import "wasi:cli/terminal-stdin@0.2.0" "get-terminal-stdin" (func $get (param i32)))
      (import "wasi:cli/terminal-input@0.2.0" "[resource-drop]terminal-input" (func $drop (param i32)))`,
    body: `(call $get (i32.const 32))
      (if (i32.eqz (i32.load8_u (i32.const 32))) (then (return (i32.const 1))))
      (call $drop (i32.load (i32.const 36)))`,
  });
  assert.deepEqual((await runGuest(program)).outcome, { kind: 'exit', status: 1 });
  const attached = await runGuest(program, { terminal: true });
  assert.deepEqual(attached.outcome, { kind: 'exit', status: 0 });
});

test('the working directory is /', async () => {
  const program = await watCommand({
    imports: `(import "wasi:cli/environment@0.2.0" "initial-cwd" (func $initial-cwd (param i32)))`,
    body: `(call $initial-cwd (i32.const 32))
      (call $print (i32.load (i32.const 36)) (i32.load (i32.const 40)))`,
  });
  assert.equal((await runGuest(program)).stdout, '/');
});

/** A reader that takes bytes only when told to. */
class SlowReader implements OutputSink {
  waiting = 0;
  #closed = false;
  readonly #limit: number;
  readonly #watchers = new Set<() => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  ready(): boolean {
    return this.#closed || this.waiting < this.#limit;
  }

  watch(callback: () => void): () => void {
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
  }

  room(): number | undefined {
    return this.#closed ? undefined : this.#limit - this.waiting;
  }

  write(bytes: Uint8Array): void {
    this.waiting += bytes.length;
  }

  readAll(): number {
    const taken = this.waiting;
    this.waiting = 0;
    this.#wake();
    return taken;
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }
}
