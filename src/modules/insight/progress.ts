import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

const HOUR_MS = 3_600_000;
/** How long due work may stand before the page says so: a batch takes seconds, a worker's lease a minute. */
const STILL_MS = 15 * 60_000;

/** Due messages of one channel that nothing has moved for a while, and what is seen from outside of the reason. */
export interface StuckQueue {
  readonly channel: string;
  readonly n: number;
  /** Since when: the last thing that moved in this queue, or when its oldest message fell due; epoch ms. */
  readonly since: number;
  /**
   * `program`: nothing of the body moves; `otherCampaigns`: the channel is at work, on messages that were due before;
   * `channel`: other channels move, this one does not.
   */
  readonly reason: 'program' | 'otherCampaigns' | 'channel';
}

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
  /** People whose message failed and is to be tried again, and the earliest instant. */
  readonly retrying: { readonly n: number; readonly nextAt: number | null };
  /** Messages that the channel takes no more today, by its daily budget, and when it goes on. */
  readonly overBudget: { readonly n: number; readonly nextAt: number | null };
  /** Empty while everything moves as it should. */
  readonly stuck: readonly StuckQueue[];
}

export async function campaignProgress(tx: Tx, campaignId: string, now: number): Promise<CampaignProgress> {
  const ente = enteOf(tx);
  const { rows } = await sql<
    Record<'total' | 'queued' | 'wire' | 'handed' | 'delivered' | 'failed' | 'uncertain', number> & {
      expired: number;
      void: number;
      last_hour: number;
      last_due: number | null;
      over_budget: number;
      budget_at: number | null;
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
      max(due_at) filter (where state = 0) as last_due,
      count(*) filter (where state = 0 and reason = 'dailyBudget')::int as over_budget,
      min(due_at) filter (where state = 0 and reason = 'dailyBudget') as budget_at
    from delivery_now where ente_id = ${ente} and campaign_id = ${campaignId}`.execute(tx.kysely);
  const d = rows[0] as (typeof rows)[number];
  const notices = await sql<
    Record<'total' | 'ended' | 'waiting' | 'retrying', number> & Record<'next' | 'retry', number | null>
  >`
    select count(*)::int as total, count(*) filter (where state not in ('planned', 'active'))::int as ended,
      count(*) filter (where next_due_at is not null)::int as waiting, min(next_due_at) as next,
      count(*) filter (where next_due_at is not null and next_attempt > 1)::int as retrying,
      min(next_due_at) filter (where next_attempt > 1) as retry
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
    retrying: { n: people.retrying, nextAt: people.retry },
    overBudget: { n: d.over_budget, nextAt: d.budget_at },
    stuck: await stuckQueues(tx, campaignId, now),
  };
}

/** Of a running campaign: one that is paused stands because somebody said so. */
async function stuckQueues(tx: Tx, campaignId: string, now: number): Promise<StuckQueue[]> {
  const ente = enteOf(tx);
  const still = instant(now - STILL_MS);
  const { rows } = await sql<{ channel: string; n: number; due: number; moved: number | null }>`
    select d.channel, count(*) filter (where d.state in (0, 1, 2) and d.due_at <= ${still}::timestamptz)::int as n,
      min(d.due_at) filter (where d.state in (0, 1, 2)) as due, max(greatest(d.handed_over_at, d.finished_at)) as moved
    from delivery_now d
    join campaign_now k on k.ente_id = ${ente} and k.campaign_id = d.campaign_id and k.state = 'running'
    where d.ente_id = ${ente} and d.campaign_id = ${campaignId}
    group by d.channel
    having count(*) filter (where d.state in (0, 1, 2) and d.due_at <= ${still}::timestamptz) > 0
      and coalesce(max(greatest(d.handed_over_at, d.finished_at)) <= ${still}::timestamptz, true)
    order by d.channel`.execute(tx.kysely);
  if (rows.length === 0) return [];
  // Among what runs: of a body's million messages only these can have moved in the last minutes.
  const moving = await sql<{ channel: string }>`select distinct d.channel from campaign_now k
    join delivery_now d on d.ente_id = ${ente} and d.campaign_id = k.campaign_id
    where k.ente_id = ${ente} and k.state = 'running'
      and greatest(d.handed_over_at, d.finished_at) > ${still}::timestamptz`.execute(tx.kysely);
  const channels = new Set(moving.rows.map((row) => row.channel));
  return rows.map(({ channel, n, due, moved }) => ({
    channel,
    n,
    since: Math.max(due, moved ?? 0),
    reason: channels.has(channel) ? 'otherCampaigns' : channels.size > 0 ? 'channel' : 'program',
  }));
}

/** By the pace of the last hour; what is due later than that is not done earlier. */
function endOf(left: number, lastHour: number, lastDueAt: number | null, now: number): number | null {
  if (left === 0) return null;
  const byPace = lastHour === 0 ? null : now + (left / lastHour) * HOUR_MS;
  const byDue = lastDueAt !== null && lastDueAt > now ? lastDueAt : null;
  return byPace === null ? byDue : Math.round(Math.max(byPace, byDue ?? 0));
}
