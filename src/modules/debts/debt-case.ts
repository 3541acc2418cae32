import { sql } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import { isCoded } from '../../kernel/errors.ts';
import type { Cents } from '../../kernel/money.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { RULE_KEYS, type RuleBook } from '../creditors/index.ts';
import { loadPersons, type PersonRecord } from '../debtors/index.ts';
import { type DebtFacts, mergeFacts } from './debt-facts.ts';
import { type DebtRecord, debtsById } from './debts.views.ts';
import { type FactColumns, factsInColumns } from './fact-columns.ts';
import { type Interest, interestOfLines, interestTerms } from './interest.ts';
import { sealedFacts } from './ledger.ts';

export interface DebtCase {
  readonly debt: DebtRecord;
  readonly facts: DebtFacts;
  /** Null: erased. */
  readonly person: PersonRecord | null;
}

/** One debt with every fact that is known of it, sealed ones too, for a page of the office; null when there is none. */
export async function debtCase(tx: Tx, vault: EnteVault, debtId: string): Promise<DebtCase | null> {
  const debt = (await debtsById(tx, [debtId]))[0];
  if (debt === undefined) return null;
  const { rows } = await sql<FactColumns>`select component, violation_kind, violation_date, notified_on, user_class,
    consumption_from, consumption_to, issue_term from debt where ente_id = ${enteOf(tx)} and debt_id = ${debtId}`.execute(
    tx.kysely,
  );
  const clear = factsInColumns(rows[0] as FactColumns);
  const person = (await loadPersons(tx, vault, [debt.debtor_id])).get(debt.debtor_id) ?? null;
  const facts = person === null ? clear : mergeFacts(clear, sealedFacts(vault, person.key, debt.debt_id, debt.details));
  return { debt, facts, person };
}

export type AccruedInterest =
  | { readonly kind: 'accrued'; readonly interest: Interest; readonly legalBasis: string }
  /** The credit, or this part of it, bears none (R22). */
  | { readonly kind: 'none' }
  /** The body has still to say how much, or said too much (R20). */
  | { readonly kind: 'toChoose' }
  /** No rate, or no rule, is known for a day: nothing is stretched (R18, R19). */
  | { readonly kind: 'notKnown' };

/** What interest would have come to by today on what is still owed, if the body charged it. Nothing is booked. */
export function accruedInterest(
  rules: RuleBook,
  type: { readonly code: string; readonly nature: string },
  debt: { readonly component: string; readonly outstandingCents: Cents; readonly dueDate: CivilDate },
): AccruedInterest {
  try {
    const terms = interestTerms(rules, type);
    if (terms === null) return { kind: 'none' };
    const line = { component: debt.component, cents: debt.outstandingCents };
    const interest = interestOfLines([line], debt.dueDate, rules.on, terms)[0];
    return interest === undefined ? { kind: 'none' } : { kind: 'accrued', interest, legalBasis: terms.legalBasis };
  } catch (error) {
    if (isCoded(error, 'INTEREST_DELTA')) return { kind: 'toChoose' };
    if (isCoded(error, 'RATE_UNKNOWN')) return { kind: 'notKnown' };
    if (!isCoded(error, 'RULE_UNKNOWN')) throw error;
    const ofTheBody = RULE_KEYS[String(error.details.key)]?.needed?.blocks === 'interest';
    return { kind: ofTheBody ? 'toChoose' : 'notKnown' };
  }
}
