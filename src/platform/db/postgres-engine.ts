import type { Writable } from 'node:stream';
import pg from 'pg';
import { type Connection, type Engine, OID, parseInt8, parseTimestamptz, type Reading } from './engine.ts';
import { DatabaseError } from './pglite-engine.ts';

const parsers: Record<number, (text: string) => unknown> = {
  [OID.int8]: parseInt8,
  [OID.date]: (text) => text,
  [OID.timestamptz]: parseTimestamptz,
};
const ours: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers[oid]) || pg.types.getTypeParser(oid, format as 'text'),
};
const READING: Readonly<Record<Reading, pg.CustomTypesConfig>> = { ours, plain: pg.types as pg.CustomTypesConfig };

const names = new Map<string, string>();

/** A name for a statement that is prepared: few texts are, each written in the program. */
function nameOf(sql: string): string {
  const name = names.get(sql) ?? `s${names.size}`;
  names.set(sql, name);
  return name;
}

const held = new WeakSet<Writable>();

/** What is sent to a server in one turn of the event loop leaves in one write: a write costs as much as a small query. */
function holdWrites(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  if (held.has(stream)) return;
  held.add(stream);
  stream.cork();
  process.nextTick(() => {
    held.delete(stream);
    stream.uncork();
  });
}

/** A PostgreSQL server (15 or later) by connection string; `max` connections at once. */
export function openPostgres(url: string, max: number): Engine {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    // A statement is sent before the one ahead of it was answered, when its caller does not wait.
    pipeline: true,
    types: ours,
    // random_page_cost: see pglite-worker.ts; the plan of the mark statement depends on it on every engine.
    options: '-c timezone=UTC -c random_page_cost=1.1',
  });
  // An idle connection that the server closes must not end the process; the next query tells whether it is back.
  pool.on('error', () => {});
  // One in use tells by its next statement; unheard, the event would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  // Of each client its own, always the same: what is made for a connection is made once.
  const connections = new WeakMap<pg.PoolClient, Connection>();
  return {
    kind: 'postgres',
    async acquire() {
      const client = await pool.connect();
      const connection = connections.get(client) ?? connectionOf(client);
      connections.set(client, connection);
      return { connection, release: (broken) => client.release(broken) };
    },
    close: () => pool.end(),
  };
}

function connectionOf(client: pg.PoolClient): Connection {
  return {
    async query(sql, parameters, reading = 'ours', prepared = false) {
      holdWrites(client);
      const name = prepared ? { name: nameOf(sql) } : {};
      const asked = client.query({ text: sql, values: parameters as unknown[], types: READING[reading], ...name });
      const result = await coded(asked);
      return { rows: result.rows, affected: result.rowCount ?? 0 };
    },
    async exec(sql, reading = 'ours') {
      holdWrites(client);
      const answer = (await coded(client.query({ text: sql, types: READING[reading] }))) as unknown as
        | pg.QueryResult
        | pg.QueryResult[];
      const results = Array.isArray(answer) ? answer : [answer];
      return { rows: results.flatMap((one) => one.rows), affected: results.at(-1)?.rowCount ?? 0 };
    },
  };
}

async function coded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { message, code, constraint } = error as Error & { code?: string; constraint?: string };
    throw Object.assign(new DatabaseError(message, code ?? 'XX000', constraint), { cause: error });
  }
}
