import type { Cents } from '../../../kernel/money.ts';
import type { RuleBook } from '../../creditors/index.ts';

/** A body's own rule for paying in installments before the act: without one nothing is offered (R39). */
export interface PlanRule {
  readonly bands: readonly { readonly upToCents?: Cents; readonly max: number }[];
  readonly minInstallmentCents: Cents;
  readonly everyMonths: number;
  readonly due: 'monthEnd' | 'sameDay';
  readonly interest: 'none' | 'legal';
  /** Added to the legal rate, hundredths of a point. */
  readonly deltaBp?: number;
  /** Whether a request within the rule is granted at once; else a person decides. A refusal is always a person's. */
  readonly automatic: boolean;
  /** So many installments unpaid within so many months, after an express reminder, end the plan (R41). */
  readonly forfeiture: { readonly missed: number; readonly withinMonths: number };
}

export interface PlanTerms extends PlanRule {
  readonly legalBasis: string;
  /** Yearly rate on the day of the request, hundredths of a point: it stays so for the whole plan. */
  readonly rateBp: number;
  readonly divisor: number;
}

type Type = { readonly code: string; readonly nature: string };

/** The terms on the date of the rules; null where the body's regulation gives no installments before the act. */
export function planTerms(rules: RuleBook, type: Type): PlanTerms | null {
  const found = rules.find<PlanRule>('installmentPlan', type);
  if (found === null) return null;
  const rule = found.value;
  const rateBp = rule.interest === 'none' ? 0 : rules.get<number>('legalRateBp', type).value + (rule.deltaBp ?? 0);
  const divisor = rules.get<number>('interestDivisor', type).value;
  return { ...rule, legalBasis: found.legalBasis, rateBp, divisor };
}

interface Longest {
  readonly overCents: Cents;
  readonly installments: number;
}

/**
 * How many installments may be chosen for an amount: from 2 to this; 0 or 1: none. The law's floor for large debts holds
 * whatever the regulation says (R39); the smallest installment holds in every case.
 */
export function mostInstallments(terms: PlanTerms, rules: RuleBook, type: Type, amountCents: Cents): number {
  const band = terms.bands.find(({ upToCents }) => upToCents === undefined || amountCents <= upToCents);
  const longest = rules.find<Longest>('longestPlanAtLeast', type)?.value;
  const floor = longest !== undefined && amountCents > longest.overCents ? longest.installments : 0;
  const most = Math.max(band?.max ?? 0, floor);
  return terms.minInstallmentCents === 0 ? most : Math.min(most, Math.floor(amountCents / terms.minInstallmentCents));
}
