import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/load.ts';
import { CodedError } from '../kernel/errors.ts';
import { checkInstallation, installStatute } from '../modules/creditors/index.ts';
import {
  type Database,
  type Engine,
  lockFolder,
  makeDatabase,
  migrate,
  missingMigrations,
  openPglite,
  openPostgres,
  refuseBypassingRole,
} from '../platform/db/index.ts';
import { installJobs } from '../platform/jobs/index.ts';
import type { Vault } from '../platform/secrets/index.ts';

export const MIGRATIONS = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'migrations');

/** Opens the engine of the configuration and brings an embedded one to the head of its schema. */
export async function openEngine(config: Config): Promise<{ engine: Engine; unlock: () => void }> {
  if (config.db.kind === 'postgres') {
    return { engine: openPostgres(config.db.url, config.db.connections), unlock: () => {} };
  }
  mkdirSync(config.db.dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(config.db.dataDir);
  try {
    return { engine: await openPglite(join(config.db.dataDir, 'pglite')), unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Schema, queues and shipped rules: what `bonario migrate` does, as the owner. */
export async function migrateAll(engine: Engine): Promise<readonly string[]> {
  const { applied } = await migrate(engine, MIGRATIONS);
  await installJobs(engine);
  await installStatute(engine);
  return applied;
}

/** The database ready for use: its schema at the head, a role that cannot bypass the tenants, and our own master key. */
export async function prepareDatabase(config: Config, engine: Engine, vault: Vault): Promise<Database> {
  if (config.db.kind === 'pglite') {
    await migrateAll(engine);
  } else {
    await refuseBypassingRole(engine);
    const missing = await missingMigrations(engine, MIGRATIONS);
    if (missing.length > 0) {
      throw new CodedError('MIGRATIONS_MISSING', `run \`bonario migrate\` first: ${missing.length} to apply`, {
        missing: missing.length,
      });
    }
  }
  const db = makeDatabase(engine);
  if (!(await db.system((tx) => checkInstallation(tx, vault.keyCheck)))) {
    throw new CodedError('MASTER_KEY', 'this data was written with another master key');
  }
  return db;
}
