import { sql } from 'kysely';
import { romeDate } from '../../kernel/rome-time.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { loadRules, type RuleBook } from '../creditors/index.ts';
import { type Entry, type LockedDebt, lockDebt, postEntries, roundedPayment } from '../debts/index.ts';
import { placeHold } from '../deliveries/index.ts';
import { announce } from '../webhooks/index.ts';
import { allocatePayment } from './plans/index.ts';
import { type ReceiptBooked, type ReceiptInput, writeReceipt } from './receipt-record.ts';
import { proposeRefund } from './refunds.ts';

const DAY_MS = 86_400_000;

/**
 * A receipt becomes a ledger entry and a hold in one transaction (architecture §3.10): nothing of that person is handed
 * over after it. A receipt for an unknown notice is kept in quarantine, never lost. The same receipt again gives the
 * same answer; another content under the same id is RECEIPT_CONFLICT.
 */
export async function bookReceipt(tx: Tx, input: ReceiptInput, actor: string, now: number): Promise<ReceiptBooked> {
  const ente = enteOf(tx);
  const before = await writeReceipt(tx, input, 'quarantined', now);
  if (before !== null) return before;

  // The notice of a file that is still being loaded is not known yet: the receipt waits (`bookQuarantined`).
  const { rows } = await sql<{ debt_id: string }>`select q.debt_id from payment_request q
    join debt_now d on d.ente_id = ${ente} and d.debt_id = q.debt_id
    where q.ente_id = ${ente} and q.notice_number = ${input.noticeNumber}`.execute(tx.kysely);
  const debtId = rows[0]?.debt_id ?? null;
  const booked = debtId === null ? null : await book(tx, input, debtId, actor, now);
  if (booked !== null) return booked;
  await leaf(tx, 'receipt.quarantined', actor, now, input, 0);
  return { fresh: true, status: 'quarantined', debtId: null, debtorId: null, excessCents: 0 };
}

/**
 * A receipt of which only some transfers are this body's: the notice is another's, and so is its number, which may be one
 * of ours by chance (pagopa §3.3). Nothing is looked up by it; what is kept is matched with the bank's credits.
 */
export async function bookShared(tx: Tx, input: ReceiptInput, actor: string, now: number): Promise<ReceiptBooked> {
  const before = await writeReceipt(tx, input, 'shared', now);
  if (before !== null) return before;
  await leaf(tx, 'receipt.shared', actor, now, input, 0);
  return { fresh: true, status: 'shared', debtId: null, debtorId: null, excessCents: 0 };
}

/** Null when there is no such debt. */
async function book(
  tx: Tx,
  input: ReceiptInput,
  debtId: string,
  actor: string,
  now: number,
): Promise<ReceiptBooked | null> {
  const ente = enteOf(tx);
  const debt = await lockDebt(tx, debtId);
  if (debt === null) return null;
  const rules = await loadRules(tx, romeDate(now));
  const rounding = roundingOf(rules, debt, input, debtId);
  const owedCents = debt.outstandingCents + (rounding?.amountCents ?? 0);
  const excessCents = Math.max(input.amountCents - owedCents, 0);
  await postEntries(tx, [
    ...(rounding === null ? [] : [rounding]),
    {
      debtId,
      kind: 'payment',
      component: 'principal',
      amountCents: -input.amountCents,
      at: input.paidAt,
      source: 'receipt',
      sourceRef: input.receiptId,
    },
  ]);
  const days = rules.get<number>('silenceAfterPaymentDays', null).value;
  await placeHold(tx, {
    subject: { kind: 'debtor', debtorId: debt.debtorId },
    reason: 'payment',
    sourceRef: input.receiptId,
    since: now,
    until: now + days * DAY_MS,
  });
  // The debt is locked: of two receipts for it, one is the first.
  const { rows } = await sql<{ first: boolean }>`update receipt set state = 'booked', debt_id = ${debtId},
      excess_cents = ${excessCents}, first_of_notice = not exists (select from receipt o where o.ente_id = ${ente}
        and o.notice_number = ${input.noticeNumber} and o.receipt_id <> ${input.receiptId} and o.state = 'booked')
    where ente_id = ${ente} and receipt_id = ${input.receiptId} returning first_of_notice as first`.execute(tx.kysely);
  await allocatePayment(tx, { debtId, noticeNumber: input.noticeNumber, amountCents: input.amountCents, at: now });
  if (excessCents > 0) {
    const reason = rows[0]?.first === false ? 'paidTwice' : debt.cancelled ? 'cancelledDebt' : 'excess';
    await proposeRefund(tx, { receiptId: input.receiptId, debtId, amountCents: excessCents, reason, at: now });
  }
  await sql`update checkout set state = 'paid' where ente_id = ${ente} and debt_id = ${debtId} and state <> 'paid'`.execute(
    tx.kysely,
  );
  await leaf(tx, 'receipt.booked', actor, now, input, excessCents);
  await announce(tx, { kind: 'debt.paid', ids: [debtId], at: now });
  return { fresh: true, status: 'booked', debtId, debtorId: debt.debtorId, excessCents };
}

