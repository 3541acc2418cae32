import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { creditor, noticeFacts, payment, payments, postalAccount } from '../../../../test/support/payment-notices.ts';
import { makeNotice, type NoticeFacts } from '../../../modules/payments/document/document.port.ts';
import { columnsFor, planPages } from './page-plan.ts';

const plan = (choice: NoticeFacts['choice'], slips = false) =>
  planPages(makeNotice(noticeFacts({ choice, creditor: creditor({ postal: slips ? postalAccount : null }) })));
/** `wide`, `slip`, or the number of columns and the installments in them. */
const shape = (pages: ReturnType<typeof planPages>) =>
  pages.map((parts) =>
    parts.map((part) => (part.kind === 'row' ? `${part.columns}: ${part.of.map((one) => one.title)}` : part.kind)),
  );
const installments = (count: number, single = true, slips = false) =>
  shape(plan({ kind: 'installments', single: single ? payment(99) : null, installments: payments(count) }, slips));

describe('the pages of a notice', () => {
  it('are one for a single payment, with its slip below', () => {
    expect(shape(plan({ kind: 'single', payment: payment(1) }))).toEqual([['wide']]);
    expect(shape(plan({ kind: 'single', payment: payment(1) }, true))).toEqual([['wide', 'slip']]);
  });

  it('hold both amounts of a fine, on two pages where there are slips', () => {
    const fine = { kind: 'trafficFine', discounted: payment(1), reduced: payment(2) } as const;
    expect(shape(plan(fine))).toEqual([['wide', 'wide']]);
    expect(shape(plan(fine, true))).toEqual([
      ['wide', 'slip'],
      ['wide', 'slip'],
    ]);
  });

  it('go on with installments by two or by three', () => {
    expect(installments(2)).toEqual([['wide'], ['2: 1,2']]);
    expect(installments(3)).toEqual([['wide'], ['3: 1,2,3']]);
    expect(installments(7)).toEqual([['wide'], ['3: 1,2,3', '3: 4,5,6', '3: 7']]);
  });

  it('begin with installments where there is nothing else to pay', () => {
    expect(installments(2, false)).toEqual([['2: 1,2']]);
    expect(installments(4, false)).toEqual([['2: 1,2'], ['2: 3,4']]);
    expect(installments(2, false, true)).toEqual([[], ['2: 1,2', 'slip', 'slip']]);
  });

  it('have each slip on the page of its installment', () => {
    expect(installments(4, true, true)).toEqual([
      ['wide', 'slip'],
      ['2: 1,2', 'slip', 'slip'],
      ['2: 3,4', 'slip', 'slip'],
    ]);
  });

  it('never mix the two modules, and lose no payment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.boolean(), fc.boolean(), (count, single, slips) => {
        const parts = plan(
          { kind: 'installments', single: single ? payment(99) : null, installments: payments(count) },
          slips,
        ).flat();
        const rows = parts.flatMap((part) => (part.kind === 'row' ? [part] : []));
        expect(new Set(rows.map((row) => row.columns))).toEqual(new Set([columnsFor(count)]));
        expect(rows.flatMap((row) => row.of.map((one) => one.title))).toEqual(
          Array.from({ length: count }, (_, i) => i + 1),
        );
        const expected = slips ? count + (single ? 1 : 0) : 0;
        expect(parts.filter((part) => part.kind === 'slip')).toHaveLength(expected);
      }),
      { numRuns: 30 },
    );
  });
});
