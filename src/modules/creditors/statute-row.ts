/** How sure we are: C confirmed on the source, M from memory, U uncertain, D a design choice of ours. */
export type RuleMark = 'C' | 'M' | 'U' | 'D';

export interface StatuteRow {
  readonly key: string;
  /** A nature, a category or `*`. */
  readonly nature: string;
  readonly from: string;
  /** Last day; without it no end is known. */
  readonly to?: string;
  readonly value: unknown;
  readonly basis: string;
  readonly mark: RuleMark;
}

/** First day of rules that are older than any credit we can be given: their own first day is of no use. */
export const OLD = '2000-01-01';

export function row(
  key: string,
  nature: string,
  valid: string | readonly [from: string, to: string],
  value: unknown,
  basis: string,
  mark: RuleMark,
): StatuteRow {
  if (typeof valid === 'string') return { key, nature, from: valid, value, basis, mark };
  return { key, nature, from: valid[0], to: valid[1], value, basis, mark };
}
