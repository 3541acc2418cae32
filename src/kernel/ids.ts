import { parse, stringify, v7, validate } from 'uuid';

declare const brand: unique symbol;

/** A `T` that only its own constructor functions make, so that two kinds of string cannot be swapped. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Number of a public body in this installation (`ente_id`, first column of every tenant table). */
export type EnteId = number;

/**
 * A new UUIDv7, lower case. Ids of one process sort in the order of their making, also within a millisecond (the
 * package counts; Node's own `randomUUIDv7` does not). The instant inside is real time, never the legal clock.
 */
export function newId(): string {
  return v7();
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
