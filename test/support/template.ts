import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { inject } from 'vitest';
import { migrateAll } from '../../src/compose.ts';
import { type Engine, openPglite } from '../../src/platform/db/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run of the tests keeps what its files share; gone at its end. */
    runFolder: string;
  }
}

const whole = () => join(inject('runFolder'), 'template');
const folder = () => join(whole(), 'pglite');
const tar = () => join(whole(), 'pglite.tar');

/**
 * A migrated, empty database, made once a run by whoever needs it first: making it takes seconds, copying it a fraction.
 * Two that need it at once both make it, and one throws its own away.
 */
export async function makeTemplate(): Promise<void> {
  if (existsSync(whole())) return;
  const half = mkdtempSync(`${whole()}-`);
  const engine = await openPglite(join(half, 'pglite'));
  await migrateAll(engine);
  await engine.close();
  const lite = await PGlite.create({ dataDir: join(half, 'pglite') });
  writeFileSync(join(half, 'pglite.tar'), Buffer.from(await (await lite.dumpDataDir('none')).arrayBuffer()));
  await lite.close();
  try {
    renameSync(half, whole());
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(whole())) throw error;
  }
}

/** An embedded engine in memory, its schema at the head. */
export async function openMigrated(): Promise<Engine> {
  await makeTemplate();
  return openPglite(null, tar());
}

/** After `makeTemplate`: puts its database where an installation of its own would make one at its first start. */
export function layMigrated(dataDir: string): void {
  mkdirSync(dirname(dataDir), { recursive: true, mode: 0o700 });
  cpSync(folder(), dataDir, { recursive: true });
}
