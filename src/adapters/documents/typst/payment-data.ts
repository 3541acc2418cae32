import { formatDate } from '../../../kernel/civil-date.ts';
import { type Cents, formatEuro } from '../../../kernel/money.ts';
import { formatNoticeNumber } from '../../../kernel/notice-number.ts';
import type { CodedPayment, NoticeDocument, PostalSlip } from '../../../modules/payments/document/document.port.ts';
import type { Part, PaymentTitle, TitledPayment } from './page-plan.ts';
import type { Printable } from './printable.ts';
import type { Said, Speaker } from './said.ts';
import { dataMatrix } from './symbols/data-matrix.ts';
import { svgOf } from './symbols/modules.ts';
import { qrCode } from './symbols/qr-code.ts';

/** Where the numbers of the Data Matrix end and its columns of capitals begin (pagopa §2). */
const CODELINE_END = 63;

/** `1.234,56`. */
export const amountOf = (cents: Cents): string => formatEuro(cents).slice(0, -2);

export const dueOf = (payment: CodedPayment, say: Speaker): Said =>
  payment.dueDate === null ? [] : say('by', { date: formatDate(payment.dueDate) });

/** A module as the templates read it, with its symbols drawn. */
export function partData(part: Part, { creditor }: NoticeDocument, say: Speaker, printable: Printable) {
  switch (part.kind) {
    case 'wide':
      return { kind: part.kind, payment: paymentData(part.of) };
    case 'row':
      return { kind: part.kind, columns: part.columns, payments: part.of.map(paymentData) };
    case 'slip':
      return { kind: part.kind, ...slipData(part.of, part.slip) };
  }

  function common({ title, payment }: TitledPayment) {
    return {
      ...headed(title, payment, say),
      amount: amountOf(payment.amountCents),
      code: formatNoticeNumber(payment.noticeNumber),
    };
  }

  function paymentData(one: TitledPayment) {
    const data = common(one);
    const alt = `Codice QR per pagare ${data.amount} euro: codice avviso ${data.code}, codice fiscale dell’ente ${creditor.fiscalCode}`;
    return { ...data, qr: svgOf(qrCode(one.payment.qr)), alt };
  }

  function slipData(one: TitledPayment, slip: PostalSlip) {
    const data = common(one);
    const alt = `Codice Data Matrix del bollettino postale: codice avviso ${data.code}, conto corrente postale ${slip.account}, ${data.amount} euro`;
    return {
      ...data,
      dataMatrix: svgOf(dataMatrix(slip.dataMatrix, CODELINE_END)),
      alt,
      account: slip.account,
      holder: printable(slip.holder),
      authorisation: printable(slip.authorisation),
    };
  }
}

function headed(title: PaymentTitle, payment: CodedPayment, say: Speaker): { title: Said; when: Said } {
  if (title === 'discounted') return { title: say(title), when: say('withinFiveDays') };
  if (title === 'reduced') return { title: say(title), when: say('fromSixthToSixtiethDay') };
  const name = title === 'single' ? say(title) : say('installment', { number: String(title) });
  return { title: name, when: dueOf(payment, say) };
}
