/** The accepted differences from Linux: the tables of differences.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One row: a line that a program prints otherwise than on Linux. */
export interface Difference {
  readonly program: string;
  /** The label of the line, or its beginning before a `*`, or its end after one. */
  readonly label: string;
  /** What Linux prints there. */
  readonly linux: string;
  /** What the program prints in the tab; `*` for anything else than Linux. */
  readonly tab: string;
}

/** All rows of differences.md: `| program | line | Linux | tab | cause |`, all but the cause as code. */
export function readDifferences(): Difference[] {
  const text = readFileSync(join(import.meta.dirname, '../differences.md'), 'utf8');
  return [...text.matchAll(/^\| `(.*?)` \| `(.*?)` \| `(.*?)` \| `(.*?)` \| .+ \|$/gm)].map(
    ([, program = '', label = '', linux = '', tab = '']) => ({ program, label, linux, tab }),
  );
}

/** What {@link compare} found. */
export interface Comparison {
  /** Lines that differ and have no row. */
  readonly unexpected: string[];
  /** Rows that no line needs any more. */
  readonly obsolete: string[];
}

/** Compares what a program has printed on Linux and in the tab, line by line. */
export function compare(
  linux: string,
  tab: string,
  differences: readonly Difference[],
): Comparison {
  const unexpected: string[] = [];
  const unused = new Set(differences);
  const linuxLines = linux.split('\n');
  const tabLines = tab.split('\n');
  for (let i = 0; i < Math.max(linuxLines.length, tabLines.length); i++) {
    const expected = linuxLines[i] ?? '(no line)';
    const actual = tabLines[i] ?? '(no line)';
    if (expected === actual) continue;
    const [label, linuxValue] = split(expected);
    const [tabLabel, tabValue] = split(actual);
    const row = differences.find(
      (difference) =>
        label === tabLabel &&
        matches(difference.label, label) &&
        difference.linux === linuxValue &&
        (difference.tab === '*' || difference.tab === tabValue),
    );
    if (row !== undefined) unused.delete(row);
    else unexpected.push(`line ${i + 1}: Linux "${expected}", tab "${actual}"`);
  }
  const obsolete = [...unused].map(({ program, label }) => `${program}: ${label}`);
  return { unexpected, obsolete };
}

/** A line is `label: value`; the label may hold colons, the value holds no `: `. */
function split(line: string): [string, string] {
  const colon = line.lastIndexOf(': ');
  return colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 2)];
}

function matches(pattern: string, label: string): boolean {
  const star = pattern.indexOf('*');
  if (star === -1) return pattern === label;
  return label.startsWith(pattern.slice(0, star)) && label.endsWith(pattern.slice(star + 1));
}
