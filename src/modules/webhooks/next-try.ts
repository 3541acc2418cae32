import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';

/** When the body's next event is to be told, or told again; real time, null: nothing waits. */
export async function nextWebhookAt(tx: Tx): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`select min(next_try_real) as at from webhook_event
    where ente_id = ${enteOf(tx)} and state = 'waiting'`.execute(tx.kysely);
  return rows[0]?.at ?? null;
}
