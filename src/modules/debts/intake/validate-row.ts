import { addMonths, type CivilDate, compareDates, year } from '../../../kernel/civil-date.ts';
import { birthFromCodiceFiscale, checkCodiceFiscale } from '../../../kernel/codice-fiscale.ts';
import { parseNoticeNumber } from '../../../kernel/notice-number.ts';
import { type DeadlineFacts, type DeadlineRule, deadlineOf } from '../deadlines.ts';
import { deadlineFactsOf } from '../debt-facts.ts';
import { missingFactNames } from '../derive-deadline.ts';
import { normaliseEmail } from './email.ts';
import { intakeError } from './file-errors.ts';
import { readPhones } from './phone.ts';
import { type BoundProfile, bindProfile, type IntakeField, type IntakeProfile } from './profile.ts';
import { contactProvenance } from './provenance.ts';
import type { CsvRecord } from './read-csv.ts';
import { readFacts } from './read-facts.ts';
import { RowReader, RowRefused } from './row-reader.ts';
import { type DebtRow, type QuarantineCode, type RowVerdict, rowMessage } from './verdict.ts';

export interface IntakeContext {
  /** The legal day of the import. */
  readonly today: CivilDate;
  readonly creditType: { readonly code: string; readonly health: boolean };
  /** Of the body that loads the file, as stored: a file that says it belongs to another one is refused whole. */
  readonly creditorCodiceFiscale: string;
  readonly rules: {
    /** Due years up to this one are decayed (R05, local taxes: 2020); null where the rule does not apply. */
    readonly quarantineDueYearUpTo: number | null;
    /** How long such a credit lives; null where the body has still to choose, or nobody asks. */
    readonly deadline: DeadlineRule | null;
    /** R10: without the facts of its deadline such a position waits for the office. */
    readonly needsFacts: boolean;
  };
}

export type RowValidator = (record: CsvRecord) => RowVerdict;

/**
 * A validator for the rows of one file. Throws INTAKE_PROFILE at once if the profile does not fit the header; the
 * validator throws INTAKE_OTHER_BODY when a row names another creditor, and otherwise always gives a verdict.
 */
export function rowValidator(header: readonly string[], profile: IntakeProfile, ctx: IntakeContext): RowValidator {
  const bound = bindProfile(profile, header);
  return (record) => {
    try {
      return judge(record, header, bound, profile, ctx);
    } catch (error) {
      if (error instanceof RowRefused) return error.verdict;
      throw error;
    }
  };
}

/** One row on its own; for a file make one `rowValidator`. */
export function validateRow(
  record: CsvRecord,
  header: readonly string[],
  profile: IntakeProfile,
  ctx: IntakeContext,
): RowVerdict {
  return rowValidator(header, profile, ctx)(record);
}

function judge(
  record: CsvRecord,
  header: readonly string[],
  bound: BoundProfile,
  profile: IntakeProfile,
  ctx: IntakeContext,
): RowVerdict {
  const read = new RowReader(record.line, record.cells, bound);
  checkWidth(read, record, header.length);
  if (bound.has('creditorCodiceFiscale')) checkBody(read, ctx.creditorCodiceFiscale);
  const externalId = read.required('externalId', 100);
  const cf = codiceFiscale(read);
  const surname = read.text('surname');
  const name = read.text('name');
  const companyName = read.text('companyName');
  const namesExpected = bound.has('surname') || bound.has('companyName');
  if (namesExpected && surname === null && companyName === null) {
    const field = bound.has('surname') ? 'surname' : 'companyName';
    read.refuse('MISSING_VALUE', field, 'manca il nome della persona o la denominazione');
  }
  if (cf.kind === 'person' && bound.has('name') && surname !== null && name === null) {
    read.warn('NAME_MISSING', 'name', 'manca il nome della persona');
  }
  const amountCents = read.amount('amount');
  const dueDate = read.date('dueDate', read.required('dueDate'));
  const taxYear = read.year('taxYear');
  const noticeNumber = readNoticeNumber(read);
  const deceased = readDeceased(read);
  const email = readEmail(read);
  const phones = readPhone(read);
  const contact = contactProvenance(read.text('contactSource', 500), profile.purposes, ctx.creditType);
  if ((email !== null || phones.length > 0) && contact.purposes.length === 0) {
    const reason = 'l’origine del recapito non è indicata: il recapito non sarà usato per i promemoria';
    read.warn('CONTACT_SOURCE_MISSING', 'contactSource', reason);
  }
  const row: DebtRow = {
    line: record.line,
    externalId,
    codiceFiscale: cf.value,
    codiceFiscaleKind: cf.kind,
    surname,
    name,
    companyName,
    email,
    phone: phones[0] ?? null,
    otherPhones: phones.slice(1),
    contactSource: contact.source,
    contactPurposes: contact.purposes,
    address: read.text('address', 300),
    postalCode: readPostalCode(read),
    city: read.text('city'),
    description: read.text('description', 1_000),
    taxYear,
    installmentNo: readInstallment(read),
    dueDate,
    amountCents,
    documentNumber: read.text('documentNumber', 100),
    customerCode: read.text('customerCode', 100),
    noticeNumber,
    deceased: deceased !== 'no',
    ...readFacts(read, ctx.today),
    warnings: read.warnings,
  };
  return quarantine(read, row, deceased, ctx) ?? { kind: 'accepted', row };
}

