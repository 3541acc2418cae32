import { type NoticeInput, noticeInput } from '../../src/adapters/documents/typst/notice-data.ts';
import { makePrintable } from '../../src/adapters/documents/typst/printable.ts';
import { openTypst, readTextFonts } from '../../src/adapters/documents/typst/typst-compiler.ts';
import { makeNotice, type NoticeFacts } from '../../src/modules/payments/document/document.port.ts';
import { creditor, payment, payments, postalAccount } from './payment-notices.ts';
import { type Pdf, readPdf } from './pdf.ts';
import { picturePage } from './pdf-picture.ts';
import { type ReadSymbol, readSymbols } from './read-symbols.ts';

export const typst = openTypst();
export const printable = makePrintable(readTextFonts());
export const inputOf = (...facts: NoticeFacts[]): NoticeInput => noticeInput(facts.map(makeNotice), printable);
export const render = (...facts: NoticeFacts[]): Pdf => readPdf(typst.pdf(inputOf(...facts)));

/** What a reader finds on each page, at 150 dots an inch. */
export const symbolsOf = (pdf: Pdf): Promise<ReadSymbol[][]> =>
  Promise.all(pdf.pages.map((page) => readSymbols(picturePage(pdf, page, 150))));

export const withSlip = creditor({ postal: postalAccount });

/** One of each kind. */
export const CHOICES = {
  'a single payment': { kind: 'single', payment: payment(1) },
  'two installments besides': { kind: 'installments', single: payment(99), installments: payments(2) },
  'three installments besides': { kind: 'installments', single: payment(99), installments: payments(3) },
  'seven installments only': { kind: 'installments', single: null, installments: payments(7) },
  'a traffic fine': { kind: 'trafficFine', discounted: payment(1), reduced: payment(2) },
} satisfies Record<string, NoticeFacts['choice']>;
