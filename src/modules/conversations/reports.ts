import { sql } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import { year } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import type { PersonRecord } from '../debtors/index.ts';
import { openWords } from '../disputes/index.ts';
import type { ReportView } from './dialogue.ts';

/**
 * By debt, what became of what the person reported about it: the report still open, or the one answered last. One about
 * a whole message is about the lines of it, as it is when it is decided (disputes.store.ts).
 */
export async function reportsByDebt(tx: Tx, vault: EnteVault, person: PersonRecord): Promise<Map<string, ReportView>> {
  const ente = enteOf(tx);
  const { rows } = await sql<{
    dispute_id: string;
    debt_id: string;
    number: number;
    state: ReportView['state'];
    opened_at: number;
    deadline: CivilDate;
    decided_at: number | null;
    answer: Uint8Array | null;
  }>`select d.dispute_id, coalesce(d.debt_id, l.debt_id) as debt_id, d.number, d.state, d.opened_at, d.deadline, d.decided_at, t.answer
    from dispute_now d
    join dispute_text_now t on t.ente_id = ${ente} and t.dispute_id = d.dispute_id
    left join notice_line_now l on l.ente_id = ${ente} and l.notice_id = d.notice_id and d.debt_id is null
    where d.ente_id = ${ente} and d.debtor_id = ${person.debtorId} and d.state <> 'withdrawn'
      and coalesce(d.debt_id, l.debt_id) is not null
    order by d.state = 'open', coalesce(d.decided_at, d.opened_at), d.opened_at, d.number`.execute(tx.kysely);
  // The later row of a debt takes the place of the earlier.
  return new Map(
    rows.map((row) => [
      row.debt_id,
      {
        number: `${year(romeDate(row.opened_at))}/${row.number}`,
        state: row.state,
        deadline: row.deadline,
        answeredAt: row.decided_at,
        answer: row.answer === null ? null : openWords(vault, person, 'answer', row.dispute_id, row.answer),
      },
    ]),
  );
}
