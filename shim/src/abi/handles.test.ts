import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from './errors.ts';
import { HandleTable } from './handles.ts';

const STREAM = 0;
const POLLABLE = 1;

function table(): HandleTable {
  return new HandleTable(['stream', 'pollable']);
}

/** An object that records its disposal. */
function recorded(name: string, log: string[]): object {
  return { [Symbol.dispose]: () => log.push(name) };
}

function traps(reason: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof Trap && reason.test(error.reason);
}

test('a handle finds its object until it is dropped, and disposes of it once', () => {
  const handles = table();
  const log: string[] = [];
  const object = recorded('a', log);
  const handle = handles.add(object, STREAM, 0);
  assert.notEqual(handle, 0);
  assert.equal(handles.get(handle, STREAM), object);
  handles.drop(handle, STREAM);
  assert.deepEqual(log, ['a']);
  assert.throws(() => handles.get(handle, STREAM), traps(/^unknown stream handle/));
  assert.throws(() => handles.drop(handle, STREAM), traps(/^unknown stream handle/));
});

test('a stale handle stays unknown when its slot is used again, for many generations', () => {
  const handles = table();
  const seen = new Set<number>();
  for (let generation = 0; generation < 256; generation++) {
    const handle = handles.add({}, STREAM, 0);
    assert.ok(handle > 0 && handle < 2 ** 28);
    assert.ok(!seen.has(handle));
    for (const stale of seen) assert.throws(() => handles.get(stale, STREAM), Trap);
    seen.add(handle);
    handles.drop(handle, STREAM);
  }
});

test('kinds are checked', () => {
  const handles = table();
  const handle = handles.add({}, STREAM, 0);
  assert.throws(() => handles.get(handle, POLLABLE), traps(/is of kind stream, not pollable$/));
  assert.throws(() => handles.drop(handle, POLLABLE), traps(/is of kind stream, not pollable$/));
});

test('numbers that never were handles are unknown', () => {
  const handles = table();
  handles.add({}, STREAM, 0);
  for (const handle of [0, -1, 2, 2 ** 20 + 1, 2 ** 31 - 1, -(2 ** 31)]) {
    assert.throws(() => handles.get(handle, STREAM), traps(/^unknown stream handle/));
  }
});

test('a parent cannot be dropped before its children', () => {
  const handles = table();
  const parent = handles.add({}, STREAM, 0);
  const first = handles.add({}, POLLABLE, parent);
  const second = handles.add({}, POLLABLE, parent);
  assert.throws(() => handles.drop(parent, STREAM), traps(/^resource has children$/));
  handles.drop(first, POLLABLE);
  assert.throws(() => handles.drop(parent, STREAM), traps(/^resource has children$/));
  handles.drop(second, POLLABLE);
  handles.drop(parent, STREAM);
  assert.equal(handles.size, 0);
});

test('a slot that was a child is not one when used again', () => {
  const handles = table();
  const parent = handles.add({}, STREAM, 0);
  handles.drop(handles.add({}, POLLABLE, parent), POLLABLE);
  const orphan = handles.add({}, POLLABLE, 0);
  handles.drop(parent, STREAM);
  handles.drop(orphan, POLLABLE);
  assert.equal(handles.size, 0);
});

test('dropAll disposes of children before their parents', () => {
  const handles = table();
  const log: string[] = [];
  const freed = handles.add({}, STREAM, 0);
  const parent = handles.add(recorded('parent', log), STREAM, 0);
  handles.drop(freed, STREAM);
  // The child takes the slot below its parent's.
  const child = handles.add(recorded('child', log), STREAM, parent);
  handles.add(recorded('grandchild', log), POLLABLE, child);
  handles.dropAll();
  assert.deepEqual(log, ['grandchild', 'child', 'parent']);
  assert.equal(handles.size, 0);
});