/**
 * R32: who pays a local tax rounded to the euro has paid it; the cents are taken off, or added, so that none stays open
 * and none is taken for a payment too much. Null for every other sum.
 */
function roundingOf(rules: RuleBook, debt: LockedDebt, input: ReceiptInput, debtId: string): Entry | null {
  const rounded = roundedPayment(rules, debt.type, debt.outstandingCents);
  const cents = rounded - debt.outstandingCents;
  if (cents === 0 || input.amountCents !== rounded) return null;
  return {
    debtId,
    kind: cents < 0 ? 'relief' : 'adjustment',
    component: 'rounding',
    amountCents: cents,
    at: input.paidAt,
    source: 'receipt',
    sourceRef: input.receiptId,
  };
}

/**
 * Books the receipts whose notice has become known since: a file is often loaded after the first people have paid, and
 * they must not be written to. Called before an audience is looked at. Returns how many were booked.
 */
export async function bookQuarantined(tx: Tx, now: number): Promise<number> {
  const ente = enteOf(tx);
  const { rows } = await sql<{
    receipt_id: string;
    notice_number: string;
    amount_cents: number;
    paid_at: number;
    psp: string;
    debt_id: string;
  }>`select r.receipt_id, r.notice_number, r.amount_cents, r.paid_at, r.psp, q.debt_id from receipt r
    join payment_request q on q.ente_id = ${ente} and q.notice_number = r.notice_number
    join debt_now d on d.ente_id = ${ente} and d.debt_id = q.debt_id
    where r.ente_id = ${ente} and r.state = 'quarantined' order by r.receipt_id for update of r`.execute(tx.kysely);
  let booked = 0;
  for (const row of rows) {
    const { receipt_id: receiptId, notice_number: noticeNumber, amount_cents: amountCents, paid_at: paidAt, psp } = row;
    const input = { receiptId, noticeNumber, amountCents, paidAt, psp };
    if ((await book(tx, input, row.debt_id, 'system', now)) !== null) booked += 1;
  }
  return booked;
}

async function leaf(
  tx: Tx,
  kind: string,
  actor: string,
  at: number,
  input: ReceiptInput,
  excess: number,
): Promise<void> {
  const { receiptId, noticeNumber, amountCents } = input;
  await writeLeaf(tx, {
    at,
    kind,
    actor,
    rowCount: 1,
    facts: { receiptId, noticeNumber, amountCents, excessCents: excess },
  });
}

/** Receipts whose notice nobody here knows, for a person to look at. */
export async function quarantinedReceipts(
  tx: Tx,
): Promise<{ receiptId: string; noticeNumber: string; amountCents: number }[]> {
  const { rows } = await sql<{ receiptId: string; noticeNumber: string; amountCents: number }>`
    select receipt_id as "receiptId", notice_number as "noticeNumber", amount_cents as "amountCents" from receipt
    where ente_id = ${enteOf(tx)} and state = 'quarantined' order by received_at limit 500`.execute(tx.kysely);
  return rows;
}

/** How many receipts were booked, by how the money came. */
export async function paymentFigures(tx: Tx): Promise<{ channel: string; count: number; cents: number }[]> {
  const { rows } = await sql<{ channel: string; count: number; cents: number }>`select channel, count(*)::int as count,
      sum(amount_cents)::bigint as cents
    from receipt where ente_id = ${enteOf(tx)} and state = 'booked' group by channel order by channel`.execute(
    tx.kysely,
  );
  return rows;
}
