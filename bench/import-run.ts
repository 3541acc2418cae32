import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SimulatedClock } from '../src/kernel/clocks.ts';
import { codeOf, ENTE, HEADER, openOffice, rowOf, TARI } from './console-ground.ts';
import { type BenchDatabase, type EngineName, startBenchDatabase } from './database.ts';
import { type BenchLine, median, ownRssMb, say, tenth } from './line.ts';

/** Monday 7 September 2026, 10:00 in Rome. */
const START = Date.UTC(2026, 8, 7, 8, 0);
/** What an import fills, in the order in which the keys allow it. */
const FILLED = ['debtor', 'contact_point', 'held_item', 'debt', 'debt_entry', 'payment_request'];
const WARM_UP = 2_000;

/** One import beside the least that its rows cost, in seconds. */
export interface ImportRun {
  readonly program: number;
  readonly reference: number;
}

/** Imports of files of any size into one empty body, each followed by its own reference. */
export interface ImportBench {
  readonly version: string;
  /** Of this process before anything was loaded. */
  readonly idleRssMb: number;
  run(n: number, rounds: number): Promise<{ runs: ImportRun[]; peakRssMb: number }>;
  stop(): Promise<void>;
}

/**
 * The program loads a CSV file of `n` positions of three fifths as many people, from parsing to the notice numbers. The
 * reference is COPY, by the owner, whom no policy binds, of the very rows that came of it, ciphertext and all, into the
 * same tables with their indexes and keys. Both begin with empty tables, in turn.
 */
export async function openImportBench(engine: EngineName): Promise<ImportBench> {
  const database = await startBenchDatabase(engine);
  const folder = mkdtempSync(join(tmpdir(), 'bonario-bench-files-'));
  const program = await database.program({ clock: new SimulatedClock(START) });
  const { operatorId } = await openOffice(program, START);
  const idleRssMb = ownRssMb();
  const load = async (path: string, n: number) => {
    const began = performance.now();
    const outcome = await program.imports.load(
      {
        enteId: ENTE,
        creditType: TARI.code,
        fileName: basename(path),
        open: () => createReadStream(path),
        profile: null,
      },
      { skipBad: false, releaseQuarantined: false },
      `operator:${operatorId}`,
    );
    const seconds = (performance.now() - began) / 1000;
    if (outcome.kind !== 'committed' || outcome.counts.created !== n) throw new Error(`${n} rows: ${outcome.kind}`);
    return seconds;
  };
  const warm = await writeFile(join(folder, 'warm.csv'), WARM_UP);
  await load(warm, WARM_UP);

  return {
    version: database.version,
    idleRssMb,
    async run(n, rounds) {
      const path = await writeFile(join(folder, `${n}.csv`), n);
      const runs: ImportRun[] = [];
      let peakRssMb = 0;
      for (let round = 0; round < rounds; round += 1) {
        await empty(database, [...FILLED, 'import']);
        const watch = setInterval(() => {
          if (round === 0) peakRssMb = Math.max(peakRssMb, ownRssMb());
        }, 20);
        const taken = await load(path, n).finally(() => clearInterval(watch));
        const reference = await copyAgain(database);
        runs.push({ program: taken, reference });
        say(`  ${n} debts: ${taken.toFixed(2)} s, COPY of their rows ${reference.toFixed(2)} s`);
      }
      rmSync(path);
      return { runs, peakRssMb };
    },
    async stop() {
      await program.stop();
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function empty(database: BenchDatabase, tables: readonly string[]): Promise<void> {
  await database.owner(`truncate ${tables.join(', ')} cascade`);
  await database.owner('checkpoint');
}

/** The rows of the last import out to files of the server's, and in again: how long the second took, s. */
async function copyAgain(database: BenchDatabase): Promise<number> {
  const [setting] = await database.owner('show data_directory');
  const files = FILLED.map((table) => ({ table, file: `${String(setting?.data_directory)}/bench-${table}` }));
  const counted = await countAll(database);
  for (const { table, file } of files) await database.owner(`copy ${table} to '${file}' (format binary)`);
  // Statistics gathered in the middle of it say that the tables are empty, and their keys are then looked up by a wrong index
  // for as long as it lasts: ten minutes, which no reference should take.
  await gatherStatistics(database, false);
  await empty(database, FILLED);
  const began = performance.now();
  for (const { table, file } of files) await database.owner(`copy ${table} from '${file}' (format binary)`);
  const seconds = (performance.now() - began) / 1000;
  await gatherStatistics(database, true);
  if ((await countAll(database)) !== counted) throw new Error('the reference did not load the same rows');
  return seconds;
}

async function gatherStatistics(database: BenchDatabase, on: boolean): Promise<void> {
  for (const table of FILLED) await database.owner(`alter table ${table} set (autovacuum_enabled = ${on})`);
}

async function countAll(database: BenchDatabase): Promise<string> {
  const rows = await database.owner(
    FILLED.map((table) => `select '${table}' as name, count(*)::int as n from ${table}`).join(' union all '),
  );
  return rows
    .map(({ name, n }) => `${String(name)} ${String(n)}`)
    .sort()
    .join(', ');
}

async function writeFile(path: string, n: number): Promise<string> {
  const people = Math.ceil((n * 3) / 5);
  await pipeline(
    Readable.from(
      (function* () {
        yield HEADER;
        for (let row = 0; row < n; row += 1) yield `\r\n${rowOf(row, row % people, codeOf(row % people))}`;
        yield '\r\n';
      })(),
    ),
    createWriteStream(path),
  );
  return path;
}

/** The smaller, the more the machine's noise weighs. */
export function roundsFor(n: number): number {
  if (n <= 20_000) return 5;
  return n <= 200_000 ? 3 : 1;
}

export function lineOf(bench: string, n: number, runs: readonly ImportRun[], rssMb: number): BenchLine {
  const program = median(runs.map((run) => run.program));
  const reference = median(runs.map((run) => run.reference));
  return {
    bench,
    n,
    unit: 'debts',
    perSecond: tenth(n / program),
    reference: 'COPY of the same ciphertext rows',
    referencePerSecond: tenth(n / reference),
    ratio: Math.round((100 * reference) / program) / 100,
    p50Ms: null,
    p99Ms: null,
    rssMb,
  };
}
