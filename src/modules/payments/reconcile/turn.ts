import { sql } from 'kysely';
import { enteOf, type Tx } from '../../../platform/db/index.ts';

const ONE_AT_A_TIME = 7_205_345;

/** Whoever loads, matches or decides does so alone for this body, until the transaction ends. */
export async function takeTurn(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ONE_AT_A_TIME}, ${enteOf(tx)})`.execute(tx.kysely);
}
