import { sql } from 'kysely';
import type { Cents } from '../../kernel/money.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { ReceiptChannel } from './receipt-record.ts';

/** A payment as it was booked, with what a receipt must show (pagopa §11). */
export interface PaymentMade {
  readonly receiptId: string;
  readonly debtId: string;
  readonly noticeNumber: string;
  readonly creditorReference: string | null;
  readonly amountCents: Cents;
  /** Charged by the provider on top; null where nobody says. */
  readonly feeCents: Cents | null;
  readonly paidAt: number;
  readonly psp: string;
  readonly channel: ReceiptChannel;
}

/** Payments of a person's debts, newest first. */
export async function paymentsOfDebtor(tx: Tx, debtorId: string): Promise<PaymentMade[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<PaymentMade>`select r.receipt_id as "receiptId", r.debt_id as "debtId",
      r.notice_number as "noticeNumber", r.creditor_reference as "creditorReference", r.amount_cents as "amountCents",
      r.fee_cents as "feeCents", r.paid_at as "paidAt", r.psp, r.channel
    from debt_now d join receipt r on r.ente_id = ${ente} and r.debt_id = d.debt_id and r.state = 'booked'
    where d.ente_id = ${ente} and d.debtor_id = ${debtorId} order by r.paid_at desc, r.receipt_id`.execute(tx.kysely);
  return rows;
}
