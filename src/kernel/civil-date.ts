import { CodedError } from './errors.ts';
import type { Brand } from './ids.ts';
import { err, ok, type Result } from './result.ts';

/** A day of the calendar, `YYYY-MM-DD`, years 0001-9999. Dates of law are civil dates in Europe/Rome. */
export type CivilDate = Brand<string, 'CivilDate'>;

export interface CivilDateError {
  readonly code: 'NOT_A_DATE' | 'NO_SUCH_DAY';
}

const MONTH_NAMES =
  'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre'.split(' ');
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const FIRST_DAY = -719_162; // 0001-01-01
const LAST_DAY = 2_932_896; // 9999-12-31

function daysInMonth(y: number, month: number): number {
  const leap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  return month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

function build(y: number, month: number, day: number): CivilDate {
  const two = (n: number) => (n < 10 ? `0${n}` : String(n));
  return `${String(y).padStart(4, '0')}-${two(month)}-${two(day)}` as CivilDate;
}

/** The date of year, month (1-12) and day, or null if there is no such day. */
export function dateOf(y: number, month: number, day: number): CivilDate | null {
  if (!Number.isInteger(y) || !Number.isInteger(month) || !Number.isInteger(day)) return null;
  if (y < 1 || y > 9999 || day < 1 || day > daysInMonth(y, month)) return null;
  return build(y, month, day);
}

/**
 * Reads `2026-11-24`, `24/11/2026`, `24-11-2026` or `24.11.2026` (day and month also of one digit in the Italian
 * forms). Two-digit years are refused: the century of a debt must not be a guess.
 */
export function parseCivilDate(text: string): Result<CivilDate, CivilDateError> {
  const trimmed = text.trim();
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(trimmed);
  const italian = iso ? null : /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})$/.exec(trimmed);
  let date: CivilDate | null;
  if (iso) date = dateOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  else if (italian) date = dateOf(Number(italian[4]), Number(italian[3]), Number(italian[1]));
  else return err({ code: 'NOT_A_DATE' });
  return date === null ? err({ code: 'NO_SUCH_DAY' }) : ok(date);
}

/** The date in `text`, for constants and stored values; throws the code of parseCivilDate, without the text. */
export function civilDate(text: string): CivilDate {
  const parsed = parseCivilDate(text);
  if (!parsed.ok) throw new CodedError(parsed.error.code, 'not a civil date');
  return parsed.value;
}

/** Days since 1970-01-01 (which is 0). */
export function toDayNumber(d: CivilDate): number {
  // Years counted from March, so that the leap day is the last of its year and months follow one linear formula.
  const month = monthOf(d);
  const y = month > 2 ? year(d) : year(d) - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + dayOf(d) - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

/** The date `n` days after 1970-01-01; throws DATE_RANGE outside years 0001-9999. */
export function fromDayNumber(n: number): CivilDate {
  if (!Number.isInteger(n) || n < FIRST_DAY || n > LAST_DAY) {
    throw new CodedError('DATE_RANGE', 'day outside years 0001-9999', { day: n });
  }
  const fromMarchZero = n + 719_468;
  const era = Math.floor(fromMarchZero / 146_097);
  const inEra = fromMarchZero - era * 146_097;
  const yearOfEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const dayOfYear = inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return build(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
}

/** `d` moved by `days`, which may be negative. */
export function addDays(d: CivilDate, days: number): CivilDate {
  return fromDayNumber(toDayNumber(d) + days);
}

/** Same day `months` later (or earlier), or the last day of that month when it is shorter (31/01 + 1 = 28/02). */
export function addMonths(d: CivilDate, months: number): CivilDate {
  const count = year(d) * 12 + monthOf(d) - 1 + months;
  const y = Math.floor(count / 12);
  const month = count - y * 12 + 1;
  const moved = dateOf(y, month, Math.min(dayOf(d), daysInMonth(y, month)));
  if (moved === null) throw new CodedError('DATE_RANGE', 'month outside years 0001-9999', { from: d, months });
  return moved;
}

/** Days from `from` to `to`; negative when `to` comes first. */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return toDayNumber(to) - toDayNumber(from);
}

export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** ISO weekday: 1 is Monday, 7 Sunday. */
export function weekday(d: CivilDate): Weekday {
  // 1970-01-01 was a Thursday; the second modulo keeps earlier days positive.
  return (((((toDayNumber(d) + 3) % 7) + 7) % 7) + 1) as Weekday;
}

export function year(d: CivilDate): number {
  return Number(d.slice(0, 4));
}

function monthOf(d: CivilDate): number {
  return Number(d.slice(5, 7));
}

function dayOf(d: CivilDate): number {
  return Number(d.slice(8, 10));
}

/** Negative, zero or positive, for sorting. */
export function compareDates(a: CivilDate, b: CivilDate): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** 31 December of the year, where decadence falls (L. 296/2006, art. 1, c. 161). */
export function endOfYear(y: number): CivilDate {
  const last = dateOf(y, 12, 31);
  if (last === null) throw new CodedError('DATE_RANGE', 'year outside 0001-9999', { year: y });
  return last;
}

/** The last day of that month, where installments fall due (L. 160/2019, art. 1, c. 801). */
export function endOfMonth(d: CivilDate): CivilDate {
  const first = addDays(d, 1 - dayOf(d));
  return addDays(addMonths(first, 1), -1);
}

/** `24/11/2026`. */
export function formatDate(d: CivilDate): string {
  return `${d.slice(8, 10)}/${d.slice(5, 7)}/${d.slice(0, 4)}`;
}

/** `24 novembre 2026`. */
export function formatDateLong(d: CivilDate): string {
  return `${dayOf(d)} ${MONTH_NAMES[monthOf(d) - 1] ?? ''} ${year(d)}`;
}
