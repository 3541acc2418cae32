import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { enteOf, type Tx } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import { type StagedRow, stagedAad } from './stage.ts';
import type { DebtRow } from './verdict.ts';

const LINES_PER_RANGE = 1_000;

/** A staged row on its way to become a debt. */
export interface Staged {
  readonly line: number;
  readonly row: DebtRow;
  readonly code: string | null;
}

/** The key of the staged rows, the import locked; null when it is not being committed (any more). */
export async function importKey(tx: Tx, vault: EnteVault, importId: string): Promise<KeyObject | null> {
  const { rows } = await sql<{ key_wrapped: Uint8Array | null }>`select key_wrapped from import
    where ente_id = ${enteOf(tx)} and import_id = ${importId} and state = 'committing' for update`.execute(tx.kysely);
  return rows[0] === undefined ? null : vault.unwrap(rows[0].key_wrapped);
}

/** The next rows of one verdict, in the order of the file, as many as one transaction takes. */
export async function readStaged(
  tx: Tx,
  vault: EnteVault,
  key: KeyObject,
  importId: string,
  wanted: number,
  after = 0,
): Promise<Staged[]> {
  const { rows } = await sql<{ line: number; code: string | null; content: Uint8Array }>`
    select line, code, content from import_row
    where ente_id = ${enteOf(tx)} and import_id = ${importId} and verdict = ${wanted} and line > ${after}
    order by line limit ${LINES_PER_RANGE}`.execute(tx.kysely);
  return rows.flatMap(({ line, code, content }) => {
    const { verdict } = JSON.parse(vault.open(key, stagedAad(importId, line), content)) as StagedRow;
    return verdict.kind === 'rejected' ? [] : [{ line, code, row: verdict.row }];
  });
}

export async function setVerdict(
  tx: Tx,
  importId: string,
  rows: readonly Staged[],
  verdict: number,
  code: string | null,
): Promise<void> {
  if (rows.length === 0) return;
  await sql`update import_row set verdict = ${verdict}, code = ${code}
    where ente_id = ${enteOf(tx)} and import_id = ${importId} and line = any(${rows.map((r) => r.line)}::int[])`.execute(
    tx.kysely,
  );
}

export async function removeStaged(tx: Tx, importId: string, rows: readonly Staged[]): Promise<void> {
  await sql`delete from import_row where ente_id = ${enteOf(tx)} and import_id = ${importId}
    and line = any(${rows.map((r) => r.line)}::int[])`.execute(tx.kysely);
}
