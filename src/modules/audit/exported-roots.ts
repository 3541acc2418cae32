import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seal } from './audit.store.ts';

/**
 * Seals written to a folder that the database's owner cannot rewrite (a mount of another office, a write-once store):
 * one line of JSON a seal, a file a body. Without it, whoever owns the database could rewrite the whole chain.
 */
export function exportSeal(folder: string, slug: string, seal: Seal): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(fileOf(folder, slug), `${JSON.stringify(seal)}\n`);
}

export function readExportedSeals(folder: string, slug: string): Seal[] {
  const path = fileOf(folder, slug);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Seal);
}

function fileOf(folder: string, slug: string): string {
  return join(folder, `${slug}.seals.ndjson`);
}
