import { sql } from 'kysely';
import { addMonths, type CivilDate } from '../../../kernel/civil-date.ts';
import { CodedError } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import type { Cents } from '../../../kernel/money.ts';
import { romeDate } from '../../../kernel/rome-time.ts';
import { enteOf, instant, type Tx } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import { writeLeaf } from '../../audit/index.ts';
import { loadEnte, loadRules } from '../../creditors/index.ts';
import { doubtedDebts, type LockedDebt, lockDebt, postEntries } from '../../debts/index.ts';
import { type HighWater, renumberDebt } from '../notice-numbers.ts';
import { makePlan } from './make-plan.ts';
import { mostInstallments, type PlanTerms, planTerms } from './plan-rule.ts';
import {
  insertInstallments,
  insertPlan,
  installmentsOf,
  lockPlan,
  type Plan,
  type PlanInstallment,
  planByKey,
  planOfDebt,
  setPlanState,
} from './plans.store.ts';

export interface PlanDeps {
  readonly vault: EnteVault;
  readonly highWater: HighWater;
}

/** What may be asked for a debt today. */
export type PlanOffer =
  | { readonly kind: 'offered'; readonly most: number; readonly amountCents: Cents; readonly terms: PlanTerms }
  /** No regulation gives any, or the body's numbers come from elsewhere; or the sum is too small. */
  | { readonly kind: 'notOffered' }
  | { readonly kind: 'openPlan'; readonly plan: Plan }
  | { readonly kind: 'inDoubt' }
  | { readonly kind: 'alreadyPaid' }
  /** A plan of this debt was forfeited: it cannot be parted again (R41). */
  | { readonly kind: 'forfeited' }
  | { readonly kind: 'notFound' };

export async function offerPlan(tx: Tx, debtId: string, today: CivilDate): Promise<PlanOffer> {
  const debt = await lockDebt(tx, debtId);
  return debt === null ? { kind: 'notFound' } : offerFor(tx, debt, debtId, today);
}

async function offerFor(tx: Tx, debt: LockedDebt, debtId: string, today: CivilDate): Promise<PlanOffer> {
  const amountCents = debt.outstandingCents;
  if (amountCents === 0) return { kind: 'alreadyPaid' };
  const plan = await planOfDebt(tx, debtId);
  if (plan?.state === 'requested' || plan?.state === 'accepted') return { kind: 'openPlan', plan };
  if (plan?.state === 'forfeited') return { kind: 'forfeited' };
  if ((await doubtedDebts(tx, { debtIds: [debtId] })).size > 0) return { kind: 'inDoubt' };
  const rules = await loadRules(tx, today);
  const terms = planTerms(rules, debt.type);
  const { generatesNoticeNumbers } = await loadEnte(tx);
  const most = terms === null ? 0 : mostInstallments(terms, rules, debt.type, amountCents);
  return terms === null || most < 2 || !generatesNoticeNumbers
    ? { kind: 'notOffered' }
    : { kind: 'offered', most, amountCents, terms };
}

export type PlanAsked =
  | { readonly kind: 'accepted' | 'requested'; readonly planId: string }
  | { readonly kind: 'tooMany'; readonly most: number }
  | Exclude<PlanOffer, { readonly kind: 'offered' }>;

/**
 * A person asks for installments: granted at once where the regulation says so, else a request that somebody decides. The
 * same form told twice is one request.
 */
export async function askPlan(
  tx: Tx,
  deps: PlanDeps,
  asked: {
    readonly debtId: string;
    readonly debtorId: string;
    readonly count: number;
    readonly idempotencyKey: string;
    readonly now: number;
  },
): Promise<PlanAsked> {
  const { debtId, debtorId, count, now } = asked;
  const debt = await lockDebt(tx, debtId);
  if (debt === null || debt.debtorId !== debtorId) return { kind: 'notFound' };
  const before = await planByKey(tx, debtorId, asked.idempotencyKey);
  if (before !== null) return { kind: before.state === 'requested' ? 'requested' : 'accepted', planId: before.planId };
  const today = romeDate(now);
  const offer = await offerFor(tx, debt, debtId, today);
  if (offer.kind !== 'offered') return offer;
  const { most, terms, amountCents } = offer;
  if (!Number.isInteger(count) || count < 2 || count > most) return { kind: 'tooMany', most };
  const planId = newId();
  const request = { planId, debtId, debtorId, amountCents, count, askedOn: today, terms, requestedAt: now };
  await insertPlan(tx, request, asked.idempotencyKey);
  await leaf(tx, 'plan.requested', 'citizen', now, { planId, debtId, installments: count });
  if (!terms.automatic) return { kind: 'requested', planId };
  await acceptPlan(tx, deps, { planId, by: null, now });
  return { kind: 'accepted', planId };
}

/**
 * Grants a request: an installment with its own notice number each, the number of the whole out of use, the interest
 * charged. `by` null: by the rule. Errors PLAN_UNKNOWN, PLAN_DECIDED, PLAN_NOTHING_OWED, PLAN_NUMBERS.
 */
