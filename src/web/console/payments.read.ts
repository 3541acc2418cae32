import type { CivilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import type { Ente } from '../../modules/creditors/index.ts';
import { creditTypeOf } from '../../modules/creditors/index.ts';
import { displayName, loadPersons } from '../../modules/debtors/index.ts';
import { debtsById, debtTitle } from '../../modules/debts/index.ts';
import {
  installmentsOf,
  lateInstallments,
  listPlans,
  listRefunds,
  mayForfeit,
  type Plan,
  type PlanInstallment,
  planById,
  quarantinedReceipts,
  type Refund,
} from '../../modules/payments/index.ts';
import type { Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';

/** A plan with what a person reads of it. */
export interface PlanLine {
  readonly plan: Plan;
  /** Null: erased. */
  readonly name: string | null;
  readonly title: string;
  readonly late: number;
  readonly leftCents: number;
}

export interface PlanDetail extends PlanLine {
  readonly installments: readonly PlanInstallment[];
  readonly today: CivilDate;
  readonly mayForfeit: boolean;
}

export interface RefundLine extends Refund {
  readonly name: string | null;
  readonly debtorId: string | null;
  readonly title: string;
}

export interface PaymentsToday {
  readonly toDecide: number;
  readonly inArrears: number;
  readonly refunds: number;
  readonly quarantined: number;
}

/** What waits for somebody. */
export async function readPayments(tx: Tx, now: number): Promise<PaymentsToday> {
  const plans = await listPlans(tx);
  let inArrears = 0;
  for (const plan of plans) {
    if (plan.state !== 'accepted') continue;
    if (lateInstallments(await installmentsOf(tx, plan.planId), romeDate(now)).length > 0) inArrears += 1;
  }
  return {
    toDecide: plans.filter((plan) => plan.state === 'requested').length,
    inArrears,
    refunds: (await listRefunds(tx)).filter((one) => one.state === 'proposed').length,
    quarantined: (await quarantinedReceipts(tx)).length,
  };
}

export async function readPlans(tx: Tx, vault: EnteVault, ente: Ente, now: number): Promise<PlanLine[]> {
  const plans = await listPlans(tx);
  const names = await namesOf(
    tx,
    vault,
    plans.map((plan) => plan.debtorId),
  );
  const titles = await titlesOf(
    tx,
    ente,
    plans.map((plan) => plan.debtId),
  );
  const lines: PlanLine[] = [];
  for (const plan of plans) {
    const installments = plan.state === 'accepted' ? await installmentsOf(tx, plan.planId) : [];
    lines.push(lineOf(plan, installments, names, titles, romeDate(now)));
  }
  return lines;
}

/** Error NOT_FOUND. */
export async function readPlan(tx: Tx, vault: EnteVault, ente: Ente, planId: string, now: number): Promise<PlanDetail> {
  const plan = await planById(tx, planId);
  if (plan === null) throw new CodedError('NOT_FOUND', 'no such plan');
  const installments = await installmentsOf(tx, planId);
  const today = romeDate(now);
  const names = await namesOf(tx, vault, [plan.debtorId]);
  const titles = await titlesOf(tx, ente, [plan.debtId]);
  return {
    ...lineOf(plan, installments, names, titles, today),
    installments,
    today,
    mayForfeit: mayForfeit(plan, installments, today),
  };
}

export async function readRefunds(tx: Tx, vault: EnteVault, ente: Ente): Promise<RefundLine[]> {
  const refunds = await listRefunds(tx);
  const ids = refunds.flatMap((one) => (one.debtId === null ? [] : [one.debtId]));
  const debts = new Map((await debtsById(tx, ids)).map((debt) => [debt.debt_id, debt]));
  const names = await namesOf(
    tx,
    vault,
    [...debts.values()].map((debt) => debt.debtor_id),
  );
  return refunds.map((one) => {
    const debt = one.debtId === null ? undefined : debts.get(one.debtId);
    if (debt === undefined) return { ...one, name: null, debtorId: null, title: '' };
    const title = debtTitle(creditTypeOf(ente, debt.credit_type).name, debt);
    return { ...one, name: names.get(debt.debtor_id) ?? null, debtorId: debt.debtor_id, title };
  });
}

function lineOf(
  plan: Plan,
  installments: readonly PlanInstallment[],
  names: ReadonlyMap<string, string>,
  titles: ReadonlyMap<string, string>,
  today: CivilDate,
): PlanLine {
  return {
    plan,
    name: names.get(plan.debtorId) ?? null,
    title: titles.get(plan.debtId) ?? '',
    late: lateInstallments(installments, today).length,
    leftCents: installments.reduce((sum, one) => sum + one.principalCents + one.interestCents - one.paidCents, 0),
  };
}

async function namesOf(tx: Tx, vault: EnteVault, debtorIds: readonly string[]): Promise<Map<string, string>> {
  const persons = await loadPersons(tx, vault, debtorIds);
  return new Map([...persons].map(([id, person]) => [id, displayName(person.personal)]));
}

async function titlesOf(tx: Tx, ente: Ente, debtIds: readonly string[]): Promise<Map<string, string>> {
  const debts = await debtsById(tx, debtIds);
  return new Map(debts.map((debt) => [debt.debt_id, debtTitle(creditTypeOf(ente, debt.credit_type).name, debt)]));
}
