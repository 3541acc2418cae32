import type { EnteKind } from './creditors.store.ts';
import { neededKeys, RULE_KEYS } from './rule-keys.ts';
import type { RuleBook, RuleInForce } from './rules.ts';

/**
 * What the office must serve if nobody pays: the assessment of a tax, the act for a patrimonial revenue (both
 * enforceable), a roll or an injunction, a formal default notice, a report of the violation.
 */
export type NextAct =
  | 'enforceableAssessment'
  | 'enforceableRevenueAct'
  | 'taxRollOrInjunction'
  | 'formalDefaultNotice'
  | 'violationReport';

type Type = { readonly code: string; readonly nature: string };

/**
 * The act that follows a reminder. A body that is not in the list of c. 784 (an ASL) has no enforceable act, whatever it
 * collects (R37), and fines have none in any body (R38). Error RULE_UNKNOWN.
 */
export function nextActOf(rules: RuleBook, type: Type, kind: EnteKind): Omit<RuleInForce<NextAct>, 'from'> {
  const { value, legalBasis } = rules.get<NextAct>('nextAct', type);
  if (value !== 'enforceableAssessment' && value !== 'enforceableRevenueAct') return { value, legalBasis };
  const bodies = rules.get<readonly string[]>('enforceableActBodies', type);
  return bodies.value.includes(kind)
    ? { value, legalBasis }
    : { value: 'taxRollOrInjunction', legalBasis: bodies.legalBasis };
}

/** Keys that are off for this credit because AdER collects (R36), with the basis; null while they all hold. */
export function offWithAder(rules: RuleBook, type: Type): RuleInForce<readonly string[]> | null {
  if (rules.find<string>('collector', type)?.value !== 'AdER') return null;
  return rules.get<readonly string[]>('offWithAder', type);
}

export interface MissingRule {
  readonly key: string;
  /** Italian. */
  readonly label: string;
  readonly rule: string | null;
  /** What is refused until the body has chosen. */
  readonly blocks: string;
  /** Italian: what it may choose. */
  readonly allowed: string;
}

/** What the law leaves to this body for this credit and it has not chosen yet. */
export function missingRules(rules: RuleBook, type: Type): MissingRule[] {
  return neededKeys(type.nature).flatMap(({ key, blocks }) => {
    const known = RULE_KEYS[key];
    if (known === undefined || rules.find(key, type) !== null) return [];
    return [{ key, label: known.label, rule: known.rule, blocks, allowed: known.byBody?.allowed ?? '' }];
  });
}
