import { CodedError } from './errors.ts';
import { err, ok, type Result } from './result.ts';

/** A pagoPA notice number (NAV) taken apart; layouts of aux digits 0-3 as in SACI. */
export interface NoticeNumber {
  /** 18 digits. */
  readonly noticeNumber: string;
  readonly aux: '0' | '1' | '2' | '3';
  /** Creditor reference: 15 digits for aux 0, else 17. */
  readonly iuv: string;
  /** Two digits, only for aux 3. */
  readonly segregation: string | null;
  /** False when the mod 93 digits are wrong. Aux 1 has none and is always true. */
  readonly checkOk: boolean;
}

const BASE_LIMIT = 10n ** 13n;

/**
 * A new notice number: aux 3 (the only one to generate), the segregation code assigned to this point, 13 digits of
 * base and two of check. Throws NN_RANGE. Uniqueness of `base` per body, for ever, is the caller's.
 */
export function makeNoticeNumber(segregation: string, base: bigint | number): string {
  if (!/^\d{2}$/.test(segregation)) throw new CodedError('NN_RANGE', 'segregation code must be two digits');
  if (typeof base === 'number' && !Number.isSafeInteger(base)) {
    throw new CodedError('NN_RANGE', 'base must be a safe integer', { base: String(base) });
  }
  const exact = BigInt(base);
  if (exact < 0n || exact >= BASE_LIMIT) {
    throw new CodedError('NN_RANGE', 'base must have at most 13 digits', { base: String(base) });
  }
  const body = `3${segregation}${String(exact).padStart(13, '0')}`;
  return body + mod93(body);
}

function mod93(digits: string): string {
  return String(BigInt(digits) % 93n).padStart(2, '0');
}

/**
 * Reads a notice number, blanks allowed anywhere (it is printed in groups of four). Wrong check digits are reported,
 * not refused: numbers with bad ones are in circulation and payment providers need not verify them. Aux 0, 1 and 2 must
 * not be generated any more but are accepted.
 */
export function parseNoticeNumber(raw: string): Result<NoticeNumber, { readonly code: 'NN_FORMAT' }> {
  const noticeNumber = raw.replace(/\s/g, '');
  const aux = noticeNumber.charAt(0);
  if (!/^\d{18}$/.test(noticeNumber) || !isAux(aux)) return err({ code: 'NN_FORMAT' });
  return ok({
    noticeNumber,
    aux,
    iuv: noticeNumber.slice(aux === '0' ? 3 : 1),
    segregation: aux === '3' ? noticeNumber.slice(1, 3) : null,
    checkOk: aux === '1' || mod93(noticeNumber.slice(0, 16)) === noticeNumber.slice(16),
  });
}

function isAux(digit: string): digit is NoticeNumber['aux'] {
  return digit === '0' || digit === '1' || digit === '2' || digit === '3';
}

/** The creditor reference inside a notice number; throws NN_FORMAT. */
export function iuvOf(noticeNumber: string): string {
  const parsed = parseNoticeNumber(noticeNumber);
  if (!parsed.ok) throw new CodedError('NN_FORMAT', 'not a notice number');
  return parsed.value.iuv;
}

/** As printed: `3020 0000 0001 2345 59`. */
export function formatNoticeNumber(noticeNumber: string): string {
  return noticeNumber.replace(/(\d{4})(?=\d)/g, '$1 ');
}
