import { sql } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { loadPersons, type PersonRecord } from '../debtors/index.ts';
import { type DebtRecord, debtsById } from '../debts/index.ts';
import { openWords } from './words.ts';

export interface DisputeFile {
  readonly disputeId: string;
  readonly number: number;
  readonly kind: string;
  readonly state: 'open' | 'accepted' | 'rejected' | 'withdrawn';
  readonly debtorId: string;
  /** Null: erased, and then the words cannot be read either. */
  readonly person: PersonRecord | null;
  /** Null: about the whole message. */
  readonly debtId: string | null;
  readonly statement: string | null;
  readonly answer: string | null;
  readonly openedAt: number;
  readonly deadline: CivilDate;
  readonly decidedAt: number | null;
  /** Name of who decided (R67). */
  readonly decidedBy: string | null;
  /** What it is about: the debt named, or the lines of the message. */
  readonly debts: readonly DebtRecord[];
}

/** One dispute with its words opened, and the register says to whom (`dispute.read`); null when unknown. */
export async function disputeById(
  tx: Tx,
  vault: EnteVault,
  disputeId: string,
  reader: { readonly actor: string; readonly now: number },
): Promise<DisputeFile | null> {
  const ente = enteOf(tx);
  const { rows } = await sql<{
    number: number;
    kind: string;
    state: DisputeFile['state'];
    debtor_id: string;
    notice_id: string | null;
    debt_id: string | null;
    statement: Uint8Array;
    answer: Uint8Array | null;
    opened_at: number;
    deadline: CivilDate;
    decided_at: number | null;
    decided_name: string | null;
  }>`select d.number, d.kind, d.state, d.debtor_id, d.notice_id, d.debt_id, d.statement, d.answer, d.opened_at, d.deadline,
      d.decided_at, o.name as decided_name
    from dispute d
    left join operator_now o on o.ente_id = ${ente} and o.operator_id = d.decided_by
    where d.ente_id = ${ente} and d.dispute_id = ${disputeId}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  const person = (await loadPersons(tx, vault, [row.debtor_id])).get(row.debtor_id) ?? null;
  const open = (words: 'statement' | 'answer', sealed: Uint8Array | null) =>
    person === null || sealed === null ? null : openWords(vault, person, words, disputeId, sealed);
  const ids = row.debt_id === null ? await linesOfMessage(tx, row.notice_id) : [row.debt_id];
  const leaf = { at: reader.now, kind: 'dispute.read', actor: reader.actor, rowCount: 1, facts: { disputeId } };
  await writeLeaf(tx, leaf);
  return {
    disputeId,
    number: row.number,
    kind: row.kind,
    state: row.state,
    debtorId: row.debtor_id,
    person,
    debtId: row.debt_id,
    statement: open('statement', row.statement),
    answer: open('answer', row.answer),
    openedAt: row.opened_at,
    deadline: row.deadline,
    decidedAt: row.decided_at,
    decidedBy: row.decided_name,
    debts: await debtsById(tx, ids),
  };
}

async function linesOfMessage(tx: Tx, noticeId: string | null): Promise<string[]> {
  const { rows } = await sql<{ debt_id: string }>`select debt_id from notice_line_now
    where ente_id = ${enteOf(tx)} and notice_id = ${noticeId}`.execute(tx.kysely);
  return rows.map((row) => row.debt_id);
}
