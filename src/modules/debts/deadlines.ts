import {
  addDays,
  addMonths,
  type CivilDate,
  civilDate,
  compareDates,
  daysBetween,
  endOfYear,
  year,
} from '../../kernel/civil-date.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { RuleBook } from '../creditors/index.ts';

/** A term that was running when the window opened is moved by its days (D.L. 18/2020, art. 67; local disasters). */
export interface SuspensionWindow {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly days: number;
}

/** How long a credit of one type lives. Years of the law or of the body; made by `deadlineRuleOf`. */
export interface DeadlineRule {
  /** Decadence is stopped by serving the right act only; limitation begins again with each act that was received. */
  readonly kind: 'decadence' | 'limitation';
  readonly start: 'dueDate' | 'violationDate' | 'serviceDate' | 'issueTermOrDueDate';
  readonly ends: 'yearEnd' | 'sameDay';
  readonly years: number;
  /** Added where the office has confirmed that the declaration was omitted (R02). */
  readonly declarationYears: number;
  /** Another reading of the law ends here: the office is warned, but nothing is called prescribed (R09, R12). */
  readonly alarmYears: number | null;
  /** Sanction lines, where they live less long than the rest (R12). */
  readonly sanctionYears: number | null;
  /** R10: fewer years for these users, for bills due after a day. */
  readonly short: {
    readonly years: number;
    readonly userClasses: readonly string[];
    readonly dueAfter: CivilDate;
  } | null;
  readonly issueTermDays: number | null;
  readonly suspensions: readonly SuspensionWindow[];
  /** Days left at which the office is warned. */
  readonly alarmDays: readonly number[];
  readonly legalBasis: string;
}

/**
 * A formal demand that the debtor received and that can be proven: the document and the proof of receipt are kept (R13,
 * R14). A reminder is none, nor is a roll, nor anything the debtor wrote (R15).
 */
export interface ReceivedAct {
  readonly receivedOn: CivilDate;
  readonly documentId: string;
  readonly receiptId: string;
}

/** What is known of the debt. No message, call or visit is among it: none of them moves a deadline (R03). */
export interface DeadlineFacts {
  readonly dueDate: CivilDate;
  readonly taxYear?: number | null;
  readonly violationKind?: 'omittedPayment' | 'omittedConfirmed' | 'unfaithful' | 'unknown';
  readonly violationDate?: CivilDate | null;
  /** Of the service, or of the appointment that was missed. */
  readonly serviceDate?: CivilDate | null;
  readonly component?: 'principal' | 'sanction';
  readonly userClass?: 'household' | 'microFirm' | 'professional' | 'other' | null;
  readonly consumption?: { readonly from: CivilDate; readonly to: CivilDate } | null;
  /** Last day on which the bill had to be issued, where known. */
  readonly issueTerm?: CivilDate | null;
  readonly receivedActs?: readonly ReceivedAct[];
}

export type StartFact = 'dueDate' | 'declaration' | 'violationDate' | 'serviceDate' | 'issueTerm' | 'receivedAct';

export interface Deadline {
  readonly kind: 'decadence' | 'limitation';
  /** Last day. Not moved to the next working day (c.c. 2963): an office that counts on that is late one day. */
  readonly date: CivilDate;
  /** From today to `date`; negative when it is over. */
  readonly daysLeft: number;
  readonly startsFrom: { readonly fact: StartFact; readonly on: CivilDate };
  readonly legalBasis: string;
  /** The narrowest of the rule's alarm days that has been reached; null before the first of them, and when it is over. */
  readonly alarm: number | null;
  readonly expired: boolean;
  /** The end by the stricter reading, where there is one. Until then the alarm counts to it. */
  readonly disputedFrom: CivilDate | null;
}

/** What must be known first; the position is held until then (R10). */
export interface FactsMissing {
  readonly code: 'FACTS_MISSING';
  readonly facts: readonly (keyof DeadlineFacts)[];
}

/** The last day to act on this debt. Pure; `today` is a civil date in Rome. */
export function deadlineOf(rule: DeadlineRule, facts: DeadlineFacts, today: CivilDate): Result<Deadline, FactsMissing> {
  const term = termOf(rule, facts);
  if (!term.ok) return term;
  let { start, end, disputed } = withSuspensions(rule, term.value);
  if (rule.kind === 'limitation') {
    const acts = [...(facts.receivedActs ?? [])]
      .filter((act) => act.documentId.trim() !== '' && act.receiptId.trim() !== '')
      .sort((a, b) => compareDates(a.receivedOn, b.receivedOn));
    for (const { receivedOn } of acts) {
      // Before it began, after it was over, or still to come: no effect.
      if (receivedOn < start.on || receivedOn > end || receivedOn > today) continue;
      const again: Term = { ...term.value, start: { fact: 'receivedAct', on: receivedOn } };
      ({ start, end, disputed } = withSuspensions(rule, again));
    }
  }
  const daysLeft = daysBetween(today, end);
  const expired = daysLeft < 0;
  const warned = disputed !== null && disputed >= today ? daysBetween(today, disputed) : daysLeft;
  const reached = rule.alarmDays.filter((days) => warned <= days);
  return ok({
    kind: rule.kind,
    date: end,
    daysLeft,
    startsFrom: start,
    legalBasis: rule.legalBasis,
    alarm: expired || reached.length === 0 ? null : Math.min(...reached),
    expired,
    disputedFrom: disputed,
  });
}

interface Term {
  readonly start: { readonly fact: StartFact; readonly on: CivilDate };
  readonly years: number;
  readonly alarmYears: number | null;
}

