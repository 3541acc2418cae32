import { randomBytes } from 'node:crypto';
import { parse, stringify, v7, validate } from 'uuid';
import { systemMonotonic } from './clocks.ts';

declare const brand: unique symbol;

/** A `T` that only its own constructor functions make, so that two kinds of string cannot be swapped. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Number of a public body in this installation (`ente_id`, first column of every tenant table). */
export type EnteId = number;

const RANDOM_LENGTH = 16;
/** Asking the system for random bytes costs more than all the rest of an id: once for a thousand. */
const IDS_PER_POOL = 1024;
let pool = Buffer.alloc(0);
let used = 0;
let lastMs = 0;
let sequence = 0;

/**
 * A new UUIDv7, lower case. Ids of one process sort in the order of their making, also within a millisecond (we count as
 * the package would; Node's own `randomUUIDv7` does not). The instant inside is real time, never the legal clock.
 */
export function newId(): string {
  if (used === pool.length) {
    pool = randomBytes(RANDOM_LENGTH * IDS_PER_POOL);
    used = 0;
  }
  const random = pool.subarray(used, used + RANDOM_LENGTH);
  used += RANDOM_LENGTH;
  const now = systemMonotonic.now();
  if (now > lastMs) {
    lastMs = now;
    sequence = random.readUInt32BE(6) >>> 1;
  } else {
    sequence = (sequence + 1) | 0;
    if (sequence === 0) lastMs += 1;
  }
  return v7({ random, msecs: lastMs, seq: sequence });
}

/** True for a UUID in its usual text form, any version. */
export function isUuid(text: string): boolean {
  return validate(text);
}

/** The 16 bytes of a UUID; throws a TypeError if the text is none. */
export function uuidBytes(id: string): Uint8Array {
  return parse(id);
}

/** The lower-case text of 16 bytes; throws a TypeError if they are no UUID. */
export function uuidFromBytes(bytes: Uint8Array): string {
  return stringify(bytes);
}
