import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import type { CivilDate } from '../../../kernel/civil-date.ts';
import { binaryArray, enteOf, type Tx } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import type { DeadlineRule } from '../deadlines.ts';
import { clearFacts, type DebtFacts, factsOf, mergeFacts } from '../debt-facts.ts';
import { keptDeadline } from '../derive-deadline.ts';
import { type FactColumns, factsInColumns } from '../fact-columns.ts';
import { sealedFacts } from '../ledger.ts';
import type { DebtRow } from './verdict.ts';

export interface CommitRules {
  /** How long such a credit lives; null where the body has still to choose. */
  readonly deadline: DeadlineRule | null;
  readonly today: CivilDate;
  readonly health: boolean;
}

export interface KnownDebt {
  readonly debtId: string;
  readonly debtorId: string;
  readonly dueDate: CivilDate;
  readonly taxYear: number | null;
  /** What the files have said so far: charge and adjustments of imports, without relief or payments. */
  readonly importedCents: number;
  /** As far as they are not sealed. */
  readonly facts: DebtFacts;
  readonly deadlineOn: CivilDate | null;
  readonly details: Uint8Array;
}

/** Positions that the ledger has already, by the body's own id. */
export async function knownDebts(
  tx: Tx,
  creditType: string,
  externalIds: readonly string[],
): Promise<Map<string, KnownDebt>> {
  const { rows } = await sql<
    FactColumns & {
      external_id: string;
      debt_id: string;
      debtor_id: string;
      due_date: CivilDate;
      tax_year: number | null;
      details: Uint8Array;
      deadline_on: CivilDate | null;
      imported: number;
    }
  >`select d.external_id, d.debt_id, d.debtor_id, d.due_date, d.tax_year, d.details, d.component, d.violation_kind,
        d.violation_date, d.notified_on, d.user_class, d.consumption_from, d.consumption_to, d.issue_term, d.deadline_on,
        (select coalesce(sum(e.amount_cents), 0) from debt_entry e
         where e.ente_id = ${enteOf(tx)} and e.debt_id = d.debt_id and e.source = 'import') as imported
      from debt d where d.ente_id = ${enteOf(tx)} and d.credit_type = ${creditType}
        and d.external_id = any(${binaryArray('text', externalIds)}::text[])`.execute(tx.kysely);
  return new Map(
    rows.map((r) => [
      r.external_id,
      {
        debtId: r.debt_id,
        debtorId: r.debtor_id,
        dueDate: r.due_date,
        taxYear: r.tax_year,
        importedCents: Number(r.imported),
        facts: factsInColumns(r),
        deadlineOn: r.deadline_on,
        details: r.details,
      },
    ]),
  );
}

/** What is known of a debt after this row: the file's word first, then what was known, sealed facts too. */
export function knownAfter(vault: EnteVault, key: KeyObject, before: KnownDebt, row: DebtRow): DebtFacts {
  const sealed = sealedFacts(vault, key, before.debtId, before.details);
  return mergeFacts(factsOf(row), mergeFacts(before.facts, sealed));
}

/** A row that says nothing new. A sealed date is told by the deadline that it makes: opening each would cost too much. */
export function isSame(row: DebtRow, before: KnownDebt, rules: CommitRules): boolean {
  const merged = mergeFacts(factsOf(row), before.facts);
  if (rules.health && (row.serviceDate ?? null) !== null) {
    const debt = { dueDate: row.dueDate, taxYear: before.taxYear };
    if (keptDeadline(rules.deadline, debt, merged, rules.today).on !== before.deadlineOn) return false;
  }
  return (
    before.importedCents === row.amountCents &&
    before.dueDate === row.dueDate &&
    JSON.stringify(clearFacts(merged, rules.health)) === JSON.stringify(before.facts)
  );
}
