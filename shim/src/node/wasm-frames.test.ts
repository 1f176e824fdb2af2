import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wasmFrames } from './wasm-frames.ts';

const expected = [
  '    at core.wasm.(anonymous namespace)::Inner(int volatile*) (wasm-function[28]:0xb74)',
  '    at core.wasm.main (wasm-function[24]:0xb1c)',
  '    at (unnamed) (wasm-function[3]:0x1f)',
].join('\n');

test("V8's stack of a program, without the frames of the host", () => {
  const stack = [
    'RuntimeError: unreachable',
    '    at core.wasm.(anonymous namespace)::Inner(int volatile*) (wasm://wasm/core.wasm-000ff85e:wasm-function[28]:0xb74)',
    '    at core.wasm.main (wasm://wasm/core.wasm-000ff85e:wasm-function[24]:0xb1c)',
    '    at wasm://wasm/000ff85e:wasm-function[3]:0x1f',
    '    at Run.run (http://127.0.0.1:8080/worker.js:100:5)',
  ].join('\n');
  assert.equal(wasmFrames(stack), expected);
});

test("SpiderMonkey's stack of the same", () => {
  const place = 'http://127.0.0.1:8080/worker.js line 8789 > WebAssembly.compile';
  const stack = [
    `core.wasm.(anonymous namespace)::Inner(int volatile*)@${place}:wasm-function[28]:0xb74`,
    `core.wasm.main@${place}:wasm-function[24]:0xb1c`,
    `@${place}:wasm-function[3]:0x1f`,
    'run@http://127.0.0.1:8080/worker.js:100:5',
    '',
  ].join('\n');
  assert.equal(wasmFrames(stack), expected);
});
