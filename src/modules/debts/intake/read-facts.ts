import type { CivilDate } from '../../../kernel/civil-date.ts';
import { type DebtFacts, NO_FACTS } from '../debt-facts.ts';
import type { IntakeField } from './profile.ts';
import { type RowReader, RowRefused } from './row-reader.ts';

const KINDS: readonly (readonly [RegExp, NonNullable<DebtFacts['violationKind']>])[] = [
  // Only where the office has said that it is confirmed does the law give a year more (R02).
  [/^omessa(?: dichiarazione)? confermata$/i, 'omittedConfirmed'],
  [/^(?:omesso|tardivo|parziale) (?:versamento|pagamento)$/i, 'omittedPayment'],
  [/^(?:dichiarazione )?infedele$/i, 'unfaithful'],
  [/^(?:omessa dichiarazione|non nota|da verificare)$/i, 'unknown'],
];
const CLASSES: readonly (readonly [RegExp, NonNullable<DebtFacts['userClass']>])[] = [
  [/^(?:domestic[oa]|uso domestico|residente|d)$/i, 'household'],
  [/^micro ?-?impresa$/i, 'microFirm'],
  [/^professionist[ai]$/i, 'professional'],
  [/^(?:altro|altri|non domestic[oa]|uso non domestico|impresa|ente)$/i, 'other'],
];
const PARTS: readonly (readonly [RegExp, NonNullable<DebtFacts['component']>])[] = [
  [/^(?:capitale|tributo|imposta|sorte|quota capitale|c)$/i, 'principal'],
  [/^(?:sanzion[ei]|s)$/i, 'sanction'],
  [/^(?:interess[ei]|i)$/i, 'interest'],
  [/^(?:spes[ae](?: di)? notifica|notifica|spese di notificazione|n)$/i, 'notificationCost'],
];

/**
 * The facts that deadlines and the rules of a debt are made from. One that cannot be read is left out with a warning: no
 * position is lost for it, and a guess would move a term of law.
 */
export function readFacts(read: RowReader, today: CivilDate): DebtFacts {
  const word = <T>(field: IntakeField, words: readonly (readonly [RegExp, T])[]): T | null => {
    const text = read.text(field);
    if (text === null) return null;
    const found = words.find(([form]) => form.test(text));
    if (found !== undefined) return found[1];
    read.warn('FACT_DROPPED', field, 'il valore non si riconosce: la riga entra senza', text);
    return null;
  };
  /** `past`: a thing that has happened cannot be of tomorrow. */
  const date = (field: IntakeField, past = false): CivilDate | null => {
    const text = read.text(field);
    if (text === null) return null;
    const code = field === 'serviceDate' ? 'SERVICE_DATE_DROPPED' : 'FACT_DROPPED';
    try {
      const day = read.date(field, text);
      if (!past || day <= today) return day;
      read.warn(code, field, 'la data è nel futuro: la riga entra senza', text);
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      read.warn(code, field, 'la data non si legge: la riga entra senza', text);
    }
    return null;
  };
  const facts: DebtFacts = {
    ...NO_FACTS,
    component: word('component', PARTS),
    violationKind: word('violationKind', KINDS),
    violationDate: date('violationDate', true),
    notifiedOn: date('notifiedOn', true),
    serviceDate: date('serviceDate'),
    userClass: word('userClass', CLASSES),
    consumptionFrom: date('consumptionFrom'),
    consumptionTo: date('consumptionTo'),
    issueTerm: date('issueTerm'),
  };
  const { consumptionFrom, consumptionTo, violationDate, notifiedOn } = facts;
  if (consumptionFrom !== null && consumptionTo !== null && consumptionFrom > consumptionTo) {
    read.warn('FACT_DROPPED', 'consumptionTo', 'i consumi finiscono prima di cominciare: la riga entra senza periodo');
    return { ...facts, consumptionFrom: null, consumptionTo: null };
  }
  if (violationDate !== null && notifiedOn !== null && notifiedOn < violationDate) {
    read.warn('FACT_DROPPED', 'notifiedOn', 'la notifica è prima della violazione: la riga entra senza notifica');
    return { ...facts, notifiedOn: null };
  }
  return facts;
}
