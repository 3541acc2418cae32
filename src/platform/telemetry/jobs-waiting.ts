import { sql } from 'kysely';
import { instant, type Tx } from '../db/index.ts';

const DAY_MS = 86_400_000;

/** Coarse jobs of all bodies that nobody has done, and those given up in the last day. Instants: real time. */
export interface JobsWaiting {
  readonly waiting: number;
  readonly oldestAt: number | null;
  readonly failed: number;
}

/** Needs a system transaction. Both parts go by the queue's own indexes: done jobs, which stay for long, are not read. */
export async function jobsWaiting(tx: Tx, realNow: number): Promise<JobsWaiting> {
  const { rows } = await sql<{ waiting: number; oldest: number | null; failed: number }>`
    select w.waiting, w.oldest, f.failed
    from (select count(*)::int as waiting, min(created_on) as oldest from pgboss.job
          where state < 'active' and not blocked) w
    cross join (select count(*)::int as failed from pgboss.queue q
          join pgboss.job j on j.name = q.name and j.state = 'failed'
            and j.completed_on > ${instant(realNow - DAY_MS)}) f`.execute(tx.kysely);
  const row = rows[0];
  return { waiting: row?.waiting ?? 0, oldestAt: row?.oldest ?? null, failed: row?.failed ?? 0 };
}
