import { type CivilDate, toDayNumber } from '../../kernel/civil-date.ts';

export type ColumnType = 'uuid' | 'text' | 'int4' | 'int8' | 'bool' | 'date' | 'timestamptz' | 'bytea' | 'jsonb';
export type ColumnValue = string | number | boolean | null | Uint8Array;

/** How one type travels: its number, what an element takes, and how it is written (with how many bytes). */
interface Wire {
  readonly oid: number;
  readonly size: (value: ColumnValue) => number;
  readonly write: (to: Buffer, at: number, value: ColumnValue) => number;
}

const EMPTY_HEAD = 12;
const HEAD = 20;
const NULL_LENGTH = -1;
/** PostgreSQL counts from 1 January 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const EPOCH_DAY = EPOCH_MS / 86_400_000;

const fixed = (oid: number, count: number, write: (to: Buffer, at: number, value: ColumnValue) => void): Wire => ({
  oid,
  size: () => count,
  write: (to, at, value) => {
    write(to, at, value);
    return count;
  },
});

const WIRE: Readonly<Record<ColumnType, Wire>> = {
  uuid: fixed(2950, 16, (to, at, value) => to.write((value as string).replaceAll('-', ''), at, 'hex')),
  int4: fixed(23, 4, (to, at, value) => to.writeInt32BE(value as number, at)),
  int8: fixed(20, 8, (to, at, value) => to.writeBigInt64BE(BigInt(value as number), at)),
  bool: fixed(16, 1, (to, at, value) => to.writeUInt8(value === true ? 1 : 0, at)),
  date: fixed(1082, 4, (to, at, value) => to.writeInt32BE(toDayNumber(value as CivilDate) - EPOCH_DAY, at)),
  timestamptz: fixed(1184, 8, (to, at, value) =>
    to.writeBigInt64BE(BigInt(Math.round(((value as number) - EPOCH_MS) * 1000)), at),
  ),
  text: {
    oid: 25,
    size: (value) => Buffer.byteLength(value as string),
    write: (to, at, value) => to.write(value as string, at),
  },
  jsonb: {
    oid: 3802,
    size: (value) => 1 + Buffer.byteLength(value as string),
    // The version of the form stands before the text.
    write: (to, at, value) => 1 + to.write(value as string, to.writeUInt8(1, at)),
  },
  bytea: {
    oid: 17,
    size: (value) => (value as Uint8Array).length,
    write: (to, at, value) => {
      to.set(value as Uint8Array, at);
      return (value as Uint8Array).length;
    },
  },
};

/**
 * An array as PostgreSQL's binary protocol has it: neither side quotes, escapes or parses a text, and bytes travel as
 * they are. Both engines take a buffer where a parameter is expected for the binary form of its type.
 */
export function binaryArray(type: ColumnType, values: readonly ColumnValue[]): Buffer {
  const { oid, size, write } = WIRE[type];
  let length = HEAD;
  let nulls = 0;
  for (const value of values) {
    length += 4;
    if (value === null) nulls = 1;
    else length += size(value);
  }
  const array = Buffer.allocUnsafe(length);
  array.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  array.writeInt32BE(nulls, 4);
  array.writeInt32BE(oid, 8);
  if (values.length === 0) return array.subarray(0, EMPTY_HEAD);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16);
  let at = HEAD;
  for (const value of values) {
    const count = value === null ? NULL_LENGTH : write(array, at + 4, value);
    array.writeInt32BE(count, at);
    at += 4 + Math.max(count, 0);
  }
  return array;
}
