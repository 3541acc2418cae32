import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_ROLE, type Database, DatabaseError, makeDatabase, type Tx } from '../../src/platform/db/index.ts';
import {
  type Column,
  columnsOf,
  fillerRow,
  insertOrder,
  insertRow,
  type OwnedStore,
  onConnection,
  openOwnedStore,
  type Relation,
  relationsOf,
} from './catalogue.ts';

/**
 * What stands outside the tenants, and why it may (architecture §4.3): ids only, known before the tenant is. A table that
 * is neither protected nor named here fails.
 */
const WITHOUT_TENANT: Readonly<Record<string, string>> = {
  'public.tenant': 'id and slug of each body: needed to find the tenant',
  'public.tenant_due': 'when a body has work: an instant beside an id',
  'public.provider_ref': 'which delivery a provider’s reference stands for: ids only',
  'public.provider_rate': 'what all processes have taken of a provider’s rate: counts',
  'public.leader_lease': 'which process does what one alone must do',
  'public.pagopa_body': 'which body a call of pagoPA’s node is for: its tax code, a public fact, beside an id',
  'public.tenant_chore': 'which bodies a coarse round has to look at: instants beside an id',
  'public.operations_reading': 'what was last counted of each body: numbers and codes beside an id',
  'public.installation': 'one row that proves the master key',
  'public.statute_rule': 'the law, the same for every body',
  'public.schema_migration': 'names of migrations, which the program compares with its own at the start',
};
/** The queue's own tables: payloads are ids only (platform/jobs). */
const QUEUE_SCHEMA = 'pgboss';
/** What the program's role may do to the tables above, beyond which nothing. */
const GRANTED: Readonly<Record<string, string>> = {
  tenant: 'INSERT SELECT',
  tenant_due: 'DELETE INSERT SELECT UPDATE',
  provider_ref: 'DELETE INSERT SELECT UPDATE',
  provider_rate: 'DELETE INSERT SELECT UPDATE',
  leader_lease: 'DELETE INSERT SELECT UPDATE',
  pagopa_body: 'DELETE INSERT SELECT UPDATE',
  tenant_chore: 'DELETE INSERT SELECT UPDATE',
  operations_reading: 'DELETE INSERT SELECT UPDATE',
  installation: 'INSERT SELECT',
  statute_rule: 'SELECT',
  schema_migration: 'SELECT',
};
const RLS_VIOLATION = '42501';

let store: OwnedStore;
let db: Database;
let relations: Relation[] = [];
/** Protected tables, in the order in which rows can be inserted. */
let tables: string[] = [];
let views: string[] = [];
const columns = new Map<string, readonly Column[]>();

beforeAll(async () => {
  store = await openOwnedStore();
  db = makeDatabase(store.engine);
  await onConnection(store.owner, async (owner) => {
    relations = await relationsOf(owner);
    const mine = relations.filter(({ schema, name }) => schema === 'public' && !(`public.${name}` in WITHOUT_TENANT));
    views = mine.filter(({ kind }) => kind === 'v').map(({ name }) => name);
    tables = await insertOrder(
      owner,
      mine.filter(({ kind }) => kind !== 'v').map(({ name }) => name),
    );
    for (const table of tables) columns.set(table, await columnsOf(owner, table, APP_ROLE));
    for (const ente of [1, 2]) {
      await owner.exec(`insert into tenant values (${ente}, 'ente-${ente}')`);
      for (const table of tables) await insertRow(owner, table, fillerRow(table, columns.get(table) ?? [], ente));
    }
  });
});
afterAll(() => store.close());

const run = async (tx: Tx, text: string) =>
  (await tx.kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text))).rows;
/** For the filler: a connection that is the transaction's. */
const through = (tx: Tx) => ({
  exec: async (text: string) => ({ rows: await run(tx, text), affected: 0 }),
});
const enti = (rows: readonly Record<string, unknown>[]) => rows.map((row) => row.ente_id);
const updatable = (table: string) => (columns.get(table) ?? []).find((column) => column.updatable)?.name;

