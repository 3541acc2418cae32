import { type RawBuilder, sql } from 'kysely';
import { addDays, type CivilDate } from '../../kernel/civil-date.ts';
import { loadRules, type RuleBook } from '../../modules/creditors/index.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';

export const PAGE = 50;

/** A step of the alarm, as its address names it: days left, already over, or no deadline known. */
export type Step = string;
export const OVER: Step = 'oltre';
export const UNKNOWN: Step = 'ignoto';

export interface StepCount {
  readonly step: Step;
  readonly debts: number;
  readonly cents: number;
}

export interface DeadlineFilter {
  /** null: whatever is over or within the widest step. */
  readonly step: Step | null;
  readonly creditType: string | null;
}

export interface DeadlineLine {
  readonly debtId: string;
  readonly debtorId: string;
  readonly externalId: string;
  readonly creditType: string;
  readonly dueDate: CivilDate;
  readonly outstandingCents: number;
  readonly kind: 'decadence' | 'limitation' | null;
  readonly on: CivilDate | null;
  /** The end by the stricter reading, while it is still to come. */
  readonly disputedOn: CivilDate | null;
  readonly missing: string | null;
  /** What the list is ordered by, and the next page begins after. */
  readonly at: CivilDate;
}

/** The days of the alarm, narrowest first: `deadlineAlarmDays`. */
export async function alarmSteps(tx: Tx, today: CivilDate): Promise<readonly number[]> {
  return stepsOf(await loadRules(tx, today));
}

export function stepsOf(rules: RuleBook): readonly number[] {
  return [...rules.get<readonly number[]>('deadlineAlarmDays', null).value].sort((a, b) => a - b);
}

/** The day the office is warned of: the stricter reading while that one is still to come, as `deadlineOf` has it. */
const warnedOn = (today: CivilDate) =>
  sql`case when deadline_disputed_on >= ${today}::date then deadline_disputed_on else deadline_on end`;

/** Open debts only, found by the two indexes of the deadlines. */
function near(today: CivilDate, horizon: CivilDate): RawBuilder<unknown> {
  return sql`state = 'open' and (deadline_on <= ${horizon}::date
    or (deadline_disputed_on >= ${today}::date and deadline_disputed_on <= ${horizon}::date))`;
}

/** How many debts and how much money, by step: each debt in the narrowest that it has reached. */
export async function countSteps(
  tx: Tx,
  today: CivilDate,
  steps: readonly number[],
  creditType: string | null,
): Promise<StepCount[]> {
  const ente = enteOf(tx);
  const ofType = creditType === null ? sql`` : sql`and credit_type = ${creditType}`;
  const horizon = addDays(today, steps.at(-1) ?? 0);
  const branches = steps.map(
    (days) => sql`when ${warnedOn(today)} <= ${addDays(today, days)}::date then ${String(days)}`,
  );
  const { rows } = await sql<StepCount>`
    select step, count(*)::int as debts, coalesce(sum(outstanding_cents), 0)::bigint as cents from (
      select outstanding_cents, case when deadline_on < ${today}::date then ${OVER} ${sql.join(branches, sql` `)} end as step
      from debt_now where ente_id = ${ente} and ${near(today, horizon)} ${ofType}
      union all
      select outstanding_cents, ${UNKNOWN} from debt_now
      where ente_id = ${ente} and state = 'open' and deadline_on is null ${ofType}) s
    group by step`.execute(tx.kysely);
  const found = new Map(rows.map((row) => [row.step, row]));
  return [OVER, ...steps.map(String), UNKNOWN].map((step) => found.get(step) ?? { step, debts: 0, cents: 0 });
}

/** Where the next page begins: after this day and this debt. */
export interface After {
  readonly at: CivilDate;
  readonly debtId: string;
}

export async function readDeadlines(
  tx: Tx,
  today: CivilDate,
  steps: readonly number[],
  filter: DeadlineFilter,
  after: After | null,
  limit: number,
): Promise<DeadlineLine[]> {
  const unknown = filter.step === UNKNOWN;
  const at = unknown ? sql`due_date` : warnedOn(today);
  const { rows } = await sql<DeadlineLine>`
    select debt_id as "debtId", debtor_id as "debtorId", external_id as "externalId", credit_type as "creditType",
      due_date as "dueDate", outstanding_cents as "outstandingCents", deadline_kind as kind, deadline_on as "on",
      case when deadline_disputed_on >= ${today}::date then deadline_disputed_on end as "disputedOn",
      deadline_missing as missing, ${at} as at
    from debt_now where ente_id = ${enteOf(tx)} and ${unknown ? sql`state = 'open' and deadline_on is null` : within(today, steps, filter.step)}
      ${filter.creditType === null ? sql`` : sql`and credit_type = ${filter.creditType}`}
      ${after === null ? sql`` : sql`and (${at}, debt_id) > (${after.at}::date, ${after.debtId}::uuid)`}
    order by at, debt_id limit ${limit}`.execute(tx.kysely);
  return rows;
}

function within(today: CivilDate, steps: readonly number[], step: Step | null): RawBuilder<unknown> {
  if (step === OVER) return sql`state = 'open' and deadline_on < ${today}::date`;
  const place = step === null ? -1 : steps.indexOf(Number(step));
  const to = addDays(today, steps[place] ?? steps.at(-1) ?? 0);
  if (step === null) return near(today, to);
  const from = place <= 0 ? today : addDays(today, (steps[place - 1] ?? 0) + 1);
  return sql`${near(today, to)} and deadline_on >= ${today}::date
    and ${warnedOn(today)} >= ${from}::date and ${warnedOn(today)} <= ${to}::date`;
}

/** What each of these persons owes in all: an act for less than the floor could never become a title (R30). */
export async function owedBy(tx: Tx, debtorIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{
    debtor_id: string;
    cents: number;
  }>`select debtor_id, sum(outstanding_cents)::bigint as cents
    from debt_now where ente_id = ${enteOf(tx)} and state = 'open' and debtor_id = any(${[...debtorIds]}::uuid[])
    group by debtor_id`.execute(tx.kysely);
  return new Map(rows.map((row) => [row.debtor_id, row.cents]));
}
