import { sql } from 'kysely';
import { addDays, type CivilDate } from '../../kernel/civil-date.ts';
import { enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { creditTypeOf, loadEnte, loadRules } from '../creditors/index.ts';
import { loadPersons } from '../debtors/index.ts';
import { type DebtFacts, mergeFacts } from './debt-facts.ts';
import { findDeadlineRule, keptDeadline } from './derive-deadline.ts';
import { deadlineValues, type FactColumns, factsInColumns } from './fact-columns.ts';
import { sealedFacts } from './ledger.ts';

const PER_RANGE = 2_000;
/** Rules that a deadline is made with. */
export const DEADLINE_KEYS: readonly string[] = [
  'deadline',
  'decadenceYears',
  'ticketLimitationYears',
  'waterIssueTermDays',
  'suspensionWindows',
  'localSuspensionWindows',
];
/** A program that stood still for less than this catches up by itself. */
const LOOK_BACK_DAYS = 7;

interface Row extends FactColumns {
  readonly debt_id: string;
  readonly debtor_id: string;
  readonly due_date: CivilDate;
  readonly tax_year: number | null;
  readonly details: Uint8Array;
}

/**
 * Works the deadlines out again: `stale`, those that nobody has worked out yet; a credit type, after a rule of its
 * deadline has changed; `all`, after one for every credit. Returns how many were looked at.
 */
export async function refreshDeadlines(
  tx: Tx,
  vault: EnteVault,
  which: { readonly today: CivilDate; readonly only: 'stale' | 'all' | { readonly creditType: string } },
): Promise<number> {
  const id = enteOf(tx);
  const ente = await loadEnte(tx);
  const rules = await loadRules(tx, which.today);
  let done = 0;
  for (const { code } of ente.creditTypes) {
    if (typeof which.only === 'object' && which.only.creditType !== code) continue;
    const type = creditTypeOf(ente, code);
    const rule = findDeadlineRule(rules, type);
    const stale = which.only === 'stale' ? sql`and deadline_missing = 'stale'` : sql``;
    for (let after: string | null = null; ; ) {
      const page: { rows: Row[] } = await sql<Row>`select debt_id, debtor_id, due_date, tax_year, details, component,
          violation_kind, violation_date, notified_on, user_class, consumption_from, consumption_to, issue_term
        from debt where ente_id = ${id} and credit_type = ${code} ${stale}
          and (${after}::uuid is null or debt_id > ${after}::uuid)
        order by debt_id limit ${PER_RANGE}`.execute(tx.kysely);
      const last = page.rows.at(-1);
      if (last === undefined) break;
      after = last.debt_id;
      done += page.rows.length;
      const facts = type.health ? await healthFacts(tx, vault, page.rows) : page.rows.map(factsInColumns);
      const deadlines = page.rows.map((row, i) =>
        keptDeadline(
          rule,
          { dueDate: row.due_date, taxYear: row.tax_year },
          facts[i] ?? factsInColumns(row),
          which.today,
        ),
      );
      await sql`update debt d set deadline_kind = u.deadline_kind, deadline_on = u.deadline_on,
          deadline_disputed_on = u.disputed_on, deadline_fact = u.deadline_fact, deadline_missing = u.missing
        from ${unnestRows({
          debt_id: { type: 'uuid', values: page.rows.map((row) => row.debt_id) },
          ...deadlineValues(deadlines),
        })} where d.ente_id = ${id} and d.debt_id = u.debt_id`.execute(tx.kysely);
    }
  }
  return done;
}

/**
 * Once a day: rules are given ahead, and the deadlines made with one that began (or ended) in the last days are worked out
 * again. Returns how many were looked at.
 */
export async function followDeadlineRules(tx: Tx, vault: EnteVault, today: CivilDate): Promise<number> {
  const rules = await loadRules(tx, today);
  const since = addDays(today, -LOOK_BACK_DAYS);
  let done = 0;
  for (const type of (await loadEnte(tx)).creditTypes) {
    const days = DEADLINE_KEYS.flatMap((key) => rules.changes(key, type));
    if (!days.some((day) => day > since && day <= today)) continue;
    done += await refreshDeadlines(tx, vault, { today, only: { creditType: type.code } });
  }
  return done;
}

/** With the dates that are sealed; of an erased person they are gone. */
async function healthFacts(tx: Tx, vault: EnteVault, rows: readonly Row[]): Promise<DebtFacts[]> {
  const persons = await loadPersons(tx, vault, [...new Set(rows.map((row) => row.debtor_id))]);
  return rows.map((row) => {
    const key = persons.get(row.debtor_id)?.key;
    const clear = factsInColumns(row);
    return key === undefined ? clear : mergeFacts(clear, sealedFacts(vault, key, row.debt_id, row.details));
  });
}
