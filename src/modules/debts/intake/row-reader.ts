import { type CivilDate, parseCivilDate, year } from '../../../kernel/civil-date.ts';
import { type Cents, parseEuro } from '../../../kernel/money.ts';
import { type BoundField, type BoundProfile, FIELD_LABELS, type IntakeField } from './profile.ts';
import { type Rejected, type RejectionCode, type RowWarning, rowMessage, type WarningCode } from './verdict.ts';

export const MAX_CELL_CHARS = 4_000;
const FIRST_YEAR = 1950;
const LAST_YEAR = 2100;
/** Free texts may start with a dash or hold a line break; identifiers, names and numbers may not. */
const FREE_TEXT: ReadonlySet<IntakeField> = new Set(['address', 'city', 'description', 'contactSource']);
/** A phone may start with +; a contact that is not good is dropped, not refused. */
const CONTACTS: ReadonlySet<IntakeField> = new Set(['email', 'phone']);
/** What programs write for "nothing". */
const NOTHING = /^(?:-|–|—|null|n\.?d\.?|n\/d)$/i;
const LONGEST_NOTHING = 4;
/** Blanks that are not one plain blank: most texts have none, and looking is cheaper than replacing. */
const ODD_BLANKS = /[^\S ]| {2}/;

/** Carries the verdict out of the readers; never leaves this folder. */
export class RowRefused extends Error {
  readonly verdict: Rejected;

  constructor(verdict: Rejected) {
    super(verdict.code);
    this.verdict = verdict;
  }
}

/** Reads the fields of one row; every reader throws RowRefused with the verdict of the whole row. */
export class RowReader {
  readonly warnings: RowWarning[] = [];
  readonly line: number;
  private readonly cells: readonly string[];
  private readonly bound: BoundProfile;

  constructor(line: number, cells: readonly string[], bound: BoundProfile) {
    this.line = line;
    this.cells = cells;
    this.bound = bound;
  }

  column(field: IntakeField): string | null {
    return this.bound.get(field)?.column ?? null;
  }

  refuse(code: RejectionCode, field: IntakeField | null, reason: string, value?: string): never {
    const column = field === null ? null : this.column(field);
    throw new RowRefused({ kind: 'rejected', code, column, message: rowMessage(this.line, column, reason, value) });
  }

  warn(code: WarningCode, field: IntakeField, reason: string, value?: string): void {
    const column = this.column(field);
    this.warnings.push({ code, column, message: rowMessage(this.line, column, reason, value) });
  }

  /** The text of a field, trimmed, blanks and (in free texts) line breaks made single; null when there is nothing. */
  text(field: IntakeField, maxChars = 200): string | null {
    const bound = this.bound.get(field);
    if (bound === undefined) return null;
    const raw = bound.fixed ?? this.join(field, bound);
    if (raw === '') return null;
    // Two phone numbers in a cell may be parted by a line break.
    const trimmed = raw.trim();
    const text = CONTACTS.has(field) || !ODD_BLANKS.test(trimmed) ? trimmed : trimmed.replace(/\s+/g, ' ');
    if (text === '' || (isNothing(text) && field !== 'surname' && field !== 'name')) return null;
    if (text.length > maxChars) {
      this.refuse('VALUE_TOO_LONG', field, `il valore supera ${maxChars} caratteri`, text);
    }
    return text;
  }

  required(field: IntakeField, maxChars?: number): string {
    return (
      this.text(field, maxChars) ??
      this.refuse('MISSING_VALUE', field, `manca il valore obbligatorio «${FIELD_LABELS[field]}»`)
    );
  }

  private join(field: IntakeField, bound: BoundField): string {
    if (bound.indexes.length === 1) return this.cell(field, bound.indexes[0] ?? -1);
    return bound.indexes.map((index) => this.cell(field, index)).join(' ');
  }

