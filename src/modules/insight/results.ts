import { sql } from 'kysely';
import { addDays, type CivilDate, compareDates } from '../../kernel/civil-date.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { type CampaignCost, campaignCost } from './cost.ts';
import { contacted, PAID, read } from './result-people.ts';

/** What a campaign brought about. People are counted per notice: one person and purpose group. */
export interface CampaignResults {
  readonly funnel: {
    readonly audience: number;
    readonly planned: number;
    readonly contacted: number;
    readonly read: number;
    readonly paid: number;
  };
  readonly money: { readonly toldCents: number; readonly paidCents: number };
  /** Cumulated from the first day to the last, a point a day; empty while nothing was paid. */
  readonly byDay: readonly { readonly day: CivilDate; readonly cents: number }[];
  readonly byChannel: readonly ChannelResult[];
  /** Most frequent first. */
  readonly exclusions: readonly { readonly reason: string; readonly n: number }[];
  readonly cost: CampaignCost;
}

export interface ChannelResult {
  readonly channel: string;
  readonly step: number;
  readonly accepted: number;
  readonly read: number;
  readonly failed: number;
}

export async function campaignResults(tx: Tx, campaignId: string): Promise<CampaignResults> {
  const ente = enteOf(tx);
  const counted = await sql<{ planned: number; contacted: number; read: number; paid: number }>`
    select count(*)::int as planned, count(*) filter (where ${contacted(null)})::int as contacted,
      count(*) filter (where ${read(null)})::int as read, count(*) filter (where ${PAID})::int as paid
    from notice_now n join campaign_now c on c.ente_id = n.ente_id and c.campaign_id = n.campaign_id
    where n.ente_id = ${ente} and n.campaign_id = ${campaignId}`.execute(tx.kysely);
  const people = counted.rows[0] as (typeof counted.rows)[number];
  const exclusions = await sql<{ reason: string; n: number }>`select reason, count(*)::int as n from exclusion_now
    where ente_id = ${ente} and campaign_id = ${campaignId} group by reason order by n desc, reason`.execute(tx.kysely);
  const channels = await sql<ChannelResult>`select channel, step_no as step,
      count(*) filter (where handed_over_at is not null)::int as accepted,
      count(*) filter (where state = 5)::int as read, count(*) filter (where state = 6)::int as failed
    from delivery_now where ente_id = ${ente} and campaign_id = ${campaignId}
    group by channel, step_no order by step_no, channel`.execute(tx.kysely);
  // A debt is told by one campaign at a time; its payments since the start are what the campaign was followed by.
  const days = await sql<{ day: CivilDate; cents: number }>`
    select (p.paid_at at time zone 'Europe/Rome')::date as day, sum(p.amount_cents)::bigint as cents
    from (select distinct debt_id from notice_line_now where ente_id = ${ente} and campaign_id = ${campaignId}) l
    join payment_now p on p.ente_id = ${ente} and p.debt_id = l.debt_id and p.state = 'booked'
    join campaign_now c on c.ente_id = ${ente} and c.campaign_id = ${campaignId} and p.paid_at >= c.started_at
    group by 1 order by 1`.execute(tx.kysely);
  const told = await sql<{ cents: number }>`select coalesce(sum(d.due_cents), 0)::bigint as cents
    from (select distinct l.debt_id from notice_line_now l
      join delivery_now v on v.ente_id = ${ente} and v.notice_id = l.notice_id and v.handed_over_at is not null
      where l.ente_id = ${ente} and l.campaign_id = ${campaignId}) t
    join debt_now d on d.ente_id = ${ente} and d.debt_id = t.debt_id`.execute(tx.kysely);
  return {
    funnel: { audience: people.planned + exclusions.rows.reduce((sum, row) => sum + row.n, 0), ...people },
    money: { toldCents: told.rows[0]?.cents ?? 0, paidCents: days.rows.reduce((sum, row) => sum + row.cents, 0) },
    byDay: cumulated(days.rows),
    byChannel: channels.rows,
    exclusions: exclusions.rows,
    cost: await campaignCost(tx, campaignId),
  };
}

/** Days without payments are points as well, so that the line is flat where nothing came. */
function cumulated(days: readonly { day: CivilDate; cents: number }[]): { day: CivilDate; cents: number }[] {
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return [];
  const paid = new Map(days.map((row) => [row.day, row.cents]));
  const points: { day: CivilDate; cents: number }[] = [{ day: addDays(first.day, -1), cents: 0 }];
  let sum = 0;
  for (let day = first.day; compareDates(day, last.day) <= 0; day = addDays(day, 1)) {
    sum += paid.get(day) ?? 0;
    points.push({ day, cents: sum });
  }
  return points;
}
