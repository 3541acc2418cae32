import { civilDate } from '../../src/kernel/civil-date.ts';
import { makeNoticeNumber } from '../../src/kernel/notice-number.ts';
import type { NoticeFacts, NoticePayment } from '../../src/modules/payments/document/notice-facts.ts';

export const postalAccount = {
  account: '123456',
  holder: 'Comune di Esempio - Servizio Tesoreria',
  authorisation: 'AUT. DB/TEST/000 00000 DEL 01/01/2026',
};

/** The payment with this number: a different notice number, amount and date for each. */
export const payment = (n: number, over: Partial<NoticePayment> = {}): NoticePayment => ({
  noticeNumber: makeNoticeNumber('02', n),
  amountCents: 10_000 + n,
  dueDate: civilDate(`2027-${String((n % 12) + 1).padStart(2, '0')}-28`),
  ...over,
});

export const payments = (count: number): NoticePayment[] => Array.from({ length: count }, (_, i) => payment(i + 1));

/** What a notice of an invented comune says; `over` changes whole members. */
export const noticeFacts = (over: Partial<NoticeFacts> = {}): NoticeFacts => ({
  creditor: creditor(),
  addressee: {
    fiscalCode: 'RSSMRA80A01H501U',
    name: 'Maria Rossi',
    address: 'Vicolo Corto 12, 00000 Esempio (EX)',
  },
  subject: 'TARI 2026, via Roma 1',
  choice: { kind: 'single', payment: payment(12_345, { amountCents: 12_000 }) },
  secondLanguage: null,
  ...over,
});

export const creditor = (over: Partial<NoticeFacts['creditor']> = {}): NoticeFacts['creditor'] => ({
  fiscalCode: '77777777777',
  name: 'Comune di Esempio',
  office: 'Ufficio tributi',
  contacts: 'www.comune.esempio.example · tel. 000 000000',
  cbill: 'A0EDT',
  logo: null,
  online: 'site',
  counter: null,
  postal: null,
  ...over,
});
