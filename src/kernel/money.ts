import { CodedError } from './errors.ts';
import { err, ok, type Result } from './result.ts';

/** Integer cents of euro. */
export type Cents = number;

export interface MoneyError {
  readonly code: 'EMPTY' | 'NEGATIVE' | 'TOO_LARGE' | 'TOO_MANY_DECIMALS' | 'AMBIGUOUS' | 'NOT_A_NUMBER';
}

/** 99.999.999,99 €: the largest amount taken for a single debt. */
export const MAX_CENTS: Cents = 9_999_999_999;

const NBSP = '\u00a0';
const MAX_EURO_DIGITS = 8;

/**
 * Reads an amount as people and their spreadsheets write it: `1.234,56` `1234,56` `1234.56` `1,234.56` `1 234,56`
 * `1234`, with or without `€`. Never guesses:
 * - with two kinds of separator the last one is the decimal one;
 * - a single dot before exactly three digits is the Italian thousands separator (`1.234` = 1234 €);
 * - a single comma before exactly three digits is refused as AMBIGUOUS (`1,234` is 1,23 to one program, 1234 to another);
 * - groups must be of three digits, and the first must not start with 0 (so `0.123` has too many decimals).
 * Refuses signs, formulas, letters, more than two decimals and anything above MAX_CENTS.
 */
export function parseEuro(text: string): Result<Cents, MoneyError> {
  let body = text.trim();
  if (body === '') return err({ code: 'EMPTY' });
  let negative = false;
  if (body.startsWith('(') && body.endsWith(')')) {
    // Accounting programs write a negative amount in brackets.
    negative = true;
    body = body.slice(1, -1).trim();
  }
  body = withoutEuroSign(body);
  if (/^[-\u2212]/.test(body)) {
    negative = true;
    body = withoutEuroSign(body.slice(1).trim());
  } else if (/[-\u2212]$/.test(body)) {
    negative = true;
    body = withoutEuroSign(body.slice(0, -1).trim());
  }
  const parsed = parseUnsigned(body);
  return negative && parsed.ok ? err({ code: 'NEGATIVE' }) : parsed;
}

function withoutEuroSign(text: string): string {
  if (text.startsWith('€')) return text.slice(1).trim();
  return text.endsWith('€') ? text.slice(0, -1).trim() : text;
}

function parseUnsigned(text: string): Result<Cents, MoneyError> {
  const plain = text.replace(/[\u00a0\u202f\u2009]/g, ' ');
  if (!/^\d[\d., ]*$/.test(plain) || !/\d$/.test(plain)) return err({ code: 'NOT_A_NUMBER' });

  const lastSeparator = Math.max(plain.lastIndexOf('.'), plain.lastIndexOf(','));
  if (lastSeparator < 0) return amount(plain, '');
  const mark = plain.charAt(lastSeparator);
  const whole = plain.slice(0, lastSeparator);
  const tail = plain.slice(lastSeparator + 1);
  if (!/^\d+$/.test(tail)) return err({ code: 'NOT_A_NUMBER' });

  if (whole.includes(mark)) {
    // The same mark twice: thousands only, `1.234.567`.
    return amount(plain, '');
  }
  if (tail.length === 3 && /^[1-9]\d{0,2}$/.test(whole)) {
    return mark === '.' ? amount(plain, '') : err({ code: 'AMBIGUOUS' });
  }
  return amount(whole, tail);
}

/** `whole` may hold well-formed groups of three, all parted by the same mark. */
function amount(whole: string, decimals: string): Result<Cents, MoneyError> {
  if (!/^(?:\d+|[1-9]\d{0,2}(?:([., ])\d{3})(?:\1\d{3})*)$/.test(whole)) return err({ code: 'NOT_A_NUMBER' });
  if (decimals.length > 2) return err({ code: 'TOO_MANY_DECIMALS' });
  const euros = whole.replace(/\D/g, '').replace(/^0+(?=\d)/, '');
  if (euros.length > MAX_EURO_DIGITS) return err({ code: 'TOO_LARGE' });
  return ok(Number(euros) * 100 + Number(decimals.padEnd(2, '0')));
}

/**
 * `1.234,56 €`: grouping always (Intl's it-IT starts at 10.000 in some ICU versions) and a no-break space before the
 * sign. Written by hand because Intl on a double loses cents on sums near 2^53; takes negative amounts too.
 */
export function formatEuro(cents: Cents): string {
  assertCents(cents);
  const digits = String(Math.abs(cents)).padStart(3, '0');
  const euros = digits.slice(0, -2).replace(/\B(?=(?:\d{3})+$)/g, '.');
  return `${cents < 0 ? '-' : ''}${euros},${digits.slice(-2)}${NBSP}€`;
}

/**
 * The payment of a local tax rounded to the euro: up to 49 cents down, above up (L. 296/2006, art. 1, c. 166; exactly
 * 49 is not written in the law, practice rounds down). Once, on the total to pay; never on lines, nor on other credits.
 */
export function roundTaxPayment(cents: Cents): Cents {
  assertCents(cents);
  if (cents < 0) throw new CodedError('MONEY_RANGE', 'a payment cannot be negative', { cents });
  const rest = cents % 100;
  return rest <= 49 ? cents - rest : cents - rest + 100;
}

function assertCents(cents: Cents): void {
  if (!Number.isSafeInteger(cents)) throw new CodedError('MONEY_RANGE', 'cents must be a safe integer', { cents });
}
