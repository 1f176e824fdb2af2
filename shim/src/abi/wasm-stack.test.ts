import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wasmStack } from './wasm-stack.ts';

const expected = [
  '    at wasm-function[9]:0x292',
  '    at std::vector<int>::at(unsigned long) (wasm-function[5]:0x155)',
  '    at run (wasm-function[6]:0x17e)',
].join('\n');

test('frames of V8', () => {
  const stack = `RuntimeError: unreachable
    at wasm://wasm/f1e84502:wasm-function[9]:0x292
    at std::vector<int>::at(unsigned long) (wasm://wasm/9cafcf0e:wasm-function[5]:0x155)
    at run (wasm://wasm/9cafcf0e:wasm-function[6]:0x17e)
    at #call (http://127.0.0.1:42637/page.js:4876:43)
    at async runCommand (http://127.0.0.1:42637/page.js:4836:10)`;
  assert.equal(wasmStack(stack), expected);
});

test('frames of SpiderMonkey', () => {
  const stack = `@http://127.0.0.1/page.js line 4760 > WebAssembly.Module:wasm-function[9]:0x292
std::vector<int>::at(unsigned long)@http://127.0.0.1/page.js line 1 > WebAssembly.compile:wasm-function[5]:0x155
run@http://127.0.0.1/page.js line 4493 > WebAssembly.compile:wasm-function[6]:0x17e
#call@http://127.0.0.1/page.js:4876:43
async*runCommand@http://127.0.0.1/page.js:4836:31
`;
  assert.equal(wasmStack(stack), expected);
});

test('a stack without wasm is empty', () => {
  assert.equal(wasmStack('TypeError: x\n    at f (file.js:1:2)'), '');
});
