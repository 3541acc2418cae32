import type { Engine } from '../../src/platform/db/index.ts';

/** Each statement that was sent, once, and the line of `src` that sent it; null: a test, or nobody knows. */
export type RunningSql = Map<string, string | null>;

/** An engine that notes what it is sent. */
export function noting(engine: Engine, ran: RunningSql): Engine {
  // Kysely stands between a statement and its line, a dozen frames deep.
  Error.stackTraceLimit = 40;
  const note = (sql: string) => {
    if (!ran.has(sql)) ran.set(sql, sender(new Error().stack ?? ''));
  };
  return {
    ...engine,
    async acquire() {
      const { connection, release } = await engine.acquire();
      return {
        release,
        connection: {
          query(sql, parameters, reading) {
            note(sql);
            return connection.query(sql, parameters, reading);
          },
          exec(sql, reading) {
            note(sql);
            return connection.exec(sql, reading);
          },
        },
      };
    },
  };
}

/** The first line that is neither of the database's port nor of this folder. */
function sender(stack: string): string | null {
  const lines = [...stack.matchAll(/\/((?:src|test)\/[^?:)\s]+:\d+):\d+/g)].map(([, line]) => line ?? '');
  const first = lines.find((line) => !line.startsWith('src/platform/db/') && !line.startsWith('test/scale/'));
  return first?.startsWith('src/') === true ? first : null;
}
