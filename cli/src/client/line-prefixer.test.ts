import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LinePrefixer } from './line-prefixer.ts';

async function prefixed(...chunks: string[]): Promise<string[]> {
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
  const out: string[] = [];
  // A character may be split over chunks but never over what is emitted.
  const text = new TextDecoder('utf-8', { fatal: true });
  for await (const bytes of source.pipeThrough(new LinePrefixer('n | '))) {
    out.push(text.decode(bytes));
  }
  return out;
}

suite('prefixed lines', () => {
  test('only whole lines are emitted', async () => {
    assert.deepEqual(await prefixed('a\nb', 'c\n', '\n', 'd'), [
      'n | a\n',
      'n | bc\n',
      'n | \n',
      'n | d\n',
    ]);
    assert.deepEqual(await prefixed('a\nb\nc\n'), ['n | a\nn | b\nn | c\n']);
    assert.deepEqual(await prefixed(), []);
  });

  test('a line of any length comes out, in parts of a bounded size', async () => {
    const long = 'x'.repeat(200_000);
    const lines = (await prefixed(long, '\n')).join('').split('\n').slice(0, -1);
    assert.ok(lines.every((line) => line.startsWith('n | ') && line.length <= 64 * 1024 + 4));
    assert.equal(lines.map((line) => line.slice(4)).join(''), long);
  });
});
