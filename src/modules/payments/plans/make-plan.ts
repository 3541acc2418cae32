import { addMonths, type CivilDate, daysBetween, endOfMonth } from '../../../kernel/civil-date.ts';
import { CodedError } from '../../../kernel/errors.ts';
import type { Cents } from '../../../kernel/money.ts';
import type { PlanTerms } from './plan-rule.ts';

export interface Installment {
  /** From 1. */
  readonly no: number;
  readonly dueOn: CivilDate;
  readonly principalCents: Cents;
  readonly interestCents: Cents;
}

/**
 * Parts an amount into installments: equal, the cents that are left on the first; each due a period after the other, from
 * the period after `askedOn` (on the last day of the month, where the rule says so: R41). Each bears simple interest on its
 * own principal from that day to its due date, rounded half up (R23), at the rate of the day of the request.
 * Error PLAN_COUNT.
 */
export function makePlan(amountCents: Cents, count: number, askedOn: CivilDate, terms: PlanTerms): Installment[] {
  if (!Number.isInteger(count) || count < 1 || amountCents < count) {
    throw new CodedError('PLAN_COUNT', 'an amount cannot be parted so', { count });
  }
  const each = Math.floor(amountCents / count);
  return Array.from({ length: count }, (_, i) => {
    const principalCents = i === 0 ? amountCents - each * (count - 1) : each;
    const month = addMonths(askedOn, (i + 1) * terms.everyMonths);
    const dueOn = terms.due === 'monthEnd' ? endOfMonth(month) : month;
    const interestCents = interestOf(principalCents, daysBetween(askedOn, dueOn), terms);
    return { no: i + 1, dueOn, principalCents, interestCents };
  });
}

/** Whole numbers all the way: principal × days × hundredths of a point pass what a double holds exactly. */
function interestOf(cents: Cents, days: number, { rateBp, divisor }: Pick<PlanTerms, 'rateBp' | 'divisor'>): Cents {
  const over = 10_000n * BigInt(divisor);
  return Number((2n * BigInt(cents) * BigInt(days) * BigInt(rateBp) + over) / (2n * over));
}
