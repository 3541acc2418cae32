import { type CivilDate, dateOf, year } from './civil-date.ts';
import { CodedError } from './errors.ts';
import { err, ok, type Result } from './result.ts';

export interface CodiceFiscaleError {
  readonly code: 'CF_FORMAT' | 'CF_CHECK' | 'CF_ALL_ZERO';
}

export interface CodiceFiscale {
  readonly value: string;
  /** `person`: 16 characters. `numeric`: 11 digits, a body, a VAT number or a person with a provisional code. */
  readonly kind: 'person' | 'numeric';
}

const PERSON = /^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$/;
const OMOCODIA = 'LMNPQRSTUV';
const MONTHS = 'ABCDEHLMPRST';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Values of A-Z in odd positions; digits 0-9 have those of A-J (DM 23 December 1976, n. 13813). */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23] as const;

/**
 * Checks a codice fiscale, trimmed and in upper case. Omocode forms are accepted as they are and never decoded: they
 * belong to different people. A good check character does not mean that the code was ever assigned.
 */
export function checkCodiceFiscale(raw: string): Result<CodiceFiscale, CodiceFiscaleError> {
  const trimmed = raw.trim();
  // ASCII first: upper-casing would turn a few foreign letters into Latin ones.
  if (!/^[A-Za-z0-9]{11,16}$/.test(trimmed)) return err({ code: 'CF_FORMAT' });
  const value = trimmed.toUpperCase();
  if (/^\d{11}$/.test(value)) {
    if (/^0+$/.test(value)) return err({ code: 'CF_ALL_ZERO' });
    return computeLuhn11(value.slice(0, 10)) === value.charAt(10)
      ? ok({ value, kind: 'numeric' })
      : err({ code: 'CF_CHECK' });
  }
  if (!PERSON.test(value)) return err({ code: 'CF_FORMAT' });
  return computeCfCheck(value.slice(0, 15)) === value.charAt(15)
    ? ok({ value, kind: 'person' })
    : err({ code: 'CF_CHECK' });
}

/** Check letter of a 16-character code from its first 15 (upper case); throws CF_FORMAT on anything else. */
export function computeCfCheck(first15: string): string {
  if (!/^[A-Z0-9]{15}$/.test(first15)) throw new CodedError('CF_FORMAT', 'need 15 upper-case letters or digits');
  let sum = 0;
  for (let i = 0; i < 15; i += 1) {
    const code = first15.charCodeAt(i);
    const value = code < 65 ? code - 48 : code - 65;
    // Positions count from 1, so an even index is an odd position.
    sum += i % 2 === 0 ? (ODD[value] ?? 0) : value;
  }
  return ALPHABET.charAt(sum % 26);
}

/** Check digit of an 11-digit code from its first 10 digits; throws CF_FORMAT on anything else. */
export function computeLuhn11(first10: string): string {
  if (!/^\d{10}$/.test(first10)) throw new CodedError('CF_FORMAT', 'need 10 digits');
  let sum = 0;
  for (let i = 0; i < 10; i += 1) {
    const digit = Number(first10.charAt(i));
    const doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += i % 2 === 0 ? digit : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

/**
 * Birth date and sex as a 16-character code tells them, the century chosen so that the age on `today` is 0-99; null
 * for an 11-digit code or an impossible day. A HINT ONLY (to be careful with possible minors): the century is a guess
 * and codes of changed registry entries may differ. Omocode digits are read for the date alone.
 */
export function birthFromCodiceFiscale(cf: string, today: CivilDate): { date: CivilDate; sex: 'F' | 'M' } | null {
  const value = cf.trim().toUpperCase();
  if (!PERSON.test(value)) return null;
  const yearOfCentury = twoDigits(value, 6);
  const month = MONTHS.indexOf(value.charAt(8)) + 1;
  const dayAndSex = twoDigits(value, 9);
  const day = dayAndSex > 40 ? dayAndSex - 40 : dayAndSex;
  const century = Math.floor(year(today) / 100) * 100;
  for (const start of [century, century - 100]) {
    const date = dateOf(start + yearOfCentury, month, day);
    if (date !== null && date <= today) return { date, sex: dayAndSex > 40 ? 'F' : 'M' };
  }
  return null;
}

function twoDigits(value: string, at: number): number {
  const digit = (c: string) => (c >= '0' && c <= '9' ? Number(c) : OMOCODIA.indexOf(c));
  return digit(value.charAt(at)) * 10 + digit(value.charAt(at + 1));
}
