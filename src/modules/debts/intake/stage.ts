import { sql } from 'kysely';
import { CodedError } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { type Database, enteOf, instant, type Tx, tables } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import type { DebtTables } from '../debts.tables.ts';
import { type AnalyseOptions, analyseFile, type FileAnalysis, type OpenFile } from './analyse.ts';
import { type AcceptedRow, addChunk, ROWS_PER_CHUNK, sealChunk } from './chunks.ts';
import { type KeptRow, keepRows, sealRow, stagedAad, VERDICT } from './staged-rows.ts';

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
  let accepted: AcceptedRow[] = [];
  let kept: KeptRow[] = [];
  // The next rows are read while the last ones are written; two pieces are never under way.
  let writing: Promise<void> = Promise.resolve();
  const flush = async () => {
    const [good, singly] = [accepted, kept];
    const chunk = good.length === 0 ? null : sealChunk(vault, key, importId, good);
    accepted = [];
    kept = [];
    await writing;
    writing = db.tenant(input.enteId, async (tx) => {
      if (chunk !== null) await addChunk(tx, importId, chunk, good.length);
      await keepRows(tx, importId, singly);
    });
    writing.catch(() => {});
  };
  try {
    const analysis = await analyseFile(input.open, {
      ...input.options,
      sink: (verdict, line, cells) => {
        if (verdict.kind === 'accepted') accepted.push([cells, verdict.row]);
        else {
          const { kind, code, column } = verdict;
          const content = sealRow(vault, key, importId, line, { cells, verdict });
          kept.push({ line, verdict: VERDICT[kind], code, column, content });
        }
        return accepted.length + kept.length >= ROWS_PER_CHUNK ? flush() : undefined;
      },
    });
    await flush();
    await writing;
    const { verdicts } = analysis;
    const staged = await db.tenant(input.enteId, (tx) =>
      tables<DebtTables>(tx)
        .updateTable('import')
        .set({
          state: 'staged',
          file_sha256: analysis.sha256,
          header: vault.seal(key, stagedAad(importId, 0), JSON.stringify([...analysis.header, analysis.delimiter])),
          rows: analysis.rows,
          ...verdicts,
        })
        .where('ente_id', '=', input.enteId)
        .where('import_id', '=', importId)
        .where('state', '=', 'staging')
        .executeTakeFirst(),
    );
    // Another process that started meanwhile takes what is being read for the remains of a crash and drops it.
    if (staged.numUpdatedRows !== 1n) throw new CodedError('IMPORT_STATE', 'this import was dropped while it was read');
    return { importId, analysis };
  } catch (error) {
    await writing.catch(() => {});
    await db.tenant(input.enteId, (tx) => discardImport(tx, importId));
    throw error;
  }
}

/** Forgets a staged import: its rows go, its key is destroyed, the fact that it was there remains. */
export async function discardImport(tx: Tx, importId: string): Promise<void> {
  const ente = enteOf(tx);
  await sql`delete from import_chunk where ente_id = ${ente} and import_id = ${importId}`.execute(tx.kysely);
  await sql`delete from import_row where ente_id = ${ente} and import_id = ${importId}`.execute(tx.kysely);
  await sql`update import set state = 'discarded', key_wrapped = null, header = null
    where ente_id = ${ente} and import_id = ${importId}`.execute(tx.kysely);
}
