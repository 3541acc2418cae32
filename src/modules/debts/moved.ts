import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';

/** Up to `limit` debts whose sums have moved since they were last taken. Only the tick takes them, one at a time per body. */
export async function takeMovedDebts(tx: Tx, limit: number): Promise<string[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ debt_id: string }>`
    delete from debt_moved where ente_id = ${ente} and mark_no in (
      select mark_no from debt_moved where ente_id = ${ente} order by mark_no limit ${limit})
    returning debt_id`.execute(tx.kysely);
  return rows.map((row) => row.debt_id);
}