/** The SQLSTATE with which a statement of body 1 fails, or what it wrongly did. The transaction is undone either way. */
async function refusal(text: string): Promise<string> {
  try {
    return await db.tenant(1, async (tx) => {
      throw new Error(`not refused: ${JSON.stringify(await run(tx, text))}`);
    });
  } catch (error) {
    return error instanceof DatabaseError ? error.code : String(error);
  }
}

describe('the catalogue', () => {
  it('has tables, views and tenants to speak of', () => {
    expect(tables.length).toBeGreaterThan(30);
    expect(views.length).toBeGreaterThan(10);
    expect(relations.map(({ schema, name }) => `${schema}.${name}`)).toEqual(
      expect.arrayContaining(Object.keys(WITHOUT_TENANT)),
    );
  });

  it('knows no relation outside public and the queue, and none of another kind', () => {
    const odd = relations.filter(
      ({ schema, kind }) => !(schema === QUEUE_SCHEMA || (schema === 'public' && (kind === 'r' || kind === 'v'))),
    );
    expect(odd).toEqual([]);
  });

  it('protects every tenant table: row-level security enabled and forced, ente_id first in its key', () => {
    const bare = relations
      .filter(({ schema, name, kind }) => schema === 'public' && kind === 'r' && !(`public.${name}` in WITHOUT_TENANT))
      .filter(({ security, forced, key }) => !(security && forced && key[0] === 'ente_id'));
    expect(bare).toEqual([]);
  });

  it('has the one policy on each of them, the same for reading and for writing', async () => {
    const { rows } = await onConnection(store.owner, (owner) =>
      owner.query(
        `select tablename, policyname, permissive, roles::text, cmd, qual, with_check from pg_policies
         where schemaname = 'public' order by 1, 2`,
        [],
      ),
    );
    expect(rows.map((row) => row.tablename)).toEqual([...tables].sort());
    const shapes = new Set(rows.map(({ tablename: _, ...policy }) => JSON.stringify(policy)));
    expect([...shapes].map((shape) => JSON.parse(shape) as object)).toEqual([
      {
        policyname: 'tenant',
        permissive: 'PERMISSIVE',
        roles: '{public}',
        cmd: 'ALL',
        qual: "(ente_id = (NULLIF(current_setting('app.ente_id'::text, true), ''::text))::integer)",
        with_check: "(ente_id = (NULLIF(current_setting('app.ente_id'::text, true), ''::text))::integer)",
      },
    ]);
  });

  it('has views that ask with the rights of who reads them', () => {
    expect(relations.filter(({ schema, kind, invoker }) => schema === 'public' && kind === 'v' && !invoker)).toEqual(
      [],
    );
  });

  it('gives the program no more than it needs on what stands outside the tenants', async () => {
    const { rows } = await onConnection(store.owner, (owner) =>
      owner.query(
        `select table_name, string_agg(privilege_type, ' ' order by privilege_type) as may
         from information_schema.role_table_grants where grantee = $1 and table_schema = 'public' group by 1`,
        [APP_ROLE],
      ),
    );
    const may = new Map(rows.map((row) => [row.table_name as string, row.may as string]));
    for (const [table, granted] of Object.entries(GRANTED))
      expect([table, may.get(table) ?? '']).toEqual([table, granted]);
  });

  it('has no function that runs with the rights of another', async () => {
    const { rows } = await onConnection(store.owner, (owner) =>
      owner.query(
        `select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')`,
        [],
      ),
    );
    expect(rows).toEqual([]);
  });
});

/** The register, which nobody deletes from; who waits for a seal leaves by being sealed. */
const isKept = (table: string) => table.startsWith('audit_') && table !== 'audit_unsealed';

