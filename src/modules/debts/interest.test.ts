import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, type CivilDate, civilDate, daysBetween } from '../../kernel/civil-date.ts';
import { CREDIT_NATURES, makeRuleBook, type RuleRow, statuteRows } from '../creditors/index.ts';
import { type InterestTerms, interestOfLines, interestTerms, roundedPayment, simpleInterest } from './interest.ts';

const own = (key: string, value: unknown, from = '2010-01-01'): RuleRow => {
  return { key, scope: '*', valid_from: from, valid_to: null, value, legal_basis: 'Delibera n. 1/2010' };
};
const book = (regulation: RuleRow[] = [], on = '2026-11-24') => makeRuleBook(civilDate(on), statuteRows(), regulation);
const type = (nature: string) => ({ code: 'X', nature });
const coded = (code: string) => expect.objectContaining({ code });

function termsOf(nature: string, regulation: RuleRow[] = [], on?: string): InterestTerms {
  const terms = interestTerms(book(regulation, on), type(nature));
  if (terms === null) throw new Error('bears none');
  return terms;
}

const legal = termsOf('serviceFee');
const interest = (cents: number, from: string, to: string, terms = legal) =>
  simpleInterest(cents, civilDate(from), civilDate(to), terms);

describe('simple interest', () => {
  it('gives the first check vector: 1.000,00 € from 16/12/2020 to 24/11/2026 is 122,07 €', () => {
    const { cents, parts } = interest(100_000, '2020-12-16', '2026-11-24');
    expect(cents).toBe(12_207);
    expect(parts.map(({ days, bp }) => [days, bp])).toEqual([
      [15, 5],
      [365, 1],
      [365, 125],
      [365, 500],
      [366, 250],
      [365, 200],
      [328, 160],
    ]);
  });

  it('gives the second: 1.000,00 € from 16/12/2025 to 24/11/2026 is 15,20 €', () => {
    expect(interest(100_000, '2025-12-16', '2026-11-24').cents).toBe(1_520);
  });

  it('leaves the due date out and takes the day of payment in', () => {
    expect(interest(100_000, '2026-06-16', '2026-06-16')).toEqual({ cents: 0, parts: [] });
    expect(interest(100_000, '2026-06-17', '2026-06-16')).toEqual({ cents: 0, parts: [] });
    expect(interest(100_000, '2026-06-16', '2026-06-17').parts).toEqual([
      { from: '2026-06-17', to: '2026-06-17', days: 1, bp: 160 },
    ]);
  });

  it('rounds half up, once: at 1% a year on 365 days, 0,50 cents become one', () => {
    const terms = { rates: [{ from: civilDate('2023-01-01'), to: civilDate('2023-12-31'), bp: 100 }], divisor: 365 };
    const year = (cents: number) =>
      simpleInterest(cents, civilDate('2022-12-31'), civilDate('2023-12-31'), terms).cents;
    expect([year(49), year(50), year(149), year(150)]).toEqual([0, 1, 1, 2]);
  });

  it('counts 366 days of a leap year over the same 365', () => {
    const terms = { rates: [{ from: civilDate('2024-01-01'), to: civilDate('2024-12-31'), bp: 1_000 }], divisor: 365 };
    expect(simpleInterest(36_500, civilDate('2023-12-31'), civilDate('2024-12-31'), terms).cents).toBe(3_660);
  });

  it('is exact on the largest sum there may be', () => {
    // 99.999.999,99 € at 5% for the 365 days of 2023: 4.999.999,9995, half a cent up.
    expect(interest(9_999_999_999, '2022-12-31', '2023-12-31').cents).toBe(500_000_000);
    expect(interest(9_999_999_989, '2022-12-31', '2023-12-31').cents).toBe(499_999_999);
  });

  it('beyond the last known rate is refused, never stretched (R19)', () => {
    expect(interest(100_000, '2026-11-24', '2026-12-31').cents).toBe(162);
    expect(() => interest(100_000, '2026-11-24', '2027-01-01')).toThrow(coded('RATE_UNKNOWN'));
    expect(() => interest(100_000, '1998-06-30', '2001-01-01')).toThrow(coded('RATE_UNKNOWN'));
    const gap = { ...legal, rates: legal.rates.filter((r) => r.from !== '2023-01-01') };
    expect(() => interest(100_000, '2022-06-30', '2024-06-30', gap)).toThrow(coded('RATE_UNKNOWN'));
  });

  it.each([-1, 0.5, Number.NaN])('of %s cents is refused', (cents) => {
    expect(() => interest(cents, '2026-01-01', '2026-02-01')).toThrow(coded('INTEREST_BASE'));
  });

  const day = fc.integer({ min: 0, max: daysBetween(civilDate('1999-01-01'), civilDate('2026-12-31')) });
  const at = (n: number): CivilDate => addDays(civilDate('1999-01-01'), n);

  it('is the sum of its days, taken one by one', () => {
    fc.assert(
      fc.property(day, fc.nat(800), fc.nat(10_000_000), (from, length, cents) => {
        const to = Math.min(from + length, daysBetween(civilDate('1999-01-01'), civilDate('2026-12-31')));
        let weight = 0;
        for (let d = from + 1; d <= to; d += 1) {
          weight += legal.rates.find((r) => r.from <= at(d) && at(d) <= r.to)?.bp ?? Number.NaN;
        }
        const exact = (BigInt(cents) * BigInt(weight) * 2n + 3_650_000n) / 7_300_000n;
        expect(simpleInterest(cents, at(from), at(to), legal).cents).toBe(Number(exact));
      }),
      { numRuns: 60 },
    );
  });

  it('never shrinks with time or with the sum, and its parts are all the days, in order', () => {
    fc.assert(
      fc.property(day, day, fc.nat(100_000_000), (a, b, cents) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const whole = simpleInterest(cents, at(from), at(to), legal);
        if (to > from)
          expect(simpleInterest(cents, at(from), at(to - 1), legal).cents).toBeLessThanOrEqual(whole.cents);
        expect(simpleInterest(cents + 1, at(from), at(to), legal).cents).toBeGreaterThanOrEqual(whole.cents);
        expect(whole.parts.reduce((sum, part) => sum + part.days, 0)).toBe(to - from);
        for (const [i, part] of whole.parts.entries()) {
          expect(part.from).toBe(i === 0 ? at(from + 1) : addDays(whole.parts[i - 1]?.to ?? part.from, 1));
        }
      }),
    );
  });
});