export async function acceptPlan(
  tx: Tx,
  { vault, highWater }: PlanDeps,
  { planId, by, now }: { readonly planId: string; readonly by: string | null; readonly now: number },
): Promise<readonly PlanInstallment[]> {
  const plan = await openRequest(tx, planId);
  const debt = await lockDebt(tx, plan.debtId);
  // Part of it may have been paid since it was asked for.
  if (debt === null || debt.outstandingCents < plan.count)
    throw new CodedError('PLAN_NOTHING_OWED', 'nothing is left to part');
  const parts = makePlan(debt.outstandingCents, plan.count, romeDate(now), plan.terms);
  const numbers = await renumberDebt(tx, vault, highWater, plan, plan.count);
  if (numbers === null) throw new CodedError('PLAN_NUMBERS', 'the notice numbers of this body come from elsewhere');
  const all = parts.map((part, i) => ({ ...part, paidCents: 0, noticeNumber: numbers[i] ?? '' }));
  await setPlanState(tx, planId, { state: 'accepted', at: now, by, reason: null });
  await insertInstallments(tx, planId, all);
  await chargeInterest(
    tx,
    plan,
    parts.reduce((sum, one) => sum + one.interestCents, 0),
    now,
    'granted',
  );
  await leaf(tx, 'plan.accepted', actorOf(by), now, { planId, debtId: plan.debtId, legalBasis: plan.terms.legalBasis });
  return all;
}

/** Refused by a person, with the reason. Errors PLAN_UNKNOWN, PLAN_DECIDED, PLAN_REASON. */
export async function refusePlan(
  tx: Tx,
  refusal: { readonly planId: string; readonly by: string; readonly reason: string; readonly now: number },
): Promise<void> {
  const { planId, by, now } = refusal;
  const reason = refusal.reason.trim();
  if (reason === '') throw new CodedError('PLAN_REASON', 'a refusal says why');
  await openRequest(tx, planId);
  await setPlanState(tx, planId, { state: 'refused', at: now, by, reason });
  await leaf(tx, 'plan.refused', actorOf(by), now, { planId });
}

/** Installments past their date and not paid, at a day. */
export function lateInstallments(all: readonly PlanInstallment[], today: CivilDate): PlanInstallment[] {
  return all.filter((one) => one.dueOn < today && one.paidCents < one.principalCents + one.interestCents);
}

/** Whether so many are late within so many months that, after an express reminder, the plan may end (R41). */
export function mayForfeit(plan: Plan, all: readonly PlanInstallment[], today: CivilDate): boolean {
  if (plan.state !== 'accepted' || plan.remindedAt === null) return false;
  const { missed, withinMonths } = plan.terms.forfeiture;
  const late = lateInstallments(all, today);
  return late.some((first, i) => {
    const last = late[i + missed - 1];
    return last !== undefined && last.dueOn <= addMonths(first.dueOn, withinMonths);
  });
}

/** The office has expressly reminded of late installments. Errors PLAN_UNKNOWN, PLAN_NOT_LATE. */
export async function notePlanReminder(tx: Tx, planId: string, by: string, now: number): Promise<void> {
  const plan = await lockPlan(tx, planId);
  if (plan === null) throw new CodedError('PLAN_UNKNOWN', 'no such plan');
  const late = lateInstallments(await installmentsOf(tx, planId), romeDate(now));
  if (plan.state !== 'accepted' || late.length === 0) throw new CodedError('PLAN_NOT_LATE', 'no installment is late');
  await sql`update plan set reminded_at = ${instant(now)} where ente_id = ${enteOf(tx)} and plan_id = ${planId}`.execute(
    tx.kysely,
  );
  await leaf(tx, 'plan.reminded', actorOf(by), now, { planId, late: late.length });
}

/**
 * Ends a plan that is in arrears: what is left is due at once, by the number of the whole, without the interest that was
 * charged for installments still to come. Errors PLAN_UNKNOWN, PLAN_NOT_FORFEIT.
 */
export async function forfeitPlan(tx: Tx, planId: string, by: string, now: number): Promise<void> {
  const plan = await lockPlan(tx, planId);
  if (plan === null) throw new CodedError('PLAN_UNKNOWN', 'no such plan');
  await lockDebt(tx, plan.debtId);
  const today = romeDate(now);
  const all = await installmentsOf(tx, planId);
  if (!mayForfeit(plan, all, today)) throw new CodedError('PLAN_NOT_FORFEIT', 'this plan may not be ended yet');
  const ente = enteOf(tx);
  const numbers = all.map((one) => one.noticeNumber);
  await sql`update payment_request set state = case when notice_number = any(${numbers}::text[]) then 'withdrawn' else 'active' end
    where ente_id = ${ente} and debt_id = ${plan.debtId}`.execute(tx.kysely);
  const toCome = all.filter((one) => one.dueOn >= today && one.paidCents === 0);
  await chargeInterest(tx, plan, -toCome.reduce((sum, one) => sum + one.interestCents, 0), now, 'forfeited');
  await setPlanState(tx, planId, { state: 'forfeited', at: now, by, reason: null });
  await leaf(tx, 'plan.forfeited', actorOf(by), now, { planId, debtId: plan.debtId });
}

async function openRequest(tx: Tx, planId: string): Promise<Plan> {
  const plan = await lockPlan(tx, planId);
  if (plan === null) throw new CodedError('PLAN_UNKNOWN', 'no such plan');
  if (plan.state !== 'requested') throw new CodedError('PLAN_DECIDED', 'this request was decided before');
  return plan;
}

async function chargeInterest(
  tx: Tx,
  plan: Plan,
  cents: Cents,
  at: number,
  why: 'granted' | 'forfeited',
): Promise<void> {
  if (cents === 0) return;
  const kind = cents > 0 ? 'charge' : 'relief';
  const entry = { debtId: plan.debtId, kind, component: 'interest', amountCents: cents, at } as const;
  await postEntries(tx, [{ ...entry, source: 'plan', sourceRef: `${plan.planId}:${why}` }]);
}

const actorOf = (by: string | null) => (by === null ? 'system' : `operator:${by}`);

async function leaf(
  tx: Tx,
  kind: string,
  actor: string,
  at: number,
  facts: Readonly<Record<string, string | number>>,
): Promise<void> {
  await writeLeaf(tx, { at, kind, actor, rowCount: 1, facts });
}
