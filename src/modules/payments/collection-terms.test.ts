import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CollectionTerms, transfersOf } from './collection-terms.ts';

const body = { fiscalCode: '80000000001', name: 'Comune di Prova' };
const terms = (shareBp: number | null): CollectionTerms => ({
  category: '9/0101101IM/',
  account: { iban: 'IT60X0542811101000000123456' },
  payableOverdue: true,
  second:
    shareBp === null
      ? null
      : { fiscalCode: '80000000002', name: 'Provincia', iban: 'X', category: '9/0201102IM/', shareBp, taxYear: 2024 },
});

describe('the transfers of an amount', () => {
  it('are the amount, to the cent, none empty, the body’s first', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999_999_999 }),
        fc.option(fc.integer({ min: 0, max: 500 })),
        (cents, bp) => {
          const transfers = transfersOf(terms(bp), body, cents);
          expect(transfers.reduce((sum, one) => sum + one.amountCents, 0)).toBe(cents);
          expect(transfers.every((one) => one.amountCents > 0)).toBe(true);
          expect(transfers.map((one) => one.no)).toEqual(transfers.map((_, i) => i + 1));
          expect(transfers[0]?.fiscalCode).toBe(body.fiscalCode);
        },
      ),
    );
  });

  it('give the province what its percentage adds to the tariff: 5 % on 100,00 is 5,00 of 105,00', () => {
    expect(transfersOf(terms(500), body, 10_500).map((one) => one.amountCents)).toEqual([10_000, 500]);
    expect(transfersOf(terms(300), body, 10_300).map((one) => one.amountCents)).toEqual([10_000, 300]);
    expect(transfersOf(terms(500), body, 10).map((one) => one.amountCents)).toEqual([10]);
  });
});
