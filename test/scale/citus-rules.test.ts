import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompiledQuery } from 'kysely';
import { loadModule } from 'libpg-query';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MIGRATIONS } from '../../src/compose/engine.ts';
import { headersOf, openAims, send } from '../tenancy/aims.ts';
import { type Actor, ROUTES } from '../tenancy/route-table.ts';
import { openTwoBodies, type TwoBodies } from '../tenancy/two-bodies.ts';
import { noting, type RunningSql } from './running-sql.ts';
import { firstReading, ranIn, statementsInSource } from './sql-in-source.ts';
import { statementsOf } from './sql-tree.ts';
import { faultsOf, faultsOfMigration, faultsOfView } from './tenant-rules.ts';

/**
 * That one installation can be spread over many machines by `ente_id` (docs/scale.md), asked of the schema as it stands
 * and of every statement of the program: those that run while two bodies load a file, run a campaign and answer every
 * route, and all that is written in `src`. What a table without a tenant is for stands in test/tenancy/tables.store.test.ts.
 */
const ran = vi.hoisted((): RunningSql => new Map());
vi.mock(import('../../src/platform/db/pglite-engine.ts'), async (original) => {
  const real = await original();
  return { ...real, openPglite: async (dataDir: string | null) => noting(await real.openPglite(dataDir), ran) };
});

/** Who of body 1 goes where: somebody of the office, a program, a citizen. */
function whoGoes(route: string): Actor {
  if (route.includes(' /console')) return 'desk1';
  return route.includes(' /api') ? 'full1' : 'ada1';
}

let world: TwoBodies;
/** Tables, and views upon them, that begin with `ente_id`. */
let tenants = new Set<string>();
let views: readonly { readonly name: string; readonly definition: string }[] = [];

async function ask<T>(sql: string): Promise<T[]> {
  return world.app.db.system(async (tx) => (await tx.kysely.executeQuery<T>(CompiledQuery.raw(sql))).rows);
}

beforeAll(async () => {
  await loadModule();
  world = await openTwoBodies();
  await world.app.http.ready();
  const aims = await openAims(world);
  for (const route of ROUTES) {
    const actor = whoGoes(route);
    await send(world, aims, route, actor, await headersOf(world, aims, actor));
  }
  await world.app.settle();
  const tables = await ask<{ name: string }>(`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relrowsecurity`);
  views = await ask(`select relname as name, pg_get_viewdef(oid) as definition from pg_class c
    where relnamespace = 'public'::regnamespace and relkind = 'v' and exists (select from pg_attribute a
      where a.attrelid = c.oid and a.attname = 'ente_id')`);
  tenants = new Set([...tables, ...views].map(({ name }) => name));
});
afterAll(() => world.stop());

describe('the schema', () => {
  it('has the tenant first in every key of a tenant table', async () => {
    const keys = await ask<{ index: string; first: string }>(`select i.indexrelid::regclass::text as index,
        (select attname from pg_attribute where attrelid = i.indrelid and attnum = i.indkey[0]) as first
      from pg_index i join pg_class c on c.oid = i.indrelid
      where c.relnamespace = 'public'::regnamespace and c.relrowsecurity and (i.indisunique or i.indisprimary)`);
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.filter(({ first }) => first !== 'ente_id')).toEqual([]);
  });

  it('ties tenant tables by the tenant first, and never to a table outside the tenants or the other way', async () => {
    const keys = await ask<{ name: string; near: string; far: string; both: boolean }>(`select k.conname as name,
        (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]) as near,
        (select attname from pg_attribute where attrelid = k.confrelid and attnum = k.confkey[1]) as far,
        c.relrowsecurity and f.relrowsecurity as both
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class f on f.oid = k.confrelid
      where k.contype = 'f' and k.connamespace = 'public'::regnamespace`);
    expect(keys.length).toBeGreaterThan(5);
    expect(keys.filter(({ near, far, both }) => near !== 'ente_id' || far !== 'ente_id' || !both)).toEqual([]);
  });

  it('has no trigger of its own', async () => {
    expect(
      await ask(`select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where c.relnamespace = 'public'::regnamespace and not tgisinternal`),
    ).toEqual([]);
  });

  it('has views whose tables are tied to each other by the tenant', () => {
    expect(views.length).toBeGreaterThan(20);
    expect(views.flatMap(({ name, definition }) => faultsOfView(name, definition, tenants))).toEqual([]);
  });

  it('comes from migrations of one statement at a time, none of a refused shape', () => {
    const pieces = readdirSync(MIGRATIONS)
      .filter((name) => name.endsWith('.sql'))
      .flatMap((name) =>
        readFileSync(join(MIGRATIONS, name), 'utf8')
          .split(/^-- ;;$/m)
          .map((sql) => ({ name, sql })),
      );
    expect(pieces.length).toBeGreaterThan(200);
    const faults = pieces.flatMap(({ name, sql }) => {
      const several = statementsOf(sql).length > 1 ? ['several statements in one piece'] : [];
      return [...several, ...faultsOfMigration(sql, tenants)].map((fault) => `${name}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });
});

describe('the statements of the program', () => {
  it('name their tenant on every table and have no refused shape, as they run', () => {
    const sent = [...ran].filter(([, from]) => from !== null && !from.startsWith('src/compose/engine.ts'));
    expect(sent.length).toBeGreaterThan(250);
    expect(sent.flatMap(([sql, from]) => faultsOf(sql, tenants).map((fault) => `${from}: ${fault}`))).toEqual([]);
  });

  it('do so as they are written, and what cannot be read so has run', () => {
    const texts = [...ran.keys()];
    const faults = statementsInSource().flatMap((written) => {
      const read = firstReading(written, (sql) => faultsOf(sql, tenants));
      const named = [...written.parts.join(' ').matchAll(/\b(?:from|join|into|update)\s+(\w+)/g)];
      const isOurs = named.some(([, name = '']) => tenants.has(name));
      const found = read ?? (isOurs && !ranIn(texts, written) ? ['neither read nor run'] : []);
      return found.map((fault) => `${written.file}:${written.line}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });
});
