import type { CivilDate } from '../../kernel/civil-date.ts';
import { isCoded } from '../../kernel/errors.ts';
import type { RuleBook } from '../creditors/index.ts';
import { type DeadlineFacts, type DeadlineRule, deadlineOf, deadlineRuleOf, type StartFact } from './deadlines.ts';
import { type DebtFacts, deadlineFactsOf } from './debt-facts.ts';

/** A deadline as the debt keeps it, so that lists of many need no reckoning. */
export interface KeptDeadline {
  readonly kind: 'decadence' | 'limitation' | null;
  readonly on: CivilDate | null;
  readonly disputedOn: CivilDate | null;
  readonly fact: StartFact | null;
  /** Why none is known: the facts that are missing, by comma; `rule` where the body has still to choose. */
  readonly missing: string | null;
}

/** The rule of this credit; null where the body has still to choose (five or ten years of a ticket, R12). */
export function findDeadlineRule(
  rules: RuleBook,
  type: { readonly code: string; readonly nature: string },
): DeadlineRule | null {
  try {
    return deadlineRuleOf(rules, type);
  } catch (error) {
    if (isCoded(error, 'RULE_UNKNOWN')) return null;
    throw error;
  }
}

/** `deadlineOf`, in the shape of the columns: nothing else writes them. */
export function keptDeadline(
  rule: DeadlineRule | null,
  debt: { readonly dueDate: CivilDate; readonly taxYear: number | null },
  facts: DebtFacts,
  today: CivilDate,
): KeptDeadline {
  const none = { kind: null, on: null, disputedOn: null, fact: null };
  if (rule === null) return { ...none, missing: 'rule' };
  const found = deadlineOf(rule, deadlineFactsOf(debt, facts), today);
  if (!found.ok) return { ...none, missing: found.error.facts.join(',') };
  const { kind, date, disputedFrom, startsFrom } = found.value;
  return { kind, on: date, disputedOn: disputedFrom, fact: startsFrom.fact, missing: null };
}

/** R10: where the law gives some users less time, nothing is asked before it is known whose the bill is. */
export function needsDeadlineFacts(rules: RuleBook, type: { readonly code: string; readonly nature: string }): boolean {
  return findDeadlineRule(rules, type)?.short != null;
}

const FACT_NAMES: Readonly<Partial<Record<keyof DeadlineFacts, string>>> = {
  taxYear: 'l’anno',
  violationDate: 'la data della violazione',
  serviceDate: 'la data della prestazione',
  userClass: 'la classe dell’utente',
  consumption: 'il periodo dei consumi',
  issueTerm: 'il termine di emissione della bolletta',
};

/** "la classe dell’utente e il periodo dei consumi": what to add to the file, from `KeptDeadline.missing`. */
export function missingFactNames(missing: string): string {
  const names = missing.split(',').map((fact) => FACT_NAMES[fact as keyof DeadlineFacts] ?? fact);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} e ${names.at(-1)}`;
}

/** "manca la data della violazione": why a debt shows no deadline, for people. */
export function whyNoDeadline(missing: string): string {
  if (missing === 'rule') return 'l’ente deve ancora stabilire la durata';
  if (missing === 'stale') return 'in attesa del primo calcolo';
  return `${missing.includes(',') ? 'mancano' : 'manca'} ${missingFactNames(missing)}`;
}
