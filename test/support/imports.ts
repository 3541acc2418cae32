import { sql } from 'kysely';
import { newId } from '../../src/kernel/ids.ts';
import type { ImportOutcome, ImportService } from '../../src/modules/debts/index.ts';
import { ledgerMismatches } from '../../src/modules/debts/index.ts';
import { openText } from './ground.ts';
import type { TestStore } from './store.ts';

export const OPERATOR = `operator:${newId()}` as const;
export const STRICT = { skipBad: false, releaseQuarantined: false };
export const SKIP = { skipBad: true, releaseQuarantined: false };
export const RELEASE = { skipBad: true, releaseQuarantined: true };

export type FileData = string | Uint8Array | (() => AsyncIterable<Uint8Array>);

/** A file of this body for `load`. */
export function fileOf(enteId: number, data: FileData, creditType = 'TARI') {
  const open = typeof data === 'function' ? data : openText(data);
  return { enteId, creditType, fileName: 'posizioni.csv', open, profile: null };
}

export async function committed(outcome: Promise<ImportOutcome>) {
  const result = await outcome;
  if (result.kind !== 'committed') throw new Error(`not committed but ${result.kind}`);
  return result;
}

export interface LedgerView {
  /** Debts in the table, and those that anybody can see. */
  readonly debts: number;
  readonly visible: number;
  readonly entries: number;
  readonly dueCents: number;
  readonly mismatches: readonly string[];
  /** Rows that wait in the staging tables, by verdict: 1 accepted, 2 rejected, 3 quarantined, 4 changed. */
  readonly waiting: Readonly<Record<number, number>>;
  readonly states: readonly string[];
}

/** What the database holds of a body's debts and imports, imports in the order of their making. */
export function ledgerOf(store: TestStore, enteId: number): Promise<LedgerView> {
  return store.db.tenant(enteId, async (tx) => {
    const one = await sql<{ debts: number; visible: number; entries: number; due: number }>`select
      (select count(*) from debt where ente_id = ${enteId}) as debts,
      (select count(*) from debt_now where ente_id = ${enteId}) as visible,
      (select count(*) from debt_entry where ente_id = ${enteId}) as entries,
      (select coalesce(sum(due_cents), 0) from debt where ente_id = ${enteId})::int8 as due`.execute(tx.kysely);
    const waiting = await sql<{ verdict: number; n: number }>`select verdict, sum(n)::int as n from (
        select verdict, 1 as n from import_row where ente_id = ${enteId}
        union all select 1, rows from import_chunk where ente_id = ${enteId}) kept group by verdict`.execute(tx.kysely);
    const states = await sql<{ state: string }>`select state from import where ente_id = ${enteId}
      order by import_id`.execute(tx.kysely);
    const { debts = -1, visible = -1, entries = -1, due = -1 } = one.rows[0] ?? {};
    return {
      debts,
      visible,
      entries,
      dueCents: due,
      mismatches: await ledgerMismatches(tx),
      waiting: Object.fromEntries(waiting.rows.map((r) => [r.verdict, r.n])),
      states: states.rows.map((r) => r.state),
    };
  });
}

export interface DebtView {
  readonly externalId: string;
  readonly debtId: string;
  readonly debtorId: string;
  readonly dueDate: string;
  readonly dueCents: number;
  readonly state: string;
}

/** The visible debts of a body by external id. */
export function debtsByExternalId(store: TestStore, enteId: number): Promise<Map<string, DebtView>> {
  return store.db.tenant(enteId, async (tx) => {
    const { rows } =
      await sql<DebtView>`select external_id as "externalId", debt_id as "debtId", debtor_id as "debtorId",
      due_date as "dueDate", due_cents as "dueCents", state from debt_now where ente_id = ${enteId}`.execute(tx.kysely);
    return new Map(rows.map((row) => [row.externalId, row]));
  });
}

export async function textOf(pieces: ReturnType<ImportService['problemRows']>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
