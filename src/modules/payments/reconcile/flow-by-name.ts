import { sql } from 'kysely';
import { enteOf, type Tx } from '../../../platform/db/index.ts';

/** The flow in force under the id that bank and platform call it by, or null. */
export async function flowByName(tx: Tx, flowId: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select remittance_id as id from remittance where ente_id = ${enteOf(tx)}
    and upper(flow_id) = upper(${flowId}) and state = 'consistent'`.execute(tx.kysely);
  return rows[0]?.id ?? null;
}
