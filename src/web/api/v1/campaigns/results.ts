import { sql } from 'kysely';
import type { CampaignRecord } from '../../../../modules/campaigns/index.ts';
import { stateOfCode } from '../../../../modules/deliveries/index.ts';
import { enteOf, type Tx } from '../../../../platform/db/index.ts';

/** Counts of one campaign, no person in them. Money: what the debts told by it are worth and what was paid of them. */
export async function campaignResults(tx: Tx, { campaignId }: CampaignRecord) {
  const ente = enteOf(tx);
  const notices = await sql<{ state: string; n: number }>`select state, count(*)::int as n from notice_now
    where ente_id = ${ente} and campaign_id = ${campaignId} group by state order by state`.execute(tx.kysely);
  const excluded = await sql<{ reason: string; n: number }>`select reason, count(*)::int as n from exclusion_now
    where ente_id = ${ente} and campaign_id = ${campaignId} group by reason order by reason`.execute(tx.kysely);
  const deliveries = await sql<{ channel: string; state: number; reason: string | null; n: number }>`
    select channel, state, reason, count(*)::int as n from delivery_now
    where ente_id = ${ente} and campaign_id = ${campaignId}
    group by channel, state, reason order by channel, state, reason`.execute(tx.kysely);
  const money = await sql<{ n: number; due: number; paid: number; settled: number }>`
    select count(*)::int as n, coalesce(sum(d.due_cents), 0)::bigint as due, coalesce(sum(d.paid_cents), 0)::bigint as paid,
      count(*) filter (where d.state = 'settled')::int as settled
    from (select distinct debt_id from notice_line_now where ente_id = ${ente} and campaign_id = ${campaignId}) l
    join debt_now d on d.ente_id = ${ente} and d.debt_id = l.debt_id`.execute(tx.kysely);
  const total = money.rows[0];
  return {
    people: {
      planned: notices.rows.reduce((sum, row) => sum + row.n, 0),
      byState: Object.fromEntries(notices.rows.map((row) => [row.state, row.n])),
      excluded: Object.fromEntries(excluded.rows.map((row) => [row.reason, row.n])),
    },
    deliveries: deliveries.rows.map(({ channel, state, reason, n }) => ({
      channel,
      state: stateOfCode(state),
      reason,
      count: n,
    })),
    money: {
      debts: total?.n ?? 0,
      dueCents: total?.due ?? 0,
      paidCents: total?.paid ?? 0,
      settled: total?.settled ?? 0,
    },
  };
}
