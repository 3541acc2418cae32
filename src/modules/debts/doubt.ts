import { type RawBuilder, sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

/**
 * The office doubts these debts, and nobody is asked to pay them until it has said what is right (docs/adr/0010). `debts`:
 * a query of `debt_id`. Told twice it is one. Returns how many.
 */
export async function doubtDebts(tx: Tx, doubtId: string, debts: RawBuilder<unknown>, since: number): Promise<number> {
  const done = await sql`insert into debt_doubt (ente_id, debt_id, doubt_id, since)
    select ${enteOf(tx)}::int, q.debt_id, ${doubtId}::uuid, ${instant(since)}::timestamptz from (${debts}) q
    on conflict do nothing`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}

/** Which debts of a person, or which of these, the office doubts. */
export async function doubtedDebts(
  tx: Tx,
  of: { readonly debtorId: string } | { readonly debtIds: readonly string[] },
): Promise<Set<string>> {
  const ente = enteOf(tx);
  const which =
    'debtorId' in of
      ? sql`d.debt_id in (select b.debt_id from debt b where b.ente_id = ${ente} and b.debtor_id = ${of.debtorId})`
      : sql`d.debt_id = any(${[...of.debtIds]}::uuid[])`;
  const { rows } = await sql<{ debt_id: string }>`select distinct d.debt_id from debt_doubt d
    where d.ente_id = ${ente} and ${which}`.execute(tx.kysely);
  return new Set(rows.map((row) => row.debt_id));
}

/** A file names these debts: what it says of them stands, unless it was begun before they were doubted. */
export async function confirmDebts(tx: Tx, importId: string, debtIds: readonly string[]): Promise<void> {
  if (debtIds.length === 0) return;
  const ente = enteOf(tx);
  await sql`delete from debt_doubt d where d.ente_id = ${ente} and d.debt_id = any(${[...debtIds]}::uuid[])
    and d.since < (select i.at from import i where i.ente_id = ${ente} and i.import_id = ${importId})`.execute(
    tx.kysely,
  );
}

/** The office has looked: what is left of this doubt stands as it is. Returns how many debts. */
export async function endDoubt(tx: Tx, doubtId: string): Promise<number> {
  const done = await sql`delete from debt_doubt where ente_id = ${enteOf(tx)} and doubt_id = ${doubtId}`.execute(
    tx.kysely,
  );
  return Number(done.numAffectedRows ?? 0n);
}

/** How many debts are still in this doubt. */
export async function countDoubted(tx: Tx, doubtId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from debt_doubt
    where ente_id = ${enteOf(tx)} and doubt_id = ${doubtId}`.execute(tx.kysely);
  return rows[0]?.n ?? 0;
}
