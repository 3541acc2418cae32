import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { paceUse } from '../deliveries/index.ts';

/** How much of its pace a campaign has used, and who waits for a turn. */
export interface PaceToday {
  readonly perDay: number | null;
  readonly perHour: number | null;
  readonly usedToday: number;
  readonly usedThisHour: number;
  readonly waiting: number;
  /** The last turn that has been given, epoch ms; null: nobody waits. */
  readonly lastTurnAt: number | null;
}

/** Null: the campaign has no pace, or has not begun. `now`: legal time. */
export async function paceToday(tx: Tx, campaignId: string, now: number): Promise<PaceToday | null> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ per_day: number | null; per_hour: number | null; waiting: number; last: number | null }>`
    select p.per_day, p.per_hour, w.waiting, w.last from pace_now p
    cross join lateral (select count(*)::int as waiting, max(n.next_due_at) as last from notice_now n
      where n.ente_id = ${ente} and n.campaign_id = ${campaignId} and n.stop_reason = 'pacing') w
    where p.ente_id = ${ente} and p.campaign_id = ${campaignId}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  const use = await paceUse(tx, campaignId, now, false);
  return {
    perDay: row.per_day,
    perHour: row.per_hour,
    usedToday: use.day,
    usedThisHour: use.hour,
    waiting: row.waiting,
    lastTurnAt: row.last,
  };
}
