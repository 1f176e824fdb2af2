import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { JsonError } from './json.ts';
import {
  readPageMessage,
  readToolMessage,
  type PageMessage,
  type StartMessage,
  type ToolMessage,
} from './protocol.ts';

const start: StartMessage = {
  type: 'start',
  node: 1,
  program: { form: 'component', parts: [{ path: '', size: 10 }] },
  files: [{ path: '/a', size: 3 }],
  outputs: ['/b'],
  argv0: 'x.wasm',
  args: ['1', ''],
  env: { K: 'V' },
  name: 'n',
  network: 'demo',
  ip: '10.0.0.1',
  disk: 'd',
  mounts: [
    { path: '/lib', disk: 'shared', readOnly: true },
    { path: '/tmp', disk: undefined, readOnly: false },
  ],
  trace: ['filesystem'],
  terminal: { stdin: true, stdout: false, stderr: false },
  contents: 1,
  stdin: 2,
  stdout: 3,
  stderr: 4,
  results: 5,
};

const toolMessages: ToolMessage[] = [
  start,
  { type: 'kill', node: 1 },
  { type: 'connect', node: 1, port: 80, channel: 6 },
  { type: 'watch-listener', watch: 2, network: 'demo', host: 'a', port: 80 },
];

const pageMessages: PageMessage[] = [
  { type: 'ready', version: 1, problem: 'no JSPI' },
  { type: 'started', node: 1, name: 'n', ip: '10.0.0.1' },
  {
    type: 'exited',
    node: 1,
    status: 255,
    reason: 'exit',
    message: 'm',
    outputs: [{ path: '/b', size: 0 }],
  },
  { type: 'connected', channel: 6 },
  { type: 'refused', channel: 6, message: 'ECONNREFUSED' },
  { type: 'listening', watch: 2 },
];

/** What arrives on the other side of the wire. */
function wire(message: unknown): unknown {
  return JSON.parse(JSON.stringify(message));
}

suite('control messages', () => {
  test('come out of the wire as they went in', () => {
    for (const message of toolMessages) assert.deepEqual(readToolMessage(wire(message)), message);
    for (const message of pageMessages) assert.deepEqual(readPageMessage(wire(message)), message);
  });

  test('optional members can be absent', () => {
    const { name, network, ip, disk, ...bare } = start;
    assert.ok(name && network && ip && disk);
    const read = readToolMessage(wire(bare));
    assert.ok(read.type === 'start' && read.disk === undefined && read.name === undefined);
    const ready = readPageMessage({ type: 'ready', version: 1 });
    assert.ok(ready.type === 'ready' && ready.problem === undefined);
  });

  test('every member is checked: any one of the wrong type or unknown is refused', () => {
    for (const message of toolMessages) {
      for (const key of Object.keys(message)) {
        assert.throws(() => readToolMessage({ ...message, [key]: null }), JsonError, key);
      }
      assert.throws(() => readToolMessage({ ...message, more: 1 }), JsonError);
    }
    for (const message of pageMessages) {
      for (const key of Object.keys(message)) {
        assert.throws(() => readPageMessage({ ...message, [key]: null }), JsonError, key);
      }
      assert.throws(() => readPageMessage({ ...message, more: 1 }), JsonError);
    }
  });

  test('values out of range are refused', () => {
    assert.throws(() => readPageMessage({ ...pageMessages[2], status: 256 }), JsonError);
    assert.throws(() => readToolMessage({ type: 'kill', node: -1 }), JsonError);
    assert.throws(() => readToolMessage({ type: 'kill', node: 1.5 }), JsonError);
    assert.throws(() => readToolMessage({ type: 'ready' }), JsonError);
    assert.throws(() => readToolMessage(null), JsonError);
  });
});
