import { sql } from 'kysely';
import { instant, type Tx, unnestRows } from '../db/index.ts';

/** A body that a coarse round has to look at. Real time. */
export interface TenantChore {
  readonly enteId: number;
  /** When something last happened in it. */
  readonly touchedAt: number;
}

/** Something happened in these bodies: every coarse round looks at them. Needs a system transaction. */
export async function touchChores(
  tx: Tx,
  tasks: readonly string[],
  enteIds: readonly number[],
  realNow: number,
): Promise<void> {
  // Sorted, so that two processes lock in the same order.
  const rows = [...tasks]
    .sort()
    .flatMap((task) => [...enteIds].sort((a, b) => a - b).map((enteId) => ({ task, enteId })));
  await sql`insert into tenant_chore (task, ente_id, touched_real, at_real)
    select u.task, u.ente, ${instant(realNow)}, ${instant(realNow)} from ${unnestRows({
      task: { type: 'text', values: rows.map((row) => row.task) },
      ente: { type: 'int4', values: rows.map((row) => row.enteId) },
    })}
    on conflict (task, ente_id) do update set touched_real = excluded.touched_real, at_real = excluded.at_real`.execute(
    tx.kysely,
  );
}

/** The bodies whose turn it is, those that waited longest first. Needs a system transaction. */
export async function dueChores(tx: Tx, task: string, realNow: number): Promise<TenantChore[]> {
  const { rows } = await sql<TenantChore>`select ente_id as "enteId", touched_real as "touchedAt" from tenant_chore
    where task = ${task} and at_real <= ${instant(realNow)} order by at_real, ente_id`.execute(tx.kysely);
  return rows;
}

/**
 * A body was looked at: again at `nextAt`, or when something happens; null: only then. What happened since the look
 * began keeps its turn. Needs a system transaction.
 */
export async function doneChore(tx: Tx, task: string, chore: TenantChore, nextAt: number | null): Promise<void> {
  const same = sql`task = ${task} and ente_id = ${chore.enteId} and touched_real = ${instant(chore.touchedAt)}`;
  if (nextAt === null) await sql`delete from tenant_chore where ${same}`.execute(tx.kysely);
  else await sql`update tenant_chore set at_real = ${instant(nextAt)} where ${same}`.execute(tx.kysely);
}
