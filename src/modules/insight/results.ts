import { sql } from 'kysely';
import { addDays, type CivilDate, compareDates } from '../../kernel/civil-date.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';

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
}

export interface ChannelResult {
  readonly channel: string;
  readonly step: number;
  readonly accepted: number;
  readonly read: number;
  readonly failed: number;
}

const PAID = sql`exists (select from notice_line_now l
  join payment_now p on p.ente_id = l.ente_id and p.debt_id = l.debt_id and p.state = 'booked'
  where l.ente_id = n.ente_id and l.notice_id = n.notice_id and p.paid_at >= c.started_at)`;
const CONTACTED = sql`exists (select from delivery_now d where d.ente_id = n.ente_id and d.notice_id = n.notice_id
  and d.handed_over_at is not null)`;
const READ = sql`exists (select from delivery_now d where d.ente_id = n.ente_id and d.notice_id = n.notice_id and d.state = 5)`;

export async function campaignResults(tx: Tx, campaignId: string): Promise<CampaignResults> {
  const ente = enteOf(tx);
  const counted = await sql<{ planned: number; contacted: number; read: number; paid: number }>`
    select count(*)::int as planned, count(*) filter (where ${CONTACTED})::int as contacted,
      count(*) filter (where ${READ})::int as read, count(*) filter (where ${PAID})::int as paid
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

export const RESULT_LISTS = ['planned', 'contacted', 'read', 'paid', 'failed', 'uncertain', 'excluded'] as const;
export type ResultList = (typeof RESULT_LISTS)[number];

export interface ListedPerson {
  readonly debtorId: string;
  /** Why excluded or failed; else the state of the notice. */
  readonly reason: string;
}

const PER_PAGE = 50;

/** The people behind a number, a page of 50 at a time; `reason` narrows the excluded and the failed. Pages from 1. */
export async function peopleOf(
  tx: Tx,
  campaignId: string,
  list: ResultList,
  reason: string | null,
  page: number,
): Promise<{ people: ListedPerson[]; total: number; pages: number }> {
  const ente = enteOf(tx);
  const from =
    list === 'excluded'
      ? sql`select debtor_id, reason from exclusion_now where ente_id = ${ente} and campaign_id = ${campaignId}`
      : list === 'failed' || list === 'uncertain'
        ? sql`select debtor_id, max(coalesce(reason, '?')) as reason from delivery_now where ente_id = ${ente}
            and campaign_id = ${campaignId} and state = ${list === 'failed' ? 6 : 8} group by debtor_id`
        : sql`select n.debtor_id, coalesce(n.stop_reason, n.state) as reason from notice_now n
            join campaign_now c on c.ente_id = n.ente_id and c.campaign_id = n.campaign_id
            where n.ente_id = ${ente} and n.campaign_id = ${campaignId}
              and ${list === 'contacted' ? CONTACTED : list === 'read' ? READ : list === 'paid' ? PAID : sql`true`}`;
  const only = reason === null ? sql`` : sql`where x.reason = ${reason}`;
  const count = await sql<{ n: number }>`select count(*)::int as n from (${from}) x ${only}`.execute(tx.kysely);
  const total = count.rows[0]?.n ?? 0;
  const offset = (Math.max(page, 1) - 1) * PER_PAGE;
  const { rows } = await sql<{
    debtor_id: string;
    reason: string;
  }>`select x.debtor_id, x.reason from (${from}) x ${only}
    order by x.debtor_id, x.reason limit ${PER_PAGE} offset ${offset}`.execute(tx.kysely);
  return {
    people: rows.map((row) => ({ debtorId: row.debtor_id, reason: row.reason })),
    total,
    pages: Math.max(1, Math.ceil(total / PER_PAGE)),
  };
}
