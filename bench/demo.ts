import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchLine } from './line.ts';

const BIN = join(import.meta.dirname, '..', 'bin', 'bonario.mjs');
const SAMPLE_MS = 200;

/** The whole demo as a newcomer runs it, with the largest memory that its two processes together ever held. */
export async function bench(options: { n: number | null }): Promise<BenchLine[]> {
  const n = options.n ?? 2000;
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, 'demo', '--once', '--json', '--debts', String(n)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, treeMb(child.pid ?? 0));
  }, SAMPLE_MS);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`the demo ended with ${code}`);
  const perSecond = Math.round((10 * n) / ((performance.now() - began) / 1000)) / 10;
  const none = { reference: null, referencePerSecond: null, ratio: null, p50Ms: null, p99Ms: null };
  return [{ bench: 'demo', n, unit: 'debts', perSecond, ...none, rssMb: peak }];
}

/** Resident memory of a process and its children, MB, where /proc tells; 0 elsewhere. */
function treeMb(root: number): number {
  const parents = new Map<number, number>();
  const sizes = new Map<number, number>();
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        parents.set(Number(name), Number(/PPid:\s+(\d+)/.exec(status)?.[1] ?? 0));
        sizes.set(Number(name), Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0));
      } catch {
        // The process ended between the listing and the reading.
      }
    }
  } catch {
    return 0;
  }
  const isOurs = (pid: number): boolean => pid === root || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  return Math.round([...sizes].reduce((sum, [pid, kb]) => (isOurs(pid) ? sum + kb : sum), 0) / 1024);
}
