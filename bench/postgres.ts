import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Bonario, compose, migrateAll } from '../src/compose.ts';
import { type Config, loadConfig } from '../src/config/load.ts';
import type { Clock } from '../src/kernel/clocks.ts';
import { openPostgres } from '../src/platform/db/index.ts';
import { npmPostgres, startPostgres, systemPostgres15 } from '../test/support/postgres-server.ts';

/** A PostgreSQL of this run, migrated, with the program's role, and a folder for the program's own files. */
export interface BenchDatabase {
  readonly version: string;
  /** Reads the settings of a program on this database. */
  readonly config: Config;
  /** One statement as the owner, whom no policy binds: set-based loading and EXPLAIN. */
  owner(statement: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** SQLSTATE `cannot_connect_now`. */
const STARTING_UP = '57P03';

/** Error: neither npm nor the machine has a PostgreSQL. */
export async function startBenchDatabase(): Promise<BenchDatabase> {
  const binaries = npmPostgres() ?? systemPostgres15();
  if (binaries === null) throw new Error('there is no PostgreSQL for this platform');
  const server = await startPostgres(binaries);
  const folder = mkdtempSync(join(tmpdir(), 'bonario-bench-'));
  const owner = await connected(server.url);
  // Only the loading is spared these waits: a benchmark that reads pages writes nothing worth mentioning.
  for (const setting of ["synchronous_commit = 'off'", "max_wal_size = '8GB'", "checkpoint_timeout = '30min'"]) {
    await owner.query(`alter system set ${setting}`);
  }
  await owner.query('select pg_reload_conf()');
  const engine = openPostgres(server.url, 2);
  await migrateAll(engine);
  await engine.close();
  await owner.query('create role bonario_bench login in role bonario_app');
  const url = new URL(server.url);
  url.username = 'bonario_bench';
  return {
    version: server.version,
    config: loadConfig({
      DATABASE_URL: url.href,
      BONARIO_MASTER_KEY_FILE: join(folder, 'master.key'),
      BONARIO_SEALS_DIR: join(folder, 'seals'),
      BONARIO_LOG_LEVEL: 'silent',
      PORT: '0',
    }),
    owner: async (statement, parameters = []) => (await owner.query(statement, [...parameters])).rows,
    async stop() {
      await owner.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

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

/** The whole program on this database, as `serve` composes it; it listens nowhere, and its loops do not run. */
export async function startProgram(database: BenchDatabase, clock: Clock): Promise<Bonario> {
  return compose(database.config, { clock });
}
