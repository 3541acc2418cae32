import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../kernel/errors.ts';
import type { Engine } from './engine.ts';

/** Statements in a migration file are cut here: Citus takes one statement a call (data-engine §3.10). */
const CUT = /^-- ;;$/m;
const LOCK = 7_205_339;

export interface MigrationReport {
  readonly applied: readonly string[];
  readonly head: string;
}

/**
 * Brings the schema to the head of `folder` (numbered `.sql` files), under an advisory lock, each file in one
 * transaction. Own runner of a page because Kysely's migrator would need its own connection handling beside ours;
 * a file that was changed after it ran is refused (MIGRATION_CHANGED).
 */
export async function migrate(engine: Engine, folder: string): Promise<MigrationReport> {
  const files = readdirSync(folder)
    .filter((name) => /^\d{4}-.+\.sql$/.test(name))
    .sort();
  const { connection, release } = await engine.acquire();
  const applied: string[] = [];
  try {
    await connection.exec(`select pg_advisory_lock(${LOCK})`);
    await connection.exec(
      'create table if not exists schema_migration (name text primary key, sha256 text not null, applied_order int not null)',
    );
    const { rows } = await connection.query('select name, sha256 from schema_migration', []);
    const known = new Map(rows.map((row) => [row.name as string, row.sha256 as string]));
    for (const [index, name] of files.entries()) {
      const text = readFileSync(join(folder, name), 'utf8');
      const sha256 = createHash('sha256').update(text).digest('hex');
      const before = known.get(name);
      if (before === sha256) continue;
      if (before !== undefined) {
        throw new CodedError('MIGRATION_CHANGED', `${name} was changed after it had run: write a new one`, { name });
      }
      try {
        await connection.exec('begin');
        for (const statement of text.split(CUT)) {
          if (/\S/.test(statement.replace(/^\s*--.*$/gm, ''))) await connection.exec(statement);
        }
        await connection.query('insert into schema_migration values ($1, $2, $3)', [name, sha256, index]);
        await connection.exec('commit');
      } catch (error) {
        await connection.exec('rollback');
        throw new CodedError('MIGRATION_FAILED', `${name}: ${(error as Error).message}`, { name }, { cause: error });
      }
      applied.push(name);
    }
  } finally {
    await connection.exec(`select pg_advisory_unlock(${LOCK})`).catch(() => {});
    release(false);
  }
  return { applied, head: files.at(-1) ?? '' };
}

/** Whether the schema is exactly at the head; `serve` on PostgreSQL refuses to run on another one. */
export async function missingMigrations(engine: Engine, folder: string): Promise<string[]> {
  const { connection, release } = await engine.acquire();
  try {
    const { rows } = await connection.query("select to_regclass('schema_migration') is not null as there", []);
    const done = new Set<string>();
    if (rows[0]?.there === true) {
      const names = await connection.query('select name from schema_migration', []);
      for (const row of names.rows) done.add(row.name as string);
    }
    return readdirSync(folder).filter((name) => /^\d{4}-.+\.sql$/.test(name) && !done.has(name));
  } finally {
    release(false);
  }
}

/** A role that can bypass row-level security makes every policy void: the program does not start with one (§4.3). */
export async function refuseBypassingRole(engine: Engine): Promise<void> {
  const { connection, release } = await engine.acquire();
  try {
    const { rows } = await connection.query(
      'select rolname, rolsuper or rolbypassrls as bypass from pg_roles where rolname = current_user',
      [],
    );
    if (rows[0]?.bypass === true) {
      const role = String(rows[0].rolname);
      throw new CodedError('ROLE_BYPASSES_RLS', `database role ${role} can bypass row-level security`, { role });
    }
  } finally {
    release(false);
  }
}
