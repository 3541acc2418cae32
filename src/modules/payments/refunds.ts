import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Cents } from '../../kernel/money.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { writeLeaf } from '../audit/index.ts';

/** Why money is to go back: more than was owed, the same notice paid twice, or a debt that was cancelled. */
export type RefundReason = 'excess' | 'paidTwice' | 'cancelledDebt';

export interface Refund {
  readonly refundId: string;
  readonly receiptId: string;
  readonly debtId: string | null;
  readonly amountCents: Cents;
  readonly reason: RefundReason;
  readonly state: 'proposed' | 'ordered' | 'dismissed';
  readonly proposedAt: number;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly note: string | null;
}

/** Proposes to give back what a receipt brought too much; one proposal a receipt. */
export async function proposeRefund(
  tx: Tx,
  input: {
    readonly receiptId: string;
    readonly debtId: string | null;
    readonly amountCents: Cents;
    readonly reason: RefundReason;
    readonly at: number;
  },
): Promise<void> {
  await sql`insert into refund (ente_id, refund_id, receipt_id, debt_id, amount_cents, reason, state, proposed_at)
    values (${enteOf(tx)}, ${newId()}, ${input.receiptId}, ${input.debtId}, ${input.amountCents}, ${input.reason}, 'proposed',
      ${instant(input.at)}) on conflict do nothing`.execute(tx.kysely);
}

/** Those to be decided first, oldest first; at most 500. */
export async function listRefunds(tx: Tx): Promise<Refund[]> {
  const { rows } = await sql<Refund>`select refund_id as "refundId", receipt_id as "receiptId", debt_id as "debtId",
      amount_cents as "amountCents", reason, state, proposed_at as "proposedAt", decided_by as "decidedBy",
      decided_at as "decidedAt", note
    from refund where ente_id = ${enteOf(tx)} order by state <> 'proposed', proposed_at, refund_id limit 500`.execute(
    tx.kysely,
  );
  return rows;
}

/**
 * Whoever keeps the accounts decides: the money is ordered to go back, or not, and then says why. The payment itself is
 * made elsewhere. Errors REFUND_UNKNOWN, REFUND_DECIDED, REFUND_REASON.
 */
export async function decideRefund(
  tx: Tx,
  refundId: string,
  decision: {
    readonly state: 'ordered' | 'dismissed';
    readonly operatorId: string;
    readonly note: string;
    readonly at: number;
  },
): Promise<void> {
  const { state, operatorId, at } = decision;
  const note = decision.note.trim();
  if (state === 'dismissed' && note === '') throw new CodedError('REFUND_REASON', 'say why it is not given back');
  const { rows } = await sql<{ receipt_id: string; amount_cents: number }>`update refund set state = ${state},
      decided_by = ${operatorId}, decided_at = ${instant(at)}, note = ${note}
    where ente_id = ${enteOf(tx)} and refund_id = ${refundId} and state = 'proposed'
    returning receipt_id, amount_cents`.execute(tx.kysely);
  const done = rows[0];
  if (done !== undefined) {
    const facts = { refundId, receiptId: done.receipt_id, amountCents: done.amount_cents };
    await writeLeaf(tx, { at, kind: `refund.${state}`, actor: `operator:${operatorId}`, rowCount: 1, facts });
    return;
  }
  const known = await sql`select from refund where ente_id = ${enteOf(tx)} and refund_id = ${refundId}`.execute(
    tx.kysely,
  );
  if (known.rows.length === 0) throw new CodedError('REFUND_UNKNOWN', 'no such refund');
  throw new CodedError('REFUND_DECIDED', 'this refund was decided before');
}
