import { sha256Hex } from '../../src/kernel/hash.ts';
import type { Payment, Transfer } from './types.ts';

/** Codes 0, 3, 4, 8, 9 of the XML flow (pagopa §12). */
export type PayStatus = 'EXECUTED' | 'REVOKED' | 'STAND_IN' | 'STAND_IN_NO_RPT' | 'NO_RPT';

export interface FlowRow {
  readonly iuv: string;
  /** Null where the PSP sent none, against the schema. */
  readonly iur: string | null;
  readonly idTransfer: number;
  readonly amountCents: number;
  readonly status: PayStatus;
  readonly paidAt: number;
}

/**
 * What goes wrong with the money of one receipt, or with the flow it is in. `replaced`: a cent too much, put right by a
 * second revision a day later; `revoked`: taken back in the same flow; `noRpt`, `standInNoRpt`: with an IUR of the PSP's
 * own; `leftOut`: credited by nobody; `singleCredit`: credited by itself, in no flow.
 */
export type Anomaly =
  | 'replaced'
  | 'totalsOff'
  | 'revoked'
  | 'noRpt'
  | 'standInNoRpt'
  | 'withoutIur'
  | 'amountDiffers'
  | 'leftOut'
  | 'singleCredit'
  | 'creditMissing'
  | 'creditDiffers';

/** One share of a payment, on its way to an account. */
export interface Item {
  readonly payment: Payment;
  readonly transfer: Transfer & { readonly iban: string };
  readonly anomaly: Anomaly | undefined;
}

export function rowsOf({ payment, transfer, anomaly }: Item): FlowRow[] {
  const row: FlowRow = {
    iuv: payment.data.creditorReferenceId,
    iur: payment.receiptId,
    idTransfer: transfer.id,
    amountCents: transfer.amountCents,
    status: payment.standIn ? 'STAND_IN' : 'EXECUTED',
    paidAt: payment.paidAt,
  };
  const ownIur = sha256Hex(`${payment.psp.id}|${payment.receiptId}`).slice(0, 32);
  switch (anomaly) {
    case 'revoked':
      return [row, { ...row, status: 'REVOKED' }];
    case 'noRpt':
      return [{ ...row, iur: ownIur, status: 'NO_RPT' }];
    case 'standInNoRpt':
      return [{ ...row, iur: ownIur, status: 'STAND_IN_NO_RPT' }];
    case 'withoutIur':
      return [{ ...row, iur: null }];
    case 'amountDiffers':
      return [{ ...row, amountCents: row.amountCents + 10 }];
    default:
      return [row];
  }
}

/** SACI wants revoked rows negative, the schema forbids it: their sign is in their code (pagopa §12, the sum UNCONFIRMED). */
export function sumOf(rows: readonly FlowRow[]): number {
  return rows.reduce((sum, { status, amountCents }) => sum + (status === 'REVOKED' ? -amountCents : amountCents), 0);
}
