import { sql } from 'kysely';
import { type CivilDate, dateOf, year } from '../../../kernel/civil-date.ts';
import { CodedError } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { type Database, enteOf, type Tx } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import {
  addContacts,
  addHeldItems,
  type ContactInput,
  type KnownDebtor,
  markDeceased,
  upsertDebtors,
} from '../../debtors/index.ts';
import { blankDetails, type DebtDetails, debtAad, openDebts, postEntries } from '../ledger.ts';
import { VERDICT } from './stage.ts';
import { importKey, readStaged, removeStaged, type Staged, setVerdict } from './staged-rows.ts';
import type { DebtRow } from './verdict.ts';

/** Class of the advisory locks of this file; the body is the second key. */
const ONE_AT_A_TIME = 7_205_340;

export interface CommitRules {
  /** R01; null where the credit knows no decadence. */
  readonly decadenceYears: number | null;
}

/**
 * The point of no return: from here on the import is finished, after a crash too. Rows that a person released count as
 * accepted. Error IMPORT_STATE.
 */
export async function beginCommit(tx: Tx, importId: string, releaseQuarantined: boolean): Promise<void> {
  const ente = enteOf(tx);
  const begun = await sql`update import set state = 'committing'
    where ente_id = ${ente} and import_id = ${importId} and state in ('staged', 'committing')`.execute(tx.kysely);
  if (begun.numAffectedRows !== 1n) throw new CodedError('IMPORT_STATE', 'this import cannot be committed any more');
  if (!releaseQuarantined) return;
  const released = await sql`update import_row set verdict = ${VERDICT.accepted} where ente_id = ${ente}
    and import_id = ${importId} and verdict = ${VERDICT.quarantined} and code <> 'OTHER_DEBTOR'`.execute(tx.kysely);
  const rows = Number(released.numAffectedRows);
  await sql`update import set accepted = accepted + ${rows}, quarantined = quarantined - ${rows}
    where ente_id = ${ente} and import_id = ${importId}`.execute(tx.kysely);
}

/**
 * Imports of one body take turns, range by range: two files that name the same person or position would otherwise both
 * find nobody, or both book the same correction.
 */
