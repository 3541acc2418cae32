#!/usr/bin/env node
// `npm run bench -- <name> [--n N] [--engine pglite|postgres] [--json]`: one line of JSON per measurement (architecture
// §7), the one that sums up last. Benchmarks are measured, not asserted: machines are noisy, so ratios inside one run
// are what counts.
import '../bin/register.mjs';
import { parseArgs } from 'node:util';

const ENGINES = ['pglite', 'postgres'];
const { BENCHES, runAll } = await import('./all.ts');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: 'string' },
    engine: { type: 'string', default: 'postgres' },
    json: { type: 'boolean', default: false },
  },
});
const name = positionals[0] ?? '';
const n = values.n === undefined ? null : Number(values.n);
const wrong = !(name in BENCHES || name === 'all') || !ENGINES.includes(values.engine) || !(n === null || n >= 1);
if (wrong) {
  console.error(`usage: npm run bench -- <all|${Object.keys(BENCHES).join('|')}> [--n N] [--engine pglite|postgres]`);
  console.error('                          [--json]');
  process.exit(2);
}
const show = (line) => {
  if (values.json) return console.log(JSON.stringify(line));
  const words = Object.entries(line).map(([key, value]) => `${key} ${value}`);
  console.log(words.join('  '));
};
if (name === 'all') {
  process.exitCode = (await runAll({ n, show })) ? 0 : 1;
} else {
  const { bench, table } = await BENCHES[name].load();
  const lines = await bench({ n, engine: values.engine });
  // A benchmark of many lines brings a table of its own for people.
  if (!values.json && table !== undefined) console.log(table(lines));
  else lines.forEach(show);
}
