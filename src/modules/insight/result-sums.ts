import { sql } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';

/** The sums of one campaign. People are counted per notice: one person and purpose group. */
export interface CampaignSums {
  readonly planned: number;
  readonly contacted: number;
  readonly read: number;
  /** Somebody paid one of the notice's debts since the campaign began. */
  readonly paid: number;
  /** What the debts that an accepted message spoke of are worth. */
  readonly toldCents: number;
  /** Booked since the first accepted message about each debt. */
  readonly collectedCents: number;
  /** Booked since the campaign began, by day in Rome, the earliest first. */
  readonly days: readonly { readonly day: CivilDate; readonly cents: number }[];
}

/**
 * One reading of the messages and one of the lines, each from its index alone, give all the sums: a campaign may have
 * told every taxpayer, and reading it once for each figure took seconds. A debt stands in one line of a campaign, since
 * its person and purpose have one notice there.
 */
export async function campaignSums(tx: Tx, campaignId: string): Promise<CampaignSums> {
  const ente = enteOf(tx);
  const { rows } = await sql<{
    planned: number;
    contacted: number;
    read: number;
    paid: number;
    told: number;
    collected: number;
    days: CampaignSums['days'];
  }>`
    with message as materialized (
      select notice_id, min(handed_over_at) as told_at, bool_or(state = 5) as read from delivery_now
      where ente_id = ${ente} and campaign_id = ${campaignId} group by notice_id
    ), line as materialized (
      select l.notice_id, l.debt_id, m.told_at from notice_line_now l left join message m on m.notice_id = l.notice_id
      where l.ente_id = ${ente} and l.campaign_id = ${campaignId}
    ), payment as materialized (
      select l.notice_id, l.told_at, p.paid_at, p.amount_cents, p.paid_at >= c.started_at as since from line l
      join payment_now p on p.ente_id = ${ente} and p.debt_id = l.debt_id and p.state = 'booked'
      join campaign_now c on c.ente_id = ${ente} and c.campaign_id = ${campaignId}
    ), day as (
      select (paid_at at time zone 'Europe/Rome')::date as day, sum(amount_cents)::bigint as cents from payment
      where since group by 1
    )
    select (select count(*)::int from notice_now where ente_id = ${ente} and campaign_id = ${campaignId}) as planned,
      m.contacted, m.read, p.paid, p.collected, t.told,
      (select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]') from day d) as days
    from (select count(told_at)::int as contacted, count(*) filter (where read)::int as read from message) m
    cross join (select coalesce(sum(d.due_cents), 0)::bigint as told from line l
      join debt_now d on d.ente_id = ${ente} and d.debt_id = l.debt_id where l.told_at is not null) t
    cross join (select count(distinct notice_id) filter (where since)::int as paid,
        coalesce(sum(amount_cents) filter (where paid_at >= told_at), 0)::bigint as collected from payment) p`.execute(
    tx.kysely,
  );
  const { told: toldCents, collected: collectedCents, ...sums } = rows[0] as (typeof rows)[number];
  return { ...sums, toldCents, collectedCents };
}

/** Messages of a campaign that are alike: the same channel and step, and accepted on the same day in Rome, or never. */
export interface MessageGroup {
  readonly channel: string;
  readonly step: number;
  /** Null: not accepted by the channel. */
  readonly day: CivilDate | null;
  readonly messages: number;
  readonly units: number;
  /** Of which nobody kept how many units they had. */
  readonly uncounted: number;
  readonly read: number;
  readonly failed: number;
}

/** By channel, then by day: messages of one batch share their instant, so few instants are turned into days. */
export async function messageGroups(tx: Tx, campaignId: string): Promise<MessageGroup[]> {
  const { rows } = await sql<MessageGroup>`
    select channel, step, (at at time zone 'Europe/Rome')::date as day, sum(messages)::int as messages,
      coalesce(sum(units), 0)::int as units, sum(uncounted)::int as uncounted, sum(read)::int as read,
      sum(failed)::int as failed
    from (
      select channel, step_no as step, handed_over_at as at, count(*) as messages, sum(units) as units,
        count(*) filter (where units is null) as uncounted, count(*) filter (where state = 5) as read,
        count(*) filter (where state = 6) as failed
      from delivery_now where ente_id = ${enteOf(tx)} and campaign_id = ${campaignId} group by 1, 2, 3) g
    group by 1, 2, 3 order by 1, 3, 2`.execute(tx.kysely);
  return rows;
}
