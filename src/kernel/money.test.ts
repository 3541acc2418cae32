import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEuro, MAX_CENTS, parseEuro, roundTaxPayment } from './money.ts';

const NBSP = '\u00a0';

describe('parseEuro', () => {
  it.each([
    ['1.234,56', 123_456],
    ['1234,56', 123_456],
    ['1234.56', 123_456],
    ['1,234.56', 123_456],
    ['1 234,56', 123_456],
    [`1\u202f234,56`, 123_456],
    ['1.234.567,8', 123_456_780],
    ['1,234,567.89', 123_456_789],
    ['1234', 123_400],
    ['€ 12,00', 1_200],
    [`12,00${NBSP}€`, 1_200],
    [`  €${NBSP}12,5 `, 1_250],
    ['1.234', 123_400],
    ['1.234.567', 123_456_700],
    ['1,234,567', 123_456_700],
    ['0', 0],
    ['0,05', 5],
    ['0.5', 50],
    ['007,10', 710],
    ['99.999.999,99', MAX_CENTS],
  ])('reads %j', (text, cents) => {
    expect(parseEuro(text)).toEqual({ ok: true, value: cents });
  });

  it.each([
    ['', 'EMPTY'],
    [`  ${NBSP}`, 'EMPTY'],
    ['1,234', 'AMBIGUOUS'],
    ['12,345', 'AMBIGUOUS'],
    ['-1', 'NEGATIVE'],
    ['-1.234,56 €', 'NEGATIVE'],
    ['€ -12,00', 'NEGATIVE'],
    ['- € 12,00', 'NEGATIVE'],
    ['\u221212,00', 'NEGATIVE'],
    ['12,00-', 'NEGATIVE'],
    ['(12,00)', 'NEGATIVE'],
    ['100.000.000', 'TOO_LARGE'],
    ['100000000,00', 'TOO_LARGE'],
    ['123456789012', 'TOO_LARGE'],
    ['9'.repeat(400), 'TOO_LARGE'],
    ['1,2345', 'TOO_MANY_DECIMALS'],
    ['1234.567', 'TOO_MANY_DECIMALS'],
    ['1234,567', 'TOO_MANY_DECIMALS'],
    ['0.123', 'TOO_MANY_DECIMALS'],
    ['0,123', 'TOO_MANY_DECIMALS'],
    ['1.234,567', 'TOO_MANY_DECIMALS'],
    ['1,234.567', 'TOO_MANY_DECIMALS'],
    ['=1+1', 'NOT_A_NUMBER'],
    ['+12', 'NOT_A_NUMBER'],
    ['-1+2', 'NOT_A_NUMBER'],
    ['@SUM(A1)', 'NOT_A_NUMBER'],
    ['12 euro', 'NOT_A_NUMBER'],
    ['1e3', 'NOT_A_NUMBER'],
    ['0x10', 'NOT_A_NUMBER'],
    ['Infinity', 'NOT_A_NUMBER'],
    ['€', 'NOT_A_NUMBER'],
    ['-', 'NOT_A_NUMBER'],
    ['--5', 'NOT_A_NUMBER'],
    ['12,', 'NOT_A_NUMBER'],
    [',50', 'NOT_A_NUMBER'],
    ['1..2', 'NOT_A_NUMBER'],
    ['1.234.56', 'NOT_A_NUMBER'],
    ['1234.567,89', 'NOT_A_NUMBER'],
    ['1.23,45', 'NOT_A_NUMBER'],
    ['1.234,567.89', 'NOT_A_NUMBER'],
    ['1 2,00', 'NOT_A_NUMBER'],
    ['1.234 567,00', 'NOT_A_NUMBER'],
    ['١٢', 'NOT_A_NUMBER'],
  ])('refuses %j as %s', (text, code) => {
    expect(parseEuro(text)).toEqual({ ok: false, error: { code } });
  });

  it('gives back what formatEuro wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_CENTS }), (cents) => {
        expect(parseEuro(formatEuro(cents))).toEqual({ ok: true, value: cents });
      }),
    );
  });

  it('never throws, and never gives anything but whole cents within the limit', () => {
    const typed = fc.string({ unit: fc.constantFrom(...'0123456789.,-€ ()e'), maxLength: 16 });
    fc.assert(
      fc.property(fc.oneof(typed, fc.string({ unit: 'binary' })), (text) => {
        const parsed = parseEuro(text);
        if (parsed.ok) {
          expect(Number.isSafeInteger(parsed.value) && parsed.value >= 0 && parsed.value <= MAX_CENTS).toBe(true);
          // Whatever the separators, the digits of the amount are those typed.
          const digits = text.replace(/\D/g, '').replace(/^0+/, '');
          expect([0, 1, 2].map((n) => digits.padEnd(digits.length + n, '0'))).toContain(
            parsed.value === 0 ? digits : String(parsed.value),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('formatEuro', () => {
  it('groups from the first thousand and keeps the sign before', () => {
    expect(formatEuro(0)).toBe(`0,00${NBSP}€`);
    expect(formatEuro(5)).toBe(`0,05${NBSP}€`);
    expect(formatEuro(123_456)).toBe(`1.234,56${NBSP}€`);
    expect(formatEuro(-123_456)).toBe(`-1.234,56${NBSP}€`);
    expect(formatEuro(Number.MAX_SAFE_INTEGER)).toBe(`90.071.992.547.409,91${NBSP}€`);
  });

  it('writes what Intl writes', () => {
    const intl = new Intl.NumberFormat('it-IT', { style: 'currency', currency: 'EUR', useGrouping: 'always' });
    fc.assert(
      fc.property(fc.integer({ min: -MAX_CENTS, max: MAX_CENTS }), (cents) => {
        expect(formatEuro(cents)).toBe(intl.format(cents / 100));
      }),
    );
  });

  it('refuses fractions of a cent', () => {
    expect(() => formatEuro(0.5)).toThrow(expect.objectContaining({ code: 'MONEY_RANGE' }));
    expect(() => formatEuro(Number.NaN)).toThrow(expect.objectContaining({ code: 'MONEY_RANGE' }));
  });
});

describe('roundTaxPayment (L. 296/2006, c. 166)', () => {
  it.each([
    [0, 0],
    [12_300, 12_300],
    [12_348, 12_300],
    [12_349, 12_300],
    [12_350, 12_400],
    [12_399, 12_400],
  ])('%i cents → %i', (cents, rounded) => {
    expect(roundTaxPayment(cents)).toBe(rounded);
  });

  it('gives whole euros, never half a euro away or more than it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_CENTS }), (cents) => {
        const rounded = roundTaxPayment(cents);
        expect(rounded % 100).toBe(0);
        expect(Math.abs(rounded - cents)).toBeLessThanOrEqual(50);
        expect(roundTaxPayment(rounded)).toBe(rounded);
      }),
    );
    expect(() => roundTaxPayment(-1)).toThrow(expect.objectContaining({ code: 'MONEY_RANGE' }));
  });
});
