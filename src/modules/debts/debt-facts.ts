import type { CivilDate } from '../../kernel/civil-date.ts';
import type { DeadlineFacts } from './deadlines.ts';

/** What a position is made of where the file says it: a sanction, for one, dies with the person (R45). */
export const COMPONENTS = ['principal', 'sanction', 'interest', 'notificationCost'] as const;
export type DebtComponent = (typeof COMPONENTS)[number];

/** What decides how long a credit lives, as the office's file tells it; null where it says nothing. */
export interface DebtFacts {
  readonly component: DebtComponent | null;
  readonly violationKind: 'omittedPayment' | 'omittedConfirmed' | 'unfaithful' | 'unknown' | null;
  readonly violationDate: CivilDate | null;
  /** Day on which the report of a violation was handed over or served. */
  readonly notifiedOn: CivilDate | null;
  readonly serviceDate: CivilDate | null;
  readonly userClass: 'household' | 'microFirm' | 'professional' | 'other' | null;
  readonly consumptionFrom: CivilDate | null;
  readonly consumptionTo: CivilDate | null;
  readonly issueTerm: CivilDate | null;
}

export const NO_FACTS: DebtFacts = {
  component: null,
  violationKind: null,
  violationDate: null,
  notifiedOn: null,
  serviceDate: null,
  userClass: null,
  consumptionFrom: null,
  consumptionTo: null,
  issueTerm: null,
};

/** The facts of something that has more; what an older version wrote without one of them has none. */
export function factsOf(from: Partial<DebtFacts>): DebtFacts {
  return {
    component: from.component ?? null,
    violationKind: from.violationKind ?? null,
    violationDate: from.violationDate ?? null,
    notifiedOn: from.notifiedOn ?? null,
    serviceDate: from.serviceDate ?? null,
    userClass: from.userClass ?? null,
    consumptionFrom: from.consumptionFrom ?? null,
    consumptionTo: from.consumptionTo ?? null,
    issueTerm: from.issueTerm ?? null,
  };
}

/**
 * A later file that leaves a column out takes no knowledge away. The component stays what it was charged as: the ledger
 * has it.
 */
export function mergeFacts(told: DebtFacts, before: DebtFacts): DebtFacts {
  return {
    component: before.component ?? told.component,
    violationKind: told.violationKind ?? before.violationKind,
    violationDate: told.violationDate ?? before.violationDate,
    notifiedOn: told.notifiedOn ?? before.notifiedOn,
    serviceDate: told.serviceDate ?? before.serviceDate,
    userClass: told.userClass ?? before.userClass,
    consumptionFrom: told.consumptionFrom ?? before.consumptionFrom,
    consumptionTo: told.consumptionTo ?? before.consumptionTo,
    issueTerm: told.issueTerm ?? before.issueTerm,
  };
}

/** Of a health credit the dates say when somebody was treated: they are kept sealed, never in a column. */
export function clearFacts(facts: DebtFacts, health: boolean): DebtFacts {
  return { ...facts, serviceDate: null, ...(health ? { violationDate: null, notifiedOn: null } : {}) };
}

export function deadlineFactsOf(
  debt: { readonly dueDate: CivilDate; readonly taxYear: number | null },
  facts: DebtFacts,
): DeadlineFacts {
  const { violationKind, violationDate, serviceDate, userClass, consumptionFrom, consumptionTo, issueTerm } = facts;
  const consumption =
    consumptionFrom === null || consumptionTo === null ? null : { from: consumptionFrom, to: consumptionTo };
  return {
    dueDate: debt.dueDate,
    taxYear: debt.taxYear,
    violationKind: violationKind ?? 'unknown',
    violationDate,
    serviceDate,
    component: facts.component === 'sanction' ? 'sanction' : 'principal',
    userClass,
    consumption,
    issueTerm,
  };
}
