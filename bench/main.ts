/**
 * Runs the measurements: `node bench/main.ts [SUITE…]`, all suites by default. Each suite prints a
 * table with ratios taken within its own run and writes its figures to build/bench/SUITE.json.
 */
const suites: Record<string, string> = {
  calls: './calls/main.ts',
  copies: './copies/main.ts',
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`unknown suite ${unknown.join(', ')}; suites: ${Object.keys(suites).join(' ')}`);
  process.exit(2);
}
for (const [name, module] of Object.entries(suites)) {
  if (wanted.length === 0 || wanted.includes(name)) await import(module);
}
