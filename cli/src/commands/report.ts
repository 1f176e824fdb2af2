/** Writes one of the tool's own lines to stderr. */
export function report(message: string): void {
  process.stderr.write(`backtab: ${message}\n`);
}