function checkWidth(read: RowReader, record: CsvRecord, width: number): void {
  const found = record.cells.length;
  if (found === width) return;
  const reason = `la riga ha ${found} colonne, l’intestazione ${width}`;
  if (record.unterminated && found < width) {
    read.refuse('TRUNCATED_ROW', null, `${reason}: è l’ultima del file, che sembra troncato`);
  }
  read.refuse('WIDTH', null, reason);
}

function checkBody(read: RowReader, own: string): void {
  const stated = read
    .required('creditorCodiceFiscale')
    .toUpperCase()
    .replace(/^IT(?=\d)/, '');
  if (stated !== own.trim().toUpperCase()) {
    throw intakeError('INTAKE_OTHER_BODY', 'a row belongs to another body', { line: read.line });
  }
}

function codiceFiscale(read: RowReader): { value: string; kind: 'person' | 'numeric' } {
  const text = read.required('codiceFiscale');
  const checked = checkCodiceFiscale(text);
  if (checked.ok) return checked.value;
  if (checked.error.code === 'CF_CHECK') {
    return read.refuse('CF_CHECK', 'codiceFiscale', 'il carattere di controllo del codice fiscale non torna', text);
  }
  // Spreadsheets take leading zeros away and write long numbers as 4,88E+10.
  const spoiled = /^\d{5,10}$/.test(text) || /^\d(?:[.,]\d+)?E\+?\d+$/i.test(text);
  const reason = spoiled
    ? 'il codice fiscale sembra rovinato da un foglio di calcolo (zeri iniziali o notazione scientifica)'
    : 'il codice fiscale non ha la forma attesa (16 caratteri o 11 cifre)';
  return read.refuse('CF_FORMAT', 'codiceFiscale', reason, text);
}

function readNoticeNumber(read: RowReader): string | null {
  const text = read.text('noticeNumber');
  if (text === null) return null;
  const parsed = parseNoticeNumber(text);
  if (!parsed.ok) {
    const spoiled = /^\d(?:[.,]\d+)?E\+?\d+$/i.test(text);
    const reason = spoiled
      ? 'il numero di avviso è stato rovinato da un foglio di calcolo (notazione scientifica)'
      : 'il numero di avviso non ha 18 cifre';
    return read.refuse('NOTICE_NUMBER_FORMAT', 'noticeNumber', reason, text);
  }
  if (!parsed.value.checkOk) {
    read.warn('NOTICE_NUMBER_CHECK', 'noticeNumber', 'le cifre di controllo del numero di avviso non tornano', text);
  }
  return parsed.value.noticeNumber;
}

/** A cell nobody understands counts as a death: silence costs less than a letter to a widow. */
function readDeceased(read: RowReader): 'no' | 'yes' | 'unclear' {
  const text = read.text('deceased');
  if (text === null || /^(?:n|no|f|false|falso|0|vivente|in vita)$/i.test(text)) return 'no';
  const yes = /^(?:s|si|sì|y|yes|t|true|vero|1|x|decedut[oa]|defunt[oa])$/i.test(text) || /^[\d/.: -]{8,}$/.test(text);
  return yes ? 'yes' : 'unclear';
}

function readEmail(read: RowReader): string | null {
  const text = read.text('email', 4_000);
  if (text === null) return null;
  const email = normaliseEmail(text);
  if (email.ok) return email.value;
  const reason =
    email.error.code === 'EMAIL_MANY' ? 'c’è più di un indirizzo e-mail' : 'l’indirizzo e-mail non è valido';
  read.warn('EMAIL_DROPPED', 'email', `${reason}: la posizione entra senza e-mail`, text);
  return null;
}

function readPhone(read: RowReader): readonly string[] {
  const text = read.text('phone', 4_000);
  if (text === null) return [];
  const { numbers, refused } = readPhones(text);
  for (const piece of refused) {
    read.warn('PHONE_DROPPED', 'phone', 'il numero di telefono non è valido o non è personale: è stato tolto', piece);
  }
  return numbers;
}