  private cell(field: IntakeField, index: number): string {
    const cell = this.cells[index] ?? '';
    if (cell === '') return cell;
    if (cell.length > MAX_CELL_CHARS) {
      this.refuse('CELL_TOO_LONG', field, `il valore supera ${MAX_CELL_CHARS} caratteri`, cell);
    }
    const free = FREE_TEXT.has(field);
    if (CONTACTS.has(field)) return cell;
    // C1 controls are bytes that windows-1252 does not have; a line break in a name tells of an unclosed quote.
    if (/\p{Cc}/u.test(free ? cell.replace(/[\r\n\t]/g, ' ') : cell.trim())) {
      this.refuse('CONTROL_CHARACTER', field, 'il valore contiene caratteri di controllo o un a capo', cell);
    }
    const start = cell.trimStart();
    const formula = free ? /^[=@]/ : /^(?:[=@]|[+-]\s*[^\s\d.,€])/;
    if (formula.test(start)) {
      this.refuse('FORMULA_CELL', field, 'il valore comincia come una formula di foglio di calcolo', cell);
    }
    return cell;
  }

  amount(field: IntakeField): Cents {
    const text = this.required(field, MAX_CELL_CHARS);
    const decimals = this.bound.get(field)?.decimals ?? 'auto';
    const parsed = parseEuro(decimals === 'en' ? swapMarks(text) : text);
    const body = text.replace(/[\s€()\u2212-]/g, '');
    if (parsed.ok && decimals !== 'auto' && !hasStyle(body, decimals)) {
      const style = decimals === 'it' ? '1.234,56' : '1,234.56';
      return this.refuse('AMOUNT_NOT_A_NUMBER', field, `l’importo non è scritto nella forma ${style}`, text);
    }
    if (parsed.ok) return parsed.value;
    switch (parsed.error.code) {
      case 'NEGATIVE':
        return this.refuse('AMOUNT_NEGATIVE', field, 'l’importo è negativo', text);
      case 'TOO_LARGE':
        return this.refuse('AMOUNT_TOO_LARGE', field, 'l’importo supera 99.999.999,99 €', text);
      case 'TOO_MANY_DECIMALS':
        return this.refuse('AMOUNT_TOO_MANY_DECIMALS', field, 'l’importo ha più di due decimali', text);
      case 'AMBIGUOUS': {
        // With a stated style a comma before three digits is no longer in doubt: they are decimals.
        if (decimals !== 'auto') {
          return this.refuse('AMOUNT_TOO_MANY_DECIMALS', field, 'l’importo ha più di due decimali', text);
        }
        const reason = 'non è chiaro se la virgola separi le migliaia o i decimali';
        return this.refuse('AMOUNT_AMBIGUOUS', field, reason, text);
      }
      default:
        return this.refuse('AMOUNT_NOT_A_NUMBER', field, 'l’importo non è un numero', text);
    }
  }

  /** A civil date, with or without the midnight that spreadsheets add. */
  date(field: IntakeField, text: string): CivilDate {
    const parsed = parseCivilDate(text.replace(/[ T]0?0[:.]00(?:[:.]00(?:\.0+)?)?Z?$/, ''));
    if (!parsed.ok) {
      return parsed.error.code === 'NO_SUCH_DAY'
        ? this.refuse('DATE_NO_SUCH_DAY', field, 'il giorno non esiste', text)
        : this.refuse('DATE_NOT_A_DATE', field, 'non è una data (si attende gg/mm/aaaa o aaaa-mm-gg)', text);
    }
    const y = year(parsed.value);
    if (y < FIRST_YEAR || y > LAST_YEAR) {
      this.refuse('DATE_OUT_OF_RANGE', field, `l’anno non è fra ${FIRST_YEAR} e ${LAST_YEAR}`, text);
    }
    return parsed.value;
  }

  year(field: IntakeField): number | null {
    const text = this.text(field);
    if (text === null) return null;
    const value = /^\d{4}$/.test(text) ? Number(text) : 0;
    if (value >= FIRST_YEAR && value <= LAST_YEAR) return value;
    return this.refuse('YEAR_FORMAT', field, 'non è un anno di quattro cifre', text);
  }
}

function isNothing(text: string): boolean {
  return text.length <= LONGEST_NOTHING && NOTHING.test(text);
}

function swapMarks(text: string): string {
  return text.replace(/[.,]/g, (mark) => (mark === '.' ? ',' : '.'));
}

function hasStyle(body: string, style: 'it' | 'en'): boolean {
  return style === 'it'
    ? /^(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d{1,2})?$/.test(body)
    : /^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?$/.test(body);
}
