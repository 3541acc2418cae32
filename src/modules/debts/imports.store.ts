import type { Selectable } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { enteOf, type Tx, tables } from '../../platform/db/index.ts';
import type { DebtTables } from './debts.tables.ts';
import type { IntakeProfile } from './intake/profile.ts';

export interface ImportCounts {
  readonly importId: string;
  readonly state: string;
  readonly fileName: string;
  readonly creditType: string;
  readonly at: number;
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly quarantined: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  /** When the program found it left half done by a process that was gone; null: never. */
  readonly interruptedAt: number | null;
}

/** The profile saved last for this credit type, or null. */
export async function savedProfile(tx: Tx, creditType: string): Promise<IntakeProfile | null> {
  const row = await tables<DebtTables>(tx)
    .selectFrom('intake_profile')
    .select('mapping')
    .where('ente_id', '=', enteOf(tx))
    .where('credit_type', '=', creditType)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : (row.mapping as IntakeProfile);
}

/** A committed import of the same bytes, or null. */
export async function findByFile(tx: Tx, creditType: string, sha256: string): Promise<ImportCounts | null> {
  const row = await tables<DebtTables>(tx)
    .selectFrom('import')
    .selectAll()
    .where('ente_id', '=', enteOf(tx))
    .where('credit_type', '=', creditType)
    .where('file_sha256', '=', sha256)
    .where('state', '=', 'committed')
    .executeTakeFirst();
  return row === undefined ? null : toCounts(row);
}

/** Error IMPORT_UNKNOWN. */
export async function countsOf(tx: Tx, importId: string): Promise<ImportCounts> {
  const row = await tables<DebtTables>(tx)
    .selectFrom('import')
    .selectAll()
    .where('ente_id', '=', enteOf(tx))
    .where('import_id', '=', importId)
    .executeTakeFirst();
  if (row === undefined) throw new CodedError('IMPORT_UNKNOWN', 'no such import', { importId });
  return toCounts(row);
}

export function toCounts(row: Selectable<DebtTables['import']>): ImportCounts {
  return {
    importId: row.import_id,
    state: row.state,
    fileName: row.file_name,
    creditType: row.credit_type,
    at: row.at,
    rows: row.rows,
    accepted: row.accepted,
    rejected: row.rejected,
    quarantined: row.quarantined,
    created: row.created,
    changed: row.changed,
    unchanged: row.unchanged,
    interruptedAt: row.interrupted_at,
  };
}
