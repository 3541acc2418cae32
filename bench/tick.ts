import { SimulatedClock, systemMonotonic } from '../src/kernel/clocks.ts';
import { planCampaign, tick } from '../src/modules/campaigns/index.ts';
import { ALL_GUARDS } from '../src/modules/deliveries/index.ts';
import { launch, loadPeople, TODAY, timed } from './campaign-ground.ts';
import { DAY, ENTE } from './console-ground.ts';
import { type BenchDatabase, type EngineName, startBenchDatabase } from './database.ts';
import { type BenchLine, median, ownRssMb, percentile, say, seconds, tenth, timings } from './line.ts';

const ROUNDS = 5;
const ROUNDS_AT_REST = 100;
/** So many fall due at once in a round of few. */
const FEW = 10;

/**
 * `n` due notices become queued messages through one whole tick. The reference writes the same rows, in turns with it: the
 * bare `INSERT … SELECT` of the very messages that it queued, by the owner, into the same empty table, and the bare update
 * of their notices, which wait from then on; a line apart gives the first of the two alone. Then what a tick costs where
 * nothing is due, and where a few notices are, behind `n` messages that were handed over.
 */
export async function bench(options: { n: number | null; engine: EngineName }): Promise<BenchLine[]> {
  const n = options.n ?? 100_000;
  const began = performance.now();
  const database = await startBenchDatabase(options.engine);
  try {
    const clock = new SimulatedClock(TODAY);
    const program = await database.program({ clock });
    try {
      const desk = await loadPeople(database, program, { people: n, debts: Math.ceil((n * 5) / 3) });
      await planCampaign(program.campaigns, ENTE, await launch(program, desk));
      await keep(database, 'notice', 'notice_line');
      say(`${database.version}; ${n} notices planned in ${seconds(began)} s`);
      const deps = { now: program.now, guards: ALL_GUARDS, monotonic: systemMonotonic };
      const once = () => program.db.tenant(ENTE, (tx) => tick(tx, deps));
      const ours: number[] = [];
      const inserted: number[] = [];
      const updated: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await planned(database);
        ours.push(await timed(once));
        if (round === 0) await keep(database, 'delivery');
        await planned(database);
        inserted.push(await timed(() => database.owner('insert into delivery select * from bench_delivery')));
        updated.push(await timed(() => database.owner(AWAIT)));
      }
      const rate = (ms: number) => (1000 * n) / ms;
      const base = {
        n,
        unit: 'notices',
        perSecond: tenth(rate(median(ours))),
        p50Ms: tenth(median(ours)),
        p99Ms: null,
      };
      const whole = inserted.map((ms, i) => ms + (updated[i] ?? 0));
      return [
        lineOf({ bench: 'tick, messages alone', ...base }, 'insert … select of the same messages', median(inserted)),
        ...(await atRest(database, once, n, clock)),
        lineOf({ bench: 'tick', ...base }, 'insert … select of them, update of their notices', median(whole)),
      ];
    } finally {
      await program.stop();
    }
  } finally {
    await database.stop();
  }
}

/** What the tick leaves behind on a notice that got a message. */
const AWAIT = `update notice set state = 'active', next_due_at = null where ente_id = ${ENTE}`;

async function keep(database: BenchDatabase, ...tables: string[]): Promise<void> {
  for (const table of tables) await database.owner(`create table bench_${table} as table ${table}`);
}

/** As the plan left them, nothing queued. */
async function planned(database: BenchDatabase): Promise<void> {
  await database.owner('truncate delivery, notice, notice_line');
  for (const table of ['notice', 'notice_line']) {
    await database.owner(`insert into ${table} select * from bench_${table}`);
  }
  await database.owner('vacuum analyze');
}

/** Every message was handed over, every notice has its next date. */
async function atRest(
  database: BenchDatabase,
  once: () => Promise<number>,
  n: number,
  clock: SimulatedClock,
): Promise<BenchLine[]> {
  const later = new Date(TODAY + 7 * DAY).toISOString();
  await database.owner(`update notice set state = 'active', next_step = 2, next_due_at = '${later}'::timestamptz
    + case when notice_id in (select notice_id from notice order by notice_id limit ${FEW * ROUNDS_AT_REST * 2})
      then make_interval(secs => 0) else make_interval(days => 2) end`);
  await database.owner(`update delivery set state = 3, handed_over_at = due_at`);
  await database.owner('vacuum analyze');
  const bare = await timings(ROUNDS_AT_REST, async () => {
    await database.owner('select 1');
  });
  const rest = await timings(ROUNDS_AT_REST, async () => {
    await once();
  });
  clock.advanceTo(TODAY + 7 * DAY);
  // Each round, so many of those that wait are let fall due; the others of that day are put off.
  await database.owner(
    `update notice set next_due_at = next_due_at + interval '1 day' where next_due_at <= '${later}'`,
  );
  const few: number[] = [];
  for (let round = 0; round < ROUNDS_AT_REST; round += 1) {
    await database.owner(`update notice set next_due_at = '${later}' where notice_id in (
      select notice_id from notice where state = 'active' and next_due_at > '${later}' limit ${FEW})`);
    few.push(await timed(once));
  }
  const line = (name: string, taken: readonly number[]) => ({
    bench: name,
    n,
    unit: 'ticks',
    perSecond: tenth(1000 / median(taken)),
    p50Ms: percentile(taken, 0.5),
    p99Ms: percentile(taken, 0.99),
  });
  const reference = median(bare);
  return [
    lineOf(line('tick, nothing due', rest), 'select 1', reference),
    lineOf(
      line(
        `tick, ${FEW} due`,
        few.toSorted((a, b) => a - b),
      ),
      'select 1',
      reference,
    ),
  ];
}

function lineOf(
  line: Pick<BenchLine, 'bench' | 'n' | 'unit' | 'perSecond' | 'p50Ms' | 'p99Ms'>,
  reference: string,
  referenceMs: number,
): BenchLine {
  const referencePerSecond = tenth((1000 * (line.unit === 'ticks' ? 1 : line.n)) / referenceMs);
  const ratio = Math.round((100 * line.perSecond) / referencePerSecond) / 100;
  return { ...line, reference, referencePerSecond, ratio, rssMb: ownRssMb() };
}
