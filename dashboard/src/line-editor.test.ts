import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { LineEditor, type LineEvent } from './line-editor.ts';

const LEFT = '\x1b[D';
const RIGHT = '\x1b[C';
const UP = '\x1b[A';
const DOWN = '\x1b[B';
const BACKSPACE = '\x7f';

/** The line and its cursor, shown as `|`, after typing. */
function typed(...keys: string[]): string {
  const editor = new LineEditor();
  for (const key of keys) editor.feed(key);
  return `${editor.before}|${editor.after}`;
}

test('characters are inserted at the cursor', () => {
  assert.equal(typed('SET a 1'), 'SET a 1|');
  assert.equal(typed('ac', LEFT, 'b'), 'ab|c');
  assert.equal(typed('ac', LEFT, LEFT, LEFT, RIGHT, 'b', RIGHT, RIGHT, 'd'), 'abcd|');
});

test('keys arrive one by one or joined', () => {
  assert.equal(typed(`ac${LEFT}b${BACKSPACE}x`), 'ax|c');
  assert.equal(typed('\x1b[H', 'abc', '\x1bOH', 'x', '\x1b[F', 'y'), 'xabcy|');
});

test('deleting', () => {
  assert.equal(typed('ab', BACKSPACE, BACKSPACE, BACKSPACE), '|');
  assert.equal(typed('abc', LEFT, LEFT, '\x1b[3~'), 'a|c');
  assert.equal(typed('abc', LEFT, '\x04', '\x04'), 'ab|');
  assert.equal(typed('one two  ', '\x17'), 'one |');
  assert.equal(typed('one two', LEFT, '\x15'), '|o');
  assert.equal(typed('one two', LEFT, '\x0b'), 'one tw|');
  assert.equal(typed('one', '\x03'), '|');
});

test('a character that a person sees as one is one', () => {
  assert.equal(typed('ae\u0301', LEFT), 'a|e\u0301');
  assert.equal(typed('ae\u0301', BACKSPACE), 'a|');
  assert.equal(typed('x👩‍👩‍👧', BACKSPACE), 'x|');
  assert.equal(typed('👍🏽y', LEFT, LEFT, RIGHT), '👍🏽|y');
});

test('keys without a meaning change nothing', () => {
  const editor = new LineEditor();
  assert.deepEqual(editor.feed('\t\x1b[15~\x1bq\x00\x1b'), []);
  assert.equal(editor.text, '');
});

test('Enter gives the line, wherever the cursor is', () => {
  const editor = new LineEditor();
  assert.deepEqual(editor.feed(`ab${LEFT}\r`), [{ type: 'changed' }, { type: 'line', line: 'ab' }]);
  assert.equal(editor.text, '');
  assert.deepEqual(editor.feed('\r'), [{ type: 'line', line: '' }]);
});

test('pasted lines come one after the other', () => {
  const events: LineEvent[] = new LineEditor().feed('SET a 1\rGET a\rrest');
  assert.deepEqual(
    events.filter((event) => event.type === 'line').map((event) => event.line),
    ['SET a 1', 'GET a'],
  );
  assert.equal(events.at(-1)?.type, 'changed');
});

test('Ctrl-D ends the input only on an empty line', () => {
  const editor = new LineEditor();
  assert.deepEqual(editor.feed('\x04'), [{ type: 'end-of-input' }]);
  assert.deepEqual(editor.feed('a\x04'), [{ type: 'changed' }]);
});

test('the history goes up and down and keeps the line under way', () => {
  const editor = new LineEditor();
  editor.feed('one\rtwo\rtwo\r \rdraft');
  const after = (key: string): string => {
    editor.feed(key);
    return editor.text;
  };
  assert.equal(after(UP), 'two');
  assert.equal(after(UP), 'one');
  assert.equal(after(UP), 'one');
  assert.equal(after(DOWN), 'two');
  assert.equal(after(DOWN), 'draft');
  assert.equal(after(DOWN), 'draft');
});
