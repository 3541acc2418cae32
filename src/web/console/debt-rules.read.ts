import { type CivilDate, formatDate, year } from '../../kernel/civil-date.ts';
import { type CreditType, creditTypeOf, type Ente, type RuleBook } from '../../modules/creditors/index.ts';
import { maskedCode } from '../../modules/debtors/index.ts';
import {
  type AccruedInterest,
  accruedInterest,
  type Deadline,
  type DeadlineRule,
  type DebtCase,
  deadlineFactsOf,
  deadlineOf,
  debtTitle,
  findDeadlineRule,
  type RulesOfDebt,
  rulesOfDebt,
  whyNoDeadline,
} from '../../modules/debts/index.ts';

export interface DebtRulesShown {
  readonly debtorId: string;
  readonly title: string;
  readonly type: CreditType;
  /** Masked; null when erased. */
  readonly person: string | null;
  readonly component: string;
  readonly outstandingCents: number;
  readonly deadline: Deadline | null;
  /** The reckoning, or why there is none: Italian, in order. */
  readonly steps: readonly string[];
  readonly interest: AccruedInterest;
  readonly rules: RulesOfDebt;
}

/** Everything that the law says of one debt on the book's day, ready to be shown. */
export function caseOf(rules: RuleBook, ente: Ente, { debt, facts, person }: DebtCase): DebtRulesShown {
  const type = creditTypeOf(ente, debt.credit_type);
  const dueDate = debt.due_date as CivilDate;
  const rule = findDeadlineRule(rules, type);
  const about = deadlineFactsOf({ dueDate, taxYear: debt.tax_year }, facts);
  const found = rule === null ? null : deadlineOf(rule, about, rules.on);
  const deadline = found?.ok === true ? found.value : null;
  const missing = found === null ? 'rule' : found.ok ? '' : found.error.facts.join(',');
  return {
    debtorId: debt.debtor_id,
    title: debtTitle(type.name, debt),
    type,
    person: person === null ? null : maskedCode(person.personal.codiceFiscale),
    component: debt.component,
    outstandingCents: debt.outstanding_cents,
    deadline,
    steps:
      rule === null || deadline === null ? [`Termine non noto: ${whyNoDeadline(missing)}.`] : stepsOf(rule, deadline),
    interest: accruedInterest(rules, type, {
      component: debt.component,
      outstandingCents: debt.outstanding_cents,
      dueDate,
    }),
    rules: rulesOfDebt(rules, ente.kind, type, { dueDate, violationDate: facts.violationDate }),
  };
}

const START_WORDS = {
  dueDate: 'dalla scadenza del pagamento',
  declaration: 'dall’anno in cui andava presentata la dichiarazione, che l’ufficio ha confermato omessa',
  violationDate: 'dalla data della violazione',
  serviceDate: 'dalla data della prestazione',
  issueTerm: 'dal termine entro cui andava emessa la bolletta, che viene prima della scadenza',
  receivedAct: 'di nuovo, dall’atto formale che la persona ha ricevuto',
} as const;

function stepsOf(rule: DeadlineRule, deadline: Deadline): string[] {
  const { startsFrom, date, daysLeft, disputedFrom, alarm, expired } = deadline;
  const what = deadline.kind === 'decadence' ? 'decadenza' : 'prescrizione';
  // Windows come in order, and each that counted has moved the end past its own beginning.
  const moved = rule.suspensions.filter((window) => startsFrom.on < window.from && window.from <= date);
  const passed = Math.abs(daysLeft) === 1 ? '1 giorno' : `${Math.abs(daysLeft)} giorni`;
  return [
    `Si conta ${START_WORDS[startsFrom.fact]}: ${formatDate(startsFrom.on)}.`,
    // Days that were added may carry the end into another year: the years are told where none were.
    `${moved.length > 0 ? 'Finisce' : `Dura ${year(date) - year(startsFrom.on)} anni e finisce`} ${
      rule.ends === 'yearEnd' ? 'il 31 dicembre.' : 'nello stesso giorno; il giorno iniziale non si conta.'
    }`,
    ...moved.map((w) => `Sospeso dal ${formatDate(w.from)} al ${formatDate(w.to)}: si aggiungono ${w.days} giorni.`),
    `Termine di ${what}: ${formatDate(date)}. Base: ${deadline.legalBasis}.`,
    ...(disputedFrom === null
      ? []
      : [
          `Secondo un’altra lettura finirebbe il ${formatDate(disputedFrom)}: l’ufficio è avvertito già per quel giorno.`,
        ]),
    expired ? `Il termine è passato da ${passed}.` : `Mancano ${passed}.`,
    ...(alarm === null ? [] : [`Avviso all’ufficio: entro ${alarm} giorni.`]),
    'Nessun messaggio, telefonata o visita al portale sposta questo termine.',
  ];
}
