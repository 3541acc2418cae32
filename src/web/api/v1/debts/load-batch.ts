import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import type { ImportActor, IntakeProfile } from '../../../../modules/debts/index.ts';
import type { V1Deps } from '../../api-deps.ts';

/** Fields of a row and the columns of the file that is made of them; everything is judged by the rules of any file. */
export const ROW_FIELDS = {
  externalId: 'id_posizione',
  codiceFiscale: 'codice_fiscale',
  surname: 'cognome',
  name: 'nome',
  companyName: 'denominazione',
  email: 'email',
  phone: 'telefono',
  contactSource: 'origine_recapito',
  address: 'indirizzo',
  postalCode: 'cap',
  city: 'comune',
  description: 'descrizione',
  taxYear: 'anno',
  installmentNo: 'rata',
  dueDate: 'scadenza',
  amountCents: 'importo',
  documentNumber: 'numero_documento',
  customerCode: 'codice_utente',
  noticeNumber: 'numero_avviso',
  serviceDate: 'data_prestazione',
  violationDate: 'data_violazione',
  notifiedOn: 'data_notifica',
  violationKind: 'tipo_violazione',
  component: 'voce',
  userClass: 'classe_utente',
  consumptionFrom: 'consumi_dal',
  consumptionTo: 'consumi_al',
  issueTerm: 'termine_emissione',
  deceased: 'deceduto',
} as const;
type Field = keyof typeof ROW_FIELDS;
export const FIELDS = Object.keys(ROW_FIELDS) as Field[];

export type BatchRow = Readonly<Partial<Record<Field, string | number | boolean>>>;

export interface RowVerdict {
  readonly externalId: string;
  readonly verdict: 'created' | 'updated' | 'unchanged' | 'rejected' | 'quarantined';
  readonly debtId: string | null;
  readonly code: string | null;
  readonly message: string | null;
}

const HEADER_LINES = 1;
/** Begins alike for every batch: by it they are told from the files of the console. */
export const batchFileName = (id: string) => (id === '' ? 'api-' : `api-${id}.csv`);

/**
 * Loads a batch as the file that an office would have loaded: same rules, same leaf in the audit, good rows in and bad
 * ones told one by one. The rows' order is that of the verdicts. `workId` makes two batches two files, so that going
 * back to an earlier amount is no "same file"; a batch cut short by a crash and sent again is one.
 */
export async function loadBatch(
  deps: V1Deps,
  enteId: number,
  input: {
    readonly creditType: string;
    readonly rows: readonly BatchRow[];
    readonly workId: string;
    readonly actor: ImportActor;
  },
): Promise<{ importId: string; verdicts: RowVerdict[] }> {
  const { creditType, rows, workId } = input;
  const used = FIELDS.filter((field) => rows.some((row) => row[field] !== undefined));
  const bytes = new TextEncoder().encode(fileOf(rows, used, workId));
  const before = await positions(deps, enteId, input);
  const outcome = await deps.imports.load(
    {
      enteId,
      creditType,
      fileName: batchFileName(workId),
      open: async function* () {
        yield bytes;
      },
      profile: profileOf(used),
    },
    { skipBad: true, releaseQuarantined: false },
    input.actor,
  );
  const importId =
    outcome.kind === 'sameFile'
      ? outcome.earlier.importId
      : outcome.kind === 'committed'
        ? outcome.counts.importId
        : outcome.importId;
  const after = await positions(deps, enteId, input);
  const bad = await problemsOf(deps, enteId, importId);
  const verdicts = rows.map((row, i): RowVerdict => {
    const externalId = String(row.externalId ?? '');
    const problem = bad.get(i + 1 + HEADER_LINES);
    if (problem !== undefined) return { externalId, debtId: null, ...problem };
    const [old, now] = [before.get(externalId.trim()), after.get(externalId.trim())];
    const verdict = old === undefined ? 'created' : old.what === now?.what ? 'unchanged' : 'updated';
    return { externalId, verdict, debtId: now?.debtId ?? null, code: null, message: null };
  });
  return { importId, verdicts };
}

/** Columns of a batch, whatever is in them. */
export function profileOf(used: readonly Field[]): IntakeProfile {
  const fields: Partial<Record<string, unknown>> = {};
  for (const field of used) {
    const columns = [ROW_FIELDS[field]];
    if (field === 'amountCents') fields.amount = { columns, decimals: 'it' };
    else fields[field] = { columns };
  }
  return { version: 1, fields: fields as IntakeProfile['fields'] };
}

/** The rows as a file. Texts hold no line break (schema), so that a line is a row. */
function fileOf(rows: readonly BatchRow[], used: readonly Field[], workId: string): string {
  const cell = (row: BatchRow, field: Field): string => {
    const value = row[field];
    if (value === undefined) return '';
    if (field === 'amountCents') return euro(Number(value));
    if (typeof value === 'boolean') return value ? 'si' : 'no';
    return `"${String(value).replaceAll('"', '""')}"`;
  };
  const line = (cells: readonly string[]) => `${cells.join(';')}\r\n`;
  return [
    line([...used.map((field) => ROW_FIELDS[field]), 'richiesta']),
    ...rows.map((row) => line([...used.map((field) => cell(row, field)), workId])),
  ].join('');
}

function euro(cents: number): string {
  const text = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${text.slice(0, -2)},${text.slice(-2)}`;
}

async function positions(
  deps: V1Deps,
  enteId: number,
  { creditType, rows }: { readonly creditType: string; readonly rows: readonly BatchRow[] },
): Promise<Map<string, { debtId: string; what: string }>> {
  const ids = rows.map((row) => String(row.externalId ?? '').trim());
  return deps.db.tenant(enteId, async (tx) => {
    const found = await sql<{ external_id: string; debt_id: string; due_cents: number; due_date: string }>`
      select external_id, debt_id, due_cents, due_date from debt_now
      where ente_id = ${enteId} and credit_type = ${creditType} and external_id = any(${ids}::text[])`.execute(
      tx.kysely,
    );
    return new Map(found.rows.map((r) => [r.external_id, { debtId: r.debt_id, what: `${r.due_cents}|${r.due_date}` }]));
  });
}

/** What is wrong, by line of the file. */
async function problemsOf(deps: V1Deps, enteId: number, importId: string) {
  const { rows } = await deps.db.tenant(enteId, (tx) =>
    sql<{ line: number; verdict: number; code: string | null }>`select line, verdict, code from import_problem_now
      where ente_id = ${enteId} and import_id = ${importId}`.execute(tx.kysely),
  );
  const found = new Map<number, Pick<RowVerdict, 'verdict' | 'code' | 'message'>>();
  for (const verdict of ['rejected', 'quarantined'] as const) {
    const mine = rows.filter((row) => row.verdict === (verdict === 'rejected' ? 2 : 3));
    if (mine.length === 0) continue;
    const messages = await messagesOf(deps, enteId, importId, verdict);
    for (const { line, code } of mine) found.set(line, { verdict, code, message: messages.get(line) ?? null });
  }
  return found;
}

async function messagesOf(
  deps: V1Deps,
  enteId: number,
  importId: string,
  which: 'rejected' | 'quarantined',
): Promise<Map<number, string>> {
  const pieces: string[] = [];
  for await (const piece of deps.imports.problemRows(enteId, importId, which)) pieces.push(piece);
  const records = parse(pieces.join(''), { bom: true, columns: true, delimiter: ';' }) as Record<string, string>[];
  return new Map(records.map((record) => [Number(record.errore_riga), record.errore_motivo ?? '']));
}
