import { sql } from 'kysely';
import { addDays, type CivilDate } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { creditTypeOf, type Ente } from '../../modules/creditors/index.ts';
import { loadPersons, type PersonRecord } from '../../modules/debtors/index.ts';
import { debtsById, debtTitle } from '../../modules/debts/index.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { nameOf } from './person.read.ts';
import { numberText } from './words.ts';

export const DISPUTE_PAGE = 50;
const SOON_DAYS = 5;

export const DISPUTE_FILTERS = ['aperte', 'scadute', 'vicine', 'decise', 'tutte'] as const;
export type DisputeFilter = (typeof DISPUTE_FILTERS)[number];

export interface DisputeLine {
  readonly id: string;
  readonly number: string;
  readonly kind: string;
  readonly state: string;
  /** Null: erased. */
  readonly name: string | null;
  readonly openedAt: number;
  readonly deadline: CivilDate;
  readonly late: boolean;
}

interface Row {
  dispute_id: string;
  number: number;
  debtor_id: string;
  notice_id: string | null;
  debt_id: string | null;
  kind: string;
  state: string;
  opened_at: number;
  deadline: CivilDate;
  decided_at: number | null;
}

/** One page of the inbox, nearest deadline first (decided ones: latest first), and whether there is another. */
export async function readDisputes(
  tx: Tx,
  vault: EnteVault,
  filter: { readonly show: DisputeFilter; readonly kind: string; readonly page: number },
  now: number,
): Promise<{ readonly lines: readonly DisputeLine[]; readonly more: boolean }> {
  const today = romeDate(now);
  const { show, kind, page } = filter;
  const { rows } =
    await sql<Row>`select dispute_id, number, debtor_id, notice_id, debt_id, kind, state, opened_at, deadline,
      decided_at
    from dispute_now where ente_id = ${enteOf(tx)}
      and (${show === 'tutte'} or (${show === 'decise'} and state <> 'open') or (${show !== 'decise'} and state = 'open'))
      and (${show !== 'scadute'} or deadline < ${today})
      and (${show !== 'vicine'} or (deadline >= ${today} and deadline <= ${addDays(today, SOON_DAYS)}))
      and (${kind} = '' or kind = ${kind})
    order by case when state = 'open' then 0 else 1 end, case when state = 'open' then deadline end, decided_at desc, number
    limit ${DISPUTE_PAGE + 1} offset ${(page - 1) * DISPUTE_PAGE}`.execute(tx.kysely);
  const shown = rows.slice(0, DISPUTE_PAGE);
  const persons = await loadPersons(
    tx,
    vault,
    shown.map((row) => row.debtor_id),
  );
  const lines = shown.map((row) => {
    const person = persons.get(row.debtor_id);
    return {
      id: row.dispute_id,
      number: numberText(row),
      kind: row.kind,
      state: row.state,
      name: person === undefined ? null : nameOf(person),
      openedAt: row.opened_at,
      deadline: row.deadline,
      late: row.state === 'open' && row.deadline < today,
    };
  });
  return { lines, more: rows.length > DISPUTE_PAGE };
}

export interface DisputeDetail extends DisputeLine {
  readonly person: PersonRecord | null;
  readonly debtorId: string;
  readonly statement: string;
  readonly answer: string | null;
  readonly decidedAt: number | null;
  readonly decidedBy: string | null;
  /** About the whole message, not one debt. */
  readonly whole: boolean;
  readonly debts: readonly { readonly title: string; readonly outstandingCents: number; readonly dueDate: CivilDate }[];
}

/** One dispute with its words opened; null when unknown. What it is about: the debt named, or the lines of the message. */
export async function readDispute(
  tx: Tx,
  vault: EnteVault,
  ente: Ente,
  disputeId: string,
  now: number,
): Promise<DisputeDetail | null> {
  const id = enteOf(tx);
  const { rows } = await sql<Row & { statement: Uint8Array; answer: Uint8Array | null; decided_name: string | null }>`
    select d.dispute_id, d.number, d.debtor_id, d.notice_id, d.debt_id, d.kind, d.state, d.opened_at, d.deadline, d.decided_at,
      t.statement, t.answer, o.name as decided_name
    from dispute_now d
    join dispute_text_now t on t.ente_id = d.ente_id and t.dispute_id = d.dispute_id
    left join operator_now o on o.ente_id = d.ente_id and o.operator_id = t.decided_by
    where d.ente_id = ${id} and t.ente_id = ${id} and d.dispute_id = ${disputeId}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  const person = (await loadPersons(tx, vault, [row.debtor_id])).get(row.debtor_id) ?? null;
  const { rows: named } =
    row.debt_id === null
      ? await sql<{
          debt_id: string;
        }>`select debt_id from notice_line_now where ente_id = ${id} and notice_id = ${row.notice_id}`.execute(
          tx.kysely,
        )
      : { rows: [{ debt_id: row.debt_id }] };
  const debts = await debtsById(
    tx,
    named.map((line) => line.debt_id),
  );
  // The words are bound to their place as the disputes module seals them (disputes.store.ts).
  const open = (aad: string, sealed: Uint8Array | null) =>
    person === null || sealed === null ? null : vault.open(person.key, `${aad}|${row.dispute_id}`, sealed);
  return {
    id: row.dispute_id,
    number: numberText(row),
    kind: row.kind,
    state: row.state,
    name: person === null ? null : nameOf(person),
    openedAt: row.opened_at,
    deadline: row.deadline,
    late: row.state === 'open' && row.deadline < romeDate(now),
    person,
    debtorId: row.debtor_id,
    statement: open('dispute', row.statement) ?? '',
    answer: open('dispute answer', row.answer),
    decidedAt: row.decided_at,
    decidedBy: row.decided_name,
    whole: row.debt_id === null,
    debts: debts.map((debt) => ({
      title: debtTitle(creditTypeOf(ente, debt.credit_type).name, debt),
      outstandingCents: debt.outstanding_cents,
      dueDate: debt.due_date as CivilDate,
    })),
  };
}
