import { sql } from 'kysely';
import type { CivilDate } from '../../../kernel/civil-date.ts';
import { CodedError } from '../../../kernel/errors.ts';
import type { Cents } from '../../../kernel/money.ts';
import { enteOf, type Tx } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import { groundOf, type ReconcileTerms } from './ground.ts';
import { textAad } from './load-treasury.ts';
import { type Bucket, type Side, sideOf } from './sides.ts';
import { onWholeTables } from './whole-tables.ts';

/** A row of one side, as flat as a table: ids, days, cents and codes. */
export interface ReconciliationRow {
  readonly id: string;
  readonly day: CivilDate;
  readonly cents: Cents;
  readonly bucket: Bucket;
  /** Of the anomaly, or what to look at. */
  readonly kind: string | null;
  readonly iuv: string | null;
  readonly iur: string | null;
  readonly flowId: string | null;
  readonly psp: string | null;
  readonly noticeNumber: string | null;
  readonly debtId: string | null;
  readonly journalId: string | null;
}

export interface ReconciliationPage {
  readonly rows: readonly ReconciliationRow[];
  /** What the next page begins after; null: that was all. */
  readonly next: string | null;
}

export interface ReconciliationFilter {
  readonly side: Side;
  readonly bucket: Bucket;
  /** All kinds when left out. */
  readonly kind?: string;
  readonly after?: string | null;
  /** Rows of a page. */
  readonly limit: number;
}

/** What is in one bucket of one side, oldest first. Error RECONCILIATION_PAGE: `after` is not what a page gave. */
export async function listReconciliation(
  tx: Tx,
  terms: ReconcileTerms,
  filter: ReconciliationFilter,
): Promise<ReconciliationPage> {
  const { side, bucket, kind = null, after = null, limit } = filter;
  const ground = await groundOf(tx, terms);
  const from = after === null ? null : /^(\d{4}-\d{2}-\d{2}) (.+)$/s.exec(after);
  if (after !== null && from === null) throw new CodedError('RECONCILIATION_PAGE', 'not the place of a page');
  const [, day = null, id = null] = from ?? [];
  const page = sql<ReconciliationRow>`select s.id, s.day, s.cents, s.bucket, s.kind, s.iuv, s.iur,
      s.flow_id as "flowId", s.psp, s.notice_number as "noticeNumber", s.debt_id as "debtId", s.journal_id as "journalId"
    from (${sideOf(ground, side)}) s
    where s.bucket = ${bucket} and (${kind}::text is null or s.kind = ${kind}::text)
      and (${day}::date is null or s.day > ${day}::date or s.day = ${day}::date and s.id > ${id}::text)
    order by s.day, s.id limit ${limit + 1}`;
  const { rows } = await onWholeTables(tx, () => page.execute(tx.kysely));
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? `${last.day} ${last.id}` : null };
}

/** Texts of credits as the bank wrote them, by id; they may name people. */
export async function creditTexts(tx: Tx, vault: EnteVault, ids: readonly string[]): Promise<Map<string, string>> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ id: string; text: Uint8Array; key: Uint8Array; journal: string }>`
    select m.movement_key as id, m.text, j.text_key as key, m.journal_id as journal
    from treasury_movement m join treasury_journal j on j.ente_id = ${ente} and j.journal_id = m.journal_id
    where m.ente_id = ${ente} and m.movement_key = any(${[...ids]}::text[])`.execute(tx.kysely);
  const keys = new Map(rows.map((row) => [row.journal, vault.unwrap(row.key)]));
  return new Map(
    rows.flatMap(({ id, text, journal }) => {
      const key = keys.get(journal);
      return key === undefined ? [] : [[id, vault.open(key, textAad(id), text)] as const];
    }),
  );
}
