import { CodedError } from '../../kernel/errors.ts';
import type { Cents } from '../../kernel/money.ts';
import type { Database } from '../../platform/db/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { lockDebt, relieveDebts } from '../debts/index.ts';
import { cancelEnded, touchTenant } from '../deliveries/index.ts';
import { settleNotices } from '../notices/index.ts';
import { announce } from '../webhooks/index.ts';

/** Why a position is no longer owed: words are for the body's own system, here they would be personal data. */
export const CANCEL_REASONS = ['notDue', 'duplicate', 'paidElsewhere', 'wrongPerson', 'other'] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

/**
 * The body has cancelled a position in its own books: what is still owed is written off, and its notices are settled, in
 * one transaction. From its commit on nothing names it, as after a payment. Asked again it changes nothing and tells 0.
 * Error DEBT_UNKNOWN.
 */
export function cancelDebt(
  deps: { readonly db: Database; readonly now: () => number },
  enteId: number,
  input: { readonly debtId: string; readonly reason: CancelReason; readonly requestId: string },
  actor: string,
): Promise<{ readonly relievedCents: Cents }> {
  const { debtId, reason } = input;
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const debt = await lockDebt(tx, debtId);
    if (debt === null) throw new CodedError('DEBT_UNKNOWN', 'no such debt');
    const relievedCents = debt.outstandingCents;
    const relieved = await relieveDebts(tx, [debtId], { at: now, source: 'cancel', sourceRef: input.requestId });
    if (relieved.length === 0) return { relievedCents: 0 };
    const facts = { debtId, reason, cents: relievedCents };
    await writeLeaf(tx, { at: now, kind: 'debt.cancelled', actor, rowCount: 1, facts });
    await announce(tx, { kind: 'debt.cancelled', ids: relieved, at: now });
    await settleNotices(tx, { debtorId: debt.debtorId });
    await cancelEnded(tx, now, debt.debtorId);
    await touchTenant(tx, now);
    return { relievedCents };
  });
}
