import { SimulatedClock } from '../src/kernel/clocks.ts';
import { sealNext } from '../src/modules/audit/index.ts';
import { TODAY, timed } from './campaign-ground.ts';
import { ENTE } from './console-ground.ts';
import { type BenchDatabase, type EngineName, startBenchDatabase } from './database.ts';
import { type BenchLine, median, ownRssMb, say, tenth } from './line.ts';

const ROUNDS = 5;

/**
 * `n` leaves of one body sealed until none is left. The reference, in turns with it: the owner reads the same digests in
 * the same order, deletes the rows that waited and writes their order down, in one bare statement each.
 */
export async function bench(options: { n: number | null; engine: EngineName }): Promise<BenchLine[]> {
  const n = options.n ?? 100_000;
  const database = await startBenchDatabase(options.engine);
  try {
    const program = await database.program({ clock: new SimulatedClock(TODAY) });
    try {
      say(`${database.version}; ${n} leaves`);
      const sealAll = async () => {
        for (;;) {
          const seal = await program.db.tenant(ENTE, (tx) => sealNext(tx, program.now()));
          if (seal === null) return;
        }
      };
      const ours: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await unsealed(database, n);
        ours.push(await timed(sealAll));
        await unsealed(database, n);
        bare.push(await timed(() => sealBare(database)));
      }
      const rate = (ms: number) => tenth((1000 * n) / ms);
      return [
        {
          bench: 'seal',
          n,
          unit: 'leaves',
          perSecond: rate(median(ours)),
          reference: 'the digests read, the same rows deleted, their order written',
          referencePerSecond: rate(median(bare)),
          ratio: Math.round((100 * median(bare)) / median(ours)) / 100,
          p50Ms: tenth(median(ours)),
          p99Ms: null,
          rssMb: ownRssMb(),
        },
      ];
    } finally {
      await program.stop();
    }
  } finally {
    await database.stop();
  }
}

/** So many leaves as the program writes them, from instants that grow, and no seal. */
async function unsealed(database: BenchDatabase, n: number): Promise<void> {
  await database.owner('truncate audit_leaf, audit_unsealed, audit_order, audit_seal');
  await database.owner(`insert into audit_leaf (ente_id, leaf_id, at, kind, actor, row_count, facts, digest)
    select ${ENTE}, (lpad(to_hex(1788000000000 + i / 4), 12, '0') || '7' || lpad(to_hex(i % 4), 3, '0') || '8' || substr(md5(i::text), 1, 15))::uuid,
      '${new Date(TODAY).toISOString()}', 'citizen.identified', 'citizen', 1,
      jsonb_build_object('noticeId', md5(i::text)::uuid, 'level', 'identified', 'reason', null), sha256(i::text::bytea)
    from generate_series(1, ${n}::bigint) i`);
  await database.owner('insert into audit_unsealed select ente_id, leaf_id, digest from audit_leaf');
  await database.owner('vacuum analyze audit_leaf, audit_unsealed');
}

async function sealBare(database: BenchDatabase): Promise<void> {
  const waiting = `from audit_unsealed where ente_id = ${ENTE}`;
  await database.owner(`select leaf_id, digest ${waiting} order by leaf_id`);
  await database.owner(`insert into audit_order select ${ENTE}, 1, array_agg(leaf_id order by leaf_id) ${waiting}`);
  await database.owner(`delete ${waiting}`);
}
