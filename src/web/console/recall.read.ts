import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';

export interface LoadedFile {
  readonly importId: string;
  readonly fileName: string;
  readonly creditType: string;
  readonly at: number;
}

/** Files that were loaded, newest first: as many as somebody would look through. */
export async function loadedFiles(tx: Tx): Promise<LoadedFile[]> {
  const { rows } =
    await sql<LoadedFile>`select import_id as "importId", file_name as "fileName", credit_type as "creditType", at
    from import_now where ente_id = ${enteOf(tx)} and state = 'committed' order by at desc, import_id limit 100`.execute(
      tx.kysely,
    );
  return rows;
}

export async function fileNameOf(tx: Tx, importId: string): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`select file_name as name from import_now
    where ente_id = ${enteOf(tx)} and import_id = ${importId}`.execute(tx.kysely);
  return rows[0]?.name ?? null;
}
