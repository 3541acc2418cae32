import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { Connection } from './engine.ts';

/**
 * A Kysely bound to one connection that is already inside a transaction (docs/adr/0003). It cannot begin, commit or
 * take another connection, so a query can only ever run where it was meant to. `prepared`: see `Connection`.
 */
export function bindKysely(connection: Connection, prepared: boolean): Kysely<unknown> {
  const bound: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery) {
      const { rows, affected } = await connection.query(sql, parameters, 'ours', prepared);
      return { rows: rows as R[], numAffectedRows: BigInt(affected) };
    },
    streamQuery() {
      throw new Error('streaming is not offered: page by key');
    },
  };
  const refuse = async () => {
    throw new Error('transactions begin and end in Database.tenant and Database.system only');
  };
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => bound,
    releaseConnection: async () => {},
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    savepoint: async (c, name) => void (await c.executeQuery(CompiledQuery.raw(`savepoint "${name}"`))),
    rollbackToSavepoint: async (c, name) =>
      void (await c.executeQuery(CompiledQuery.raw(`rollback to savepoint "${name}"`))),
    releaseSavepoint: async (c, name) => void (await c.executeQuery(CompiledQuery.raw(`release savepoint "${name}"`))),
    destroy: async () => {},
  };
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
