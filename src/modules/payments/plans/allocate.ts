import { sql } from 'kysely';
import type { Cents } from '../../../kernel/money.ts';
import { enteOf, type Tx, unnestRows } from '../../../platform/db/index.ts';
import { installmentsOf, planOfDebt, setPlanState } from './plans.store.ts';

/**
 * A payment of a debt that has a plan: to the installment whose number it names, what is left to the oldest that are open;
 * the plan is complete when none is. The debt is locked by the caller.
 */
export async function allocatePayment(
  tx: Tx,
  payment: { readonly debtId: string; readonly noticeNumber: string; readonly amountCents: Cents; readonly at: number },
): Promise<void> {
  const plan = await planOfDebt(tx, payment.debtId);
  if (plan?.state !== 'accepted') return;
  const all = await installmentsOf(tx, plan.planId);
  const named = all.filter((one) => one.noticeNumber === payment.noticeNumber);
  const order = [...named, ...all.filter((one) => !named.includes(one))];
  let left = payment.amountCents;
  const paid = order.flatMap((one) => {
    const open = one.principalCents + one.interestCents - one.paidCents;
    const part = Math.min(open, left);
    left -= part;
    return part > 0 ? [{ no: one.no, part, closes: part === open }] : [];
  });
  await sql`update installment i set paid_cents = i.paid_cents + u.part from ${unnestRows({
    no: { type: 'int4', values: paid.map(({ no }) => no) },
    part: { type: 'int8', values: paid.map(({ part }) => part) },
  })} where i.ente_id = ${enteOf(tx)} and i.plan_id = ${plan.planId} and i.no = u.no`.execute(tx.kysely);
  const closed = new Set(paid.filter(({ closes }) => closes).map(({ no }) => no));
  const open = all.some((one) => one.principalCents + one.interestCents > one.paidCents && !closed.has(one.no));
  if (!open) await setPlanState(tx, plan.planId, { state: 'completed', at: payment.at, by: null, reason: null });
}
