import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

/** The body has work at `at` at the latest: written by whatever makes it so, in its own transaction. */
export async function touchTenant(tx: Tx, at: number): Promise<void> {
  await sql`insert into tenant_due (ente_id, next_at) values (${enteOf(tx)}, ${instant(at)})
    on conflict (ente_id) do update set next_at = least(tenant_due.next_at, excluded.next_at)`.execute(tx.kysely);
}

/**
 * Before the next instant is read: whoever has new work for this body (`touchTenant`) now waits for this commit, so that
 * its date is not overwritten by an answer that did not know of it.
 */
export async function lockTenantDue(tx: Tx, now: number): Promise<void> {
  await sql`insert into tenant_due (ente_id, next_at) values (${enteOf(tx)}, ${instant(now)})
    on conflict (ente_id) do update set next_at = tenant_due.next_at`.execute(tx.kysely);
}

/** After a run: the body's next instant as it is known now, or no row at all. */
export async function setTenantDue(tx: Tx, at: number | null): Promise<void> {
  const ente = enteOf(tx);
  if (at === null) {
    await sql`delete from tenant_due where ente_id = ${ente}`.execute(tx.kysely);
    return;
  }
  await sql`insert into tenant_due (ente_id, next_at) values (${ente}, ${instant(at)})
    on conflict (ente_id) do update set next_at = excluded.next_at`.execute(tx.kysely);
}

/** Bodies with work due, and the earliest instant of all; needs a system transaction. */
export async function dueTenants(tx: Tx, now: number): Promise<{ due: number[]; nextAt: number | null }> {
  const { rows } = await sql<{ ente_id: number; next_at: number }>`select ente_id, next_at from tenant_due
    where next_at <= greatest(${instant(now)}::timestamptz, (select min(next_at) from tenant_due)) order by next_at`.execute(
    tx.kysely,
  );
  const due = rows.filter((row) => row.next_at <= now).map((row) => row.ente_id);
  return { due, nextAt: rows[0]?.next_at ?? null };
}

/** Whether this body still has work due; needs a system transaction. */
export async function isDue(tx: Tx, enteId: number, now: number): Promise<boolean> {
  const { rows } = await sql`select 1 from tenant_due
    where ente_id = ${enteId} and next_at <= ${instant(now)}`.execute(tx.kysely);
  return rows.length > 0;
}
