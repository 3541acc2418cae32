import { sql } from 'kysely';
import { romeDate } from '../../kernel/rome-time.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

/** What there is for a tick to do. */
export interface Look {
  /** The first tick of the legal day looks at everything: at minimums of new rules, and whatever a mark was missing for. */
  readonly newDay: boolean;
  /** Debts whose sums have moved, messages whose state has. */
  readonly debts: boolean;
  readonly messages: boolean;
  /** Notices that are due. */
  readonly due: boolean;
  /** A running campaign that may go only so fast: who waits may be called although nobody is due. */
  readonly paced: boolean;
}

/** A few reads of indexes, so that a body where nothing happened costs a tick no more. */
export async function look(tx: Tx, now: number): Promise<Look> {
  const ente = enteOf(tx);
  const { rows } = await sql<Look>`select
    not exists (select from tick_day where ente_id = ${ente} and day = ${romeDate(now)}) as "newDay",
    exists (select from debt_moved_now where ente_id = ${ente}) as debts,
    exists (select from delivery_moved_now where ente_id = ${ente}) as messages,
    exists (select from notice_now where ente_id = ${ente} and next_due_at <= ${instant(now)}) as due,
    exists (select from pace_now p join campaign_now k on k.ente_id = ${ente} and k.campaign_id = p.campaign_id
      and k.state = 'running' where p.ente_id = ${ente}) as paced`.execute(tx.kysely);
  return rows[0] as Look;
}

/** Everything was looked at today. */
export async function noteDay(tx: Tx, now: number): Promise<void> {
  await sql`insert into tick_day (ente_id, day) values (${enteOf(tx)}, ${romeDate(now)})
    on conflict (ente_id) do update set day = excluded.day`.execute(tx.kysely);
}
