import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import type { Bonario } from '../src/compose.ts';
import { SimulatedClock } from '../src/kernel/clocks.ts';
import type { BenchOptions } from './all.ts';
import { codeOf, ENTE, HEADER, loadGround, rowOf, TARI } from './console-ground.ts';
import { startBenchDatabase } from './database.ts';
import { openHttpClient } from './http-client.ts';
import type { LoadAnswer } from './http-load.ts';
import { type BenchLine, ownRssMb, percentile, say, tenth } from './line.ts';
import { signedIn } from './visitors.ts';

/** Monday 7 September 2026, 10:00 in Rome. */
const START = Date.UTC(2026, 8, 7, 8, 0);
/** Who is there before the large file comes. */
const DEBTS_BEFORE = 5_000;
const VISITORS = 100;
/** Pages a second, before and meanwhile. */
const PACE = 20;
const AT_REST_MS = 5_000;
/** Below what a timer can tell. */
const RESOLUTION_MS = 5;

/**
 * What citizens feel of a file of `n` rows that an office loads: their pages at rest, then while the import runs in the
 * same process, and how late that process's event loop comes.
 */
export async function bench(options: BenchOptions): Promise<BenchLine[]> {
  const n = options.n ?? 50_000;
  const database = await startBenchDatabase(options.engine);
  const client = openHttpClient();
  try {
    const clock = new SimulatedClock(START);
    const program = await database.program({ clock });
    try {
      const { operatorId } = await loadGround(program, clock, DEBTS_BEFORE);
      const cookies = await signedIn(program, database, VISITORS);
      const url = `${await program.http.listen({ host: '127.0.0.1', port: 0 })}/posizioni`;
      const ask = (forMs: number) => client.load({ url, cookies, connections: 64, forMs, perSecond: PACE });
      await ask(1_000);
      const rest = await ask(AT_REST_MS);
      say(`${database.version}; loading ${n} rows while pages are asked for`);

      const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      const began = performance.now();
      let seconds: number | null = null;
      const loading = load(program, n, operatorId).then(() => {
        seconds = (performance.now() - began) / 1000;
      });
      delay.enable();
      const answers: LoadAnswer[] = [];
      while (seconds === null) answers.push(await ask(1_000));
      delay.disable();
      await loading;
      return lines(n, { rest, answers, seconds, delay });
    } finally {
      await program.stop();
    }
  } finally {
    await client.close();
    await database.stop();
  }
}

function lines(
  n: number,
  found: {
    rest: LoadAnswer;
    answers: readonly LoadAnswer[];
    seconds: number;
    delay: { percentile(share: number): number };
  },
): BenchLine[] {
  const { rest, answers, seconds, delay } = found;
  const wrong = [rest, ...answers].reduce((sum, one) => sum + one.wrong, 0);
  if (wrong > 0) throw new Error(`${wrong} answers were not the page`);
  const meanwhile = answers.flatMap((one) => one.ms).toSorted((a, b) => a - b);
  const late = (share: number) => tenth(Math.max(0, delay.percentile(share) / 1e6 - RESOLUTION_MS));
  const pages = (ms: readonly number[]) => ({ p50Ms: percentile(ms, 0.5), p99Ms: percentile(ms, 0.99) });
  const common = { n, reference: null, referencePerSecond: null, ratio: null, rssMb: ownRssMb() };
  return [
    { ...common, bench: 'stall, pages at rest', unit: 'pages', perSecond: PACE, ...pages(rest.ms) },
    {
      ...common,
      bench: 'stall, event loop',
      unit: 'rows imported',
      perSecond: tenth(n / seconds),
      p50Ms: late(50),
      p99Ms: late(99),
    },
    {
      ...common,
      bench: 'stall',
      unit: 'pages',
      perSecond: PACE,
      ...pages(meanwhile),
      reference: 'the same pages at rest: how many times faster their p99 was',
      ratio: Math.round((100 * percentile(rest.ms, 0.99)) / percentile(meanwhile, 0.99)) / 100,
    },
  ];
}

async function load(program: Bonario, n: number, operatorId: string): Promise<void> {
  const people = Math.ceil((n * 3) / 5);
  const lines = [HEADER];
  for (let i = 0; i < n; i += 1) {
    const row = 10_000_000 + i;
    const who = 1_000_000 + (i % people);
    lines.push(rowOf(row, who, codeOf(who)));
  }
  const text = Buffer.from(lines.join('\r\n'));
  const request = {
    enteId: ENTE,
    creditType: TARI.code,
    fileName: 'grande.csv',
    open: () => Readable.from(pieces(text)),
    profile: null,
  };
  const outcome = await program.imports.load(
    request,
    { skipBad: true, releaseQuarantined: false },
    `operator:${operatorId}`,
  );
  if (outcome.kind !== 'committed') throw new Error(`the file: ${outcome.kind}`);
}

function* pieces(text: Buffer): Generator<Buffer> {
  for (let at = 0; at < text.length; at += 65_536) yield text.subarray(at, at + 65_536);
}