function readPostalCode(read: RowReader): string | null {
  const text = read.text('postalCode');
  if (text === null || /^\d{5}$/.test(text)) return text;
  read.warn('POSTAL_CODE_DROPPED', 'postalCode', 'il CAP non ha cinque cifre: è stato tolto', text);
  return null;
}

function readInstallment(read: RowReader): number | null {
  const text = read.text('installmentNo');
  if (text === null) return null;
  if (/^(?:rata )?unica$/i.test(text)) return 0;
  const number = /^(?:rata )?(\d{1,2})[ª°^]?(?: ?(?:\/|di) ?\d{1,2})?$/i.exec(text)?.[1];
  if (number !== undefined) return Number(number);
  read.warn('INSTALLMENT_DROPPED', 'installmentNo', 'il numero di rata non si capisce: è stato tolto', text);
  return null;
}

/** The first cause that keeps a readable row away from people until the office has looked at it. */
function quarantine(
  read: RowReader,
  row: DebtRow,
  deceased: 'no' | 'yes' | 'unclear',
  ctx: IntakeContext,
): RowVerdict | null {
  const hold = (code: QuarantineCode, field: IntakeField, reason: string): RowVerdict => {
    const column = read.column(field);
    return { kind: 'quarantined', code, column, message: rowMessage(read.line, column, reason), row };
  };
  if (deceased !== 'no') {
    const reason = deceased === 'yes' ? 'la persona risulta deceduta' : 'non è chiaro se la persona sia deceduta';
    // R45: a sanction ends with the person: no heir owes it, so that nobody may release the row. In doubt somebody may.
    return row.component === 'sanction' && deceased === 'yes'
      ? hold('DECEASED_SANCTION', 'deceased', `${reason}: la sanzione non passa agli eredi`)
      : hold('DECEASED', 'deceased', reason);
  }
  // R47: minors are never addressed. The date in the code is a hint, so a person decides.
  const birth = birthFromCodiceFiscale(row.codiceFiscale, ctx.today);
  if (birth !== null && compareDates(addMonths(birth.date, 18 * 12), ctx.today) > 0) {
    return hold('MINOR', 'codiceFiscale', 'dal codice fiscale la persona sembra minorenne');
  }
  if (row.amountCents === 0) return hold('AMOUNT_ZERO', 'amount', 'l’importo è zero');
  const rule = ctx.rules.deadline;
  const deadline = rule === null ? null : deadlineOf(rule, deadlineFactsOf(row, row), ctx.today);
  const lastDecayed = ctx.rules.quarantineDueYearUpTo;
  // R02 gives a later end to a declaration that is confirmed as omitted: it does not count from the due year.
  const byDeclaration = deadline?.ok === true && deadline.value.startsFrom.fact === 'declaration';
  const ended = deadline?.ok === true && deadline.value.kind === 'decadence' && deadline.value.expired;
  if (ended || (lastDecayed !== null && year(row.dueDate) <= lastDecayed && !byDeclaration)) {
    // R01 and R05: L. 296/2006, art. 1, c. 161; D.L. 18/2020, art. 67 (85 days, over for all since 26/03/2026).
    const reason = `la scadenza è del ${year(row.dueDate)}: salvo atti notificati il termine di decadenza è passato`;
    return hold('DECADENCE_PAST', 'dueDate', reason);
  }
  if (compareDates(row.dueDate, addMonths(ctx.today, 12)) > 0) {
    return hold('DUE_FAR_FUTURE', 'dueDate', 'la scadenza è oltre un anno da oggi');
  }
  if (deadline !== null && !deadline.ok) {
    const facts = deadline.error.facts;
    const what = `${facts.length > 1 ? 'mancano' : 'manca'} ${missingFactNames(facts.join(','))}`;
    const field = FIELD_OF_FACT[facts[0] ?? 'dueDate'] ?? 'dueDate';
    if (ctx.rules.needsFacts) return hold('FACTS_MISSING', field, `${what}: senza non si sa se è prescritta`);
    read.warn('DEADLINE_UNKNOWN', field, `termine non noto: ${what}`);
  }
  return null;
}

const FIELD_OF_FACT: Readonly<Partial<Record<keyof DeadlineFacts, IntakeField>>> = {
  taxYear: 'taxYear',
  violationDate: 'violationDate',
  serviceDate: 'serviceDate',
  userClass: 'userClass',
  consumption: 'consumptionFrom',
  issueTerm: 'issueTerm',
};