function termOf(rule: DeadlineRule, facts: DeadlineFacts): Result<Term, FactsMissing> {
  const missing = (...names: (keyof DeadlineFacts)[]) => err<FactsMissing>({ code: 'FACTS_MISSING', facts: names });
  const sanction = facts.component === 'sanction' && rule.sanctionYears !== null;
  const years = sanction ? (rule.sanctionYears ?? rule.years) : rule.years;
  const alarmYears = sanction ? null : rule.alarmYears;
  const plain = (fact: StartFact, on: CivilDate) => ok<Term>({ start: { fact, on }, years, alarmYears });
  switch (rule.start) {
    case 'violationDate':
      return facts.violationDate == null ? missing('violationDate') : plain('violationDate', facts.violationDate);
    case 'serviceDate':
      if (sanction && facts.violationDate != null) return plain('violationDate', facts.violationDate);
      return facts.serviceDate == null ? missing('serviceDate') : plain('serviceDate', facts.serviceDate);
    case 'issueTermOrDueDate':
      return waterTerm(rule, facts, missing);
    case 'dueDate':
      if (facts.violationKind !== 'omittedConfirmed' || rule.declarationYears === 0) {
        return plain('dueDate', facts.dueDate);
      }
      return facts.taxYear == null ? missing('taxYear') : declarationTerm(rule, facts.dueDate, facts.taxYear);
  }
}

/**
 * R02: an omitted declaration counts from the year it was due, which is the one after the tax year. Never less than the
 * payment's own term, nor more than the years of the rule beyond it, whatever year the file says.
 */
function declarationTerm(rule: DeadlineRule, dueDate: CivilDate, taxYear: number): Result<Term, FactsMissing> {
  const last = year(dueDate) + rule.declarationYears;
  const from = Math.min(Math.max(year(dueDate), taxYear + rule.declarationYears), last);
  const { years, alarmYears } = rule;
  if (from === year(dueDate)) return ok({ start: { fact: 'dueDate', on: dueDate }, years, alarmYears });
  // Due by 30 June (L. 160/2019, art. 1, c. 769); only its year counts for the end.
  const on = civilDate(`${String(from).padStart(4, '0')}-06-30`);
  return ok({ start: { fact: 'declaration', on }, years, alarmYears });
}

/** R10: both readings of the start are worked out, and the earlier one holds. */
function waterTerm(
  rule: DeadlineRule,
  facts: DeadlineFacts,
  missing: (...names: (keyof DeadlineFacts)[]) => Result<Term, FactsMissing>,
): Result<Term, FactsMissing> {
  const { userClass, consumption, dueDate } = facts;
  if (userClass == null || consumption == null) {
    return missing(
      ...(userClass == null ? (['userClass'] as const) : []),
      ...(consumption == null ? (['consumption'] as const) : []),
    );
  }
  const byRule = rule.issueTermDays === null ? null : addDays(consumption.to, rule.issueTermDays);
  const issueTerm = facts.issueTerm ?? byRule;
  if (issueTerm === null) return missing('issueTerm');
  const isShort = rule.short?.userClasses.includes(userClass) === true && dueDate > rule.short.dueAfter;
  const years = isShort ? (rule.short?.years ?? rule.years) : rule.years;
  const start: Term['start'] =
    issueTerm < dueDate ? { fact: 'issueTerm', on: issueTerm } : { fact: 'dueDate', on: dueDate };
  return ok({ start, years, alarmYears: rule.alarmYears });
}

function withSuspensions(rule: DeadlineRule, { start, years, alarmYears }: Term) {
  const after = (span: number) => {
    // The day of the event is out, the last day is in (c.c. 2963).
    let end = rule.ends === 'yearEnd' ? endOfYear(year(start.on) + span) : addMonths(start.on, span * 12);
    for (const window of rule.suspensions) {
      if (start.on < window.from && end >= window.from) end = addDays(end, window.days);
    }
    return end;
  };
  return { start, end: after(years), disputed: alarmYears === null ? null : after(alarmYears) };
}

type RuleValue = Partial<Pick<DeadlineRule, 'kind' | 'start' | 'ends' | 'years' | 'declarationYears'>> &
  Pick<DeadlineRule, 'kind' | 'start' | 'ends'> &
  Partial<Pick<DeadlineRule, 'alarmYears' | 'sanctionYears' | 'short'>> & {
    readonly yearsKey?: string;
    readonly issueTermDaysKey?: string;
  };

/**
 * The rule of a credit type on the book's day. Error RULE_UNKNOWN: no such rule, or one that the body must choose first
 * (five or ten years of a ticket, R12).
 */
export function deadlineRuleOf(
  rules: RuleBook,
  type: { readonly code: string; readonly nature: string },
): DeadlineRule {
  const { value, legalBasis } = rules.get<RuleValue>('deadline', type);
  const years = value.yearsKey === undefined ? null : rules.get<number>(value.yearsKey, type);
  const issueTermDays =
    value.issueTermDaysKey === undefined ? null : (rules.find<number>(value.issueTermDaysKey, type)?.value ?? null);
  const own = years !== null && years.from === 'regulation' ? `; ${years.legalBasis}` : '';
  const windows = ['suspensionWindows', 'localSuspensionWindows'].flatMap(
    (key) => rules.find<readonly SuspensionWindow[]>(key, type)?.value ?? [],
  );
  return {
    kind: value.kind,
    start: value.start,
    ends: value.ends,
    years: years?.value ?? value.years ?? 0,
    declarationYears: value.declarationYears ?? 0,
    alarmYears: value.alarmYears ?? null,
    sanctionYears: value.sanctionYears ?? null,
    short: value.short ?? null,
    issueTermDays,
    suspensions: windows.sort((a, b) => compareDates(a.from, b.from)),
    alarmDays: rules.get<readonly number[]>('deadlineAlarmDays', type).value,
    legalBasis: legalBasis + own,
  };
}
