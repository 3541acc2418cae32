import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { migrateAll } from '../../src/compose.ts';
import { SimulatedClock } from '../../src/kernel/clocks.ts';
import { type Database, type Engine, makeDatabase, openPglite, openPostgres } from '../../src/platform/db/index.ts';
import { type EnteVault, makeVault } from '../../src/platform/secrets/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser URL of the server under test; empty: PGlite. */
    postgresUrl: string;
  }
}

/** A migrated, empty store on the engine of this run: PGlite in memory, or a database of its own on PostgreSQL. */
export interface TestStore {
  readonly engine: Engine;
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly clock: SimulatedClock;
  close(): Promise<void>;
}

/** Monday 7 September 2026, 10:00 in Rome. */
export const TEST_START = Date.UTC(2026, 8, 7, 8, 0);

/** The same store tests run on every engine: `tools/test.mjs` gives the server, or none for PGlite. */
export const engineName = (): 'pglite' | 'postgres' => (inject('postgresUrl') === '' ? 'pglite' : 'postgres');

export async function openTestStore(): Promise<TestStore> {
  const vault = makeVault(randomBytes(32));
  const clock = new SimulatedClock(TEST_START);
  const common = { vaultOf: (enteId: number) => vault.forEnte(enteId), clock };
  const url = inject('postgresUrl');
  if (url === '') {
    const engine = await openPglite(null);
    await migrateAll(engine);
    const db = makeDatabase(engine);
    return { engine, db, ...common, close: () => db.close() };
  }
  const { engine, drop } = await openOwnDatabase(url);
  const db = makeDatabase(engine);
  return {
    engine,
    db,
    ...common,
    async close() {
      await db.close();
      await drop();
    },
  };
}

/** A fresh database, migrated by its owner and opened by a role that cannot bypass row-level security. */
export async function openOwnDatabase(
  superuserUrl: string,
): Promise<{ engine: Engine; url: string; ownerUrl: string; drop: () => Promise<void> }> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const superuser = async (statement: string) => {
    const client = new pg.Client({ connectionString: superuserUrl });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const urlOf = (user: string) => {
    const url = new URL(superuserUrl);
    url.username = user;
    url.pathname = `/${name}`;
    return url.href;
  };
  await superuser(`do $$ begin
    if not exists (select from pg_roles where rolname = 'bonario_app') then create role bonario_app nologin; end if;
    if not exists (select from pg_roles where rolname = 'bonario_test') then create role bonario_test login in role bonario_app; end if;
  exception when duplicate_object or unique_violation then null; end $$`);
  await superuser(`create database ${name}`);
  const owner = openPostgres(urlOf('postgres'), 2);
  await migrateAll(owner);
  await owner.close();
  return {
    engine: openPostgres(urlOf('bonario_test'), 8),
    url: urlOf('bonario_test'),
    ownerUrl: urlOf('postgres'),
    drop: () => superuser(`drop database ${name} with (force)`),
  };
}
