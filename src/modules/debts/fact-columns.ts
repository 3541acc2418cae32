import type { CivilDate } from '../../kernel/civil-date.ts';
import { type DebtFacts, factsOf } from './debt-facts.ts';
import type { KeptDeadline } from './derive-deadline.ts';

/** The columns of `debt` that hold facts and the deadline made from them. */
export interface FactColumns {
  readonly component: NonNullable<DebtFacts['component']>;
  readonly violation_kind: DebtFacts['violationKind'];
  readonly violation_date: CivilDate | null;
  readonly notified_on: CivilDate | null;
  readonly user_class: DebtFacts['userClass'];
  readonly consumption_from: CivilDate | null;
  readonly consumption_to: CivilDate | null;
  readonly issue_term: CivilDate | null;
}

/** Facts as their columns say them; those that are sealed are not among them. */
export function factsInColumns(row: FactColumns): DebtFacts {
  return factsOf({
    component: row.component,
    violationKind: row.violation_kind,
    violationDate: row.violation_date,
    notifiedOn: row.notified_on,
    userClass: row.user_class,
    consumptionFrom: row.consumption_from,
    consumptionTo: row.consumption_to,
    issueTerm: row.issue_term,
  });
}

/** For `unnestRows`: the deadlines of many debts, a column each. */
export function deadlineValues(deadlines: readonly KeptDeadline[]) {
  return {
    deadline_kind: { type: 'text', values: deadlines.map((d) => d.kind) },
    deadline_on: { type: 'date', values: deadlines.map((d) => d.on) },
    disputed_on: { type: 'date', values: deadlines.map((d) => d.disputedOn) },
    deadline_fact: { type: 'text', values: deadlines.map((d) => d.fact) },
    missing: { type: 'text', values: deadlines.map((d) => d.missing) },
  } as const;
}

/** For `unnestRows`: the facts of many debts, a column each. */
export function factValues(facts: readonly DebtFacts[]) {
  return {
    component: { type: 'text', values: facts.map((f) => f.component ?? 'principal') },
    violation_kind: { type: 'text', values: facts.map((f) => f.violationKind) },
    violation_date: { type: 'date', values: facts.map((f) => f.violationDate) },
    notified_on: { type: 'date', values: facts.map((f) => f.notifiedOn) },
    user_class: { type: 'text', values: facts.map((f) => f.userClass) },
    consumption_from: { type: 'date', values: facts.map((f) => f.consumptionFrom) },
    consumption_to: { type: 'date', values: facts.map((f) => f.consumptionTo) },
    issue_term: { type: 'date', values: facts.map((f) => f.issueTerm) },
  } as const;
}
