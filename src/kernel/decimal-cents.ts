import type { Cents } from './money.ts';

/**
 * Cents of a decimal number of euro as machines write it: `12`, `12.5`, `12.30`, `-1.00`, `1.23456E3`. Read digit by digit,
 * never through a float. Null: no such number, finer than a cent, or beyond what a number holds exactly.
 */
export function decimalCents(text: string): Cents | null {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d{1,20})(?:\.(\d{1,20}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text) ?? [];
  if (sign === undefined) return null;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent) + 2;
  if (/[1-9]/.test(digits.slice(Math.max(point, 0)))) return null;
  const cents = Number(digits.slice(0, Math.max(point, 0)).padEnd(point, '0'));
  if (!Number.isSafeInteger(cents)) return null;
  return sign === '-' && cents !== 0 ? -cents : cents;
}
