import Fastify from 'fastify';
import { SimulatedClock } from '../src/kernel/clocks.ts';
import type { BenchOptions } from './all.ts';
import { ENTE, loadGround } from './console-ground.ts';
import { type BenchDatabase, startBenchDatabase } from './database.ts';
import { type HttpClient, openHttpClient } from './http-client.ts';
import { type BenchLine, median, ownRssMb, percentile, say, tenth } from './line.ts';
import { signedIn } from './visitors.ts';

/** Monday 7 September 2026, 10:00 in Rome. */
const START = Date.UTC(2026, 8, 7, 8, 0);
const VISITORS = 500;
const CONNECTIONS = 16;
const ROUNDS = 5;
const ROUND_MS = 2_000;
const PACE = 200;
const PACE_MS = 10_000;

/**
 * The page of a citizen's positions, over HTTP on loopback, to five hundred people who signed in, among `n` debts. First as
 * fast as sixteen connections ask, in turn with the reference: a Fastify route that makes one bare point query through
 * the same engine and sends as many bytes. Then at 200 requests a second, each counted from the instant it was due.
 */
export async function bench(options: BenchOptions): Promise<BenchLine[]> {
  const n = options.n ?? 100_000;
  const database = await startBenchDatabase(options.engine);
  const client = openHttpClient();
  try {
    const clock = new SimulatedClock(START);
    const program = await database.program({ clock });
    try {
      say(`${database.version}; loading ${n} debts`);
      await loadGround(program, clock, n);
      await database.owner('analyze');
      const cookies = await signedIn(program, database, VISITORS);
      const at = await program.http.listen({ host: '127.0.0.1', port: 0 });
      const page = { url: `${at}/posizioni`, cookies };
      const { bytes } = await client.load({ ...page, connections: 1, forMs: 200, perSecond: null });
      const bare = await bareServer(bytes, database.owner);
      try {
        return await measure(client, n, page, { url: bare.url, cookies: [''] });
      } finally {
        await bare.close();
      }
    } finally {
      await program.stop();
    }
  } finally {
    await client.close();
    await database.stop();
  }
}

type Target = { readonly url: string; readonly cookies: readonly string[] };

async function measure(client: HttpClient, n: number, page: Target, bare: Target): Promise<BenchLine[]> {
  const flatOut = async (target: Target) => {
    const { answered, seconds, ms, wrong } = await client.load({
      ...target,
      connections: CONNECTIONS,
      forMs: ROUND_MS,
      perSecond: null,
    });
    if (wrong > 0) throw new Error(`${target.url}: ${wrong} answers were not the page`);
    return { perSecond: answered / seconds, ms };
  };
  const [ours, theirs]: [Awaited<ReturnType<typeof flatOut>>[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await flatOut(page));
    theirs.push((await flatOut(bare)).perSecond);
  }
  const perSecond = median(ours.map((one) => one.perSecond));
  const referencePerSecond = median(theirs);
  const paced = await client.load({ ...page, connections: 64, forMs: PACE_MS, perSecond: PACE });
  const line = (name: string, rate: number, ms: readonly number[]): BenchLine => ({
    bench: name,
    n,
    unit: 'pages',
    perSecond: tenth(rate),
    reference: 'a Fastify route with one bare point query and as many bytes',
    referencePerSecond: tenth(referencePerSecond),
    ratio: Math.round((100 * rate) / referencePerSecond) / 100,
    p50Ms: percentile(ms, 0.5),
    p99Ms: percentile(ms, 0.99),
    rssMb: ownRssMb(),
  });
  const all = ours.flatMap((one) => one.ms).toSorted((a, b) => a - b);
  return [
    { ...line(`lookup at ${PACE} a second`, paced.answered / paced.seconds, paced.ms), ratio: null },
    line('lookup', perSecond, all),
  ];
}

async function bareServer(
  bytes: number,
  query: BenchDatabase['owner'],
): Promise<{ url: string; close(): Promise<void> }> {
  const app = Fastify();
  const [debtor] = await query('select debtor_id from debt where ente_id = $1 limit 1', [ENTE]);
  const body = Buffer.alloc(bytes, 'x');
  app.get('/', async (_request, reply) => {
    await query('select due_cents, paid_cents from debt where ente_id = $1 and debtor_id = $2', [
      ENTE,
      debtor?.debtor_id,
    ]);
    return reply.type('text/html; charset=utf-8').send(body);
  });
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
}
