import { sql } from 'kysely';
import type { Tx } from '../../../platform/db/index.ts';

/**
 * Runs statements that look through whole tables. Of tables that were filled a moment ago the planner knows nothing, takes
 * them for almost empty and joins them row by row, in quadratic time; joined as a whole they take as long as they are.
 */
export async function onWholeTables<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  const { rows } = await sql<Settings>`select current_setting('enable_nestloop') as loops,
    current_setting('jit') as jit`.execute(tx.kysely);
  // Before version 18 a loop that cannot be avoided counts as so dear that the server compiles the statement, for seconds.
  await set(tx, { loops: 'off', jit: 'off' });
  const done = await work();
  if (rows[0] !== undefined) await set(tx, rows[0]);
  return done;
}

interface Settings {
  readonly loops: string;
  readonly jit: string;
}

async function set(tx: Tx, { loops, jit }: Settings): Promise<void> {
  await sql`select set_config('enable_nestloop', ${loops}, true), set_config('jit', ${jit}, true)`.execute(tx.kysely);
}
