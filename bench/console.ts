import type { Bonario } from '../src/compose.ts';
import { SimulatedClock } from '../src/kernel/clocks.ts';
import { CSRF_FIELD } from '../src/web/console/tokens.ts';
import { DAY, ENTE, type Ground, loadGround } from './console-ground.ts';
import { loadHistory } from './console-history.ts';
import { type Page, pagesOf, unmeasured } from './console-pages.ts';
import { type EngineName, startBenchDatabase } from './database.ts';
import { type BenchLine, ownRssMb, percentile, say, seconds, tenth, timings } from './line.ts';

/** Monday 7 September 2026, 10:00 in Rome: what the pages take for today. */
const TODAY = Date.UTC(2026, 8, 7, 8, 0);
const REQUESTS = 40;
/** What a page may take at the server, ms. */
const PAGE_LIMIT_MS = 300;

/**
 * Each page of the console over one large body: `n` debts of three fifths as many people and five messages for each debt,
 * on PostgreSQL, through the composed server with a signed-in operator. The reference is a page that knows its answer
 * without looking: what session, rendering and compression cost by themselves.
 */
export async function bench(options: { n: number | null; engine: EngineName }): Promise<BenchLine[]> {
  const n = options.n ?? 200_000;
  const began = performance.now();
  const database = await startBenchDatabase(options.engine);
  try {
    say(`${database.version}; loading ${n} debts`);
    const clock = new SimulatedClock(TODAY - 450 * DAY);
    const program = await database.program({ clock });
    try {
      const ground = await loadGround(program, clock, n);
      clock.advanceTo(TODAY);
      const history = await loadHistory(database, program, ground, n, TODAY);
      say(
        `loaded in ${seconds(began)} s: ${Object.entries(history.rows)
          .map(([table, rows]) => `${rows} ${table}`)
          .join(', ')}`,
      );
      const pages = pagesOf(ground, history);
      const forgotten = unmeasured(pages);
      if (forgotten.length > 0) say(`not measured: ${forgotten.join(', ')}`);
      const keeping = performance.now();
      const kept = await program.keepAllFigures();
      say(`figures of ${kept} campaigns kept in ${seconds(keeping)} s`);
      return await measure(program, ground, pages, n);
    } finally {
      await program.stop();
    }
  } finally {
    await database.stop();
  }
}

/** A line a page, then one that names the slowest. */
export async function measure(
  program: Bonario,
  ground: Ground,
  pages: readonly Page[],
  n: number,
  requests = REQUESTS,
): Promise<BenchLine[]> {
  const token = program.vaultOf(ENTE).lookup('token', `form|${ground.session}`).toString('hex');
  const reference = percentile(await timings(requests, () => ask(program, ground, token, REFERENCE)), 0.5);
  const lines: BenchLine[] = [];
  for (const page of pages) {
    const taken = await timings(page.file === true ? Math.ceil(requests / 4) : requests, () =>
      ask(program, ground, token, page),
    );
    const p50Ms = percentile(taken, 0.5);
    lines.push({
      bench: `console ${page.name}`,
      n,
      unit: page.file === true ? 'files' : 'pages',
      perSecond: tenth(1000 / p50Ms),
      reference: REFERENCE.name,
      referencePerSecond: tenth(1000 / reference),
      ratio: Math.round((100 * reference) / p50Ms) / 100,
      p50Ms,
      p99Ms: percentile(taken, 0.99),
      rssMb: ownRssMb(),
    });
  }
  const worst = lines.filter((line) => line.unit === 'pages').toSorted((a, b) => (b.p99Ms ?? 0) - (a.p99Ms ?? 0))[0];
  return worst === undefined ? lines : [...lines, { ...worst, bench: `console, slowest: ${worst.bench.slice(8)}` }];
}

/** For people: a row a page, slow ones marked. */
export function table(lines: readonly BenchLine[]): string {
  const rows = lines.map(({ bench: name, unit, p50Ms, p99Ms, ratio }) => {
    const slow = unit === 'pages' && (p99Ms ?? 0) > PAGE_LIMIT_MS ? `  over ${PAGE_LIMIT_MS} ms` : '';
    return [
      name.replace('console ', '').padEnd(40),
      String(p50Ms).padStart(9),
      String(p99Ms).padStart(9),
      `${ratio}`.padStart(8),
    ]
      .join(' ')
      .concat(slow);
  });
  return [['page'.padEnd(40), '   p50 ms', '   p99 ms', '   ratio'].join(' '), ...rows].join('\n');
}

/** The form of the search for people, which reads the session and nothing else. */
const REFERENCE: Page = { name: 'the empty form «Persone»', url: '/console/persone' };

async function ask(program: Bonario, ground: Ground, token: string, page: Page): Promise<void> {
  const form = page.form === undefined ? null : new URLSearchParams({ ...page.form, [CSRF_FIELD]: token });
  const answer = await program.http.inject({
    method: form === null ? 'GET' : 'POST',
    url: page.url,
    cookies: { bonario_console: ground.session },
    headers: {
      'accept-encoding': 'gzip',
      ...(page.part === true ? { 'hx-request': 'true' } : {}),
      ...(form === null
        ? {}
        : { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }),
    },
    ...(form === null ? {} : { payload: form.toString() }),
  });
  // The search that finds one person leads there; any other answer would be measured for nothing.
  const right = answer.statusCode === 200 || (form !== null && answer.statusCode === 303);
  if (!right) throw new Error(`${page.name}: ${page.url} answered ${answer.statusCode}`);
}
