import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { compose } from '../../src/compose.ts';
import { type Config, loadConfig } from '../../src/config/load.ts';
import { openPostgres, refuseBypassingRole } from '../../src/platform/db/index.ts';
import { openOwnDatabase, openTestStore } from '../support/store.ts';
import { openMigrated } from '../support/template.ts';

let folder = '';
let urls: Awaited<ReturnType<typeof openOwnDatabase>> | null = null;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bonario-startup-'));
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  const url = inject('postgresUrl');
  if (url !== '') urls = await openOwnDatabase(url);
});
afterAll(async () => {
  await urls?.engine.close();
  await urls?.drop();
  rmSync(folder, { recursive: true, force: true });
});

function configFor(databaseUrl: string): Config {
  return loadConfig({
    DATABASE_URL: databaseUrl,
    BONARIO_DATA_DIR: join(folder, 'data'),
    BONARIO_MASTER_KEY_FILE: join(folder, 'keys', 'master.key'),
    BONARIO_SEALS_DIR: join(folder, 'seals'),
    BONARIO_LOG_LEVEL: 'silent',
    PORT: '0',
  });
}

describe('the start', () => {
  it('refuses a role of the database that row-level security does not bind', async () => {
    if (urls === null) {
      // PGlite has one role for its one connection, and nothing to refuse: every transaction steps down from it.
      const store = await openTestStore();
      const { rows } = await store.db.system((tx) =>
        sql`select rolsuper or rolbypassrls as above from pg_roles where rolname = current_user`.execute(tx.kysely),
      );
      await store.close();
      expect(rows).toEqual([{ above: false }]);
      return;
    }
    const superuser = openPostgres(urls.ownerUrl, 1);
    try {
      await expect(refuseBypassingRole(superuser)).rejects.toMatchObject({ code: 'ROLE_BYPASSES_RLS' });
    } finally {
      await superuser.close();
    }
    await expect(compose(configFor(urls.ownerUrl))).rejects.toMatchObject({ code: 'ROLE_BYPASSES_RLS' });
  });

  it('runs with the role that it binds', async () => {
    const app =
      urls === null
        ? await compose(configFor(''), { engine: await openMigrated() })
        : await compose(configFor(urls.url));
    try {
      expect(await app.tenants()).toEqual([]);
      expect((await app.settle()).nextAt).toBeNull();
    } finally {
      await app.stop();
    }
  });
});
