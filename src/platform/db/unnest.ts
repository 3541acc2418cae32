import { type RawBuilder, sql } from 'kysely';

export type ColumnType = 'uuid' | 'text' | 'int4' | 'int8' | 'bool' | 'date' | 'timestamptz' | 'bytea' | 'jsonb';

export interface BulkColumn {
  readonly type: ColumnType;
  readonly values: readonly (string | number | boolean | null | Uint8Array)[];
}

/**
 * Rows as parallel arrays, the fastest way in that both engines share (data-engine §2):
 * `insert into t (a, b) select a, b from ${unnestRows({ a: …, b: … })} `. The alias is `u`, columns keep their names.
 * Instants are epoch milliseconds, bytes are passed as hex text since an array of bytea has no common wire form.
 */
export function unnestRows(columns: Readonly<Record<string, BulkColumn>>): RawBuilder<unknown> {
  const names = Object.keys(columns);
  const arrays = names.map((name) => {
    const { type, values } = columns[name] as BulkColumn;
    if (type === 'bytea') return sql`${values.map(toHex)}::text[]::bytea[]`;
    if (type === 'timestamptz') return sql`${values.map(toIso)}::text[]::timestamptz[]`;
    if (type === 'jsonb') return sql`${values}::text[]::jsonb[]`;
    return sql`${values}::${sql.raw(type)}[]`;
  });
  return sql`unnest(${sql.join(arrays)}) as u(${sql.join(names.map((name) => sql.ref(name)))})`;
}

/** An instant as a parameter: `timestamptz` columns take ISO text on both engines. */
export function instant(at: number): string {
  return new Date(at).toISOString();
}

function toIso(value: BulkColumn['values'][number]): string | null {
  return value === null ? null : instant(value as number);
}

function toHex(value: BulkColumn['values'][number]): string | null {
  return value === null ? null : `\\x${Buffer.from(value as Uint8Array).toString('hex')}`;
}
