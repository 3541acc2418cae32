import { type RawBuilder, sql } from 'kysely';
import { binaryArray, type ColumnType, type ColumnValue } from './binary-array.ts';

export interface BulkColumn {
  readonly type: ColumnType;
  readonly values: readonly ColumnValue[];
}

/**
 * Rows as parallel arrays, the fastest way in that both engines share (data-engine §2):
 * `insert into t (a, b) select a, b from ${unnestRows({ a: …, b: … })} `. The alias is `u`, columns keep their names.
 * Instants are epoch milliseconds. A column that says the same in every row travels as one value.
 */
export function unnestRows(columns: Readonly<Record<string, BulkColumn>>): RawBuilder<unknown> {
  const entries = Object.entries(columns);
  const alike = entries.filter(([, column]) => isAlike(column.values));
  // One array at least must say how many rows there are.
  if (alike.length === entries.length) alike.shift();
  const varied = entries.filter((entry) => !alike.includes(entry));
  const arrays = varied.map(([, { type, values }]) => sql`${binaryArray(type, values)}::${sql.raw(type)}[]`);
  const rows = sql`unnest(${sql.join(arrays)}) as u(${sql.join(varied.map(([name]) => sql.ref(name)))})`;
  if (alike.length === 0) return rows;
  const once = alike.map(
    ([name, { type, values }]) => sql`${single(type, values[0] ?? null)}::${sql.raw(type)} as ${sql.ref(name)}`,
  );
  return sql`(select u.*, ${sql.join(once)} from ${rows}) as u`;
}

/** Bytes are never compared: two of ours are the same only by chance. */
function isAlike(values: readonly ColumnValue[]): boolean {
  const first = values[0] ?? null;
  return values.length > 1 && !(first instanceof Uint8Array) && values.every((value) => value === first);
}

function single(type: ColumnType, value: ColumnValue): ColumnValue {
  return type === 'timestamptz' && value !== null ? instant(value as number) : value;
}

/** An instant as a parameter: `timestamptz` columns take ISO text on both engines. */
export function instant(at: number): string {
  return new Date(at).toISOString();
}
