import { sql } from 'kysely';
import { type CivilDate, civilDate } from '../../../kernel/civil-date.ts';
import type { Cents } from '../../../kernel/money.ts';
import { makeNoticeNumber } from '../../../kernel/notice-number.ts';
import { enteOf, instant, type Tx } from '../../../platform/db/index.ts';
import type { RemittanceFlow, RemittanceLine, TreasuryJournal, TreasuryMovement } from './reconcile.port.ts';

export const DAY = 86_400_000;
/** Monday 7 September 2026; what is before the 2nd is late. */
export const TERMS = { today: civilDate('2026-09-07'), days: 5 };
export const PAID_AT = Date.UTC(2026, 8, 3, 10);

/** IUV of a notice of ours: segregation code 02, as the test bodies have it. */
export const iuvOf = (n: number) => makeNoticeNumber('02', n).slice(1);
/** Of another system of the body, or of another body. */
export const otherIuv = (n: number) => makeNoticeNumber('47', n).slice(1);

export interface ReceiptFixture {
  readonly receiptId: string;
  readonly iuv: string;
  readonly transfers: readonly {
    readonly no: number;
    readonly cents: Cents;
    /** The body's own when left out. */
    readonly fiscalCode?: string;
    readonly stamp?: boolean;
  }[];
  readonly state?: 'booked' | 'quarantined' | 'shared';
  readonly channel?: 'pagopa' | 'counter';
  readonly paidAt?: number;
}

/** A receipt with its transfers, written as it is; how one comes to be is tested elsewhere. */
export async function addReceipt(tx: Tx, fiscalCode: string, receipt: ReceiptFixture): Promise<void> {
  const ente = enteOf(tx);
  const { receiptId, iuv, transfers, state = 'booked', channel = 'pagopa', paidAt = PAID_AT } = receipt;
  const cents = transfers.reduce((sum, one) => sum + one.cents, 0);
  await sql`insert into receipt (ente_id, receipt_id, notice_number, amount_cents, paid_at, received_at, psp, state,
      content_sha256, channel, creditor_reference)
    values (${ente}, ${receiptId}, ${`3${iuv}`}, ${cents}, ${instant(paidAt)}, ${instant(paidAt)}, 'Banca di prova', ${state},
      ${Buffer.alloc(32)}, ${channel}, ${iuv}) on conflict do nothing`.execute(tx.kysely);
  for (const one of transfers) {
    await sql`insert into receipt_transfer (ente_id, receipt_id, transfer_no, beneficiary_fiscal_code, amount_cents, iban, category)
      values (${ente}, ${receiptId}, ${one.no}, ${one.fiscalCode ?? fiscalCode}, ${one.cents},
        ${one.stamp === true ? null : 'IT60X0542811101000000123456'}, '9/0101101IM/') on conflict do nothing`.execute(
      tx.kysely,
    );
  }
}

export function line(over: Partial<RemittanceLine> & Pick<RemittanceLine, 'iuv' | 'amountCents'>): RemittanceLine {
  return { no: 1, iur: null, transferNo: 1, status: 'executed', payDate: civilDate('2026-09-03'), ...over };
}

/** A flow that adds up, unless `over` says otherwise; its lines are numbered as they stand. */
export function flow(
  flowId: string,
  receiver: string,
  lines: readonly RemittanceLine[],
  over: Partial<RemittanceFlow> = {},
): RemittanceFlow {
  return {
    flowId,
    revision: 1,
    source: 'api',
    psp: 'PSP01',
    sender: 'Banca di Prova',
    receiver,
    madeAt: Date.UTC(2026, 8, 4, 18),
    publishedAt: Date.UTC(2026, 8, 5, 2),
    regulationId: 'TRN1',
    regulationDate: civilDate('2026-09-04'),
    declaredCount: lines.length,
    declaredCents: signedSum(lines),
    lines: lines.map((one, i) => ({ ...one, no: i + 1 })),
    ...over,
  };
}

export const signedSum = (lines: readonly RemittanceLine[]): Cents =>
  lines.reduce((sum, one) => sum + (one.status === 'revoked' ? -one.amountCents : one.amountCents), 0);

export const flowIdOf = (n: number, day = '2026-09-04') => `${day}PSP01-${String(n).padStart(6, '0')}`;

export function credit(
  documentNo: number,
  amountCents: Cents,
  text: string,
  bookedOn: CivilDate = civilDate('2026-09-04'),
): TreasuryMovement {
  const document = `2026/1/SOSPESO ENTRATA/${documentNo}/0`;
  const key = `${document}/${amountCents < 0 ? 'STORNATO' : 'ESEGUITO'}`;
  return { key, no: String(documentNo), document, amountCents, bookedOn, valueOn: null, text };
}

export const uriText = (flowId: string) => `RI1/PUR/LGPE- RIVERSAMENTO/URI/${flowId} BANCA`;

export function journal(journalId: string, movements: readonly TreasuryMovement[]): TreasuryJournal {
  return { journalId, fiscalCode: null, movements, skipped: 0 };
}