describe('the rate', () => {
  it('is the legal one, year by year, and stands where a two-year row does', () => {
    expect(legal.rates).toHaveLength(21);
    expect(legal.rates[0]).toEqual({ from: '1999-01-01', to: '2000-12-31', bp: 250 });
    expect(legal.rates.at(-1)).toEqual({ from: '2026-01-01', to: '2026-12-31', bp: 160 });
  });

  it('of a tax is refused until the body has said how far from the legal one it is (R20)', () => {
    expect(() => termsOf('tari')).toThrow(coded('RULE_UNKNOWN'));
    expect(termsOf('tari', [own('interestDeltaBp', 300)]).rates.at(-1)?.bp).toBe(460);
    expect(termsOf('imu', [own('interestDeltaBp', 0)]).legalBasis).toBe('L. 296/2006, art. 1, c. 165');
  });

  it.each([301, -301])('%i hundredths away from the legal one is refused (R20)', (delta) => {
    expect(() => termsOf('imu', [own('interestDeltaBp', delta)])).toThrow(coded('INTEREST_DELTA'));
  });

  it('below nothing is nothing', () => {
    const { rates } = termsOf('imu', [own('interestDeltaBp', -300)]);
    expect(rates.find((r) => r.from === '2021-01-01')?.bp).toBe(0);
    expect(rates.find((r) => r.from === '2023-01-01')?.bp).toBe(200);
  });

  it('changes on the day on which the regulation does, and is unknown before it', () => {
    const terms = termsOf('imu', [
      own('interestDeltaBp', 100, '2025-07-01'),
      own('interestDeltaBp', 250, '2026-03-01'),
    ]);
    expect(terms.rates).toEqual([
      { from: '2025-07-01', to: '2025-12-31', bp: 300 },
      { from: '2026-01-01', to: '2026-02-28', bp: 260 },
      { from: '2026-03-01', to: '2026-12-31', bp: 410 },
    ]);
    expect(() => interest(100_000, '2025-06-16', '2026-01-01', terms)).toThrow(coded('RATE_UNKNOWN'));
  });

  it('of water is the reference rate and three points and a half, known to this day only', () => {
    expect(() => termsOf('water')).toThrow(coded('RULE_UNKNOWN'));
    const terms = termsOf('water', [own('ecbReferenceRateBp', 200, '2026-01-01')]);
    expect(terms.rates).toEqual([{ from: '2026-01-01', to: '2026-11-24', bp: 550 }]);
    expect(() => interest(100_000, '2026-11-01', '2026-11-25', terms)).toThrow(coded('RATE_UNKNOWN'));
  });

  it.each(['trafficFine', 'administrativeSanction'])('of a %s is none (R22)', (nature) => {
    expect(interestTerms(book(), type(nature))).toBeNull();
  });

  it('rules on interest end with the decrees they stand on: in 2027 the answer is a refusal', () => {
    expect(() => termsOf('serviceFee', [], '2027-01-01')).toThrow(coded('RULE_UNKNOWN'));
  });
});

describe('the base', () => {
  const lines = [
    { component: 'principal', cents: 100_000 },
    { component: 'tefa', cents: 5_000 },
    { component: 'sanction', cents: 30_000 },
    { component: 'interest', cents: 1_520 },
    { component: 'notificationCost', cents: 783 },
    { component: 'collectionCharge', cents: 3_000 },
  ];

  it('has no sanction, interest or cost in it, and each line is rounded by itself (R21, R22)', () => {
    const found = interestOfLines(lines, civilDate('2025-12-16'), civilDate('2026-11-24'), legal);
    expect(found.map(({ component, cents }) => [component, cents])).toEqual([
      ['principal', 1_520],
      ['tefa', 76],
    ]);
  });

  it('never holds a sanction, for any credit that bears interest', () => {
    const chosen = [own('interestDeltaBp', 300), own('ecbReferenceRateBp', 200)];
    const bearing = CREDIT_NATURES.filter((nature) => interestTerms(book(chosen), type(nature)) !== null);
    expect(bearing).toHaveLength(CREDIT_NATURES.length - 2);
    for (const nature of bearing) {
      const found = interestOfLines(lines, civilDate('2026-01-01'), civilDate('2026-11-01'), termsOf(nature, chosen));
      expect(
        found.map((line) => line.component),
        nature,
      ).toEqual(['principal', 'tefa']);
    }
  });
});

describe('the payment', () => {
  it('of a tax is rounded to the euro, of anything else it is not (R32)', () => {
    const paid = (nature: string, cents: number) => roundedPayment(book(), type(nature), cents);
    expect([paid('tari', 8_449), paid('imu', 8_450), paid('tax', 8_451)]).toEqual([8_400, 8_500, 8_500]);
    for (const nature of ['serviceFee', 'water', 'trafficFine', 'healthCopay']) expect(paid(nature, 8_449)).toBe(8_449);
  });
});
