import { type RawBuilder, sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';

/** Of a notice `n` of a campaign `c`: somebody paid one of its debts since the campaign began. */
const paid = (ente: number) => sql`exists (select from notice_line_now l
  join payment_now p on p.ente_id = ${ente} and p.debt_id = l.debt_id and p.state = 'booked'
  where l.ente_id = ${ente} and l.campaign_id = n.campaign_id and l.notice_id = n.notice_id and p.paid_at >= c.started_at)`;
const ofStep = (step: number | null) => (step === null ? sql`` : sql`and d.step_no = ${step}`);
/** Of a notice `n`: a message of it, or of one of its steps, of which `what` is true. */
// The campaign says nothing more than the notice: with it, one index answers for all the notices at once.
const messageOf = (
  ente: number,
  step: number | null,
  what: RawBuilder<unknown>,
) => sql`exists (select from delivery_now d
  where d.ente_id = ${ente} and d.campaign_id = n.campaign_id and d.notice_id = n.notice_id and ${what} ${ofStep(step)})`;

export const RESULT_LISTS = ['planned', 'contacted', 'read', 'paid', 'failed', 'uncertain', 'excluded'] as const;
export type ResultList = (typeof RESULT_LISTS)[number];

/** Which people of a campaign: those behind one number. */
export interface PeopleFilter {
  readonly list: ResultList;
  /** Narrows the excluded and the failed. */
  readonly reason: string | null;
  /** Narrows those whom a message of one step was about. */
  readonly step: number | null;
}

export interface ListedPerson {
  readonly debtorId: string;
  /** Why excluded or failed; else the state of the notice. */
  readonly reason: string;
}

/** Where a reading stopped: a person may be in a list twice, once for each notice. */
export interface ListPlace {
  readonly debtorId: string;
  readonly key: string;
}

const PER_PAGE = 50;

/** The people behind a number, a page of 50 at a time, from 1. */
export async function peopleOf(
  tx: Tx,
  campaignId: string,
  filter: PeopleFilter,
  page: number,
): Promise<{ people: ListedPerson[]; total: number; pages: number }> {
  const offset = (Math.max(page, 1) - 1) * PER_PAGE;
  // Found once, then counted and cut: finding them is what takes time.
  const { rows } = await sql<{ debtor_id: string | null; reason: string; total: number }>`
    with found as materialized (select * from ${sourceOf(tx, campaignId, filter)})
    select p.debtor_id, p.reason, t.total from (select count(*)::int as total from found) t
    left join (select debtor_id, key, reason from found order by debtor_id, key limit ${PER_PAGE} offset ${offset}) p on true
    order by p.debtor_id, p.key`.execute(tx.kysely);
  const total = rows[0]?.total ?? 0;
  return {
    people: rows.flatMap(({ debtor_id, reason }) => (debtor_id === null ? [] : [{ debtorId: debtor_id, reason }])),
    total,
    pages: Math.max(1, Math.ceil(total / PER_PAGE)),
  };
}

/** The same people from a place on, in the same order: how a list of any length is read in bounded memory. */
export async function peopleAfter(
  tx: Tx,
  campaignId: string,
  filter: PeopleFilter,
  after: ListPlace | null,
  limit: number,
): Promise<(ListedPerson & ListPlace)[]> {
  // The first condition says nothing more than the second; it is the one that an index can answer.
  const further =
    after === null
      ? sql``
      : sql`and x.debtor_id >= ${after.debtorId}::uuid and (x.debtor_id, x.key) > (${after.debtorId}::uuid, ${after.key})`;
  const { rows } = await sql<{ debtor_id: string; key: string; reason: string }>`select x.debtor_id, x.key, x.reason
    from ${sourceOf(tx, campaignId, filter)} ${further} order by x.debtor_id, x.key limit ${limit}`.execute(tx.kysely);
  return rows.map((row) => ({ debtorId: row.debtor_id, key: row.key, reason: row.reason }));
}

/** `x` with the debtor, a key that tells two rows of one debtor apart, and the reason. */
function sourceOf(tx: Tx, campaignId: string, filter: PeopleFilter): RawBuilder<unknown> {
  const only = filter.reason === null ? sql`where true` : sql`where x.reason = ${filter.reason}`;
  return sql`(${rowsOf(enteOf(tx), campaignId, filter)}) x ${only}`;
}

function rowsOf(ente: number, campaignId: string, { list, step }: PeopleFilter): RawBuilder<unknown> {
  switch (list) {
    case 'excluded':
      return sql`select debtor_id, purpose_group as key, reason from exclusion_now
        where ente_id = ${ente} and campaign_id = ${campaignId}`;
    case 'failed':
    case 'uncertain':
      return sql`select d.debtor_id, '' as key, max(coalesce(d.reason, '?')) as reason from delivery_now d
        where d.ente_id = ${ente} and d.campaign_id = ${campaignId} and d.state = ${list === 'failed' ? 6 : 8} ${ofStep(step)}
        group by d.debtor_id`;
    default:
      return sql`select n.debtor_id, n.notice_id::text as key, coalesce(n.stop_reason, n.state) as reason from notice_now n
        join campaign_now c on c.ente_id = ${ente} and c.campaign_id = n.campaign_id
        where n.ente_id = ${ente} and n.campaign_id = ${campaignId} and ${noticesOf(ente, list, step)}`;
  }
}

function noticesOf(ente: number, list: Exclude<ResultList, 'excluded' | 'failed' | 'uncertain'>, step: number | null) {
  switch (list) {
    case 'contacted':
      return messageOf(ente, step, sql`d.handed_over_at is not null`);
    case 'read':
      return messageOf(ente, step, sql`d.state = 5`);
    case 'paid':
      return paid(ente);
    case 'planned':
      return sql`true`;
  }
}
