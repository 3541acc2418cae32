import { sql } from 'kysely';
import { enteOf, type Tx } from '../db/index.ts';

/** The coarse round that reads bodies (platform/leases): those where something happened, or that move by themselves. */
export const READING_TASK = 'readings';

/**
 * What was last read of each body, outside the tenants: numbers and codes only. Row-level security lets nobody count over
 * all bodies at once, and walking thousands of them whenever somebody asks would cost more than it tells.
 */
export interface KeptReading<T> {
  readonly enteId: number;
  readonly reading: T;
}

/** Keeps what was read of this body. */
export async function keepReading(tx: Tx, reading: object): Promise<void> {
  await sql`insert into operations_reading (ente_id, reading) values (${enteOf(tx)}, ${JSON.stringify(reading)}::jsonb)
    on conflict (ente_id) do update set reading = excluded.reading`.execute(tx.kysely);
}

/** Every reading; needs a system transaction. */
export async function keptReadings<T>(tx: Tx): Promise<KeptReading<T>[]> {
  const { rows } = await sql<{ ente_id: number; reading: T }>`
    select ente_id, reading from operations_reading order by ente_id`.execute(tx.kysely);
  return rows.map((row) => ({ enteId: row.ente_id, reading: row.reading }));
}

/** Since when (real time) the longest waiting body is to be read; null when none is. Needs a system transaction. */
export async function readingDueAt(tx: Tx): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`select min(at_real) as at from tenant_chore
    where task = ${READING_TASK}`.execute(tx.kysely);
  return rows[0]?.at ?? null;
}
