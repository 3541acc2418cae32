import type { CivilDate } from '../../kernel/civil-date.ts';
import type { Cents } from '../../kernel/money.ts';
import type { Tx } from '../../platform/db/index.ts';
import { loadRules } from '../creditors/index.ts';
import { doubtedDebts, lockDebt } from '../debts/index.ts';
import { noticeNumberOf } from './notice-numbers.ts';
import { amountToPay } from './payable-notice.ts';
import { nextInstallment } from './plans/index.ts';

/** Whether a debt may be paid at this moment, and what; its codes are what a payment page and a station answer with. */
export type PaymentAnswer =
  | {
      readonly kind: 'payable';
      readonly debtorId: string;
      readonly amountCents: Cents;
      readonly noticeNumber: string;
    }
  /** The office has taken back what it said of this debt, and has not said yet what is right (docs/adr/0010). */
  | { readonly kind: 'inDoubt'; readonly debtorId: string }
  /** Nothing is left to be paid. */
  | { readonly kind: 'alreadyPaid'; readonly debtorId: string }
  /** No such debt, or none that has a notice number. */
  | { readonly kind: 'notFound' };

/** The one answer to "may it still be paid?", whoever asks; of a debt in installments the next one is. The debt is locked: its amount stays so until the commit. */
export async function askPayment(tx: Tx, debtId: string, today: CivilDate): Promise<PaymentAnswer> {
  const debt = await lockDebt(tx, debtId);
  if (debt === null) return { kind: 'notFound' };
  const { debtorId, outstandingCents } = debt;
  if (outstandingCents === 0) return { kind: 'alreadyPaid', debtorId };
  if ((await doubtedDebts(tx, { debtIds: [debtId] })).size > 0) return { kind: 'inDoubt', debtorId };
  const next = await nextInstallment(tx, debtId);
  if (next !== null) return { kind: 'payable', debtorId, ...next };
  const noticeNumber = await noticeNumberOf(tx, debtId);
  if (noticeNumber === null) return { kind: 'notFound' };
  const amountCents = amountToPay(await loadRules(tx, today), debt.type, outstandingCents);
  return { kind: 'payable', debtorId, amountCents, noticeNumber };
}
