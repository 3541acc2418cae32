import { sql } from 'kysely';
import type { Monotonic } from '../../kernel/clocks.ts';
import { newId } from '../../kernel/ids.ts';
import { type Database, instant } from '../db/index.ts';

/** Whether this process is the one that does what must be done by one alone. */
export interface Leader {
  /** Asks for the lease, or makes it longer, where that is due; true while it is ours. */
  leads(): Promise<boolean>;
  /** Gives it up at once, so that nobody waits for its end. */
  resign(): Promise<void>;
}

/** A leader that dies is followed after at most so long, and a renewal. */
const LEASE_MS = 6_000;
const RENEW_MS = 2_000;

/** Alone on its database: leads without asking. */
export const soleLeader: Leader = { leads: async () => true, resign: async () => {} };

/**
 * One holder of `task` among all processes on the database, by a row that it renews, real time. What a leader does must
 * bear that another began it: a process that stood still for longer than its lease does not know that it lost it.
 */
export function makeLeader(db: Database, task: string, monotonic: Monotonic): Leader {
  const holder = newId();
  let mine = false;
  let askAt = 0;
  let asking: Promise<boolean> | null = null;

  async function ask(): Promise<boolean> {
    const now = monotonic.now();
    const { rows } = await db.system((tx) =>
      sql`insert into leader_lease (task, holder, until_real) values (${task}, ${holder}, ${instant(now + LEASE_MS)})
        on conflict (task) do update set holder = excluded.holder, until_real = excluded.until_real
        where leader_lease.holder = excluded.holder or leader_lease.until_real < ${instant(now)}
        returning 1`.execute(tx.kysely),
    );
    askAt = now + RENEW_MS;
    mine = rows.length > 0;
    return mine;
  }

  return {
    async leads() {
      if (monotonic.now() < askAt) return mine;
      asking ??= ask().finally(() => {
        asking = null;
      });
      return asking;
    },
    async resign() {
      if (!mine) return;
      mine = false;
      askAt = Number.POSITIVE_INFINITY;
      await db.system((tx) =>
        sql`delete from leader_lease where task = ${task} and holder = ${holder}`.execute(tx.kysely),
      );
    },
  };
}
