import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { enteOf, type Tx } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import type { Staged } from './staged-rows.ts';
import type { DebtRow } from './verdict.ts';

/** Rows of one piece, and of one transaction that turns them into debts. */
export const ROWS_PER_CHUNK = 1_000;

export type AcceptedRow = readonly [cells: readonly string[], row: DebtRow];

/** A piece as it is kept: nobody reads its rows without the import's key. */
export interface Chunk {
  readonly firstLine: number;
  readonly content: Uint8Array;
}

/** What a piece says once sealed: the names of the fields once, not once for each row. */
interface Packed {
  readonly fields: readonly (keyof DebtRow)[];
  readonly rows: readonly (readonly [cells: readonly string[], values: readonly unknown[]])[];
}

const chunkAad = (importId: string, firstLine: number) => `import_chunk|${importId}|${firstLine}`;

export function sealChunk(vault: EnteVault, key: KeyObject, importId: string, rows: readonly AcceptedRow[]): Chunk {
  const first = rows[0]?.[1];
  const firstLine = first?.line ?? 0;
  const fields = Object.keys(first ?? {}) as (keyof DebtRow)[];
  const packed: Packed = { fields, rows: rows.map(([cells, row]) => [cells, fields.map((field) => row[field])]) };
  return { firstLine, content: vault.seal(key, chunkAad(importId, firstLine), JSON.stringify(packed)) };
}

export function openChunk(vault: EnteVault, key: KeyObject, importId: string, chunk: Chunk): Staged[] {
  const text = vault.open(key, chunkAad(importId, chunk.firstLine), chunk.content);
  const kept = JSON.parse(text) as Packed | readonly AcceptedRow[];
  // An import that an older version began has every row whole.
  const rows: readonly AcceptedRow[] = 'fields' in kept ? unpacked(kept) : kept;
  return rows.map(([cells, row]) => ({ line: row.line, row, code: null, cells }));
}

function unpacked({ fields, rows }: Packed): AcceptedRow[] {
  return rows.map(([cells, values]) => {
    const row: Partial<Record<keyof DebtRow, unknown>> = {};
    for (const [i, field] of fields.entries()) row[field] = values[i];
    return [cells, row as unknown as DebtRow];
  });
}

export async function addChunk(tx: Tx, importId: string, chunk: Chunk, rows: number): Promise<void> {
  await sql`insert into import_chunk (ente_id, import_id, first_line, rows, content)
    values (${enteOf(tx)}, ${importId}, ${chunk.firstLine}, ${rows}, ${chunk.content})`.execute(tx.kysely);
}

/** The first piece after a line, or null. */
export async function readChunk(tx: Tx, importId: string, after: number): Promise<Chunk | null> {
  const { rows } = await sql<{ first_line: number; content: Uint8Array }>`select first_line, content from import_chunk
    where ente_id = ${enteOf(tx)} and import_id = ${importId} and first_line > ${after}
    order by first_line limit 1`.execute(tx.kysely);
  const row = rows[0];
  return row === undefined ? null : { firstLine: row.first_line, content: row.content };
}

/** Takes a piece away for the transaction that uses it; false when another process has used it meanwhile. */
export async function takeChunk(tx: Tx, importId: string, firstLine: number): Promise<boolean> {
  const taken = await sql`delete from import_chunk where ente_id = ${enteOf(tx)} and import_id = ${importId}
    and first_line = ${firstLine}`.execute(tx.kysely);
  return taken.numAffectedRows === 1n;
}
