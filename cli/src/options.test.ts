import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { commandLine, completeArguments } from './command-line.ts';
import { ToolError } from './errors.ts';
import {
  parseAddress,
  parseName,
  parseMount,
  parsePathPair,
  parsePublication,
  parseSeconds,
  parseTemporary,
  parseTrace,
  parseVariable,
} from './options.ts';

/** Each value must be refused with a message that repeats the option and the value. */
function refuses(option: string, values: string[], parse: (value: string) => unknown): void {
  for (const value of values) {
    assert.throws(
      () => parse(value),
      (error) => error instanceof ToolError && error.message.startsWith(`${option} ${value}: `),
      `${option} ${JSON.stringify(value)} must be refused`,
    );
  }
}

suite('option values', () => {
  test('names', () => {
    const longest = 'a'.repeat(63);
    for (const name of ['a', 'node-1', '0', longest]) {
      assert.equal(parseName('--disk', name), name);
    }
    refuses('--disk', ['', 'A', 'a.b', 'a/b', 'ä', ' a', `${longest}a`], (value) =>
      parseName('--disk', value),
    );
  });

  test('addresses', () => {
    assert.equal(parseAddress('--ip', '10.0.0.7'), '10.0.0.7');
    assert.equal(parseAddress('--ip', 'fd00:b7ab::7'), 'fd00:b7ab::7');
    refuses('--ip', ['', '10.0.0', '10.0.0.256', 'server', '10.0.0.1:80'], (value) =>
      parseAddress('--ip', value),
    );
  });

  test('variables are split at the first =', () => {
    assert.deepEqual(parseVariable('K=V'), ['K', 'V']);
    assert.deepEqual(parseVariable('K='), ['K', '']);
    assert.deepEqual(parseVariable('K=a=b'), ['K', 'a=b']);
    refuses('--env', ['', 'K', '=V'], parseVariable);
  });

  test('guest and host paths', () => {
    const parse = (value: string) => parsePathPair('--file', value);
    assert.deepEqual(parse('/etc/a=b'), { guest: '/etc/a', host: 'b' });
    assert.deepEqual(parse('/a=b=c'), { guest: '/a', host: 'b=c' });
    assert.deepEqual(parse('//a/./b/../c/=x'), { guest: '/a/c', host: 'x' });
    assert.deepEqual(parse('/../..=x'), { guest: '/', host: 'x' });
    refuses('--file', ['', 'a', '/a', '/a=', '=b', 'a=b'], parse);
  });

  test('mounts', () => {
    assert.deepEqual(parseMount('/a/../b/=c'), { path: '/b', disk: 'c', readOnly: false });
    assert.deepEqual(parseMount('/b=c:ro'), { path: '/b', disk: 'c', readOnly: true });
    refuses(
      '--mount',
      ['', '/b', '/b=', '=c', 'b=c', '/=c', '/b=C', '/b=c:rw', '/b=c:ro:'],
      parseMount,
    );
    assert.deepEqual(parseTemporary('/tmp/'), { path: '/tmp', readOnly: false });
    refuses('--tmp', ['', 'tmp', '/'], parseTemporary);
  });

  test('packages to trace', () => {
    assert.deepEqual(parseTrace(''), []);
    assert.deepEqual(parseTrace('filesystem,sockets'), ['filesystem', 'sockets']);
    for (const value of ['files', 'io,', ',']) {
      assert.throws(() => parseTrace(value), /--trace=.*: no package/);
    }
  });

  test('a bare --trace takes nothing from the words that follow it', () => {
    const program = commandLine(() => undefined);
    const complete = (...words: string[]): string[] => completeArguments(program, words);
    assert.deepEqual(complete('run', '--trace', 'p.wasm'), ['run', '--trace=', 'p.wasm']);
    assert.deepEqual(complete('run', '--disk', 'd', '--trace', 'p.wasm', '--trace'), [
      'run',
      '--disk',
      'd',
      '--trace=',
      'p.wasm',
      '--trace',
    ]);
    assert.deepEqual(complete('run', '--env', '--trace', 'p.wasm'), [
      'run',
      '--env',
      '--trace',
      'p.wasm',
    ]);
    assert.deepEqual(complete('run', '--trace=io', 'p'), ['run', '--trace=io', 'p']);
    assert.deepEqual(complete('--version'), ['--version']);
  });

  test('published ports', () => {
    const loopback = '127.0.0.1';
    assert.deepEqual(parsePublication('80:8080'), { address: loopback, hostPort: 80, port: 8080 });
    assert.deepEqual(parsePublication('0.0.0.0:1:65535'), {
      address: '0.0.0.0',
      hostPort: 1,
      port: 65535,
    });
    assert.deepEqual(parsePublication('[::1]:80:81'), { address: '::1', hostPort: 80, port: 81 });
    refuses(
      '--publish',
      [
        '',
        '80',
        ':80',
        '80:',
        '0:80',
        '80:65536',
        '80:x',
        'host:80:80',
        '::1:80:80',
        '-1:80',
        '1:2:3:4',
      ],
      parsePublication,
    );
  });

  test('seconds', () => {
    assert.equal(parseSeconds('--timeout', '10'), 10_000);
    assert.equal(parseSeconds('--timeout', '0.25'), 250);
    refuses('--timeout', ['', '0', '-1', '1s', '1e3', 'Infinity', '2147484'], (value) =>
      parseSeconds('--timeout', value),
    );
  });
});
