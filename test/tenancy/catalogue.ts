import { inject } from 'vitest';
import { type Engine, openPostgres } from '../../src/platform/db/index.ts';
import { openOwnDatabase, openTestStore } from '../support/store.ts';

export type Connection = Awaited<ReturnType<Engine['acquire']>>['connection'];

/** A store as its owner sees it, who is above row-level security, beside the role that the program takes. */
export interface OwnedStore {
  /** What the program connects as. */
  readonly engine: Engine;
  /** The owner of the schema; on PGlite the same session. */
  readonly owner: Engine;
  close(): Promise<void>;
}

export async function openOwnedStore(): Promise<OwnedStore> {
  const url = inject('postgresUrl');
  if (url === '') {
    const { engine, close } = await openTestStore();
    return { engine, owner: engine, close };
  }
  const { engine, ownerUrl, drop } = await openOwnDatabase(url);
  const owner = openPostgres(ownerUrl, 1);
  return {
    engine,
    owner,
    async close() {
      await owner.close();
      await engine.close();
      await drop();
    },
  };
}

/** Runs `work` on one connection of the engine, outside any transaction of ours. */
export async function onConnection<T>(engine: Engine, work: (connection: Connection) => Promise<T>): Promise<T> {
  const { connection, release } = await engine.acquire();
  try {
    return await work(connection);
  } finally {
    release(false);
  }
}

export interface Relation {
  readonly schema: string;
  readonly name: string;
  /** `r` table, `p` partitioned table, `v` view, `m` materialised view, `f` foreign table. */
  readonly kind: string;
  readonly security: boolean;
  readonly forced: boolean;
  readonly invoker: boolean;
  /** Columns of the primary key, in order. */
  readonly key: readonly string[];
}

/** Everything that holds or shows rows, whatever its schema, as the catalogue knows it. */
export async function relationsOf(connection: Connection): Promise<Relation[]> {
  const { rows } = await connection.query(
    `select n.nspname as schema, c.relname as name, c.relkind::text as kind, c.relrowsecurity as security,
       c.relforcerowsecurity as forced,
       coalesce('security_invoker=true' = any (c.reloptions), false) as invoker,
       coalesce((select json_agg(a.attname order by k.ord)
         from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k(att, ord)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = k.att
         where i.indrelid = c.oid and i.indisprimary), '[]'::json) as key
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
       and n.nspname not like 'pg\\_toast%' and n.nspname not like 'pg\\_temp%'
     order by 1, 2`,
    [],
  );
  return rows as unknown as Relation[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** Text of the check constraints that name this column alone. */
  readonly checks: readonly string[];
  /** Whether the program's role may update it. */
  readonly updatable: boolean;
}

export async function columnsOf(connection: Connection, table: string, role: string): Promise<Column[]> {
  const { rows } = await connection.query(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
       coalesce((select json_agg(pg_get_constraintdef(k.oid)) from pg_constraint k
         where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum]), '[]'::json) as checks,
       has_column_privilege($2, a.attrelid, a.attnum, 'update') as updatable
     from pg_attribute a where a.attrelid = $1::text::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [table, role],
  );
  return rows as unknown as Column[];
}

/** Tables in an order in which rows can be inserted: what is referred to first. */
export async function insertOrder(connection: Connection, tables: readonly string[]): Promise<string[]> {
  const { rows } = await connection.query(
    `select distinct conrelid::regclass::text as child, confrelid::regclass::text as parent from pg_constraint
     where contype = 'f' and connamespace = 'public'::regnamespace`,
    [],
  );
  const ordered: string[] = [];
  const visit = (table: string): void => {
    if (ordered.includes(table)) return;
    for (const { child, parent } of rows) if (child === table && parent !== table) visit(parent as string);
    ordered.push(table);
  };
  for (const table of tables) visit(table);
  return ordered;
}

const START = Date.UTC(2026, 8, 7);

/** What some columns must hold for every view to show the row: the filler itself knows types and checks only. */
const HINTS: Readonly<Record<string, string>> = {
  'campaign_pace.per_day': '1',
  'notice.credit_types': '{}',
  'contact_slot.subject_kind': 'campaign',
  'import.state': 'committed',
  'debtor.key_wrapped': '\\x01',
  'import_row.verdict': '3',
  'audit_leaf.kind': 'campaign.planned',
  'audit_leaf.digest': `\\x${'01'.repeat(32)}`,
  'audit_order.leaf_ids': '{}',
  'audit_unsealed.digest': `\\x${'01'.repeat(32)}`,
};

/**
 * A row that any table takes. Every column of one type holds the same value of one body, so that references match
 * without knowing them; where a check lists words, the first of them.
 */
export function fillerRow(table: string, columns: readonly Column[], ente: number): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [n, column] of columns.entries()) {
    const hint = HINTS[`${table}.${column.name}`];
    if (column.name === 'ente_id') row.ente_id = ente;
    else if (hint !== undefined) row[column.name] = hint;
    else if (column.required) row[column.name] = fillerValue(column, ente, n);
  }
  return row;
}

function fillerValue({ name, type, checks }: Column, ente: number, position: number): unknown {
  const word = checks.map((check) => /'([^']*)'::text/.exec(check)?.[1]).find((found) => found !== undefined);
  switch (type) {
    case 'text':
      return word ?? `t${ente}`;
    case 'text[]':
      return [`t${ente}`];
    case 'uuid':
      return `018f0000-0000-7000-8000-00000000000${ente}`;
    case 'integer':
    case 'smallint':
    case 'bigint':
      return 1;
    case 'boolean':
      return false;
    case 'bytea':
      return `\\x0${ente}`;
    case 'jsonb':
      return '{}';
    case 'date':
      return '2026-09-07';
    case 'timestamp with time zone':
      // Later columns later, since the only order that a check asks for is that of opening and closing.
      return new Date(START + position * 3_600_000).toISOString();
    default:
      throw new Error(`the filler knows no value for ${name} ${type}: teach it`);
  }
}

/** Inserts as plain text, so that both engines read every value from its written form. */
export async function insertRow(
  connection: Pick<Connection, 'exec'>,
  table: string,
  row: Record<string, unknown>,
): Promise<void> {
  const names = Object.keys(row);
  const values = names.map((name) => literal(row[name]));
  await connection.exec(`insert into ${table} (${names.join(', ')}) values (${values.join(', ')})`);
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `array[${value.map(literal).join(', ')}]::text[]`;
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}
