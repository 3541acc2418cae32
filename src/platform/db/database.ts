import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kysely } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { bindKysely } from './bound-kysely.ts';
import type { Database, Tx } from './database.port.ts';
import type { Connection, Engine } from './engine.ts';

/** The role that every transaction of the program takes: owner of nothing, bound by row-level security. */
export const APP_ROLE = 'bonario_app';

const insideTransaction = new AsyncLocalStorage<true>();

/** Both results, when both are there; the first's error before the second's, and neither is left unheard. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

/** The port over an open engine. Errors of the database pass through as `DatabaseError` with the SQLSTATE. */
export function makeDatabase(engine: Engine): Database {
  const plain = new WeakMap<Connection, Kysely<unknown>>();
  const hot = new WeakMap<Connection, Kysely<unknown>>();
  const bound = (connection: Connection, prepared: boolean) => {
    const kyselyOf = prepared ? hot : plain;
    const known = kyselyOf.get(connection);
    if (known !== undefined) return known;
    const made = bindKysely(connection, prepared);
    kyselyOf.set(connection, made);
    return made;
  };

  async function run<T>(enteId: number | null, fn: (tx: Tx) => Promise<T>, prepared = false): Promise<T> {
    if (insideTransaction.getStore()) {
      throw new CodedError('NESTED_TRANSACTION', 'use the transaction that was passed down, not the database');
    }
    const { connection, release } = await engine.acquire();
    let broken = true;
    try {
      // `begin`, role and tenant in one message, and on their way before the first statement, which does not wait for
      // their answer: a point look-up pays no extra round trip (data-engine §3). Where they fail, so does what follows.
      const begun = connection.exec(
        `begin; select set_config('role', '${APP_ROLE}', true), set_config('app.ente_id', '${enteId ?? ''}', true)`,
      );
      const work = insideTransaction.run(true, async () => fn({ enteId, kysely: bound(connection, prepared) }));
      const [, value] = await both(begun, work);
      await connection.exec('commit');
      broken = false;
      return value;
    } catch (error) {
      await connection.exec('rollback').then(
        () => {
          broken = false;
        },
        () => {},
      );
      throw error;
    } finally {
      release(broken);
    }
  }

  return {
    engine: engine.kind,
    tenant: (enteId, fn, options) => {
      if (!Number.isInteger(enteId) || enteId <= 0) throw new CodedError('NO_TENANT', `not a tenant: ${enteId}`);
      return run(enteId, fn, options?.prepared);
    },
    system: (fn) => run(null, fn),
    async analyze() {
      // A server does it by itself, and its program's role owns no table.
      if (engine.kind === 'postgres') return;
      const { connection, release } = await engine.acquire();
      try {
        await connection.exec('vacuum analyze');
      } finally {
        release(false);
      }
    },
    close: () => engine.close(),
  };
}
