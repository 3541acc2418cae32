import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_ROLE } from '../../src/platform/db/index.ts';
import { type Connection, onConnection, openOwnedStore, type OwnedStore } from '../tenancy/catalogue.ts';

const GOLDEN = fileURLToPath(new URL('./schema.txt', import.meta.url));

let store: OwnedStore;
beforeAll(async () => {
  store = await openOwnedStore();
});
afterAll(() => store.close());

interface Row {
  readonly relation: string;
  readonly line: string;
}

/**
 * One query a kind of fact, each giving lines under a relation of `public`. The queue's schema is left out: it is
 * pg-boss's own and changes with its version. Not-null constraints are told with the columns: PostgreSQL 18 alone keeps
 * them as constraints of their own.
 */
const FACTS: readonly string[] = [
  `select c.relname as relation, case c.relkind when 'v' then 'view' else 'table' end
     || case when c.relrowsecurity then ', row-level security' || case when c.relforcerowsecurity then ' forced' else '' end else '' end
     || case when c.reloptions is null then '' else ', ' || array_to_string(c.reloptions, ', ') end as line
   from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')`,
  `select c.relname as relation, '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
     || case when a.attnotnull then ' not null' else '' end
     || case when d.adbin is null then '' else ' default ' || pg_get_expr(d.adbin, d.adrelid) end as line
   from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') order by c.relname, a.attnum`,
  `select conrelid::regclass::text as relation, '  constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line
   from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n' and conrelid <> 0
   order by 1, contype, conname`,
  `select tablename as relation, '  ' || replace(indexdef, 'public.', '') as line from pg_indexes where schemaname = 'public'
   and not exists (select from pg_constraint where conname = indexname and connamespace = 'public'::regnamespace)
   order by tablename, indexname`,
  `select tablename as relation, '  policy ' || policyname || ' ' || permissive || ' ' || cmd || ' to ' || roles::text
     || ' using ' || coalesce(qual, '-') || ' with check ' || coalesce(with_check, '-') as line
   from pg_policies where schemaname = 'public' order by tablename, policyname`,
  `select event_object_table as relation, '  trigger ' || trigger_name || ' ' || action_timing || ' ' || event_manipulation as line
   from information_schema.triggers where trigger_schema = 'public' order by 1, 2`,
  `select table_name as relation, '  grant ' || string_agg(lower(privilege_type), ', ' order by privilege_type) || ' to ' || grantee as line
   from information_schema.role_table_grants where table_schema = 'public' and grantee in ('${APP_ROLE}', 'PUBLIC')
   group by table_name, grantee order by table_name, grantee`,
  `select c.relname as relation, '  grant update (' || string_agg(a.attname, ', ' order by a.attnum) || ') to ${APP_ROLE}' as line
   from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and a.attacl is not null
   where c.relnamespace = 'public'::regnamespace and has_column_privilege('${APP_ROLE}', c.oid, a.attnum, 'update')
   group by c.relname order by c.relname`,
  `select c.relname as relation, '  as ' || pg_get_viewdef(c.oid) as line from pg_class c
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm') order by c.relname`,
];

/** Functions of ours, with who may run them. */
const FUNCTIONS = `select 'function ' || p.oid::regprocedure::text || case when p.prosecdef then ' security definer' else '' end as line
  from pg_proc p where p.pronamespace = 'public'::regnamespace order by 1`;

async function describeSchema(connection: Connection): Promise<string> {
  const sections = new Map<string, string[]>();
  for (const query of FACTS) {
    for (const { relation, line } of (await connection.query(query, [])).rows as unknown as Row[]) {
      sections.set(relation, [...(sections.get(relation) ?? []), sameEverywhere(line)]);
    }
  }
  const relations = [...sections.keys()].sort();
  const functions = (await connection.query(FUNCTIONS, [])).rows.map((row) => String(row.line));
  return [
    ...relations.flatMap((name) => {
      const [head = '', ...facts] = sections.get(name) ?? [];
      return [`${name}: ${head}`, ...facts, ''];
    }),
    ...functions,
    '',
  ].join('\n');
}

/** Spacing apart, and the table before each column left out where there is one table: PostgreSQL 15 writes it. */
function sameEverywhere(line: string): string {
  const plain = line.replace(/\s+/g, ' ').replace(/^ /, '  ');
  const only = /^ {2}as SELECT .* FROM (\w+)/.exec(plain)?.[1];
  return only === undefined || / JOIN /.test(plain) ? plain : plain.replaceAll(`${only}.`, '');
}

describe('the schema', () => {
  it('is the one on record, on every engine', async () => {
    const found = await onConnection(store.owner, describeSchema);
    // A reviewed change of the schema is put on record with: UPDATE_GOLDEN=1 npx vitest run test/golden
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, found);
    expect(found).toBe(readFileSync(GOLDEN, 'utf8'));
  });
});
