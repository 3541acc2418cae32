import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import { newId } from '../../kernel/ids.ts';
import type { Cents } from '../../kernel/money.ts';
import { enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import type { KnownDebtor } from '../debtors/index.ts';
import { type DebtFacts, factsOf } from './debt-facts.ts';
import type { KeptDeadline } from './derive-deadline.ts';
import { deadlineValues, factValues } from './fact-columns.ts';

export type EntryKind = 'charge' | 'adjustment' | 'payment' | 'relief';

/** One movement of a debt. `amountCents` is signed: payments and relief are negative. */
export interface Entry {
  readonly debtId: string;
  readonly kind: EntryKind;
  readonly component: string;
  readonly amountCents: Cents;
  readonly at: number;
  /** What told us (`import`, `receipt`, `dispute`) and its id: the same fact is booked once. */
  readonly source: string;
  readonly sourceRef: string;
}

/** What the file said of a debt beyond its money; sealed with the person's key. */
export interface DebtDetails {
  readonly description: string | null;
  readonly documentNumber: string | null;
  readonly customerCode: string | null;
  readonly serviceDate: CivilDate | null;
  /** Of a health credit only: elsewhere they are columns. Older debts have neither. */
  readonly violationDate?: CivilDate | null;
  readonly notifiedOn?: CivilDate | null;
}

export const debtAad = (debtId: string) => `debt|${debtId}`;

/** The facts among what is sealed. */
export function sealedFacts(vault: EnteVault, key: KeyObject, debtId: string, details: Uint8Array): DebtFacts {
  const { serviceDate, violationDate, notifiedOn } = JSON.parse(
    vault.open(key, debtAad(debtId), details),
  ) as DebtDetails;
  return factsOf({ serviceDate, violationDate: violationDate ?? null, notifiedOn: notifiedOn ?? null });
}

export interface NewDebt {
  readonly debtId: string;
  readonly debtorId: string;
  readonly creditType: string;
  readonly externalId: string;
  readonly importId: string;
  readonly line: number;
  readonly taxYear: number | null;
  readonly installmentNo: number | null;
  readonly dueDate: CivilDate;
  /** As far as they are kept in columns. */
  readonly facts: DebtFacts;
  readonly deadline: KeptDeadline;
  readonly details: Buffer;
  readonly importedNoticeNumber: string | null;
  readonly amountCents: Cents;
  readonly at: number;
}

/** New debts, each with the entry that charges it; invisible until their import is flipped. */
export async function openDebts(tx: Tx, debts: readonly NewDebt[]): Promise<void> {
  if (debts.length === 0) return;
  const ente = enteOf(tx);
  const debt = sql`insert into debt (ente_id, debt_id, debtor_id, credit_type, external_id, import_id, line, tax_year,
      installment_no, due_date, details, imported_notice_number, due_cents, paid_cents, component, violation_kind,
      violation_date, notified_on, user_class, consumption_from, consumption_to, issue_term, deadline_kind, deadline_on,
      deadline_disputed_on, deadline_fact, deadline_missing)
    select ${ente}, u.debt_id, u.debtor_id, u.credit_type, u.external_id, u.import_id, u.line, u.tax_year,
      u.installment_no, u.due_date, u.details, u.notice_number, u.amount, 0, u.component, u.violation_kind,
      u.violation_date, u.notified_on, u.user_class, u.consumption_from, u.consumption_to, u.issue_term, u.deadline_kind,
      u.deadline_on, u.disputed_on, u.deadline_fact, u.missing
    from ${unnestRows({
      debt_id: { type: 'uuid', values: debts.map((d) => d.debtId) },
      debtor_id: { type: 'uuid', values: debts.map((d) => d.debtorId) },
      credit_type: { type: 'text', values: debts.map((d) => d.creditType) },
      external_id: { type: 'text', values: debts.map((d) => d.externalId) },
      import_id: { type: 'uuid', values: debts.map((d) => d.importId) },
      line: { type: 'int4', values: debts.map((d) => d.line) },
      tax_year: { type: 'int4', values: debts.map((d) => d.taxYear) },
      installment_no: { type: 'int4', values: debts.map((d) => d.installmentNo) },
      due_date: { type: 'date', values: debts.map((d) => d.dueDate) },
      details: { type: 'bytea', values: debts.map((d) => d.details) },
      notice_number: { type: 'text', values: debts.map((d) => d.importedNoticeNumber) },
      amount: { type: 'int8', values: debts.map((d) => d.amountCents) },
      ...factValues(debts.map((d) => d.facts)),
      ...deadlineValues(debts.map((d) => d.deadline)),
    })}`.execute(tx.kysely);
  const entry =
    sql`insert into debt_entry (ente_id, entry_id, debt_id, kind, component, amount_cents, at, source, source_ref)
    select ${ente}, u.entry_id, u.debt_id, 'charge', u.component, u.amount, u.at, 'import', u.import_id
    from ${unnestRows({
      entry_id: { type: 'uuid', values: debts.map(() => newId()) },
      debt_id: { type: 'uuid', values: debts.map((d) => d.debtId) },
      component: { type: 'text', values: debts.map((d) => d.facts.component ?? 'principal') },
      amount: { type: 'int8', values: debts.map((d) => d.amountCents) },
      at: { type: 'timestamptz', values: debts.map((d) => d.at) },
      import_id: { type: 'text', values: debts.map((d) => d.importId) },
    })}`.execute(tx.kysely);
  await Promise.all([debt, entry]);
}

/**
 * Details that were sealed for an erased person are gone; his debts, which stay, get empty ones under his new key, so
 * that whoever reads them may still take an unreadable value for an altered one.
 */
export async function blankDetails(tx: Tx, vault: EnteVault, debtors: readonly KnownDebtor[]): Promise<void> {
  if (debtors.length === 0) return;
  const keys = new Map(debtors.map((d) => [d.debtorId, d.key]));
  const { rows } = await sql<{ debt_id: string; debtor_id: string }>`select debt_id, debtor_id from debt
    where ente_id = ${enteOf(tx)} and debtor_id = any(${[...keys.keys()]}::uuid[])`.execute(tx.kysely);
  const nothing: DebtDetails = { description: null, documentNumber: null, customerCode: null, serviceDate: null };
  const sealed = rows.map((r) =>
    vault.seal(keys.get(r.debtor_id) as KeyObject, debtAad(r.debt_id), JSON.stringify(nothing)),
  );
  await sql`update debt d set details = u.details from ${unnestRows({
    debt_id: { type: 'uuid', values: rows.map((r) => r.debt_id) },
    details: { type: 'bytea', values: sealed },
  })} where d.ente_id = ${enteOf(tx)} and d.debt_id = u.debt_id`.execute(tx.kysely);
}

/**
 * Books entries and brings the sums of their debts along in the same transaction: the only writer of both
 * (architecture §3.2). Entries that were booked before are passed over; the ids of debts really touched come back.
 */
export async function postEntries(tx: Tx, entries: readonly Entry[]): Promise<string[]> {
  if (entries.length === 0) return [];
  const ente = enteOf(tx);
  const { rows } = await sql<{ debt_id: string }>`
    with booked as (
      insert into debt_entry (ente_id, entry_id, debt_id, kind, component, amount_cents, at, source, source_ref)
      select ${ente}, u.entry_id, u.debt_id, u.kind, u.component, u.amount, u.at, u.source, u.source_ref
      from ${unnestRows({
        entry_id: { type: 'uuid', values: entries.map(() => newId()) },
        debt_id: { type: 'uuid', values: entries.map((e) => e.debtId) },
        kind: { type: 'text', values: entries.map((e) => e.kind) },
        component: { type: 'text', values: entries.map((e) => e.component) },
        amount: { type: 'int8', values: entries.map((e) => e.amountCents) },
        at: { type: 'timestamptz', values: entries.map((e) => e.at) },
        source: { type: 'text', values: entries.map((e) => e.source) },
        source_ref: { type: 'text', values: entries.map((e) => e.sourceRef) },
      })}
      on conflict (ente_id, debt_id, source, source_ref, component) do nothing
      returning debt_id, kind, amount_cents
    ), moved as (
      select debt_id,
             coalesce(sum(amount_cents) filter (where kind <> 'payment'), 0) as due,
             coalesce(sum(-amount_cents) filter (where kind = 'payment'), 0) as paid
      from booked group by debt_id
    ), marked as (
      insert into debt_moved (ente_id, debt_id) select ${ente}::int, debt_id from moved
    )
    update debt d set due_cents = d.due_cents + m.due, paid_cents = d.paid_cents + m.paid
    from moved m where d.ente_id = ${ente} and d.debt_id = m.debt_id
    returning d.debt_id`.execute(tx.kysely);
  return rows.map((row) => row.debt_id);
}

/** Writes the whole of what is still owed off (an accepted dispute): the debt ends as cancelled or settled. */
export async function relieveDebts(
  tx: Tx,
  debtIds: readonly string[],
  why: { at: number; source: string; sourceRef: string },
): Promise<string[]> {
  const { rows } = await sql<{ debt_id: string; left: number }>`
    select d.debt_id, greatest(d.due_cents - d.paid_cents, 0) as left from debt d
    where d.ente_id = ${enteOf(tx)} and d.debt_id = any(${[...debtIds]}::uuid[]) for update`.execute(tx.kysely);
  const entries = rows
    .filter((row) => row.left > 0)
    .map<Entry>((row) => ({
      debtId: row.debt_id,
      kind: 'relief',
      component: 'principal',
      amountCents: -row.left,
      ...why,
    }));
  return postEntries(tx, entries);
}

/** Debts whose sums do not equal their entries: always none; `doctor` and the tests ask. */
export async function ledgerMismatches(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ debt_id: string }>`
    select d.debt_id from debt d
    left join (select e.debt_id, sum(e.amount_cents) filter (where e.kind <> 'payment') as due,
                      sum(-e.amount_cents) filter (where e.kind = 'payment') as paid
               from debt_entry e where e.ente_id = ${enteOf(tx)} group by e.debt_id) s on s.debt_id = d.debt_id
    where d.ente_id = ${enteOf(tx)}
      and (d.due_cents <> coalesce(s.due, 0) or d.paid_cents <> coalesce(s.paid, 0))`.execute(tx.kysely);
  return rows.map((row) => row.debt_id);
}

export interface LockedDebt {
  readonly debtorId: string;
  readonly outstandingCents: Cents;
  /** Nothing was ever due, or no longer is. */
  readonly cancelled: boolean;
  readonly type: { readonly code: string; readonly nature: string };
}

/** Locks a debt and says what is still owed; null when there is no such debt. For booking a receipt. */
export async function lockDebt(tx: Tx, debtId: string): Promise<LockedDebt | null> {
  const { rows } = await sql<{ debtor_id: string; left: number; cancelled: boolean; code: string; nature: string }>`
    select d.debtor_id, greatest(d.due_cents - d.paid_cents, 0) as left, d.due_cents <= 0 as cancelled, t.code, t.nature
    from debt d
    join credit_type_now t on t.ente_id = ${enteOf(tx)} and t.code = d.credit_type
    where d.ente_id = ${enteOf(tx)} and d.debt_id = ${debtId} for update of d`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  const { debtor_id: debtorId, left: outstandingCents, cancelled, code, nature } = row;
  return { debtorId, outstandingCents, cancelled, type: { code, nature } };
}
