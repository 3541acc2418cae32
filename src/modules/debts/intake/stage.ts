import { sql } from 'kysely';
import { CodedError } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { type Database, enteOf, instant, type Tx, tables, unnestRows } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import type { DebtTables } from '../debts.tables.ts';
import { type AnalyseOptions, analyseFile, type FileAnalysis, type OpenFile } from './analyse.ts';
import type { RowVerdict } from './verdict.ts';

const ROWS_PER_BATCH = 2_000;

/** Numbers of `import_row.verdict`; `changed` is an accepted row whose debt is there already, applied at the flip. */
export const VERDICT = { accepted: 1, rejected: 2, quarantined: 3, changed: 4 } as const;

/** A row on its way, sealed with the import's own key: the cells as written, and what was understood. */
export interface StagedRow {
  readonly cells: readonly string[];
  readonly verdict: RowVerdict;
}

export const stagedAad = (importId: string, line: number) => `import|${importId}|${line}`;

export interface StagedImport {
  readonly importId: string;
  readonly analysis: FileAnalysis;
}

/**
 * Reads the file and keeps every row, sealed, under an import that nothing else sees. File errors (`INTAKE_…`) leave
 * an import marked as discarded and no row at all.
 */
export async function stageImport(
  db: Database,
  vault: EnteVault,
  input: {
    readonly enteId: number;
    readonly creditType: string;
    readonly fileName: string;
    readonly open: OpenFile;
    /** The operator's or the key's id. */
    readonly actorId: string;
    readonly now: number;
    readonly options: AnalyseOptions;
  },
): Promise<StagedImport> {
  const importId = newId();
  const { key, wrapped } = vault.newKey();
  await db.tenant(input.enteId, (tx) =>
    tables<DebtTables>(tx)
      .insertInto('import')
      .values({
        ente_id: input.enteId,
        import_id: importId,
        credit_type: input.creditType,
        file_name: input.fileName,
        file_sha256: '',
        state: 'staging',
        key_wrapped: wrapped,
        header: null,
        rows: 0,
        accepted: 0,
        rejected: 0,
        quarantined: 0,
        created: 0,
        changed: 0,
        unchanged: 0,
        operator_id: input.actorId,
        at: instant(input.now),
      })
      .execute(),
  );
  let batch: { line: number; verdict: RowVerdict; content: Buffer }[] = [];
  const flush = async () => {
    const rows = batch;
    batch = [];
    if (rows.length > 0) await db.tenant(input.enteId, (tx) => insertRows(tx, importId, rows));
  };
  try {
    const analysis = await analyseFile(input.open, {
      ...input.options,
      sink: (verdict, line, cells) => {
        const staged: StagedRow = { cells, verdict };
        batch.push({ line, verdict, content: vault.seal(key, stagedAad(importId, line), JSON.stringify(staged)) });
        return batch.length >= ROWS_PER_BATCH ? flush() : undefined;
      },
    });
    await flush();
    const { accepted, rejected, quarantined } = analysis.verdicts;
    const kept = await db.tenant(input.enteId, (tx) =>
      tables<DebtTables>(tx)
        .updateTable('import')
        .set({
          state: 'staged',
          file_sha256: analysis.sha256,
          header: vault.seal(key, stagedAad(importId, 0), JSON.stringify([...analysis.header, analysis.delimiter])),
          rows: analysis.rows,
          accepted,
          rejected,
          quarantined,
        })
        .where('ente_id', '=', input.enteId)
        .where('import_id', '=', importId)
        .where('state', '=', 'staging')
        .executeTakeFirst(),
    );
    // Another process that started meanwhile takes what is being read for the remains of a crash and drops it.
    if (kept.numUpdatedRows !== 1n) throw new CodedError('IMPORT_STATE', 'this import was dropped while it was read');
    return { importId, analysis };
  } catch (error) {
    await db.tenant(input.enteId, (tx) => discardImport(tx, importId));
    throw error;
  }
}

async function insertRows(
  tx: Tx,
  importId: string,
  rows: readonly { line: number; verdict: RowVerdict; content: Buffer }[],
): Promise<void> {
  await sql`insert into import_row (ente_id, import_id, line, verdict, code, column_name, content)
    select ${enteOf(tx)}, ${importId}, u.line, u.verdict, u.code, u.col, u.content
    from ${unnestRows({
      line: { type: 'int4', values: rows.map((r) => r.line) },
      verdict: { type: 'int4', values: rows.map((r) => VERDICT[r.verdict.kind]) },
      code: { type: 'text', values: rows.map((r) => (r.verdict.kind === 'accepted' ? null : r.verdict.code)) },
      col: { type: 'text', values: rows.map((r) => (r.verdict.kind === 'accepted' ? null : r.verdict.column)) },
      content: { type: 'bytea', values: rows.map((r) => r.content) },
    })}`.execute(tx.kysely);
}

/** Forgets a staged import: its rows go, its key is destroyed, the fact that it was there remains. */
export async function discardImport(tx: Tx, importId: string): Promise<void> {
  const ente = enteOf(tx);
  await sql`delete from import_row where ente_id = ${ente} and import_id = ${importId}`.execute(tx.kysely);
  await sql`update import set state = 'discarded', key_wrapped = null, header = null
    where ente_id = ${ente} and import_id = ${importId}`.execute(tx.kysely);
}
