export { type Database, enteOf, type Tx, tables } from './database.port.ts';
export { APP_ROLE, makeDatabase } from './database.ts';
export type { Engine } from './engine.ts';
export { folderHolder, lockFolder } from './folder-lock.ts';
export { type MigrationReport, migrate, missingMigrations, refuseBypassingRole } from './migrate.ts';
export { DatabaseError, openPglite } from './pglite-engine.ts';
export { openPostgres } from './postgres-engine.ts';
export { type BulkColumn, instant, unnestRows } from './unnest.ts';
