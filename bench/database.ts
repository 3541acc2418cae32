import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Bonario, compose, migrateAll, type Overrides, openEngine } from '../src/compose.ts';
import { type Config, loadConfig } from '../src/config/load.ts';
import { type Engine, openPostgres } from '../src/platform/db/index.ts';
import { npmPostgres, startPostgres, systemPostgres15 } from '../test/support/postgres-server.ts';

export type EngineName = Engine['kind'];

/** A fresh, migrated database of this run on either engine, and a folder for the program's own files. */
export interface BenchDatabase {
  readonly kind: EngineName;
  readonly version: string;
  /** Settings of a program on this database; `env` adds to them or takes their place. */
  config(env?: Readonly<Record<string, string>>): Config;
  /** One statement as the owner, whom no policy binds: set-based loading, references and EXPLAIN. */
  owner(statement: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** The whole program on this database, as `serve` composes it; it listens nowhere, and its loops do not run. */
  program(overrides: Overrides, env?: Readonly<Record<string, string>>): Promise<Bonario>;
  stop(): Promise<void>;
}

/** SQLSTATE `cannot_connect_now`. */
const STARTING_UP = '57P03';

/**
 * PGlite in a folder; or a database of its own on the server of `DATABASE_URL`, which must name a superuser, else on a
 * PostgreSQL that this run starts. Error: neither npm nor the machine has a PostgreSQL.
 */
export async function startBenchDatabase(kind: EngineName): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'bonario-bench-'));
  const settings = {
    BONARIO_MASTER_KEY_FILE: join(folder, 'master.key'),
    BONARIO_SEALS_DIR: join(folder, 'seals'),
    BONARIO_LOG_LEVEL: 'silent',
    PORT: '0',
  };
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return kind === 'pglite' ? onPglite(folder, settings, remove) : onPostgres(settings, remove);
}

async function onPglite(folder: string, settings: Record<string, string>, remove: () => void): Promise<BenchDatabase> {
  const config = (env = {}) => loadConfig({ BONARIO_DATA_DIR: join(folder, 'data'), ...settings, ...env });
  const { engine, unlock } = await openEngine(config());
  await migrateAll(engine);
  const owner = ownerOf(engine);
  const [version] = await owner('show server_version');
  return {
    kind: 'pglite',
    version: `PGlite ${String(version?.server_version)}`,
    config,
    owner,
    program: (overrides, env) => compose(config(env), { ...overrides, engine: kept(engine) }),
    async stop() {
      await engine.close();
      unlock();
      remove();
    },
  };
}

async function onPostgres(settings: Record<string, string>, remove: () => void): Promise<BenchDatabase> {
  const { url: server, stop } = await serverOf(process.env.DATABASE_URL ?? null);
  const admin = await connected(server);
  const name = `bonario_bench_${process.pid}`;
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const engine = openPostgres(url.href, 2);
  await migrateAll(engine);
  await admin.query(`do $$ begin create role bonario_bench login in role bonario_app;
    exception when duplicate_object then null; end $$`);
  const { rows } = await admin.query('show server_version');
  url.username = 'bonario_bench';
  const config = (env = {}) => loadConfig({ DATABASE_URL: url.href, ...settings, ...env });
  return {
    kind: 'postgres',
    version: `PostgreSQL ${String(rows[0]?.server_version)}`,
    config,
    owner: ownerOf(engine),
    program: (overrides, env) => compose(config(env), overrides),
    async stop() {
      await engine.close();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
      await stop();
      remove();
    },
  };
}

async function serverOf(given: string | null): Promise<{ url: string; stop(): Promise<void> }> {
  if (given !== null) return { url: given, stop: async () => {} };
  const binaries = npmPostgres() ?? systemPostgres15();
  if (binaries === null) throw new Error('there is no PostgreSQL for this platform');
  const server = await startPostgres(binaries);
  const admin = await connected(server.url);
  // A disk that is shared with others is not what is measured; checkpoints while loading are not, either.
  for (const setting of ["synchronous_commit = 'off'", "max_wal_size = '8GB'", "checkpoint_timeout = '30min'"]) {
    await admin.query(`alter system set ${setting}`);
  }
  await admin.query('select pg_reload_conf()');
  await admin.end();
  return server;
}

/** Each statement on its own, committed at once. */
function ownerOf(engine: Engine): BenchDatabase['owner'] {
  return async (statement, parameters = []) => {
    const { connection, release } = await engine.acquire();
    try {
      return (await connection.query(statement, parameters)).rows;
    } finally {
      release(false);
    }
  };
}

/** An engine that a program may use and not close: its owner goes on using it. */
const kept = (engine: Engine): Engine => ({
  kind: engine.kind,
  acquire: () => engine.acquire(),
  close: async () => {},
});

/** Its port is open a moment before it lets anybody in. */
async function connected(url: string): Promise<pg.Client> {
  for (let attempt = 0; ; attempt += 1) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (attempt === 100 || (error as { code?: string }).code !== STARTING_UP) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
