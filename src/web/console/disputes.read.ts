import { sql } from 'kysely';
import { addDays, type CivilDate } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { creditTypeOf, type Ente } from '../../modules/creditors/index.ts';
import { loadPersons } from '../../modules/debtors/index.ts';
import { debtTitle } from '../../modules/debts/index.ts';
import type { DisputeFile } from '../../modules/disputes/index.ts';
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
  kind: string;
  state: string;
  opened_at: number;
  deadline: CivilDate;
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
  const { rows } = await sql<Row>`select dispute_id, number, debtor_id, kind, state, opened_at, deadline
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
  readonly debtorId: string;
  readonly statement: string;
  readonly answer: string | null;
  readonly decidedAt: number | null;
  readonly decidedBy: string | null;
  /** About the whole message, not one debt. */
  readonly whole: boolean;
  readonly debts: readonly { readonly title: string; readonly outstandingCents: number; readonly dueDate: CivilDate }[];
}

/** A dispute that was opened, as the page shows it. */
export function detailOf(file: DisputeFile, ente: Ente, now: number): DisputeDetail {
  return {
    id: file.disputeId,
    number: numberText({ number: file.number, opened_at: file.openedAt }),
    kind: file.kind,
    state: file.state,
    name: file.person === null ? null : nameOf(file.person),
    openedAt: file.openedAt,
    deadline: file.deadline,
    late: file.state === 'open' && file.deadline < romeDate(now),
    debtorId: file.debtorId,
    statement: file.statement ?? '',
    answer: file.answer,
    decidedAt: file.decidedAt,
    decidedBy: file.decidedBy,
    whole: file.debtId === null,
    debts: file.debts.map((debt) => ({
      title: debtTitle(creditTypeOf(ente, debt.credit_type).name, debt),
      outstandingCents: debt.outstanding_cents,
      dueDate: debt.due_date as CivilDate,
    })),
  };
}
