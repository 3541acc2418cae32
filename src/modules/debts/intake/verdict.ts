import type { CivilDate } from '../../../kernel/civil-date.ts';
import type { Cents } from '../../../kernel/money.ts';
import type { DebtFacts } from '../debt-facts.ts';

export type RejectionCode =
  | 'WIDTH'
  | 'TRUNCATED_ROW'
  | 'CELL_TOO_LONG'
  | 'CONTROL_CHARACTER'
  | 'FORMULA_CELL'
  | 'MISSING_VALUE'
  | 'VALUE_TOO_LONG'
  | 'CF_FORMAT'
  | 'CF_CHECK'
  | 'AMOUNT_NOT_A_NUMBER'
  | 'AMOUNT_AMBIGUOUS'
  | 'AMOUNT_TOO_MANY_DECIMALS'
  | 'AMOUNT_NEGATIVE'
  | 'AMOUNT_TOO_LARGE'
  | 'DATE_NOT_A_DATE'
  | 'DATE_NO_SUCH_DAY'
  | 'DATE_OUT_OF_RANGE'
  | 'YEAR_FORMAT'
  | 'NOTICE_NUMBER_FORMAT'
  | 'DUPLICATE_IN_FILE';

export type QuarantineCode =
  | 'DECEASED'
  | 'DECEASED_SANCTION'
  | 'MINOR'
  | 'AMOUNT_ZERO'
  | 'DECADENCE_PAST'
  | 'DUE_FAR_FUTURE'
  | 'FACTS_MISSING';

export type WarningCode =
  | 'EMAIL_DROPPED'
  | 'PHONE_DROPPED'
  | 'CONTACT_SOURCE_MISSING'
  | 'NAME_MISSING'
  | 'POSTAL_CODE_DROPPED'
  | 'INSTALLMENT_DROPPED'
  | 'SERVICE_DATE_DROPPED'
  | 'FACT_DROPPED'
  | 'DEADLINE_UNKNOWN'
  | 'NOTICE_NUMBER_CHECK';

export interface RowWarning {
  readonly code: WarningCode;
  readonly column: string | null;
  /** Italian. */
  readonly message: string;
}

/** One debt as the file tells it. Texts are trimmed, single-spaced, and null when the file says nothing. */
export interface DebtRow extends DebtFacts {
  readonly line: number;
  readonly externalId: string;
  readonly codiceFiscale: string;
  /** `person` 16 characters; `numeric` 11 digits, which may still be a person with a provisional code. */
  readonly codiceFiscaleKind: 'person' | 'numeric';
  readonly surname: string | null;
  readonly name: string | null;
  /** A firm, or the whole name of a person where the file has it in one column. */
  readonly companyName: string | null;
  readonly email: string | null;
  /** E.164. */
  readonly phone: string | null;
  /** Further numbers found in the same cell, E.164. */
  readonly otherPhones: readonly string[];
  readonly contactSource: string | null;
  /** What e-mail and phone may be used for; empty: not for reminders. */
  readonly contactPurposes: readonly string[];
  readonly address: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
  readonly description: string | null;
  readonly taxYear: number | null;
  /** 0 is the single payment (rata unica). */
  readonly installmentNo: number | null;
  readonly dueDate: CivilDate;
  readonly amountCents: Cents;
  readonly documentNumber: string | null;
  readonly customerCode: string | null;
  /** 18 digits. */
  readonly noticeNumber: string | null;
  readonly deceased: boolean;
  readonly warnings: readonly RowWarning[];
}

export interface Accepted {
  readonly kind: 'accepted';
  readonly row: DebtRow;
}

export interface Rejected {
  readonly kind: 'rejected';
  readonly code: RejectionCode;
  readonly column: string | null;
  /** Italian: row, column, reason, and the beginning of the value. */
  readonly message: string;
}

export interface Quarantined {
  readonly kind: 'quarantined';
  readonly code: QuarantineCode;
  readonly column: string | null;
  readonly message: string;
  readonly row: DebtRow;
}

/** Each row of a file ends in exactly one of these. */
export type RowVerdict = Accepted | Rejected | Quarantined;

/** `Riga 12, colonna «importo»: l’importo è negativo (valore: «-3,00»).` */
export function rowMessage(line: number, column: string | null, reason: string, value?: string): string {
  const where = column === null ? `Riga ${line}` : `Riga ${line}, colonna «${column}»`;
  return value === undefined ? `${where}: ${reason}.` : `${where}: ${reason} (valore: «${excerpt(value)}»).`;
}

/** At most 40 characters, control characters made visible. */
export function excerpt(value: string): string {
  const visible = value.replace(/\p{Cc}/gu, '�');
  const characters = Array.from(visible.slice(0, 100));
  return characters.length > 40 ? `${characters.slice(0, 40).join('')}…` : characters.join('');
}
