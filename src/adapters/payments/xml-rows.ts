import { type CivilDate, parseCivilDate } from '../../kernel/civil-date.ts';
import { decimalCents } from '../../kernel/decimal-cents.ts';
import { CodedError } from '../../kernel/errors.ts';
import type { Cents } from '../../kernel/money.ts';
import { romeInstant } from '../../kernel/rome-time.ts';
import { type TakeElement, textOf, type XmlElement } from '../../platform/xml/index.ts';

/** What is wrong with one row of a file, by the line of the row. */
export interface RowProblem {
  readonly line: number;
  /** Name of the element. */
  readonly field: string;
  readonly code: 'missing' | 'format';
}

/** A file some of whose rows cannot be read: code XML_ROWS, the first problem and their number in the details. */
export class XmlRowsError extends CodedError {
  /** The first hundred. */
  readonly problems: readonly RowProblem[];

  constructor(problems: readonly RowProblem[], count: number) {
    const { line = 0, field = '', code = '' } = problems[0] ?? {};
    super('XML_ROWS', 'some rows cannot be read', { count, line, field, problem: code });
    this.problems = problems;
  }
}

const MOST_PROBLEMS = 100;
/** Elements with a known name in one row, and in what stands between two: many more than any schema has. */
const MOST_KEPT = 500;

/**
 * Hands each row over as it ends, and lets go of everything whose name is not known: a file of any length is read in the
 * memory of one row. Error XML_TOO_LARGE: one row holds more than any should.
 */
export function eachRow(
  row: { readonly name: string; readonly depth: number },
  known: ReadonlySet<string>,
  take: (row: XmlElement) => void,
): TakeElement {
  let kept = 0;
  return (element, depth) => {
    if (element.name === row.name && depth === row.depth) {
      kept = 0;
      take(element);
      return true;
    }
    if (!known.has(element.name)) return true;
    kept += 1;
    if (kept > MOST_KEPT) throw new CodedError('XML_TOO_LARGE', 'too many elements in one row', { line: element.line });
    return false;
  };
}

/**
 * Reads the children of an element as values, and remembers what is wrong instead of stopping: whoever sent the file wants
 * to know all of it. What it gives for a wrong value stands in for it until `refuse`, and is never used.
 */
export class RowReader {
  #problems: RowProblem[] = [];
  #count = 0;

  /** Throws XmlRowsError where anything was wrong so far. */
  refuse(): void {
    if (this.#count > 0) throw new XmlRowsError(this.#problems, this.#count);
  }

  /** Of at most `max` characters, null where it is absent or blank. */
  optional(row: XmlElement, path: readonly string[], max: number): string | null {
    const text = textOf(row, ...path);
    if (text === undefined || text === '') return null;
    if (text.length > max) this.#wrong(row, path, 'format');
    return text;
  }

  text(row: XmlElement, path: readonly string[], max: number): string {
    return this.optional(row, path, max) ?? this.#wrong(row, path, 'missing', '');
  }

  /** One of the words, as what it stands for. */
  word<T>(row: XmlElement, path: readonly string[], words: Readonly<Record<string, T>>): T | null {
    const text = this.text(row, path, 100);
    const found = Object.hasOwn(words, text) ? words[text] : undefined;
    if (found !== undefined) return found;
    return text === '' ? null : this.#wrong(row, path, 'format', null);
  }

  /** From `min` to `max`; null where it is absent. */
  integer(row: XmlElement, path: readonly string[], min: number, max: number): number | null {
    const text = this.optional(row, path, 18);
    if (text === null) return null;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : this.#wrong(row, path, 'format', min);
  }

  /** An amount of euro with its decimals, whatever its sign. */
  cents(row: XmlElement, path: readonly string[]): Cents {
    const text = this.text(row, path, 30);
    return text === '' ? 0 : (decimalCents(text) ?? this.#wrong(row, path, 'format', 0));
  }

  /** `2026-09-03`, the zone that XML Schema allows behind it left out. */
  date(row: XmlElement, path: readonly string[]): CivilDate {
    const text = this.text(row, path, 30);
    return dateIn(text.replace(/(?:Z|[+-]\d{2}:\d{2})$/, '')) ?? this.#date(row, path, text);
  }

  /** `2026-09-03T10:11:12`, in Rome where it says no zone. */
  instant(row: XmlElement, path: readonly string[]): number {
    const text = this.text(row, path, 40);
    const [, day = '', hours = '', minutes = '', seconds = '', zone] =
      /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
    const date = dateIn(day);
    if (date === null) return text === '' ? 0 : this.#wrong(row, path, 'format', 0);
    if (zone === undefined) return romeInstant(date, Number(hours) * 60 + Number(minutes)) + Number(seconds) * 1000;
    const at = Date.parse(`${day}T${hours}:${minutes}:${seconds}${zone}`);
    return Number.isNaN(at) ? this.#wrong(row, path, 'format', 0) : at;
  }

  /** Something else that is wrong with the row. */
  wrong(row: XmlElement, field: string): void {
    this.#wrong(row, [field], 'format');
  }

  #date(row: XmlElement, path: readonly string[], text: string): CivilDate {
    if (text !== '') this.#wrong(row, path, 'format');
    return '0001-01-01' as CivilDate;
  }

  #wrong<T>(row: XmlElement, path: readonly string[], code: RowProblem['code'], instead?: T): T {
    this.#count += 1;
    if (this.#problems.length < MOST_PROBLEMS) {
      this.#problems.push({ line: row.line, field: path.at(-1) ?? row.name, code });
    }
    return instead as T;
  }
}

/** The ISO form alone. */
function dateIn(text: string): CivilDate | null {
  const parsed = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseCivilDate(text) : null;
  return parsed?.ok === true ? parsed.value : null;
}
