import type { Kysely } from 'kysely';

/**
 * A transaction, bound to one connection and (unless `enteId` is null) to one tenant, whose rows alone it can see.
 *
 * Modules never get the database itself inside a transaction: on PGlite, which has one session, using it there would
 * wait for ever (data-engine §6). `Database` refuses such nesting.
 */
export interface Tx {
  readonly enteId: number | null;
  /** Typed by each module with `tables<ItsOwnTables>(tx)`. */
  readonly kysely: Kysely<unknown>;
}

export interface Database {
  readonly engine: 'pglite' | 'postgres';
  /**
   * Runs `fn` in one transaction under the tenant's row-level policy. Rejections roll back. `prepared`: its statements are
   * planned once for each connection; for look-ups that are asked often and always mean few rows.
   */
  tenant<T>(enteId: number, fn: (tx: Tx) => Promise<T>, options?: { readonly prepared?: boolean }): Promise<T>;
  /** For the few tables outside the tenants (architecture §4.3) and for jobs; sees no tenant row at all. */
  system<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** Statistics and dead rows after bulk work, on PGlite, which has no automatic run (data-engine §7). */
  analyze(): Promise<void>;
  close(): Promise<void>;
}

/** The tenant of a transaction, for statements that must name it on every table (data-engine §3.2). */
export function enteOf(tx: Tx): number {
  if (tx.enteId === null) throw new Error('this statement needs a tenant transaction');
  return tx.enteId;
}

/** A module's typed view of the transaction: its own tables and the views that others publish for it. */
export function tables<T>(tx: Tx): Kysely<T> {
  return tx.kysely as unknown as Kysely<T>;
}
