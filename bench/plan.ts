import { SimulatedClock } from '../src/kernel/clocks.ts';
import { planCampaign } from '../src/modules/campaigns/index.ts';
import { launch, loadPeople, TODAY, timed } from './campaign-ground.ts';
import { ENTE } from './console-ground.ts';
import { type BenchDatabase, type EngineName, startBenchDatabase } from './database.ts';
import { type BenchLine, median, ownRssMb, say, seconds, tenth } from './line.ts';

const ROUNDS = 5;
/** In the order in which they are filled. */
const TABLES = ['notice', 'notice_line', 'exclusion'];

/**
 * `n` debts of three fifths as many people planned into notices and their lines. The reference is the bare
 * `INSERT … SELECT` of the very rows that the program wrote, by the owner, into the same tables, empty each time; the two
 * take turns, and the middle one of each is told.
 */
export async function bench(options: { n: number | null; engine: EngineName }): Promise<BenchLine[]> {
  const n = options.n ?? 100_000;
  const began = performance.now();
  const database = await startBenchDatabase(options.engine);
  try {
    const program = await database.program({ clock: new SimulatedClock(TODAY) });
    try {
      const desk = await loadPeople(database, program, { people: Math.ceil(n * 0.6), debts: n });
      const campaignId = await launch(program, desk);
      say(`${database.version}; ${n} debts loaded in ${seconds(began)} s`);
      const ours: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await empty(database);
        ours.push(await timed(() => planCampaign(program.campaigns, ENTE, campaignId)));
        if (round === 0) await keepRows(database);
        await empty(database);
        bare.push(await timed(() => writeBare(database)));
      }
      return [lineOf(n, median(ours), median(bare))];
    } finally {
      await program.stop();
    }
  } finally {
    await database.stop();
  }
}

const empty = (database: BenchDatabase) => database.owner(`truncate ${TABLES.join(', ')}`);

async function keepRows(database: BenchDatabase): Promise<void> {
  for (const table of TABLES) await database.owner(`create table bench_${table} as table ${table}`);
  await database.owner('vacuum analyze');
}

async function writeBare(database: BenchDatabase): Promise<void> {
  for (const table of TABLES) await database.owner(`insert into ${table} select * from bench_${table}`);
}

function lineOf(n: number, oursMs: number, bareMs: number): BenchLine {
  return {
    bench: 'plan',
    n,
    unit: 'debts',
    perSecond: tenth((1000 * n) / oursMs),
    reference: 'insert … select of the same rows',
    referencePerSecond: tenth((1000 * n) / bareMs),
    ratio: Math.round((100 * bareMs) / oursMs) / 100,
    p50Ms: tenth(oursMs),
    p99Ms: null,
    rssMb: ownRssMb(),
  };
}
