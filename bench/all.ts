import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { EngineName } from './database.ts';
import { type BenchLine, say } from './line.ts';

/** What one benchmark is asked for; `n` null: its own usual size. */
export interface BenchOptions {
  readonly n: number | null;
  readonly engine: EngineName;
}

interface Bench {
  readonly load: () => Promise<{
    bench(options: BenchOptions): Promise<BenchLine[]>;
    table?(lines: readonly BenchLine[]): string;
  }>;
  /** On which engines `all` measures it. */
  readonly engines: readonly EngineName[];
  /** In `all` always of its usual size: a whole story, which takes as many times longer as it is larger. */
  readonly ownSize?: true;
}

export const BENCHES: Readonly<Record<string, Bench>> = {
  import: { load: () => import('./import.ts'), engines: ['postgres', 'pglite'] },
  growth: { load: () => import('./growth.ts'), engines: ['postgres'] },
  'dispatch-email': { load: () => import('./dispatch-email.ts'), engines: ['postgres', 'pglite'] },
  'dispatch-sms': { load: () => import('./dispatch-sms.ts'), engines: ['postgres', 'pglite'] },
  signals: { load: () => import('./signals.ts'), engines: ['postgres', 'pglite'] },
  console: { load: () => import('./console.ts'), engines: ['postgres'] },
  lookup: { load: () => import('./lookup.ts'), engines: ['postgres', 'pglite'] },
  stall: { load: () => import('./stall.ts'), engines: ['postgres', 'pglite'] },
  plan: { load: () => import('./plan.ts'), engines: ['postgres', 'pglite'] },
  tick: { load: () => import('./tick.ts'), engines: ['postgres', 'pglite'] },
  gate: { load: () => import('./gate.ts'), engines: ['postgres', 'pglite'] },
  pagopa: { load: () => import('./pagopa.ts'), engines: ['postgres', 'pglite'] },
  pdf: { load: () => import('./pdf.ts'), engines: ['postgres'] },
  seal: { load: () => import('./seal.ts'), engines: ['postgres', 'pglite'] },
  demo: { load: () => import('./demo.ts'), engines: ['pglite'], ownSize: true },
};

/**
 * Every benchmark in a process of its own, so that none inherits the memory or the warm code of another; each line is
 * shown as it comes. True when all of them ended well.
 */
export async function runAll({ n, show }: { n: number | null; show: (line: unknown) => void }): Promise<boolean> {
  let good = true;
  for (const [name, { engines, ownSize }] of Object.entries(BENCHES)) {
    for (const engine of engines) {
      say(`${name} on ${engine}`);
      good = (await runOne(name, engine, ownSize === true ? null : n, show)) && good;
    }
  }
  return good;
}

async function runOne(
  name: string,
  engine: EngineName,
  n: number | null,
  show: (line: unknown) => void,
): Promise<boolean> {
  const args = [join(import.meta.dirname, 'bench.mjs'), name, '--engine', engine, '--json'];
  const child = spawn(process.execPath, [...args, ...(n === null ? [] : ['--n', String(n)])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) show({ ...JSON.parse(line), engine });
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) say(`${name} on ${engine} ended with ${code}`);
  return code === 0;
}
