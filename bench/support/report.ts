import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where results and what is built for measuring go. */
export const output = join(import.meta.dirname, '../../build/bench');

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Columns aligned for a terminal: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 0 ? cell.padEnd(width) : cell.padStart(width + 3);
        })
        .join(''),
    )
    .join('\n');
}

/** Keeps a suite's figures as build/bench/SUITE.json. */
export function save(suite: string, figures: unknown): void {
  mkdirSync(output, { recursive: true });
  writeFileSync(join(output, `${suite}.json`), `${JSON.stringify(figures, null, 2)}\n`);
}
