#!/usr/bin/env node
// `npm test`: everything on PGlite, then the store tests again on a real PostgreSQL (npm's 18, and a 15 where the machine
// has one), each engine's share printed. The last line is what CI reads: `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../bin/register.mjs';

const { npmPostgres, startPostgres, systemPostgres15 } = await import('../test/support/postgres-server.ts');

const folder = mkdtempSync(join(tmpdir(), 'bonario-test-'));
const vitest = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs');
const only = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };
const shares = [];

function run(name, patterns, env) {
  const began = Date.now();
  const report = join(folder, `${name}.json`);
  const args = [
    vitest,
    'run',
    ...patterns,
    ...only,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const child = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const seconds = Math.round((Date.now() - began) / 1000);
  let counts = { passed: 0, failed: 1, skipped: 0 };
  try {
    const r = JSON.parse(readFileSync(report, 'utf8'));
    counts = { passed: r.numPassedTests, failed: r.numFailedTests, skipped: r.numPendingTests + r.numTodoTests };
    // A file that could not even be read counts as one failure; so does a run that says it failed and names nothing.
    if (child.status !== 0 && counts.failed === 0) counts.failed = Math.max(1, r.numFailedTestSuites);
  } catch {
    console.error(`${name}: the test run left no report`);
  }
  for (const key of Object.keys(totals)) totals[key] += counts[key];
  shares.push(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${seconds} s`);
}

run('PGlite and everything else', [], { BONARIO_TEST_POSTGRES: '' });

const servers = [
  ['PostgreSQL 18 (npm)', npmPostgres(), 'npm has no PostgreSQL for this platform'],
  ['PostgreSQL 15 (this machine)', systemPostgres15(), 'there is no PostgreSQL 15 on this machine'],
];
for (const [name, binaries, reason] of servers) {
  if (binaries === null) {
    shares.push(`${name}: not run, ${reason}`);
    continue;
  }
  try {
    const server = await startPostgres(binaries);
    try {
      // With filters of the caller's, those: vitest joins patterns by "or".
      run(name, only.length > 0 ? [] : ['.store.test.ts'], { BONARIO_TEST_POSTGRES: server.url });
    } finally {
      await server.stop();
    }
  } catch (error) {
    totals.failed += 1;
    shares.push(`${name}: could not be started: ${error instanceof Error ? error.message : error}`);
  }
}

rmSync(folder, { recursive: true, force: true });
console.log(`\n${shares.join('\n')}\n`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;