describe('a transaction of one body', () => {
  it('sees its own row in every table, and no other', async () => {
    const seen = await db.tenant(1, async (tx) => {
      const found: [string, unknown[]][] = [];
      for (const table of tables) found.push([table, enti(await run(tx, `select ente_id from ${table}`))]);
      return found;
    });
    expect(seen).toEqual(tables.map((table) => [table, [1]]));
  });

  it('sees its own row through every view, and no other', async () => {
    const seen = await db.tenant(1, async (tx) => {
      const found: [string, unknown[]][] = [];
      for (const view of views) found.push([view, enti(await run(tx, `select distinct ente_id from ${view}`))]);
      return found;
    });
    // A view that shows nothing would prove nothing: then the filler's hints want one more.
    expect(seen).toEqual(views.map((view) => [view, [1]]));
  });

  it('updates its own rows alone, where it may update at all', async () => {
    for (const table of tables) {
      const column = updatable(table);
      if (column === undefined) {
        expect([table, await refusal(`update ${table} set ente_id = 1`)]).toEqual([table, RLS_VIOLATION]);
        continue;
      }
      const touched = await db.tenant(1, (tx) =>
        run(tx, `update ${table} set ${column} = ${column} returning ente_id`),
      );
      expect([table, enti(touched)]).toEqual([table, [1]]);
      const named = `update ${table} set ${column} = ${column} where ente_id = 2 returning ente_id`;
      expect([table, await db.tenant(1, (tx) => run(tx, named))]).toEqual([table, []]);
    }
  });

  it('cannot hand its rows to another body', async () => {
    for (const table of tables) {
      expect([table, await refusal(`update ${table} set ente_id = 2`)]).toEqual([table, RLS_VIOLATION]);
    }
  });

  it('cannot insert in the name of another', async () => {
    for (const table of tables) {
      const row = fillerRow(table, columns.get(table) ?? [], 2);
      const attempt = db.tenant(1, async (tx) => {
        await insertRow(through(tx), table, row);
      });
      await expect(attempt, table).rejects.toMatchObject({ code: RLS_VIOLATION });
    }
  });

  it('deletes its own rows alone, where it may delete at all', async () => {
    const children = [...tables].reverse();
    for (const table of children) {
      const named = `delete from ${table} where ente_id = 2 returning ente_id`;
      const outcome = await db.tenant(1, (tx) => run(tx, named)).catch((error: DatabaseError) => error.code);
      expect([table, outcome]).toEqual([table, isKept(table) ? RLS_VIOLATION : []]);
      if (isKept(table)) continue;
      const gone = await db.tenant(1, (tx) => run(tx, `delete from ${table} returning ente_id`));
      expect([table, enti(gone)]).toEqual([table, [1]]);
    }
    const left = await onConnection(store.owner, async (owner) => {
      const found: [string, unknown[]][] = [];
      for (const table of tables)
        found.push([table, enti((await owner.exec(`select ente_id from ${table} order by 1`)).rows)]);
      return found;
    });
    for (const [table, rows] of left) expect([table, rows]).toEqual([table, isKept(table) ? [1, 2] : [2]]);
  });
});

describe('without a tenant', () => {
  it('nothing of any body is visible', async () => {
    const seen = await db.system(async (tx) => {
      const found: unknown[] = [];
      for (const relation of [...tables, ...views]) found.push(...(await run(tx, `select ente_id from ${relation}`)));
      return found;
    });
    expect(seen).toEqual([]);
  });

  it('nothing is visible either on a connection that has just served a body', async () => {
    await db.tenant(2, (tx) => run(tx, 'select 1 as one from ente'));
    expect(await db.system((tx) => run(tx, 'select ente_id from ente'))).toEqual([]);
    expect(enti(await db.tenant(2, (tx) => run(tx, 'select ente_id from ente')))).toEqual([2]);
  });

  it('nothing can be written', async () => {
    for (const table of tables) {
      const row = fillerRow(table, columns.get(table) ?? [], 3);
      const attempt = db.system(async (tx) => {
        await insertRow(through(tx), table, row);
      });
      await expect(attempt, table).rejects.toMatchObject({ code: RLS_VIOLATION });
    }
  });
});
