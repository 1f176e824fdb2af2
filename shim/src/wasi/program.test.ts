import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { examineProgram, loadProgram, ProgramError } from './program.ts';
import { fixture } from './testing.ts';
import { watCommand } from './testing-wat.ts';

async function assemble(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await parse(text));
}

function refusal(binary: Uint8Array<ArrayBuffer>): string {
  try {
    examineProgram(binary);
  } catch (error) {
    assert.ok(error instanceof ProgramError, String(error));
    return error.message;
  }
  return assert.fail('the program was accepted');
}

test('what is not WebAssembly is called that', () => {
  const text = new TextEncoder();
  for (const binary of [text.encode(''), text.encode('#!/bin/sh\nexit'), text.encode('\0asm')]) {
    assert.equal(refusal(new Uint8Array(binary)), 'the program is not a WebAssembly binary');
  }
});

test('a truncated binary is not valid, wherever it is cut', (t) => {
  const binary = fixture('rust/files.wasm');
  if (binary === undefined) {
    t.skip('the folder of fixtures is absent');
    return;
  }
  for (const length of [9, 100, 10_000, binary.length - 1]) {
    assert.match(refusal(binary.slice(0, length)), /^the program is not (valid WebAssembly|a )/);
  }
});

test('the core module is cut out of a plain component', (t) => {
  const binary = fixture('rust/files.wasm');
  if (binary === undefined) {
    t.skip('the folder of fixtures is absent');
    return;
  }
  const shape = examineProgram(binary);
  assert.equal(shape.kind, 'plain');
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(shape.module));
  assert.ok(imports.every(({ module }) => module.startsWith('wasi:')));
  assert.ok(imports.length > 10);
});

test('a core module that is a WASI 0.2 command is plain as it is', async () => {
  const binary = await watCommand({ body: '' });
  assert.deepEqual(examineProgram(binary), { kind: 'plain', module: binary });
});

test('a preview 1 command is to be adapted', async () => {
  const binary = await assemble(`(module
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (memory (export "memory") 1) (func (export "_start")))`);
  assert.deepEqual(examineProgram(binary), { kind: 'adapt', from: 'module' });
  await assert.rejects(loadProgram(binary), /has to be adapted/);
});

test('a component with further core modules, there or in a component inside, is to be adapted', async () => {
  const main = `(core module
    (import "wasi:io/poll@0.2.0" "poll" (func (param i32 i32 i32)))
    (memory (export "memory") 1)
    (func (export "wasi:cli/run@0.2.0#run") (result i32) (i32.const 0)))`;
  const exported = '(instance $run) (export "wasi:cli/run@0.2.0" (instance $run))';
  for (const [other, kind] of [
    ['', 'plain'],
    ['(core module (import "" "0" (func)) (import "" "$imports" (table 1 funcref)))', 'plain'],
    ['(core module (import "main" "memory" (memory 1)))', 'adapt'],
    ['(component (core module))', 'adapt'],
    ['(component (component (core module)))', 'adapt'],
    ['(component)', 'plain'],
  ] as const) {
    const shape = examineProgram(await assemble(`(component ${main} ${other} ${exported})`));
    assert.equal(shape.kind, kind, other);
  }
});

test('imports that WASI 0.2 does not have are named', async () => {
  const importing = (name: string): Promise<Uint8Array<ArrayBuffer>> =>
    assemble(`(component (import "${name}" (instance)))`);
  assert.equal(
    refusal(await importing('wasi:http/types@0.2.3')),
    'the program is a wasi:http program (it imports wasi:http/types@0.2.3), which backtab does not run',
  );
  assert.equal(
    refusal(await importing('wasi:cli/stdin@0.3.0')),
    'the program is a WASI 0.3 program (it imports wasi:cli/stdin@0.3.0); backtab runs WASI 0.2',
  );
  assert.equal(
    refusal(await importing('wasi:nn/graph@0.2.0')),
    'the program imports wasi:nn/graph@0.2.0, which the command world of WASI 0.2 does not have',
  );
  assert.equal(
    refusal(await importing('acme:db/rows')),
    'the program imports acme:db/rows, which the command world of WASI 0.2 does not have',
  );
  assert.equal(
    refusal(await assemble('(module (import "env" "invoke" (func)) (func (export "_start")))')),
    'the program imports env.invoke, which is not of WASI 0.2',
  );
});

test('all kinds of imports and types of names are read', async () => {
  assert.equal(
    refusal(
      await assemble(`(component
        (import "a" (func)) (import "b" (type (sub resource))) (import "c" (type (eq 0)))
        (import "d" (core module)) (import "wasi:http/types@0.2.0" (instance)))`),
    ),
    'the program imports a, which the command world of WASI 0.2 does not have',
  );
  assert.equal(
    refusal(
      await assemble(`(module
        (import "wasi:io/poll@0.2.0" "t" (table 1 2 funcref))
        (import "wasi:io/poll@0.2.0" "m" (memory 1 2))
        (import "wasi:io/poll@0.2.0" "g" (global (mut i32)))
        (import "wasi:io/poll@0.2.0" "e" (tag (param i32)))
        (import "last" "f" (func)))`),
    ),
    'the program imports last.f, which is not of WASI 0.2',
  );
});

test('what exports nothing to run is not a command', async () => {
  assert.match(refusal(await assemble('(module)')), /does not export wasi:cli\/run/);
  assert.match(refusal(await assemble('(component)')), /does not export wasi:cli\/run/);
  assert.match(
    refusal(await assemble('(module (import "wasi_snapshot_preview1" "sched_yield" (func)))')),
    /does not export _start/,
  );
  assert.match(
    refusal(
      await assemble('(component (instance $run) (export "wasi:cli/run@0.3.0" (instance $run)))'),
    ),
    /WASI 0\.3 program \(it exports/,
  );
});
