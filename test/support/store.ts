import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { migrateAll } from '../../src/compose.ts';
import { SimulatedClock } from '../../src/kernel/clocks.ts';
import { type Database, type Engine, makeDatabase, openPostgres } from '../../src/platform/db/index.ts';
import { type EnteVault, makeVault } from '../../src/platform/secrets/index.ts';
import { openMigrated } from './template.ts';

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
    const engine = await openMigrated();
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

/** The migrated database that this run copies: named after the process that runs the tests, made by whoever needs it first. */
const TEMPLATE = `bonario_template_${process.ppid}`;
const TEMPLATE_LOCK = 7_205_340;

/** A fresh database, migrated by its owner and opened by a role that cannot bypass row-level security. */
export async function openOwnDatabase(
  superuserUrl: string,
): Promise<{ engine: Engine; url: string; ownerUrl: string; drop: () => Promise<void> }> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const urlOf = (user: string, database = name) => {
    const url = new URL(superuserUrl);
    url.username = user;
    url.pathname = `/${database}`;
    return url.href;
  };
  await asSuperuser(superuserUrl, async (client) => {
    // Held until the session ends: copying wants nobody connected to what it copies.
    await client.query(`select pg_advisory_lock(${TEMPLATE_LOCK})`);
    const { rows } = await client.query('select from pg_database where datname = $1', [TEMPLATE]);
    if (rows.length === 0) await makeTemplate(client, urlOf('postgres', TEMPLATE));
    await client.query(`create database ${name} template ${TEMPLATE}`);
  });
  return {
    engine: openPostgres(urlOf('bonario_test'), 8),
    url: urlOf('bonario_test'),
    ownerUrl: urlOf('postgres'),
    drop: () =>
      asSuperuser(superuserUrl, async (client) => {
        await client.query(`drop database ${name} with (force)`);
      }),
  };
}

async function makeTemplate(superuser: pg.Client, ownerUrl: string): Promise<void> {
  for (const role of ['bonario_app nologin', 'bonario_test login in role bonario_app']) {
    const { rows } = await superuser.query('select from pg_roles where rolname = $1', [role.split(' ')[0]]);
    if (rows.length === 0) await superuser.query(`create role ${role}`);
  }
  await superuser.query(`create database ${TEMPLATE}`);
  const owner = openPostgres(ownerUrl, 2);
  try {
    await migrateAll(owner);
  } finally {
    await owner.close();
  }
}

async function asSuperuser(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
