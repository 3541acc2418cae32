// Everything about the code that needs no running program: `node tools/check.mjs [lint] [types] [arrows]`.
// Prints one line per step, `ok lint 1.2 s` or `failed lint 1.2 s`, after what a failed step had to say; .ci/run
// counts those lines. Exit 1 when a step failed, 2 when a step has no such name.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);

/** Each step's command line. */
const STEPS = new Map([
  ['lint', [bin('biome'), 'check', '.']],
  ['types', [bin('tsc'), '--noEmit']],
  ['arrows', [process.execPath, path.join(root, 'tools', 'arrows.mjs')]],
]);

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !STEPS.has(name));
if (unknown.length > 0) {
  console.error(`No step is called ${unknown.join(', ')}: ${[...STEPS.keys()].join(', ')}`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : STEPS.keys()) {
  const [command, ...args] = STEPS.get(name);
  const start = performance.now();
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  const ok = status === 0;
  if (!ok) {
    process.exitCode = 1;
    process.stdout.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`);
  }
  console.log(`${ok ? 'ok' : 'failed'} ${name} ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