async function takeTurn(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ONE_AT_A_TIME}, ${enteOf(tx)})`.execute(tx.kysely);
}

/**
 * Turns staged rows into debts, range after range, each in its own transaction; rows leave the staging table with the
 * transaction that used them, so a crash resumes where it stopped. Nothing is visible before `flip`.
 */
export async function commitRanges(
  db: Database,
  vault: EnteVault,
  enteId: number,
  importId: string,
  creditType: string,
  rules: CommitRules,
  now: number,
): Promise<void> {
  for (;;) {
    const done = await db.tenant(enteId, (tx) => commitRange(tx, vault, importId, creditType, rules, now));
    if (done) return;
  }
}

async function commitRange(
  tx: Tx,
  vault: EnteVault,
  importId: string,
  creditType: string,
  rules: CommitRules,
  now: number,
): Promise<boolean> {
  await takeTurn(tx);
  const key = await importKey(tx, vault, importId);
  if (key === null) return true;
  const staged = await readStaged(tx, vault, key, importId, VERDICT.accepted);
  if (staged.length === 0) return true;
  const debtors = await upsertDebtors(tx, vault, staged.map(debtorOf));
  await blankDetails(
    tx,
    vault,
    [...debtors.values()].filter((d) => d.revived),
  );
  const known = await knownDebts(
    tx,
    creditType,
    staged.map((s) => s.row.externalId),
  );
  const fresh = staged.filter((s) => !known.has(s.row.externalId));
  const again = staged.filter((s) => known.has(s.row.externalId));
  const debtorFor = (row: DebtRow) => debtors.get(row.codiceFiscale) as KnownDebtor;

  await openDebts(
    tx,
    fresh.map(({ row, line }) => {
      const debtId = newId();
      const { debtorId, key: personKey } = debtorFor(row);
      return {
        debtId,
        debtorId,
        creditType,
        externalId: row.externalId,
        importId,
        line,
        taxYear: row.taxYear,
        installmentNo: row.installmentNo,
        dueDate: row.dueDate,
        decadenceDeadline: decadence(row.dueDate, rules.decadenceYears),
        details: vault.seal(personKey, debtAad(debtId), JSON.stringify(detailsOf(row))),
        importedNoticeNumber: row.noticeNumber,
        amountCents: row.amountCents,
        at: now,
      };
    }),
  );

  // A position that the ledger knows as somebody else's says nothing about this person: nothing of the row is used.
  const stranger = again.filter((s) => known.get(s.row.externalId)?.debtorId !== debtorFor(s.row).debtorId);
  const own = staged.filter((s) => !stranger.includes(s));
  await addContacts(
    tx,
    vault,
    own.flatMap(({ row }) => contactsOf(row, debtorFor(row))),
  );
  await addHeldItems(
    tx,
    vault,
    own.flatMap(({ row }) => itemsOf(row, debtorFor(row).debtorId)),
  );
  const same = again.filter(
    (s) => own.includes(s) && !debtorFor(s.row).revived && isSame(s.row, known.get(s.row.externalId)),
  );
  const changed = again.filter((s) => own.includes(s) && !same.includes(s));
  await setVerdict(tx, importId, changed, VERDICT.changed, null);
  await setVerdict(tx, importId, stranger, VERDICT.quarantined, 'OTHER_DEBTOR');
  await removeStaged(tx, importId, [...fresh, ...same]);
  await sql`update import set created = created + ${fresh.length}, changed = changed + ${changed.length},
      unchanged = unchanged + ${same.length}, accepted = accepted - ${stranger.length},
      quarantined = quarantined + ${stranger.length}
    where ente_id = ${enteOf(tx)} and import_id = ${importId}`.execute(tx.kysely);
  return false;
}

/**
 * The one flip (architecture §4.12): corrections of debts that were there already, then the import becomes visible.
 * A row that reports a death is never loaded, but contact with that person stops at once (R46). False when somebody
 * else has finished this import meanwhile.
 */
export async function flip(
  tx: Tx,
  vault: EnteVault,
  importId: string,
  creditType: string,
  rules: CommitRules,
  now: number,
): Promise<boolean> {
  await takeTurn(tx);
  const key = await importKey(tx, vault, importId);
  if (key === null) return false;
  for (;;) {
    const rows = await readStaged(tx, vault, key, importId, VERDICT.changed);
    if (rows.length === 0) break;
    await applyChanges(tx, vault, importId, creditType, rules, now, rows);
    await removeStaged(tx, importId, rows);
  }
  for (let after = 0; ; ) {
    const rows = await readStaged(tx, vault, key, importId, VERDICT.quarantined, after);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.line;
    const dead = rows.filter((s) => s.code === 'DECEASED').map((s) => s.row.codiceFiscale);
    await markDeceased(tx, vault, dead);
  }
  await sql`update import set state = 'committed' where ente_id = ${enteOf(tx)} and import_id = ${importId}`.execute(
    tx.kysely,
  );
  return true;
}

async function applyChanges(
  tx: Tx,
  vault: EnteVault,
  importId: string,
  creditType: string,
  rules: CommitRules,
  now: number,
  rows: readonly Staged[],
): Promise<void> {
  const known = await knownDebts(
    tx,
    creditType,
    rows.map((s) => s.row.externalId),
  );
  const debtors = await upsertDebtors(tx, vault, rows.map(debtorOf));
  for (const { row } of rows) {
    const before = known.get(row.externalId) as KnownDebt;
    const { key: personKey } = debtors.get(row.codiceFiscale) as KnownDebtor;
    await sql`update debt set due_date = ${row.dueDate}, decadence_deadline = ${decadence(row.dueDate, rules.decadenceYears)},
        details = ${vault.seal(personKey, debtAad(before.debtId), JSON.stringify(detailsOf(row)))}
      where ente_id = ${enteOf(tx)} and debt_id = ${before.debtId}`.execute(tx.kysely);
  }
  await postEntries(
    tx,
    rows
      .map(({ row }) => ({ row, before: known.get(row.externalId) as KnownDebt }))
      .filter(({ row, before }) => row.amountCents !== before.importedCents)
      .map(({ row, before }) => ({
        debtId: before.debtId,
        kind: 'adjustment',
        component: 'principal',
        amountCents: row.amountCents - before.importedCents,
        at: now,
        source: 'import',
        sourceRef: importId,
      })),
  );
}

interface KnownDebt {
  readonly debtId: string;
  readonly debtorId: string;
  readonly dueDate: string;
  /** What the files have said so far: charge and adjustments of imports, without relief or payments. */
  readonly importedCents: number;
}

async function knownDebts(tx: Tx, creditType: string, externalIds: readonly string[]): Promise<Map<string, KnownDebt>> {
  const { rows } = await sql<{
    external_id: string;
    debt_id: string;
    debtor_id: string;
    due_date: string;
    imported: number;
  }>`select d.external_id, d.debt_id, d.debtor_id, d.due_date,
        (select coalesce(sum(e.amount_cents), 0) from debt_entry e
         where e.ente_id = ${enteOf(tx)} and e.debt_id = d.debt_id and e.source = 'import') as imported
      from debt d where d.ente_id = ${enteOf(tx)} and d.credit_type = ${creditType}
        and d.external_id = any(${[...externalIds]}::text[])`.execute(tx.kysely);
  return new Map(
    rows.map((r) => [
      r.external_id,
      { debtId: r.debt_id, debtorId: r.debtor_id, dueDate: r.due_date, importedCents: Number(r.imported) },
    ]),
  );
}

function isSame(row: DebtRow, before: KnownDebt | undefined): boolean {
  return before !== undefined && before.importedCents === row.amountCents && before.dueDate === row.dueDate;
}

function decadence(dueDate: CivilDate, years: number | null): CivilDate | null {
  // R01: 31 December of the n-th year after the year of the due date, never of the tax year.
  return years === null ? null : dateOf(year(dueDate) + years, 12, 31);
}

function debtorOf({ row, code }: Staged) {
  const { codiceFiscale, surname, name, companyName, address, postalCode, city } = row;
  return {
    personal: { codiceFiscale, surname, name, companyName, address, postalCode, city },
    isPerson: row.codiceFiscaleKind === 'person' || surname !== null,
    deceased: row.deceased,
    minor: code === 'MINOR',
  };
}

function detailsOf(row: DebtRow): DebtDetails {
  const { description, documentNumber, customerCode, serviceDate } = row;
  return { description, documentNumber, customerCode, serviceDate };
}

function contactsOf(row: DebtRow, debtor: KnownDebtor): ContactInput[] {
  const common = { debtor, source: row.contactSource ?? 'file', purposes: row.contactPurposes };
  const contacts: ContactInput[] = [];
  if (row.email !== null) contacts.push({ ...common, channel: 'email', address: row.email });
  for (const phone of [row.phone, ...row.otherPhones]) {
    if (phone !== null) contacts.push({ ...common, channel: 'sms', address: phone });
  }
  return contacts;
}

function itemsOf(row: DebtRow, debtorId: string) {
  const items = [];
  if (row.documentNumber !== null) items.push({ debtorId, kind: 'documentNumber' as const, value: row.documentNumber });
  if (row.customerCode !== null) items.push({ debtorId, kind: 'customerCode' as const, value: row.customerCode });
  if (row.noticeNumber !== null) items.push({ debtorId, kind: 'noticeNumber' as const, value: row.noticeNumber });
  return items;
}
