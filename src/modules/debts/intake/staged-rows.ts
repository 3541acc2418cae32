import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { enteOf, type Tx, unnestRows } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import type { DebtRow, RowVerdict } from './verdict.ts';

const LINES_PER_RANGE = 1_000;

/** Numbers of `import_row.verdict`; `changed` is an accepted row whose debt is there already, applied at the flip. */
export const VERDICT = { accepted: 1, rejected: 2, quarantined: 3, changed: 4 } as const;

/** A row that is kept singly, sealed with the import's own key: the cells as written, and what was understood. */
export interface StagedRow {
  readonly cells: readonly string[];
  readonly verdict: RowVerdict;
}

export const stagedAad = (importId: string, line: number) => `import|${importId}|${line}`;

/** A staged row on its way to become a debt. */
export interface Staged {
  readonly line: number;
  readonly row: DebtRow;
  readonly code: string | null;
  readonly cells: readonly string[];
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
    const { cells, verdict } = JSON.parse(vault.open(key, stagedAad(importId, line), content)) as StagedRow;
    return verdict.kind === 'rejected' ? [] : [{ line, code, cells, row: verdict.row }];
  });
}

/** A row to be kept, sealed. */
export interface KeptRow {
  readonly line: number;
  readonly verdict: number;
  readonly code: string | null;
  readonly column: string | null;
  readonly content: Buffer;
}

export function sealRow(vault: EnteVault, key: KeyObject, importId: string, line: number, staged: StagedRow): Buffer {
  return vault.seal(key, stagedAad(importId, line), JSON.stringify(staged));
}

export async function keepRows(tx: Tx, importId: string, rows: readonly KeptRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into import_row (ente_id, import_id, line, verdict, code, column_name, content)
    select ${enteOf(tx)}, ${importId}, u.line, u.verdict, u.code, u.col, u.content
    from ${unnestRows({
      line: { type: 'int4', values: rows.map((r) => r.line) },
      verdict: { type: 'int4', values: rows.map((r) => r.verdict) },
      code: { type: 'text', values: rows.map((r) => r.code) },
      col: { type: 'text', values: rows.map((r) => r.column) },
      content: { type: 'bytea', values: rows.map((r) => r.content) },
    })}`.execute(tx.kysely);
}

export async function removeStaged(tx: Tx, importId: string, rows: readonly Staged[]): Promise<void> {
  await sql`delete from import_row where ente_id = ${enteOf(tx)} and import_id = ${importId}
    and line = any(${rows.map((r) => r.line)}::int[])`.execute(tx.kysely);
}
