import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilDate } from '../../../kernel/civil-date.ts';
import { makeRuleBook, statuteRows } from '../../creditors/index.ts';
import { makePlan } from './make-plan.ts';
import { mostInstallments, type PlanRule, type PlanTerms, planTerms } from './plan-rule.ts';

const RULE: PlanRule = {
  bands: [{ upToCents: 10_000, max: 1 }, { upToCents: 50_000, max: 4 }, { max: 24 }],
  minInstallmentCents: 5_000,
  everyMonths: 1,
  due: 'monthEnd',
  interest: 'legal',
  automatic: true,
  forfeiture: { missed: 2, withinMonths: 6 },
};
const tari = { code: 'TARI', nature: 'tari' };
const book = (rule: PlanRule | null = RULE, on = '2026-11-24') =>
  makeRuleBook(
    civilDate(on),
    statuteRows(),
    rule === null
      ? []
      : [
          {
            key: 'installmentPlan',
            scope: '*',
            valid_from: '2020-01-01',
            valid_to: null,
            value: rule,
            legal_basis: 'Reg. 5/2020',
          },
        ],
  );
const terms = (over: Partial<PlanRule> = {}): PlanTerms => {
  const found = planTerms(book({ ...RULE, ...over }), tari);
  if (found === null) throw new Error('no rule');
  return found;
};

describe('the terms of a plan', () => {
  it('are the regulation’s, at the legal rate of the day; without a regulation there are none (R39)', () => {
    expect(terms()).toMatchObject({ legalBasis: 'Reg. 5/2020', rateBp: 160, divisor: 365 });
    expect(terms({ deltaBp: 200 }).rateBp).toBe(360);
    expect(terms({ interest: 'none' }).rateBp).toBe(0);
    expect(planTerms(book(null), tari)).toBeNull();
  });

  it('allow as many installments as the amount’s band, none smaller than the smallest', () => {
    const most = (cents: number) => mostInstallments(terms(), book(), tari, cents);
    expect([9_999, 10_000, 10_001, 19_999, 20_000, 50_000, 50_001, 200_000].map(most)).toEqual([
      1, 1, 2, 3, 4, 4, 10, 24,
    ]);
  });

  it('go to 36 beyond 6.000 euro whatever a regulation on taxes says, and not for a fine', () => {
    expect(mostInstallments(terms(), book(), tari, 600_000)).toBe(24);
    expect(mostInstallments(terms(), book(), tari, 600_001)).toBe(36);
    expect(mostInstallments(terms(), book(), { code: 'M', nature: 'trafficFine' }, 600_001)).toBe(24);
  });
});

describe('a plan', () => {
  it('gives the check vector: 1.000,00 € in 3 from 24/11/2026 at 1,60 %', () => {
    const plan = makePlan(100_000, 3, civilDate('2026-11-24'), terms());
    // 33.334 × 37 × 160 / 3.650.000 = 54,06; 33.333 × 68 × … = 99,36; 33.333 × 96 × … = 140,27 cents.
    expect(plan).toEqual([
      { no: 1, dueOn: '2026-12-31', principalCents: 33_334, interestCents: 54 },
      { no: 2, dueOn: '2027-01-31', principalCents: 33_333, interestCents: 99 },
      { no: 3, dueOn: '2027-02-28', principalCents: 33_333, interestCents: 140 },
    ]);
  });

  it('falls due on the same day where the rule says so, every so many months', () => {
    const plan = makePlan(
      30_000,
      3,
      civilDate('2026-11-30'),
      terms({ due: 'sameDay', everyMonths: 3, interest: 'none' }),
    );
    expect(plan.map((one) => one.dueOn)).toEqual(['2027-02-28', '2027-05-30', '2027-08-30']);
  });

  it('is the amount, to the cent, in order, the first the largest by less than their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 99_999_999 }), fc.integer({ min: 1, max: 72 }), (cents, count) => {
        const plan = makePlan(cents, count, civilDate('2026-11-24'), terms());
        expect(plan.reduce((sum, one) => sum + one.principalCents, 0)).toBe(cents);
        expect(plan.map((one) => one.no)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
        const [first, ...rest] = plan.map((one) => one.principalCents);
        for (const one of rest) expect((first ?? 0) - one).toBeLessThan(count);
        expect(plan.map((one) => one.dueOn)).toEqual(plan.map((one) => one.dueOn).toSorted());
        expect(plan.every((one) => one.interestCents >= 0)).toBe(true);
      }),
    );
  });

  it('cannot part what has fewer cents than parts', () => {
    for (const count of [0, 1.5, 11]) {
      expect(() => makePlan(10, count, civilDate('2026-11-24'), terms())).toThrow(
        expect.objectContaining({ code: 'PLAN_COUNT' }),
      );
    }
  });
});
