import { join } from 'node:path';
import pg from 'pg';
import { openPglite } from '../../src/platform/db/index.ts';
import { npmPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { openOwnDatabase } from '../support/store.ts';

export type EngineName = 'pglite' | 'postgres';
export type Row = Record<string, unknown>;

/** Where one world keeps its data, and how the harness looks into it behind the program's back. */
export interface Store {
  readonly engine: EngineName;
  readonly env: Readonly<Record<string, string>>;
  /** As the database's owner, whom no policy binds; on PGlite only while no process holds the folder. */
  read<T>(look: (ask: (sql: string) => Promise<Row[]>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The embedded engine in `<folder>/<name>/pglite`. */
export function pgliteStore(folder: string, name: string): Store {
  return {
    engine: 'pglite',
    env: {},
    async read(look) {
      const engine = await openPglite(join(folder, name, 'pglite'));
      const { connection, release } = await engine.acquire();
      try {
        return await look(async (sql) => (await connection.exec(sql, 'plain')).rows);
      } finally {
        release(false);
        await engine.close();
      }
    },
    close: async () => {},
  };
}

export async function postgresStore(server: PostgresServer): Promise<Store> {
  const { engine, url, ownerUrl, drop } = await openOwnDatabase(server.url);
  await engine.close();
  return {
    engine: 'postgres',
    env: { DATABASE_URL: url },
    async read(look) {
      const client = new pg.Client({ connectionString: ownerUrl });
      await client.connect();
      try {
        return await look(async (sql) => (await client.query(sql)).rows as Row[]);
      } finally {
        await client.end();
      }
    },
    close: drop,
  };
}

/** The server that comes with npm; null where npm has none for this platform. */
export async function ownServer(): Promise<PostgresServer | null> {
  const binaries = npmPostgres();
  return binaries === null ? null : startPostgres(binaries);
}
