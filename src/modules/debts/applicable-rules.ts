import { type CivilDate, formatDate } from '../../kernel/civil-date.ts';
import {
  type CreditType,
  type EnteKind,
  type MissingRule,
  missingRules,
  NATURES,
  type NextAct,
  nextActOf,
  offWithAder,
  RULE_KEYS,
  type RuleBook,
  type RuleEntry,
} from '../creditors/index.ts';

export interface ApplicableRule extends RuleEntry {
  /** Italian. */
  readonly label: string;
  /** Number in docs/legal-rules.md. */
  readonly rule: string | null;
  /** The day whose rule this is: today, or the day of the violation where the law says so (R25). */
  readonly on: CivilDate;
  /** Italian: why it applies to this debt. */
  readonly why: string;
  /** Italian: why it does not, although it is in force; null where it applies. */
  readonly off: string | null;
}

export interface RulesOfDebt {
  readonly rules: readonly ApplicableRule[];
  readonly nextAct: { readonly value: NextAct; readonly legalBasis: string };
  /** What the body must still choose for this credit. */
  readonly missing: readonly MissingRule[];
}

/** R25: by the day of the violation, not by today's. */
const BY_VIOLATION = new Set(['latePaymentSanctionBp', 'fineTerms']);

/** Every rule that applies to a debt and why, by key: for a page of the office. */
export function rulesOfDebt(
  rules: RuleBook,
  kind: EnteKind,
  type: CreditType,
  debt: { readonly dueDate: CivilDate; readonly violationDate: CivilDate | null },
): RulesOfDebt {
  // A tax is violated by not paying it on its day.
  const violatedOn = debt.violationDate ?? (NATURES[type.nature].category === 'tax' ? debt.dueDate : null);
  const violation = violatedOn === null ? null : rules.at(violatedOn);
  const ader = offWithAder(rules, type);
  const next = nextActOf(rules, type, kind);
  // R37: what belongs to the enforceable act is nothing to a body that has none.
  const afterAct = rules.find<readonly string[]>('offWithAder', type)?.value ?? [];
  const hasAct = next.value === rules.get<NextAct>('nextAct', type).value;
  const listed = [
    ...rules.entries(type).filter(({ key }) => violation === null || !BY_VIOLATION.has(key)),
    ...(violation === null ? [] : violation.entries(type).filter(({ key }) => BY_VIOLATION.has(key))),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
  const off = (key: string): string | null => {
    if (ader?.value.includes(key)) return `non vale: riscuote AdER (${ader.legalBasis})`;
    const ofTheAct = key === 'nextAct' || afterAct.includes(key);
    if (!hasAct && ofTheAct) return `non vale per questo ente (${next.legalBasis})`;
    return null;
  };
  return {
    rules: listed.map((entry) => {
      const known = Object.hasOwn(RULE_KEYS, entry.key) ? RULE_KEYS[entry.key] : undefined;
      const byViolation = violation !== null && BY_VIOLATION.has(entry.key);
      return {
        ...entry,
        label: known?.label ?? entry.key,
        rule: known?.rule ?? null,
        on: byViolation ? violation.on : rules.on,
        why: whyOf(entry, type) + (byViolation ? `, alla data della violazione (${formatDate(violation.on)})` : ''),
        off: off(entry.key),
      };
    }),
    nextAct: next,
    missing: missingRules(rules, type),
  };
}

const CATEGORY_LABELS = {
  tax: 'i tributi',
  patrimonialRevenue: 'le entrate patrimoniali',
  sanction: 'le sanzioni',
  price: 'i servizi a tariffa',
  copay: 'le compartecipazioni sanitarie',
} as const;

function whyOf(entry: RuleEntry, type: CreditType): string {
  const nature = NATURES[type.nature];
  const scope = {
    creditType: `regolamento dell’ente per ${type.name}`,
    nature: `vale per: ${nature.label}`,
    category: `vale per ${CATEGORY_LABELS[nature.category]}`,
    all: entry.from === 'regulation' ? 'regolamento dell’ente per ogni credito' : 'vale per ogni credito',
  }[entry.level];
  // Rules older than any credit have no first day worth telling.
  const from = entry.validFrom <= '2000-01-01' ? [] : [`dal ${formatDate(entry.validFrom)}`];
  const to = entry.validTo === null ? [] : [`fino al ${formatDate(entry.validTo)}`];
  return [scope, ...from, ...to].join(', ');
}
