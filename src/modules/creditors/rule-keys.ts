import { parseCivilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { isIban } from '../../kernel/iban.ts';
import { categoryOf } from './natures.ts';

/** What a value must be; `allowed` is Italian, for whoever writes it. */
interface ValueKind {
  readonly allowed: string;
  readonly ok: (value: unknown) => boolean;
}

/** What waits for a choice that the law leaves to the body. */
export type Blocks = 'campaign' | 'deadline' | 'interest' | 'handOver';

export interface RuleKey {
  /** Italian, for the office. */
  readonly label: string;
  /** Number of the rule in docs/legal-rules.md. */
  readonly rule: string | null;
  /** How a body may set it; null: the law (or the program) leaves no choice. */
  readonly byBody: ValueKind | null;
  /** Natures and categories (or `*`) that cannot do without it, and what is refused until it is there. */
  readonly needed?: { readonly by: readonly string[]; readonly blocks: Blocks };
}

const isInteger = (min: number, max: number) => (value: unknown) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
const integer = (min: number, max: number): ValueKind => ({
  allowed: `un numero intero da ${min} a ${max}`,
  ok: isInteger(min, max),
});
const cents: ValueKind = { allowed: 'centesimi, numero intero non negativo', ok: isInteger(0, 99_999_999) };
const choice = (...values: readonly (string | number)[]): ValueKind => ({
  allowed: values.join(', '),
  ok: (value) => values.some((one) => one === value),
});
const text: ValueKind = { allowed: 'un testo', ok: (value) => typeof value === 'string' && value.trim() !== '' };
const flag: ValueKind = { allowed: 'true o false', ok: (value) => typeof value === 'boolean' };
/** Those of the person alone: what binds an address, a death and an operator's own hold win over everything. */
const holds: ValueKind = {
  allowed: 'un elenco, anche vuoto, di payment e dispute',
  ok: (value) => Array.isArray(value) && value.every((one) => one === 'payment' || one === 'dispute'),
};
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = (allowed: string, ok: (value: Readonly<Record<string, unknown>>) => boolean): ValueKind => ({
  allowed,
  ok: (value) => isObject(value) && ok(value),
});
const isDay = (value: unknown) => typeof value === 'string' && parseCivilDate(value).ok;

const hours = object(
  'fromMinutes e toMinutes (minuti del giorno) e days (da 1, lunedì, a 7)',
  (v) =>
    isInteger(0, 1439)(v.fromMinutes) &&
    isInteger(1, 1440)(v.toMinutes) &&
    Number(v.fromMinutes) < Number(v.toMinutes) &&
    Array.isArray(v.days) &&
    v.days.length > 0 &&
    v.days.every(isInteger(1, 7)),
);
const windows: ValueKind = {
  allowed: 'un elenco di finestre { from, to, days }',
  ok: (value) =>
    Array.isArray(value) &&
    value.every(
      (w) => isObject(w) && isDay(w.from) && isDay(w.to) && isInteger(1, 3_660)(w.days) && `${w.from}` <= `${w.to}`,
    ),
};

const price = object(
  'milliCents (millesimi di centesimo, numero intero non negativo) e per (message o segment)',
  (v) => isInteger(0, 99_999_999)(v.milliCents) && choice('message', 'segment').ok(v.per),
);

/** Days of one year as dates, those of every year by their name: Whit Monday is `whitMonday`. */
const holidays: ValueKind = {
  allowed: 'un elenco di date (aaaa-mm-gg) o whitMonday (lunedì di Pentecoste, ogni anno)',
  ok: (value) => Array.isArray(value) && value.length <= 60 && value.every((one) => one === 'whitMonday' || isDay(one)),
};

/** pagopa §9: prefix, type of body, area, service, legal reason, text of one's own. */
const isTaxonomyCode = (value: unknown) =>
  typeof value === 'string' && value.length <= 140 && /^([6789]\/)?\d{7}(IM|TS|SP|SA|AP)(\/.*)?$/.test(value);
const isAccount = (v: Readonly<Record<string, unknown>>) =>
  isIban(`${v.iban}`) && (v.postalIban === undefined || isIban(`${v.postalIban}`));
const taxonomy: ValueKind = { allowed: 'un codice della tassonomia, come 9/0101101IM/', ok: isTaxonomyCode };
const account = object('iban e, se c’è un conto postale, postalIban', isAccount);
const secondBeneficiary = object(
  'fiscalCode, name, iban, category e, se si vogliono i metadati, cadastralCode',
  (v) =>
    isAccount(v) &&
    /^\d{11}$/.test(`${v.fiscalCode}`) &&
    text.ok(v.name) &&
    isTaxonomyCode(v.category) &&
    (v.cadastralCode === undefined || /^[A-Z]\d{3}$/.test(`${v.cadastralCode}`)),
);

const isBand = (band: unknown, last: boolean) =>
  isObject(band) &&
  isInteger(1, 120)(band.max) &&
  (last ? band.upToCents === undefined : isInteger(1, 99_999_999)(band.upToCents));
/** `bands` by amount, the last without an end; the rest as `src/modules/payments/plans/plan-rule.ts` reads it. */
const plan = object(
  'bands (upToCents, max; l’ultima senza upToCents), minInstallmentCents, everyMonths, due (monthEnd o sameDay), interest (none o legal), deltaBp, automatic (true o false), forfeiture (missed, withinMonths)',
  (v) =>
    Array.isArray(v.bands) &&
    v.bands.length > 0 &&
    v.bands.every((band, i, all) => isBand(band, i === all.length - 1)) &&
    v.bands.every((band, i, all) => i === 0 || i === all.length - 1 || band.upToCents > all[i - 1].upToCents) &&
    cents.ok(v.minInstallmentCents) &&
    isInteger(1, 12)(v.everyMonths) &&
    choice('monthEnd', 'sameDay').ok(v.due) &&
    choice('none', 'legal').ok(v.interest) &&
    (v.deltaBp === undefined || isInteger(0, 300)(v.deltaBp)) &&
    flag.ok(v.automatic) &&
    isObject(v.forfeiture) &&
    isInteger(1, 12)(v.forfeiture.missed) &&
    isInteger(1, 60)(v.forfeiture.withinMonths),
);

const fixed = (label: string, rule: string | null): RuleKey => ({ label, rule, byBody: null });
const open = (label: string, rule: string | null, byBody: ValueKind): RuleKey => ({ label, rule, byBody });
const chosen = (label: string, rule: string, byBody: ValueKind, by: readonly string[], blocks: Blocks): RuleKey => ({
  label,
  rule,
  byBody,
  needed: { by, blocks },
});

/**
 * Every key that a rule may have. A key that is not here is a slip of the pen, and a setting that nobody reads would
 * look as if it were in force.
 */
export const RULE_KEYS: Readonly<Record<string, RuleKey>> = {
  category: fixed('genere del credito', null),
  holdsHealthData: fixed('contiene dati di salute', 'R65'),
  mayHoldMinors: fixed('può riguardare un minore', 'R47'),

  decadenceYears: fixed('anni di decadenza', 'R01'),
  deadline: fixed('termine per l’atto formale', 'R01'),
  decadenceMarginDays: open('giorni prima della decadenza senza messaggi', 'R04', integer(0, 730)),
  expiredDueYear: fixed('ultimo anno di scadenza ormai decaduto', 'R05'),
  suspensionWindows: fixed('sospensioni dei termini per legge', 'R05'),
  localSuspensionWindows: open('sospensioni dei termini per calamità, con decreto', 'R05', windows),
  forcedTitleYears: fixed('anni per il titolo esecutivo dopo l’atto definitivo', 'R06'),
  deadlineAlarmDays: fixed('giorni in cui l’ufficio è avvertito', 'R04'),
  oldConsumptionYears: fixed('anni oltre i quali i consumi sono esposti a parte', 'R11'),
  ticketLimitationYears: chosen(
    'anni di prescrizione dichiarati dall’ente',
    'R12',
    choice(5, 10),
    ['copay'],
    'campaign',
  ),
  waterIssueTermDays: chosen(
    'giorni dalla fine dei consumi entro cui va emessa la bolletta',
    'R10',
    integer(1, 365),
    ['water'],
    'deadline',
  ),

  taxMinimumCents: chosen('minimo del tributo per anno', 'R31', cents, ['tax'], 'campaign'),
  noLegalMinimum: fixed('nessun minimo di legge', 'R31'),
  sendingFloorCents: open('importo sotto il quale non si scrive', null, cents),
  paymentRounding: fixed('arrotondamento del pagamento', 'R32'),
  tefa: open(
    'tributo provinciale',
    'R33',
    object('bp (centesimi di punto), fromTaxYear, codes', (v) => isInteger(0, 500)(v.bp) && isObject(v.codes)),
  ),

  remittanceDays: open('giorni entro cui un incasso è rendicontato e accreditato', null, integer(2, 60)),
  pagopaCategory: open('codice pagoPA della tassonomia', null, taxonomy),
  collectionAccount: open('conto su cui arriva il pagamento', null, account),
  provinceAccount: open('conto e codici della provincia per il tributo provinciale', 'R33', secondBeneficiary),
  payableOverdue: open('si può pagare anche dopo la scadenza', null, flag),

  legalRateBp: fixed('tasso legale dell’anno, in centesimi di punto', 'R19'),
  interestDivisor: fixed('giorni dell’anno nel calcolo', 'R23'),
  interestRule: fixed('quale interesse', 'R20'),
  interestDeltaBp: chosen(
    'differenza dal tasso legale, in centesimi di punto',
    'R20',
    integer(-300, 300),
    ['tax'],
    'interest',
  ),
  ecbReferenceRateBp: chosen(
    'tasso di riferimento BCE, in centesimi di punto',
    'R19',
    integer(0, 10_000),
    ['water'],
    'interest',
  ),
  neverBearsInterest: fixed('voci che non portano interessi', 'R22'),
  postTitleInterest: fixed('limiti degli interessi dopo l’atto', 'R21'),
  postTitleDeltaBp: open('aumento degli interessi dopo l’atto, in centesimi di punto', 'R21', integer(0, 200)),
  friendlyNoticeAdds: open(
    'voci aggiunte all’avviso bonario',
    'R24',
    object(
      'sanction e interest (true o false), costCents',
      (v) => flag.ok(v.sanction) && flag.ok(v.interest) && cents.ok(v.costCents),
    ),
  ),
  latePaymentSanctionBp: fixed('sanzione per omesso o tardivo versamento', 'R25'),
  ravvedimentoWording: open(
    'che cosa l’avviso può dire del ravvedimento',
    'R26',
    choice('none', 'available', 'barred'),
  ),
  fineTerms: fixed('riduzione e termini della sanzione', 'R28'),
  fineWithoutDate: open('sanzione di cui non si sa la data di notifica', 'R28', choice('hold', 'write')),
  halfYearIncrease: fixed('maggiorazione semestrale', 'R29'),
  increaseInFriendlyPhase: open('maggiorazione semestrale già nell’avviso bonario', 'R29', flag),

  collector: chosen('chi riscuote', 'R36', choice('self', 'concession', 'AdER'), ['*'], 'handOver'),
  offWithAder: fixed('regole che non valgono se riscuote AdER', 'R36'),
  nextAct: fixed('atto che segue se non si paga', 'R37'),
  enforceableActBodies: fixed('enti che possono emettere l’accertamento esecutivo', 'R37'),
  enforceabilityFloorCents: fixed('importo sotto il quale l’atto non diventa titolo', 'R30'),
  collectionCharges: fixed('oneri di riscossione, dopo il titolo', 'R34'),
  postTitleReminder: fixed('sollecito dopo il titolo', 'R35'),
  postTitlePlan: fixed('rateazione dopo l’atto', 'R39'),
  installmentRule: fixed('rateazione prima dell’atto', 'R39'),
  installmentPlan: open('rateazione concessa dal regolamento prima dell’atto', 'R39', plan),
  longestPlanAtLeast: fixed('durata massima che il regolamento non può abbassare', 'R39'),

  contactRule: fixed('come si può scrivere', 'R66'),
  waterSequence: fixed('giorni della procedura di messa in mora', 'R74'),
  healthGeneralAct: chosen('atto generale per i dati di salute', 'R65', text, ['copay'], 'campaign'),
  missedAppointmentTerms: chosen(
    'preavviso di disdetta e importo massimo',
    'R75',
    object('noticeText, capCents', (v) => text.ok(v.noticeText) && cents.ok(v.capCents)),
    ['missedAppointment'],
    'campaign',
  ),
  reminderPolicy: open('l’avviso bonario è', null, choice('none', 'optional', 'mandatory')),
  weeklyCeilingPerPerson: open('messaggi per persona in sette giorni', 'R64', integer(0, 7)),
  weeklyCeilingPerAddress: open('messaggi per indirizzo in sette giorni', 'R64', integer(0, 21)),
  correctionPassesHolds: open('sospensioni della persona che non fermano una rettifica', 'R56', holds),
  correctionPassesCeiling: open('una rettifica parte anche oltre il limite settimanale', 'R64', flag),
  'window.email': open('orario delle e-mail', 'R64', hours),
  'window.sms': open('orario degli SMS', 'R64', hours),
  extraHolidays: open('altri giorni festivi dell’ente', 'R16', holidays),
  'window.voice': open('orario delle telefonate', 'R64', hours),
  // No shipped value: what a provider asks is in the body's contract, not in the law.
  'channelPrice.email': open('prezzo di una e-mail', null, price),
  'channelPrice.sms': open('prezzo di un SMS', null, price),
  'channelPrice.pec': open('prezzo di una PEC', null, price),
  'channelPrice.appIo': open('prezzo di un messaggio su App IO', null, price),
  'channelPrice.letter': open('prezzo di una lettera', null, price),
  'channelPrice.send': open('prezzo di un invio con SEND', null, price),
  'channelPrice.webPush': open('prezzo di una notifica', null, price),
  'channelPrice.voice': open('prezzo di una telefonata', null, price),
  silenceAfterPaymentDays: open('giorni di silenzio dopo un pagamento', 'R56', integer(0, 365)),
  // The law lets silence be challenged after 90 days: a body may promise less, never more.
  disputeAnswerDays: open('giorni per rispondere a una segnalazione', 'R53', integer(1, 90)),
  linkValidDays: open('giorni di validità del link', null, integer(1, 365)),
  deliveryExpiresDays: open('giorni dopo i quali un messaggio non parte più', null, integer(1, 90)),
};

/** Errors RULE_KEY_UNKNOWN, RULE_FIXED, RULE_VALUE (with `allowed`, in Italian). */
export function checkEnteRule(key: string, value: unknown): void {
  const known = Object.hasOwn(RULE_KEYS, key) ? RULE_KEYS[key] : undefined;
  if (known === undefined) throw new CodedError('RULE_KEY_UNKNOWN', `no rule is called ${key}`, { key });
  if (known.byBody === null) {
    throw new CodedError('RULE_FIXED', `${key} is not for a body to set`, { key });
  }
  if (!known.byBody.ok(value)) {
    throw new CodedError('RULE_VALUE', `${key} cannot have this value`, { key, allowed: known.byBody.allowed });
  }
}

/** Keys that a credit of this nature cannot do without, in the order of the catalogue. */
export function neededKeys(nature: string): { readonly key: string; readonly blocks: Blocks }[] {
  const scopes = new Set<string | null>([nature, categoryOf(nature), '*']);
  return Object.entries(RULE_KEYS).flatMap(([key, { needed }]) =>
    needed?.by.some((scope) => scopes.has(scope)) === true ? [{ key, blocks: needed.blocks }] : [],
  );
}
