import { hash } from 'node:crypto';
import { CodedError } from './errors.ts';

/** SHA-256 in lower-case hex; a string is taken as UTF-8. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** SHA-256, 32 bytes; a string is taken as UTF-8. */
export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer');
}

/**
 * JSON with sorted keys and no blanks: the same value gives the same text, to be digested. Keys whose value is
 * undefined are left out. Throws NOT_STABLE for what JSON would bend silently (NaN, bigint, Date, Map, undefined in an
 * array...), because two different values must not share a digest.
 */
export function stableJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, stableJson).join(',')}]`;
  if (isPlainObject(value)) {
    const fields = Object.keys(value)
      .sort()
      .filter((key) => value[key] !== undefined)
      .map((key) => `${JSON.stringify(key)}:${stableJson(value[key])}`);
    return `{${fields.join(',')}}`;
  }
  throw new CodedError('NOT_STABLE', 'value has no stable JSON', { type: typeof value });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === Object.prototype || proto === null;
}

/**
 * A number in [0, 1) that depends only on its arguments. Simulated choices come from here, never from a shared random
 * stream, so that a seed tells the same story whatever the concurrency. Numbers count as their text (7 is '7').
 */
export function seededFraction(seed: string | number, ...parts: (string | number)[]): number {
  // JSON keeps ('a', 'bc') and ('ab', 'c') apart.
  const digest = sha256(JSON.stringify([seed, ...parts].map(String)));
  // 53 bits, all that a double in [0, 1) can hold evenly.
  return (digest.readUInt32BE(0) * 2 ** 21 + (digest.readUInt32BE(4) >>> 11)) / 2 ** 53;
}
