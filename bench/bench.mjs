#!/usr/bin/env node
// `npm run bench -- <name> [--n N] [--json]`: one line of JSON per measurement (architecture §7). Benchmarks are measured,
// not asserted: machines are noisy, so ratios inside one run are what counts.
import '../bin/register.mjs';
import { parseArgs } from 'node:util';

const BENCHES = { console: () => import('./console.ts'), demo: () => import('./demo.ts') };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { n: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const name = positionals[0] ?? '';
if (!(name in BENCHES)) {
  console.error(`usage: npm run bench -- <${Object.keys(BENCHES).join('|')}> [--n N] [--json]`);
  process.exit(2);
}
const { bench, table } = await BENCHES[name]();
const lines = await bench({ n: values.n === undefined ? null : Number(values.n) });
// A benchmark of many lines brings a table of its own for people.
if (!values.json && table !== undefined) console.log(table(lines));
else
  for (const line of lines) {
    if (values.json) console.log(JSON.stringify(line));
    else
      console.log(
        Object.entries(line)
          .map(([key, value]) => `${key} ${value}`)
          .join('  '),
      );
  }
