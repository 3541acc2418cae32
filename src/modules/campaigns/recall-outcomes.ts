import { type RawBuilder, sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { STATE_CODE } from '../deliveries/index.ts';
import { digestOf } from './recall-counts.ts';

export const CORRECTION_OUTCOMES = ['corrected', 'notReached', 'uncertain', 'waiting'] as const;
/** Of one address: the channel took the correction and it did not come back; it never will; nobody knows; not yet. */
export type CorrectionOutcome = (typeof CORRECTION_OUTCOMES)[number];
export type CorrectionTotals = Readonly<Record<CorrectionOutcome, number>>;

export interface ChannelOutcome {
  readonly channel: string;
  readonly outcome: CorrectionOutcome;
  /** Why not, or why not yet; null where there is nothing to say. */
  readonly reason: string | null;
  readonly addresses: number;
}

export interface CorrectedPerson {
  readonly debtorId: string;
  /** Which of the person's addresses, in the order of the recall. */
  readonly step: number;
  readonly channel: string;
  readonly outcome: CorrectionOutcome;
  readonly reason: string;
}

const PER_PAGE = 50;
const { queued, taken, handingOver, failed, expired, uncertain } = STATE_CODE;

/** Each address of a recall once: what became of the last try. */
function outcomes(tx: Tx, recallId: string): RawBuilder<unknown> {
  const ente = enteOf(tx);
  return sql`select d.debtor_id, d.step_no, d.channel, d.reason,
      case when d.state = ${uncertain} then 'uncertain' when d.state in (${queued}, ${taken}, ${handingOver}) then 'waiting'
        when d.handed_over_at is not null and d.state <> ${failed} then 'corrected' else 'notReached' end as outcome
    from delivery_now d where d.ente_id = ${ente} and d.campaign_id = ${recallId}
      and not (d.state in (${failed}, ${expired}) and exists (select from delivery_now e where e.ente_id = ${ente}
        and e.notice_id = d.notice_id and e.step_no = d.step_no and e.attempt > d.attempt))`;
}

export async function channelOutcomes(tx: Tx, recallId: string): Promise<ChannelOutcome[]> {
  const { rows } = await sql<ChannelOutcome>`select o.channel, o.outcome,
      case when o.outcome <> 'corrected' then o.reason end as reason, count(*)::int as addresses
    from (${outcomes(tx, recallId)}) o group by 1, 2, 3 order by 1, 2, 4 desc, 3`.execute(tx.kysely);
  return rows;
}

export async function correctionTotals(tx: Tx, recallId: string): Promise<CorrectionTotals> {
  const totals = { corrected: 0, notReached: 0, uncertain: 0, waiting: 0 };
  for (const { outcome, addresses } of await channelOutcomes(tx, recallId)) totals[outcome] += addresses;
  return totals;
}

/** Of the ids of the notices that were touched, as `digestOfIds` gives it. */
export async function touchedDigest(tx: Tx, recallId: string): Promise<string> {
  const { rows } = await sql<{ digest: string }>`select ${digestOf(sql`notice_id`)} as digest
    from recall_notice where ente_id = ${enteOf(tx)} and recall_id = ${recallId}`.execute(tx.kysely);
  return rows[0]?.digest ?? '';
}

/** The people of a recall, an address a row, a page of 50 at a time from 1. `outcome` null: all. */
export async function correctedPeople(
  tx: Tx,
  recallId: string,
  outcome: CorrectionOutcome | null,
  page: number,
): Promise<{ people: CorrectedPerson[]; total: number; pages: number }> {
  const only = outcome === null ? sql`` : sql`where o.outcome = ${outcome}`;
  const offset = (Math.max(page, 1) - 1) * PER_PAGE;
  const { rows } = await sql<{ n: number }>`select count(*)::int as n
    from (${outcomes(tx, recallId)}) o ${only}`.execute(tx.kysely);
  const total = rows[0]?.n ?? 0;
  const { rows: people } = await sql<CorrectedPerson>`${shown(tx, recallId)} ${only}
    order by o.debtor_id, o.step_no limit ${PER_PAGE} offset ${offset}`.execute(tx.kysely);
  return { people, total, pages: Math.max(1, Math.ceil(total / PER_PAGE)) };
}

/** The same from a place on: how a list of any length is read in bounded memory. */
export async function correctedAfter(
  tx: Tx,
  recallId: string,
  outcome: CorrectionOutcome | null,
  after: Pick<CorrectedPerson, 'debtorId' | 'step'> | null,
  limit: number,
): Promise<CorrectedPerson[]> {
  const only = outcome === null ? sql`where true` : sql`where o.outcome = ${outcome}`;
  const further = after === null ? sql`` : sql`and (o.debtor_id, o.step_no) > (${after.debtorId}::uuid, ${after.step})`;
  const { rows } = await sql<CorrectedPerson>`${shown(tx, recallId)} ${only} ${further}
    order by o.debtor_id, o.step_no limit ${limit}`.execute(tx.kysely);
  return rows;
}

function shown(tx: Tx, recallId: string): RawBuilder<unknown> {
  return sql`select o.debtor_id as "debtorId", o.step_no as step, o.channel, o.outcome, coalesce(o.reason, o.outcome) as reason
    from (${outcomes(tx, recallId)}) o`;
}
