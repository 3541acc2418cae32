import { type RawBuilder, sql } from 'kysely';

/**
 * The id of a new row in an `INSERT … SELECT`, of the form of a UUIDv7: the instant, the row's place in the statement, and
 * a digest of what makes the row unique. Rows that come together lie together in the indexes, and the server does not ask
 * its system for random bytes, which costs more than the rest of a row. No secret: links and codes have their own.
 *
 * `place` counts the rows of the statement from 0 (the last 24 bits count); `unique` is text that no other row has.
 */
export function orderedId(at: number, place: RawBuilder<unknown>, unique: RawBuilder<unknown>): RawBuilder<unknown> {
  const instant = at.toString(16).padStart(12, '0');
  // The version, twelve bits of the place, the variant and the other twelve: eight digits, in one number (0x7xxx8xxx).
  const digits = sql`to_hex(1879080960 + (((${place}) & 16773120) << 4) + ((${place}) & 4095))`;
  return sql`(${instant} || ${digits} || left(md5(${unique}), 12))::uuid`;
}
