import { sql } from 'kysely';
import { enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import { noticeMachine } from './notice.states.ts';

/** Whose notices are looked at. */
export type Settled =
  | { readonly debtorId: string }
  | {
      /** What each campaign asks at least for. */
      readonly minimums: readonly { readonly campaignId: string; readonly minimumCents: number }[];
      /** Of notices that speak of these alone; null: of every open notice of those campaigns. */
      readonly debtIds: readonly string[] | null;
    };

/**
 * Notices with nothing worth asking for left: what is open of their lines is under the campaign's minimum (architecture
 * §3.10), or nothing at all. `stop_reason` tells a payment from a write-off.
 */
export async function settleNotices(tx: Tx, which: Settled): Promise<number> {
  const ente = enteOf(tx);
  const { minimum, of } = 'debtorId' in which ? ofPerson(ente, which.debtorId) : ofCampaigns(ente, which);
  const done = await sql`
    update notice n set state = ${noticeMachine.target('settle')}, next_due_at = null, stop_reason = s.why
    from (
      select n.notice_id, case when sum(d.paid_cents) > 0 then 'paid' else 'cancelled' end as why
      from notice n
      cross join lateral (${minimum}) u
      join notice_line l on l.ente_id = ${ente} and l.notice_id = n.notice_id
      join debt_now d on d.ente_id = ${ente} and d.debt_id = l.debt_id
      where n.ente_id = ${ente} ${of} and n.state = any(${noticeMachine.sources('settle')}::text[])
      group by n.notice_id, u.minimum
      having sum(case when d.state = 'open' then d.outstanding_cents else 0 end) < u.minimum
    ) s
    where n.ente_id = ${ente} and n.notice_id = s.notice_id`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}

/** They pass over rows that a tick holds: a receipt waits for nobody, and the next tick settles them. */
function ofPerson(ente: number, debtorId: string) {
  const of = sql`and n.notice_id in (select f.notice_id from notice f where f.ente_id = ${ente} and f.debtor_id = ${debtorId}
    for update skip locked)`;
  return { minimum: sql`select 1 as minimum`, of };
}

function ofCampaigns(ente: number, { minimums, debtIds }: Exclude<Settled, { debtorId: string }>) {
  const rows = unnestRows({
    campaign_id: { type: 'uuid', values: minimums.map((m) => m.campaignId) },
    minimum: { type: 'int8', values: minimums.map((m) => Math.max(m.minimumCents, 1)) },
  });
  const of =
    debtIds === null
      ? sql``
      : sql`and n.notice_id in (select l.notice_id from notice_line l
          where l.ente_id = ${ente} and l.debt_id = any(${[...debtIds]}::uuid[]))`;
  return { minimum: sql`select u.minimum from ${rows} where u.campaign_id = n.campaign_id`, of };
}
