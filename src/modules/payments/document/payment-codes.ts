import { CodedError } from '../../../kernel/errors.ts';
import type { Cents } from '../../../kernel/money.ts';

/** 99.999.999,99 €: what the ten digits of a postal slip can say. */
export const MAX_POSTAL_CENTS: Cents = 9_999_999_999;

/**
 * What the QR code says (pagopa §2). The amount is a hint for the payer: what is paid is what the body answers at that
 * moment.
 */
export function paymentQr(noticeNumber: string, creditorCode: string, amountCents: Cents): string {
  return `PAGOPA|002|${noticeNumber}|${creditorCode}|${String(amountCents).padStart(2, '0')}`;
}

export interface SlipFacts {
  readonly noticeNumber: string;
  /** At most 12 digits. */
  readonly account: string;
  readonly amountCents: Cents;
  readonly creditorCode: string;
  /** Empty where nobody knows it. */
  readonly payerCode: string;
  readonly payerName: string;
  readonly subject: string;
}

/**
 * The 256 characters of the postal slip's Data Matrix, each field at its place (pagopa §2). Which characters Poste
 * allows is UNCONFIRMED: here capital letters, digits and signs of basic Latin, accents taken off. Throws
 * NOTICE_DOCUMENT when a number does not fit its place.
 */
export function postalDataMatrix(slip: SlipFacts): string {
  const codeline = [sized(slip.noticeNumber, 18), sized(slip.account, 12), sized(String(slip.amountCents), 10)].join(
    '',
  );
  const payer = [column(slip.payerCode, 16), column(slip.payerName, 40), column(slip.subject, 110)].join('');
  return `codfase=NBPA;${codeline}38961P1${exactly(slip.creditorCode, 11)}${payer}${' '.repeat(12)}A`;
}

/** A number with its length before it, noughts on the left. */
const sized = (digits: string, size: number): string => `${size}${exactly(digits.padStart(size, '0'), size)}`;

const column = (text: string, size: number): string => basicLatin(text).slice(0, size).padEnd(size);

function exactly(digits: string, size: number): string {
  if (digits.length !== size || !/^\d+$/.test(digits)) {
    throw new CodedError('NOTICE_DOCUMENT', `not a number of ${size} digits`, { size });
  }
  return digits;
}

function basicLatin(text: string): string {
  return text
    .replace(/[‘’]/g, "'")
    .replace(/[–—]/g, '-')
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^\x20-\x7e]/g, '');
}
