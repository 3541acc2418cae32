import { formatDate, parseCivilDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import type { NextAct } from '../../modules/creditors/index.ts';

type Fields = Readonly<Record<string, unknown>>;
type Words = (value: unknown) => string;

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const amount = (n: unknown) => Number(n).toLocaleString('it-IT', { useGrouping: 'always' });
const and = (items: readonly string[]) =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} e ${items.at(-1)}`;
const day = (value: unknown) => {
  const parsed = parseCivilDate(String(value));
  return parsed.ok ? formatDate(parsed.value) : String(value);
};

const years: Words = (n) => (n === 1 ? '1 anno' : `${amount(n)} anni`);
const days: Words = (n) => (n === 1 ? '1 giorno' : `${amount(n)} giorni`);
const euro: Words = (cents) => formatEuro(Number(cents));
/** Hundredths of a point as a percentage: 160 is 1,6%. */
const percent: Words = (bp) => `${(Number(bp) / 100).toLocaleString('it-IT', { maximumFractionDigits: 2 })}%`;
const points: Words = (bp) => `${(Number(bp) / 100).toLocaleString('it-IT', { maximumFractionDigits: 2 })} punti`;
const yesNo: Words = (value) => (value === true ? 'sì' : 'no');
const messages: Words = (n) => (n === 1 ? '1 messaggio' : `${amount(n)} messaggi`);
const from =
  (words: Readonly<Record<string, string>>): Words =>
  (value) =>
    words[String(value)] ?? String(value);

const COMPONENTS = {
  principal: 'capitale',
  sanction: 'sanzioni',
  interest: 'interessi',
  notificationCost: 'spese di notifica',
  collectionCharge: 'oneri di riscossione',
} as const;
export const componentWords = from(COMPONENTS);
const USERS = from({ household: 'utenti domestici', microFirm: 'microimprese', professional: 'professionisti' });
const STARTS = from({
  dueDate: 'dalla scadenza',
  violationDate: 'dalla violazione',
  serviceDate: 'dalla prestazione',
  issueTermOrDueDate: 'dal primo tra termine di emissione e scadenza della bolletta',
});
const CATEGORIES = from({
  tax: 'tributo',
  patrimonialRevenue: 'entrata patrimoniale',
  sanction: 'sanzione',
  price: 'tariffa',
  copay: 'compartecipazione sanitaria',
});
const ACTS: Readonly<Record<NextAct, string>> = {
  enforceableAssessment: 'avviso di accertamento esecutivo',
  enforceableRevenueAct: 'atto esecutivo per entrate patrimoniali',
  taxRollOrInjunction: 'ruolo o ingiunzione',
  formalDefaultNotice: 'costituzione in mora',
  violationReport: 'verbale di contestazione',
};
export const nextActWords = from(ACTS);
const CHANNELS = from({ registeredMail: 'raccomandata', pec: 'PEC', email: 'e-mail', sms: 'SMS' });
const WEEKDAYS = ['lunedì', 'martedì', 'mercoledì', 'giovedì', 'venerdì', 'sabato', 'domenica'];
const clock = (minutes: unknown) =>
  `${Math.floor(Number(minutes) / 60)}:${String(Number(minutes) % 60).padStart(2, '0')}`;

const opening: Words = (value) => {
  const { fromMinutes, toMinutes, days: open } = fields(value);
  const on = list(open).map((n) => WEEKDAYS[Number(n) - 1] ?? String(n));
  return `${and(on)}, dalle ${clock(fromMinutes)} alle ${clock(toMinutes)}`;
};
const price: Words = (value) => {
  const { milliCents, per } = fields(value);
  const cents = (Number(milliCents) / 1000).toLocaleString('it-IT', { maximumFractionDigits: 3 });
  return `${cents} centesimi per ${per === 'segment' ? 'parte di messaggio' : 'messaggio'}`;
};
const suspensions: Words = (value) =>
  and(
    list(value).map((one) => {
      const window = fields(one);
      return `dal ${day(window.from)} al ${day(window.to)}: ${days(window.days)} in più`;
    }),
  ) || 'nessuna';
/** `{ upToCents, max }` bands of instalments, in words. */
const bands = (value: unknown) =>
  list(value)
    .map((one) => {
      const band = fields(one);
      const many = band.max === 0 ? 'nessuna rata' : `fino a ${amount(band.max)} rate`;
      const last = band.upToCents === null || band.upToCents === undefined;
      return last ? `oltre: ${many}` : `fino a ${euro(band.upToCents)}: ${many}`;
    })
    .join('; ');

function deadline(value: unknown): string {
  const v = fields(value);
  const short = fields(v.short);
  const parts = [
    v.kind === 'decadence' ? 'decadenza' : 'prescrizione',
    typeof v.years === 'number' ? `in ${years(v.years)}` : 'negli anni stabiliti a parte',
    STARTS(v.start),
    v.ends === 'yearEnd' ? 'fino al 31 dicembre' : 'fino allo stesso giorno',
  ];
  const more = [
    typeof v.declarationYears === 'number'
      ? `${years(v.declarationYears)} in più per l’omessa dichiarazione confermata`
      : '',
    typeof v.alarmYears === 'number' ? `l’ufficio è avvertito già a ${years(v.alarmYears)}` : '',
    typeof v.sanctionYears === 'number' ? `${years(v.sanctionYears)} per le sanzioni` : '',
    typeof short.years === 'number'
      ? `${years(short.years)} per ${and(list(short.userClasses).map(USERS))}, per le bollette scadute dopo il ${day(short.dueAfter)}`
      : '',
  ].filter(Boolean);
  return [parts.join(' '), ...more].join('; ');
}

function interestRule(value: unknown): string {
  const v = fields(value);
  if (v.kind === 'none') return 'nessun interesse';
  if (v.kind === 'referenceRate') return `tasso di riferimento BCE aumentato di ${points(v.addBp)}`;
  return v.deltaKey === null
    ? 'tasso legale'
    : `tasso legale, con una differenza stabilita dall’ente di al massimo ${points(v.maxDeltaBp)}`;
}

function contactRule(value: unknown): string {
  const v = fields(value);
  const parts = [
    v.countingChannels === null
      ? 'con qualunque canale'
      : `valgono solo ${and(list(v.countingChannels).map(CHANNELS))}`,
    `non prima di ${days(v.notBeforeDaysAfterDue)} dalla scadenza`,
    v.addressee === 'parentOrGuardian'
      ? 'solo a chi esercita la responsabilità genitoriale'
      : 'alla persona tenuta a pagare',
    v.contactPurpose === 'administrative' ? 'con recapiti dati per fini amministrativi' : '',
    v.detailsOnlyIdentified === true ? 'i dettagli solo a chi si è identificato' : '',
  ];
  return parts.filter(Boolean).join('; ');
}

function installmentRule(value: unknown): string {
  const v = fields(value);
  const parts = [
    v.reference === 'regulation' ? 'come prevede il regolamento dell’ente' : '',
    v.reference === 'formalDefaultNotice' ? 'come prevede la costituzione in mora' : '',
    typeof v.min === 'number' ? `da ${amount(v.min)} a ${amount(v.max)} rate` : '',
    typeof v.overCents === 'number' ? `per importi oltre ${euro(v.overCents)}` : '',
    typeof v.minInstallmentCents === 'number' ? `rate di almeno ${euro(v.minInstallmentCents)}` : '',
    v.bands === undefined ? '' : bands(v.bands),
    typeof v.requestWithinDays === 'number' ? `richiesta entro ${days(v.requestWithinDays)}` : '',
    typeof v.requestDaysBeforeTerm === 'number'
      ? `richiesta almeno ${days(v.requestDaysBeforeTerm)} prima del termine`
      : '',
    v.waivesAppeal === true ? 'la richiesta fa rinunciare al ricorso' : '',
  ];
  return parts.filter(Boolean).join('; ');
}

const charge = (value: unknown) => `${percent(fields(value).bp)}, al massimo ${euro(fields(value).maxCents)}`;

const RENDERERS: Readonly<Record<string, Words>> = {
  category: CATEGORIES,
  decadenceYears: years,
  deadline,
  decadenceMarginDays: days,
  expiredDueYear: (v) => `ciò che scadeva nel ${String(v)} o prima`,
  suspensionWindows: suspensions,
  localSuspensionWindows: suspensions,
  forcedTitleYears: years,
  deadlineAlarmDays: (v) => `${and(list(v).map(String))} giorni prima`,
  oldConsumptionYears: years,
  ticketLimitationYears: years,
  waterIssueTermDays: days,
  taxMinimumCents: euro,
  sendingFloorCents: euro,
  noLegalMinimum: (v) => (v === true ? 'la legge non prevede un minimo' : 'la legge prevede un minimo'),
  paymentRounding: (v) => (fields(v).to === 'euro' ? 'all’euro' : 'nessuno: al centesimo'),
  tefa: (v) =>
    `${percent(fields(v).bp)}, dall’anno ${String(fields(v).fromTaxYear ?? '')}`.replace(/, dall’anno $/, ''),
  legalRateBp: percent,
  interestDivisor: (v) => `${amount(v)} giorni`,
  interestRule,
  interestDeltaBp: points,
  ecbReferenceRateBp: percent,
  neverBearsInterest: (v) => and(list(v).map(componentWords)),
  postTitleInterest: (v) =>
    `al massimo ${points(fields(v).maxDeltaBp)} oltre il tasso legale, dopo ${days(fields(v).waitDays)}`,
  postTitleDeltaBp: points,
  friendlyNoticeAdds: (v) => {
    const { sanction, interest, costCents } = fields(v);
    const added = [
      sanction === true ? 'sanzioni' : '',
      interest === true ? 'interessi' : '',
      Number(costCents) > 0 ? `spese di ${euro(costCents)}` : '',
    ].filter(Boolean);
    return added.length === 0 ? 'nulla' : and(added);
  },
  latePaymentSanctionBp: (v) => {
    const { upToDays, within, beyond } = fields(v);
    return `${percent(within)} fino a ${days(upToDays)} di ritardo, ${percent(beyond)} oltre`;
  },
  correctionPassesHolds: (v) =>
    and(list(v).map(from({ payment: 'dopo un pagamento', dispute: 'durante una segnalazione' }))) || 'nessuna',
  ravvedimentoWording: from({ none: 'niente', available: 'che è ancora possibile', barred: 'che non è più possibile' }),
  fineTerms: (v) => {
    const t = fields(v);
    return (
      `${amount(t.discountPercent)}% in meno entro ${days(t.discountDays)}; minimo fino al giorno ${amount(t.minimumUntilDay)}; ` +
      `poi ${amount(t.titleShareOfMaximumPercent)}% del massimo, più le spese`
    );
  },
  fineWithoutDate: from({ hold: 'non si scrive finché il file non la dice', write: 'si scrive lo stesso' }),
  halfYearIncrease: (v) => {
    const { percent: tenth, capPercent } = fields(v);
    return `${amount(tenth)}% ogni sei mesi${capPercent === null ? '' : `, al massimo ${amount(capPercent)}%`}`;
  },
  collector: from({ self: 'l’ente', concession: 'un concessionario', AdER: 'Agenzia delle entrate-Riscossione' }),
  nextAct: nextActWords,
  enforceableActBodies: (v) =>
    and(list(v).map(from({ comune: 'comuni', unione: 'unioni', provincia: 'province', asl: 'ASL' }))),
  enforceabilityFloorCents: euro,
  offWithAder: (v) => `${amount(list(v).length)} regole sulla fase dopo l’atto`,
  collectionCharges: (v) => {
    const { untilDay, within, beyond } = fields(v);
    return `fino al giorno ${amount(untilDay)}: ${charge(within)}; dopo: ${charge(beyond)}`;
  },
  postTitleReminder: (v) => {
    const r = fields(v);
    return (
      `fino a ${euro(r.upToCents)}, con ${days(r.days)} per pagare; ` +
      `fino a ${euro(r.shortWaitUpToCents)} l’attesa è di ${days(r.shortWaitDays)}`
    );
  },
  postTitlePlan: (v) => bands(fields(v).bands),
  longestPlanAtLeast: (v) =>
    `almeno ${amount(fields(v).installments)} rate per importi oltre ${euro(fields(v).overCents)}`,
  installmentPlan: (v) => {
    const { minInstallmentCents, everyMonths, interest, automatic } = fields(v);
    return [
      bands(fields(v).bands),
      `rate di almeno ${euro(minInstallmentCents)}`,
      everyMonths === 1 ? 'una al mese' : `una ogni ${amount(everyMonths)} mesi`,
      interest === 'none' ? 'senza interessi' : 'con interessi al tasso legale',
      automatic === true ? 'concesse subito' : 'decide una persona',
    ].join('; ');
  },
  remittanceDays: days,
  collectionAccount: (v) => String(fields(v).iban),
  provinceAccount: (v) => `${String(fields(v).name)}, ${String(fields(v).iban)}`,
  installmentRule,
  contactRule,
  waterSequence: (v) => {
    const { reminderDay, formalNoticeDay, lastDayFromReceipt } = fields(v);
    return (
      `sollecito dal giorno ${amount(reminderDay)}, messa in mora dal giorno ${amount(formalNoticeDay)}, ` +
      `${days(lastDayFromReceipt)} dal ricevimento per pagare`
    );
  },
  missedAppointmentTerms: (v) => `${String(fields(v).noticeText ?? '')}; al massimo ${euro(fields(v).capCents)}`,
  reminderPolicy: from({ none: 'non previsto', optional: 'facoltativo', mandatory: 'obbligatorio' }),
  weeklyCeilingPerPerson: messages,
  weeklyCeilingPerAddress: messages,
  extraHolidays: (v) =>
    and(list(v).map((one) => (one === 'whitMonday' ? 'lunedì di Pentecoste' : day(one)))) || 'nessuno',
  silenceAfterPaymentDays: days,
  disputeAnswerDays: days,
  linkValidDays: days,
  deliveryExpiresDays: days,
};

/** A rule's value as one says it. What has no words of its own is told plainly, or not at all: never as program text. */
export function ruleValueWords(key: string, value: unknown): string {
  const render = RENDERERS[key];
  if (render !== undefined) return render(value);
  if (key.startsWith('window.')) return opening(value);
  if (key.startsWith('channelPrice.')) return price(value);
  if (typeof value === 'boolean') return yesNo(value);
  if (typeof value === 'number') return amount(value);
  if (typeof value === 'string') return value;
  return 'più voci: si veda la base normativa';
}
