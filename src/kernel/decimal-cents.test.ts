import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalCents } from './decimal-cents.ts';

describe('a decimal number of euro', () => {
  it.each([
    ['0', 0],
    ['12', 1_200],
    ['12.5', 1_250],
    ['12.30', 1_230],
    ['12.300', 1_230],
    ['0012.34', 1_234],
    ['-1.00', -100],
    ['-0.00', 0],
    ['1.23456789E7', 1_234_567_890],
    ['1E2', 10_000],
    ['1234E-2', 1_234],
    ['5e-2', 5],
    ['999999999.99', 99_999_999_999],
  ])('%s is %i cents', (text, cents) => {
    expect(decimalCents(text)).toBe(cents);
  });

  it.each([
    '',
    ' 1',
    '1,50',
    '.5',
    '1.',
    '+1',
    '0x10',
    'NaN',
    'Infinity',
    '1e',
    '0.001',
    '0.30000000000000004',
    '1E-3',
    '5E-30',
    '90071992547409.93',
    '1E40',
    '1E999',
  ])('%j is none', (text) => {
    expect(decimalCents(text)).toBeNull();
  });

  it('is read exactly, however it is written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }),
        fc.integer({ min: -8, max: 8 }),
        (cents, shift) => {
          const digits = String(Math.abs(cents)).padStart(3, '0');
          const sign = cents < 0 ? '-' : '';
          expect(decimalCents(`${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`)).toBe(cents);
          // The same number with the point elsewhere, and the exponent that makes up for it.
          const wide = digits.padStart(12, '0').padEnd(22, '0');
          const point = 10 + shift;
          expect(decimalCents(`${sign}${wide.slice(0, point)}.${wide.slice(point)}E${-shift}`)).toBe(cents);
        },
      ),
    );
  });
});
