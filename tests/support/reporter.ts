import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { inspect } from 'node:util';
import type { TestEvent } from 'node:test/reporters';

/** What one run of the test runner adds to the totals; one JSON line per run in the file that `BACKTAB_TALLY` names. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * A reporter for node:test that is quiet when all is well: it prints only failures, in full, with
 * what the failing file wrote, and each skipped test with its reason. Totals go to `BACKTAB_TALLY`.
 */
export default async function* quietReporter(
  source: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  const output = new Map<string, string>();
  const failedFiles = new Set<string>();
  for await (const event of source) {
    switch (event.type) {
      case 'test:stdout':
      case 'test:stderr': {
        const file = event.data.file;
        output.set(file, (output.get(file) ?? '') + event.data.message);
        break;
      }
      case 'test:pass':
        if (event.data.details.type === 'suite') break;
        if (event.data.skip !== undefined && event.data.skip !== false) {
          tally.skipped++;
          const reason = typeof event.data.skip === 'string' ? event.data.skip : 'no reason given';
          yield `  skipped: ${event.data.name}: ${reason}\n`;
        } else {
          tally.passed++;
        }
        break;
      case 'test:fail': {
        if (event.data.details.type === 'suite') break;
        tally.failed++;
        const file = event.data.file ?? '';
        failedFiles.add(file);
        const error = event.data.details.error;
        const cause: unknown = error.cause ?? error;
        yield `  FAILED: ${event.data.name} (${relative(process.cwd(), file)}:${event.data.line ?? 0})\n`;
        yield indent(inspect(cause, { depth: 6 }));
        break;
      }
      default:
        break;
    }
  }
  for (const file of failedFiles) {
    const text = output.get(file);
    if (text !== undefined) yield `  output of ${relative(process.cwd(), file)}:\n${indent(text)}`;
  }
  const path = process.env['BACKTAB_TALLY'];
  if (path !== undefined) appendFileSync(path, JSON.stringify(tally) + '\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ').trimEnd() + '\n';
}
