import { sql } from 'kysely';
import type { CivilDate } from '../../../kernel/civil-date.ts';
import type { Cents } from '../../../kernel/money.ts';
import { enteOf, instant, type Tx, unnestRows } from '../../../platform/db/index.ts';
import type { Installment } from './make-plan.ts';
import type { PlanTerms } from './plan-rule.ts';

export type PlanState = 'requested' | 'accepted' | 'refused' | 'completed' | 'forfeited' | 'withdrawn';

export interface Plan {
  readonly planId: string;
  readonly debtId: string;
  readonly debtorId: string;
  readonly state: PlanState;
  readonly amountCents: Cents;
  readonly count: number;
  readonly askedOn: CivilDate;
  readonly terms: PlanTerms;
  readonly requestedAt: number;
  readonly decidedAt: number | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly remindedAt: number | null;
}

export interface PlanInstallment extends Installment {
  readonly paidCents: Cents;
  readonly noticeNumber: string;
}

const COLUMNS = sql`plan_id as "planId", debt_id as "debtId", debtor_id as "debtorId", state, amount_cents as "amountCents",
  installments as count, asked_on as "askedOn", terms, requested_at as "requestedAt", decided_at as "decidedAt",
  decided_by as "decidedBy", reason, reminded_at as "remindedAt"`;

/** A request; null when the debt has an open plan, or the same key was used: see `openPlanOf` and `planByKey`. */
export async function insertPlan(
  tx: Tx,
  plan: Pick<Plan, 'planId' | 'debtId' | 'debtorId' | 'amountCents' | 'count' | 'askedOn' | 'terms' | 'requestedAt'>,
  idempotencyKey: string,
): Promise<boolean> {
  const done =
    await sql`insert into plan (ente_id, plan_id, debt_id, debtor_id, state, amount_cents, installments, asked_on,
      terms, idempotency_key, requested_at)
    values (${enteOf(tx)}, ${plan.planId}, ${plan.debtId}, ${plan.debtorId}, 'requested', ${plan.amountCents}, ${plan.count},
      ${plan.askedOn}, ${JSON.stringify(plan.terms)}::jsonb, ${idempotencyKey}, ${instant(plan.requestedAt)})
    on conflict do nothing`.execute(tx.kysely);
  return done.numAffectedRows === 1n;
}

/** Locked, so that two decisions cannot both be taken. */
export async function lockPlan(tx: Tx, planId: string): Promise<Plan | null> {
  const { rows } = await sql<Plan>`select ${COLUMNS} from plan where ente_id = ${enteOf(tx)} and plan_id = ${planId}
    for update`.execute(tx.kysely);
  return rows[0] ?? null;
}

export async function planById(tx: Tx, planId: string): Promise<Plan | null> {
  const { rows } =
    await sql<Plan>`select ${COLUMNS} from plan where ente_id = ${enteOf(tx)} and plan_id = ${planId}`.execute(
      tx.kysely,
    );
  return rows[0] ?? null;
}

/** The living plan of a debt, or the last that ended. */
export async function planOfDebt(tx: Tx, debtId: string): Promise<Plan | null> {
  const { rows } = await sql<Plan>`select ${COLUMNS} from plan where ente_id = ${enteOf(tx)} and debt_id = ${debtId}
    order by state in ('requested', 'accepted') desc, requested_at desc limit 1`.execute(tx.kysely);
  return rows[0] ?? null;
}

export async function planByKey(tx: Tx, debtorId: string, idempotencyKey: string): Promise<Plan | null> {
  const { rows } = await sql<Plan>`select ${COLUMNS} from plan where ente_id = ${enteOf(tx)} and debtor_id = ${debtorId}
    and idempotency_key = ${idempotencyKey}`.execute(tx.kysely);
  return rows[0] ?? null;
}

/** Those that a person has to decide, then those that are being paid, oldest first; at most 500. */
export async function listPlans(tx: Tx): Promise<Plan[]> {
  const { rows } = await sql<Plan>`select ${COLUMNS} from plan where ente_id = ${enteOf(tx)}
    order by case state when 'requested' then 0 when 'accepted' then 1 else 2 end, requested_at, plan_id limit 500`.execute(
    tx.kysely,
  );
  return rows;
}

export async function setPlanState(
  tx: Tx,
  planId: string,
  to: { readonly state: PlanState; readonly at: number; readonly by: string | null; readonly reason: string | null },
): Promise<void> {
  const decided = to.state === 'accepted' || to.state === 'refused';
  await sql`update plan set state = ${to.state}, reason = coalesce(${to.reason}, reason),
      decided_at = ${decided ? sql`${instant(to.at)}::timestamptz` : sql`decided_at`},
      decided_by = ${decided ? sql`${to.by}::uuid` : sql`decided_by`},
      ended_at = ${to.state === 'accepted' ? null : instant(to.at)}::timestamptz
    where ente_id = ${enteOf(tx)} and plan_id = ${planId}`.execute(tx.kysely);
}

export async function insertInstallments(tx: Tx, planId: string, all: readonly PlanInstallment[]): Promise<void> {
  await sql`insert into installment (ente_id, plan_id, no, due_on, principal_cents, interest_cents, notice_number)
    select ${enteOf(tx)}, ${planId}, u.no, u.due_on, u.principal, u.interest, u.number from ${unnestRows({
      no: { type: 'int4', values: all.map((one) => one.no) },
      due_on: { type: 'date', values: all.map((one) => one.dueOn) },
      principal: { type: 'int8', values: all.map((one) => one.principalCents) },
      interest: { type: 'int8', values: all.map((one) => one.interestCents) },
      number: { type: 'text', values: all.map((one) => one.noticeNumber) },
    })}`.execute(tx.kysely);
}

export async function installmentsOf(tx: Tx, planId: string): Promise<PlanInstallment[]> {
  const { rows } = await sql<PlanInstallment>`select no, due_on as "dueOn", principal_cents as "principalCents",
      interest_cents as "interestCents", paid_cents as "paidCents", notice_number as "noticeNumber"
    from installment where ente_id = ${enteOf(tx)} and plan_id = ${planId} order by no`.execute(tx.kysely);
  return rows;
}

/** What is to be paid next of a debt in installments; null where it is not. */
export async function nextInstallment(
  tx: Tx,
  debtId: string,
): Promise<{ readonly noticeNumber: string; readonly amountCents: Cents } | null> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ noticeNumber: string; amountCents: number }>`select i.notice_number as "noticeNumber",
      i.principal_cents + i.interest_cents - i.paid_cents as "amountCents"
    from plan p join installment i on i.ente_id = ${ente} and i.plan_id = p.plan_id
    where p.ente_id = ${ente} and p.debt_id = ${debtId} and p.state = 'accepted'
      and i.paid_cents < i.principal_cents + i.interest_cents
    order by i.no limit 1`.execute(tx.kysely);
  return rows[0] ?? null;
}

/** Debts of a person that have, or had, a plan. */
export async function plannedDebts(tx: Tx, debtorId: string): Promise<Set<string>> {
  const { rows } = await sql<{ debt_id: string }>`select distinct debt_id from plan where ente_id = ${enteOf(tx)}
    and debtor_id = ${debtorId}`.execute(tx.kysely);
  return new Set(rows.map((row) => row.debt_id));
}
