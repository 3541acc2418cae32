import pg from 'pg';
import { type Engine, OID, parseInt8, parseTimestamptz, type Reading } from './engine.ts';
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

/** A PostgreSQL server (15 or later) by connection string; `max` connections at once. */
export function openPostgres(url: string, max: number): Engine {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types: ours,
    // random_page_cost: see pglite-worker.ts; the plan of the mark statement depends on it on every engine.
    options: '-c timezone=UTC -c random_page_cost=1.1',
  });
  // An idle connection that the server closes must not end the process; the next query tells whether it is back.
  pool.on('error', () => {});
  return {
    kind: 'postgres',
    async acquire() {
      const client = await pool.connect();
      const run = async <T>(work: Promise<T>): Promise<T> => {
        try {
          return await work;
        } catch (error) {
          const { message, code, constraint } = error as Error & { code?: string; constraint?: string };
          throw Object.assign(new DatabaseError(message, code ?? 'XX000', constraint), { cause: error });
        }
      };
      return {
        connection: {
          async query(sql, parameters, reading = 'ours') {
            const types = READING[reading];
            const result = await run(client.query({ text: sql, values: parameters as unknown[], types }));
            return { rows: result.rows, affected: result.rowCount ?? 0 };
          },
          async exec(sql, reading = 'ours') {
            const answer = (await run(client.query({ text: sql, types: READING[reading] }))) as unknown as
              | pg.QueryResult
              | pg.QueryResult[];
            const results = Array.isArray(answer) ? answer : [answer];
            return { rows: results.flatMap((one) => one.rows), affected: results.at(-1)?.rowCount ?? 0 };
          },
        },
        release: (broken) => client.release(broken),
      };
    },
    close: () => pool.end(),
  };
}
