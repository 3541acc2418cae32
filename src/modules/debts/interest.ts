import { addDays, type CivilDate, daysBetween } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { type Cents, roundTaxPayment } from '../../kernel/money.ts';
import type { RuleBook } from '../creditors/index.ts';

/** A yearly rate in hundredths of a point, from its first to its last day, both in. Periods in order, never touching. */
export interface RatePeriod {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly bp: number;
}

export interface InterestTerms {
  readonly rates: readonly RatePeriod[];
  readonly divisor: number;
  /** Components of the debt that bear none: sanctions above all (R22). */
  readonly excluded: readonly string[];
  readonly legalBasis: string;
}

export interface InterestPart {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly days: number;
  readonly bp: number;
}

export interface Interest {
  readonly cents: Cents;
  readonly parts: readonly InterestPart[];
}

const BP_OF_ONE = 10_000n;

/**
 * Simple interest: principal × rate × days / (100 × divisor), split where the rate changes, rounded half up once (R23).
 * The due date is out, the day of payment in; the divisor is the same in leap years. Errors RATE_UNKNOWN (a day that no
 * known rate covers: never stretched, R19), INTEREST_BASE.
 */
export function simpleInterest(
  principalCents: Cents,
  dueDate: CivilDate,
  paidOn: CivilDate,
  terms: Pick<InterestTerms, 'rates' | 'divisor'>,
): Interest {
  if (!Number.isSafeInteger(principalCents) || principalCents < 0) {
    throw new CodedError('INTEREST_BASE', 'the principal must be whole cents, not negative');
  }
  const parts: InterestPart[] = [];
  let day = addDays(dueDate, 1);
  for (const { from, to, bp } of terms.rates) {
    if (day > paidOn) break;
    if (day < from || day > to) continue;
    const last = to < paidOn ? to : paidOn;
    parts.push({ from: day, to: last, days: daysBetween(day, last) + 1, bp });
    day = addDays(last, 1);
  }
  if (day <= paidOn) throw new CodedError('RATE_UNKNOWN', `no rate is known for ${day}`, { day });
  // Whole numbers all the way: the product of a large sum passes what a double holds exactly.
  const weight = parts.reduce((sum, { days, bp }) => sum + BigInt(days) * BigInt(bp), 0n);
  const under = BP_OF_ONE * BigInt(terms.divisor);
  const over = BigInt(principalCents) * weight;
  return { cents: Number((2n * over + under) / (2n * under)), parts };
}

/** The interest of each line that bears any, rounded line by line; the others are left out (R21, R22). */
export function interestOfLines(
  lines: readonly { readonly component: string; readonly cents: Cents }[],
  dueDate: CivilDate,
  paidOn: CivilDate,
  terms: InterestTerms,
): (Interest & { readonly component: string })[] {
  return lines
    .filter(({ component }) => !terms.excluded.includes(component))
    .map(({ component, cents }) => ({ component, ...simpleInterest(cents, dueDate, paidOn, terms) }));
}

type Type = { readonly code: string; readonly nature: string };
type InterestRule =
  | { readonly kind: 'none' }
  | { readonly kind: 'legalRate'; readonly deltaKey: string | null; readonly maxDeltaBp: number }
  | { readonly kind: 'referenceRate'; readonly rateKey: string; readonly addBp: number };

/**
 * How this credit bears interest; null where it bears none (fines). Errors: RULE_UNKNOWN where the body has still to
 * say how far from the legal rate it is, INTEREST_DELTA where that is more than the law allows (R20).
 */
export function interestTerms(rules: RuleBook, type: Type): InterestTerms | null {
  const { value: rule, legalBasis } = rules.get<InterestRule>('interestRule', type);
  if (rule.kind === 'none') return null;
  return {
    rates: rule.kind === 'legalRate' ? legalRates(rules, type, rule) : referenceRates(rules, type, rule),
    divisor: rules.get<number>('interestDivisor', type).value,
    excluded: rules.get<readonly string[]>('neverBearsInterest', type).value,
    legalBasis,
  };
}

function legalRates(rules: RuleBook, type: Type, rule: InterestRule & { readonly kind: 'legalRate' }): RatePeriod[] {
  const { deltaKey, maxDeltaBp } = rule;
  if (deltaKey === null) return periods(rules, type, ['legalRateBp'], (book) => rateOf(book, type));
  rules.get<number>(deltaKey, type);
  return periods(rules, type, ['legalRateBp', deltaKey], (book) => {
    const rate = rateOf(book, type);
    const delta = book.find<number>(deltaKey, type)?.value;
    if (rate === null || delta === undefined) return null;
    if (Math.abs(delta) > maxDeltaBp) {
      throw new CodedError('INTEREST_DELTA', 'too far from the legal rate', { delta, max: maxDeltaBp });
    }
    // Three points below a legal rate of 0,01% would take from the principal.
    return Math.max(0, rate + delta);
  });
}

const rateOf = (book: RuleBook, type: Type) => book.find<number>('legalRateBp', type)?.value ?? null;

/** A reference rate that the body writes down holds to the book's day: what comes after it is not known yet (R19). */
function referenceRates(
  rules: RuleBook,
  type: Type,
  rule: InterestRule & { readonly kind: 'referenceRate' },
): RatePeriod[] {
  rules.get<number>(rule.rateKey, type);
  return periods(rules, type, [rule.rateKey], (book) => {
    const rate = book.find<number>(rule.rateKey, type)?.value;
    return rate === undefined ? null : rate + rule.addBp;
  });
}

/** Between two days on which any of these rules changes, all of them hold still. */
function periods(
  rules: RuleBook,
  type: Type,
  keys: readonly string[],
  rateOn: (book: RuleBook) => number | null,
): RatePeriod[] {
  const days = [...new Set(keys.flatMap((key) => rules.changes(key, type)))].sort();
  return days.flatMap((from, i) => {
    const next = days[i + 1];
    const to = next === undefined ? rules.on : addDays(next, -1);
    if (to < from) return [];
    const bp = rateOn(rules.at(from));
    return bp === null ? [] : [{ from, to, bp }];
  });
}

/** The sum to pay, by the rule of its credit: taxes to the euro, once, on the total (R32); all others to the cent. */
export function roundedPayment(rules: RuleBook, type: Type, cents: Cents): Cents {
  const { value } = rules.get<{ readonly to: 'euro' | 'cent' }>('paymentRounding', type);
  return value.to === 'euro' ? roundTaxPayment(cents) : cents;
}
