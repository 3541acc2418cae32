import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { type Database, tables } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import type { DebtTables } from './debts.tables.ts';
import type { Delimiter } from './intake/read-csv.ts';
import { rejectedFile } from './intake/rejected-file.ts';
import { type StagedRow, stagedAad, VERDICT } from './intake/staged-rows.ts';
import { type Rejected, rowMessage } from './intake/verdict.ts';

const ROWS_PER_PAGE = 1000;

/**
 * The rows of an import that did not become debts, as pieces of a CSV file: those with errors, to be corrected and loaded
 * again, or those set aside, for somebody to look at before they are released. Error IMPORT_UNKNOWN.
 */
export async function* problemRows(
  db: Database,
  vault: EnteVault,
  enteId: number,
  importId: string,
  which: 'rejected' | 'quarantined',
): AsyncGenerator<string> {
  const head = await db.tenant(enteId, (tx) =>
    tables<DebtTables>(tx)
      .selectFrom('import')
      .select(['key_wrapped', 'header'])
      .where('ente_id', '=', enteId)
      .where('import_id', '=', importId)
      .executeTakeFirst(),
  );
  if (head === undefined || head.header === null) throw new CodedError('IMPORT_UNKNOWN', 'no such import', {});
  const key = vault.unwrap(head.key_wrapped);
  const columns = JSON.parse(vault.open(key, stagedAad(importId, 0), head.header)) as string[];
  const file = rejectedFile(columns.slice(0, -1), columns.at(-1) as Delimiter);
  yield file.start;
  let after = 0;
  for (;;) {
    const page = await db.tenant(enteId, (tx) =>
      sql<{ line: number; code: string | null; content: Uint8Array }>`select line, code, content from import_row
        where ente_id = ${enteId} and import_id = ${importId} and verdict = ${VERDICT[which]} and line > ${after}
        order by line limit ${ROWS_PER_PAGE}`.execute(tx.kysely),
    );
    if (page.rows.length === 0) return;
    for (const { line, code, content } of page.rows) {
      const { cells, verdict } = JSON.parse(vault.open(key, stagedAad(importId, line), content)) as StagedRow;
      yield file.row(line, cells, code === 'OTHER_DEBTOR' || verdict.kind === 'accepted' ? ofAnother(line) : verdict);
      after = line;
    }
  }
}

/** A good row by itself, whose position is another person's in the ledger. */
function ofAnother(line: number): Pick<Rejected, 'column' | 'message'> {
  return { column: null, message: rowMessage(line, null, 'la posizione risulta già a nome di un’altra persona') };
}
