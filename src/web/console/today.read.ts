import { sql } from 'kysely';
import { addDays, type CivilDate, weekday } from '../../kernel/civil-date.ts';
import { romeDate, romeInstant } from '../../kernel/rome-time.ts';
import { listRecalls, refusedStarts, type StartRefusal } from '../../modules/campaigns/index.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { alarmSteps, countSteps, type StepCount } from './deadlines.read.ts';

export interface TodayWork {
  readonly inApproval: readonly string[];
  /** Started by nobody at the time that was set: sent back with a reason. */
  readonly refusedStarts: readonly { readonly code: string; readonly refusal: StartRefusal }[];
  /** Corrections that wait for their second person. */
  readonly recalls: readonly string[];
  readonly drafts: number;
  readonly running: number;
  readonly disputes: {
    readonly open: number;
    readonly late: number;
    readonly soon: number;
    readonly next: CivilDate | null;
  };
  readonly imports: readonly {
    readonly importId: string;
    readonly fileName: string;
    readonly state: string;
    readonly rejected: number;
    readonly quarantined: number;
    readonly at: number;
  }[];
  readonly deadlines: readonly StepCount[];
  readonly uncertain: number;
  readonly receipts: number;
  readonly everLoaded: boolean;
  readonly everWritten: boolean;
  readonly money: {
    readonly dueCents: number;
    readonly paidCents: number;
    readonly weekCents: number;
    readonly weekPayments: number;
    readonly monday: CivilDate;
  };
}

/** Answers due within this many days count as "soon". */
const SOON_DAYS = 5;
const UNCERTAIN = 8;

/** What waits for the office, and what came in. Views only. */
export async function readToday(tx: Tx, now: number): Promise<TodayWork> {
  const ente = enteOf(tx);
  const today = romeDate(now);
  const monday = addDays(today, 1 - weekday(today));
  const { rows: campaigns } = await sql<{ code: string; state: string }>`select code, state from campaign_detail_now
    where ente_id = ${ente} order by code`.execute(tx.kysely);
  const { rows: disputes } = await sql<{ open: number; late: number; soon: number; next: CivilDate | null }>`
    select count(*)::int as open, count(*) filter (where deadline < ${today})::int as late,
      count(*) filter (where deadline >= ${today} and deadline <= ${addDays(today, SOON_DAYS)})::int as soon,
      min(deadline) as next
    from dispute_now where ente_id = ${ente} and state = 'open'`.execute(tx.kysely);
  const { rows: imports } = await sql<TodayWork['imports'][number]>`
    select import_id as "importId", file_name as "fileName", state, rejected, quarantined, at from import_now
    where ente_id = ${ente} and (state = 'staged' or (state = 'committed' and rejected + quarantined > 0))
    order by at desc limit 5`.execute(tx.kysely);
  const { rows: counts } = await sql<{
    uncertain: number;
    receipts: number;
    loaded: boolean;
    due: number;
    paid: number;
    week: number;
    weekPayments: number;
  }>`select
      (select count(*)::int from delivery_now where ente_id = ${ente} and state = ${UNCERTAIN}) as uncertain,
      (select count(*)::int from payment_now where ente_id = ${ente} and state = 'quarantined') as receipts,
      exists (select from import_now where ente_id = ${ente} and state = 'committed') as loaded,
      d.due, d.paid, p.week, p."weekPayments"
    from (select coalesce(sum(due_cents), 0)::bigint as due, coalesce(sum(paid_cents), 0)::bigint as paid
        from debt_now where ente_id = ${ente}) d
    cross join (select coalesce(sum(amount_cents), 0)::bigint as week, count(*)::int as "weekPayments"
        from payment_now where ente_id = ${ente} and state = 'booked' and paid_at >= ${instant(romeInstant(monday, 0))}) p`.execute(
    tx.kysely,
  );
  const c = counts[0];
  const of = (state: string) => campaigns.filter((campaign) => campaign.state === state);
  return {
    inApproval: of('inApproval').map((campaign) => campaign.code),
    refusedStarts: await refusedStarts(tx),
    recalls: (await listRecalls(tx)).filter((one) => one.state === 'requested').map((one) => one.code),
    drafts: of('draft').length,
    running: of('running').length,
    disputes: disputes[0] ?? { open: 0, late: 0, soon: 0, next: null },
    imports,
    deadlines: await countSteps(tx, today, await alarmSteps(tx, today), null),
    uncertain: c?.uncertain ?? 0,
    receipts: c?.receipts ?? 0,
    everLoaded: c?.loaded ?? false,
    everWritten: campaigns.length > 0,
    money: {
      dueCents: c?.due ?? 0,
      paidCents: c?.paid ?? 0,
      weekCents: c?.week ?? 0,
      weekPayments: c?.weekPayments ?? 0,
      monday,
    },
  };
}
