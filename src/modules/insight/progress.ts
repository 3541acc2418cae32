import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

const HOUR_MS = 3_600_000;

/**
 * Where the messages of a campaign are. Each message is in exactly one of the counts; `handedOver` are those that the
 * channel accepted and of which nothing more is known.
 */
export interface CampaignProgress {
  readonly total: number;
  readonly queued: number;
  readonly onTheWire: number;
  readonly handedOver: number;
  readonly delivered: number;
  readonly failed: number;
  readonly uncertain: number;
  readonly expired: number;
  readonly void: number;
  readonly people: { readonly total: number; readonly ended: number; readonly waiting: number };
  /** Failures by reason, the most frequent first. */
  readonly failures: readonly { readonly reason: string; readonly n: number }[];
  /** Messages accepted in the last hour of legal time. */
  readonly lastHour: number;
  /** When the queue of today should be empty: epoch ms, null when it cannot be said. */
  readonly endAt: number | null;
  /** The next instant at which a person's turn comes, epoch ms. */
  readonly nextStepAt: number | null;
}

export async function campaignProgress(tx: Tx, campaignId: string, now: number): Promise<CampaignProgress> {
  const ente = enteOf(tx);
  const { rows } = await sql<
    Record<'total' | 'queued' | 'wire' | 'handed' | 'delivered' | 'failed' | 'uncertain', number> & {
      expired: number;
      void: number;
      last_hour: number;
      last_due: number | null;
    }
  >`select count(*)::int as total,
      count(*) filter (where state = 0)::int as queued,
      count(*) filter (where state in (1, 2))::int as wire,
      count(*) filter (where state = 3)::int as handed,
      count(*) filter (where state in (4, 5))::int as delivered,
      count(*) filter (where state = 6)::int as failed,
      count(*) filter (where state = 8)::int as uncertain,
      count(*) filter (where state = 7)::int as expired,
      count(*) filter (where state = 9)::int as void,
      count(*) filter (where handed_over_at > ${instant(now - HOUR_MS)}::timestamptz)::int as last_hour,
      max(due_at) filter (where state = 0) as last_due
    from delivery_now where ente_id = ${ente} and campaign_id = ${campaignId}`.execute(tx.kysely);
  const d = rows[0] as (typeof rows)[number];
  const notices = await sql<{ total: number; ended: number; waiting: number; next: number | null }>`
    select count(*)::int as total, count(*) filter (where state not in ('planned', 'active'))::int as ended,
      count(*) filter (where next_due_at is not null)::int as waiting, min(next_due_at) as next
    from notice_now where ente_id = ${ente} and campaign_id = ${campaignId}`.execute(tx.kysely);
  const people = notices.rows[0] as (typeof notices.rows)[number];
  const failures = await sql<{ reason: string; n: number }>`select coalesce(reason, '?') as reason, count(*)::int as n
    from delivery_now where ente_id = ${ente} and campaign_id = ${campaignId} and state = 6
    group by 1 order by 2 desc, 1 limit 10`.execute(tx.kysely);
  return {
    total: d.total,
    queued: d.queued,
    onTheWire: d.wire,
    handedOver: d.handed,
    delivered: d.delivered,
    failed: d.failed,
    uncertain: d.uncertain,
    expired: d.expired,
    void: d.void,
    people: { total: people.total, ended: people.ended, waiting: people.waiting },
    failures: failures.rows,
    lastHour: d.last_hour,
    endAt: endOf(d.queued + d.wire, d.last_hour, d.last_due, now),
    nextStepAt: people.next,
  };
}

/** By the pace of the last hour; what is due later than that is not done earlier. */
function endOf(left: number, lastHour: number, lastDueAt: number | null, now: number): number | null {
  if (left === 0) return null;
  const byPace = lastHour === 0 ? null : now + (left / lastHour) * HOUR_MS;
  const byDue = lastDueAt !== null && lastDueAt > now ? lastDueAt : null;
  return byPace === null ? byDue : Math.round(Math.max(byPace, byDue ?? 0));
}
