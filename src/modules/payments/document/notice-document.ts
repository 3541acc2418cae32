import { CodedError } from '../../../kernel/errors.ts';
import type { Brand } from '../../../kernel/ids.ts';
import type { Cents } from '../../../kernel/money.ts';
import { parseNoticeNumber } from '../../../kernel/notice-number.ts';
import { fitText } from './fit-text.ts';
import {
  type CodedPayment,
  NOTICE_LIMITS,
  type NoticeFacts,
  type NoticePayment,
  type PaymentChoice,
  type PostalAccount,
} from './notice-facts.ts';
import { MAX_POSTAL_CENTS, paymentQr, postalDataMatrix } from './payment-codes.ts';

/** 999.999.999,99 €. */
const MAX_CENTS: Cents = 99_999_999_999;

/** A payment notice whose texts fit and whose codes are right: only `makeNotice` makes one. */
export type NoticeDocument = Brand<
  Omit<NoticeFacts, 'choice'> & { readonly choice: PaymentChoice<CodedPayment> },
  'NoticeDocument'
>;

/**
 * The notice from what is known. Texts are put on one line and cut to NOTICE_LIMITS. Throws NOTICE_DOCUMENT with the
 * `field` that is wrong: codes, amounts, accounts, empty names, fewer than two installments, one number used twice.
 */
export function makeNotice(facts: NoticeFacts): NoticeDocument {
  const { creditor, addressee, choice, secondLanguage } = facts;
  must(/^\d{11}$/.test(creditor.fiscalCode), 'creditor.fiscalCode');
  const postal = creditor.postal === null ? null : checkedAccount(creditor.postal);
  const texts = {
    subject: needed(withCapital(fitText(facts.subject, NOTICE_LIMITS.subject)), 'subject'),
    creditor: {
      ...creditor,
      name: needed(fitText(creditor.name, NOTICE_LIMITS.creditorName), 'creditor.name'),
      office: optional(creditor.office, NOTICE_LIMITS.office),
      contacts: optional(creditor.contacts, NOTICE_LIMITS.contacts),
      counter: optional(creditor.counter, NOTICE_LIMITS.counter),
      cbill: optional(creditor.cbill?.toUpperCase() ?? null, NOTICE_LIMITS.cbill),
      postal,
    },
    addressee: {
      name: needed(fitText(addressee.name, NOTICE_LIMITS.addresseeName), 'addressee.name'),
      address: optional(addressee.address, NOTICE_LIMITS.address),
      fiscalCode: optional(addressee.fiscalCode?.toUpperCase() ?? null, NOTICE_LIMITS.addresseeCode),
    },
    secondLanguage,
  };

  const code = (payment: NoticePayment): CodedPayment => {
    const noticeNumber = checkedNumber(payment.noticeNumber);
    const { amountCents } = payment;
    must(Number.isInteger(amountCents) && amountCents > 0, 'amountCents');
    must(amountCents <= (postal === null ? MAX_CENTS : MAX_POSTAL_CENTS), 'amountCents');
    const slipFacts = {
      noticeNumber,
      amountCents,
      creditorCode: creditor.fiscalCode,
      payerCode: texts.addressee.fiscalCode ?? '',
      payerName: texts.addressee.name,
      subject: texts.subject,
    };
    return {
      noticeNumber,
      amountCents,
      dueDate: payment.dueDate,
      qr: paymentQr(noticeNumber, creditor.fiscalCode, amountCents),
      slip:
        postal === null ? null : { ...postal, dataMatrix: postalDataMatrix({ ...slipFacts, account: postal.account }) },
    };
  };
  const coded = codedChoice(choice, code);
  const numbers = paymentsOf(coded).map((payment) => payment.noticeNumber);
  must(new Set(numbers).size === numbers.length, 'noticeNumber');
  return { ...texts, choice: coded } as NoticeDocument;
}

/** Every payment of a choice, in the order in which it is printed. */
export function paymentsOf<P>(choice: PaymentChoice<P>): readonly P[] {
  if (choice.kind === 'single') return [choice.payment];
  if (choice.kind === 'trafficFine') return [choice.discounted, choice.reduced];
  return choice.single === null ? choice.installments : [choice.single, ...choice.installments];
}

function codedChoice(choice: PaymentChoice, code: (p: NoticePayment) => CodedPayment): PaymentChoice<CodedPayment> {
  if (choice.kind === 'single') return { kind: 'single', payment: code(choice.payment) };
  if (choice.kind === 'trafficFine') {
    return { kind: 'trafficFine', discounted: code(choice.discounted), reduced: code(choice.reduced) };
  }
  must(choice.installments.length >= 2, 'installments');
  const single = choice.single === null ? null : code(choice.single);
  return { kind: 'installments', single, installments: choice.installments.map(code) };
}

function checkedAccount({ account, holder, authorisation }: PostalAccount): PostalAccount {
  must(/^\d{1,12}$/.test(account), 'creditor.postal.account');
  return {
    account,
    holder: needed(fitText(holder, NOTICE_LIMITS.accountHolder), 'creditor.postal.holder'),
    authorisation: needed(fitText(authorisation, NOTICE_LIMITS.authorisation), 'creditor.postal.authorisation'),
  };
}

function checkedNumber(raw: string): string {
  const parsed = parseNoticeNumber(raw);
  must(parsed.ok, 'noticeNumber');
  return parsed.ok ? parsed.value.noticeNumber : raw;
}

/** A first letter may grow when it becomes a capital (`ß`). */
const withCapital = (text: string): string =>
  fitText(text.charAt(0).toUpperCase() + text.slice(1), NOTICE_LIMITS.subject);

function optional(text: string | null, max: number): string | null {
  const fitted = text === null ? '' : fitText(text, max);
  return fitted === '' ? null : fitted;
}

function needed(text: string, field: string): string {
  must(text !== '', field);
  return text;
}

function must(right: boolean, field: string): void {
  if (!right) throw new CodedError('NOTICE_DOCUMENT', `${field} cannot be printed on a notice`, { field });
}
