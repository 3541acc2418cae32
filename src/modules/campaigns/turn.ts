import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';

/** Class of the advisory lock; the body is the second key. */
const ONE_AT_A_TIME = 7_205_342;

/**
 * Whoever moves many notices of one body takes turns: two ticks at once would meet the same rows in different orders and
 * one of them would be ended as a deadlock. Taken before any row is locked; freed by the end of the transaction.
 */
export async function takeTurn(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ONE_AT_A_TIME}, ${enteOf(tx)})`.execute(tx.kysely);
}
