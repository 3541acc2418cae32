import { sql } from 'kysely';
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
import { clearFacts, type DebtFacts, factsOf } from '../debt-facts.ts';
import { keptDeadline } from '../derive-deadline.ts';
import { blankDetails, type DebtDetails, debtAad, openDebts, postEntries } from '../ledger.ts';
import { type CommitRules, isSame, type KnownDebt, knownAfter, knownDebts } from './known-debts.ts';
import { VERDICT } from './stage.ts';
import { importKey, readStaged, removeStaged, type Staged, setVerdict } from './staged-rows.ts';
import type { DebtRow } from './verdict.ts';

/** Class of the advisory locks of this file; the body is the second key. */
const ONE_AT_A_TIME = 7_205_340;

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
    and import_id = ${importId} and verdict = ${VERDICT.quarantined}
    and code not in ('OTHER_DEBTOR', 'DECEASED_SANCTION')`.execute(tx.kysely);
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
      const facts = factsOf(row);
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
        facts: clearFacts(facts, rules.health),
        deadline: keptDeadline(rules.deadline, row, facts, rules.today),
        details: vault.seal(personKey, debtAad(debtId), JSON.stringify(detailsOf(row, facts, rules.health))),
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
    (s) =>
      own.includes(s) && !debtorFor(s.row).revived && isSame(s.row, known.get(s.row.externalId) as KnownDebt, rules),
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
    const dead = rows
      .filter((s) => s.code === 'DECEASED' || s.code === 'DECEASED_SANCTION')
      .map((s) => s.row.codiceFiscale);
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
    const facts = knownAfter(vault, personKey, before, row);
    const kept = clearFacts(facts, rules.health);
    const debt = { dueDate: row.dueDate, taxYear: before.taxYear };
    const deadline = keptDeadline(rules.deadline, debt, facts, rules.today);
    await sql`update debt set due_date = ${row.dueDate},
        details = ${vault.seal(personKey, debtAad(before.debtId), JSON.stringify(detailsOf(row, facts, rules.health)))},
        violation_kind = ${kept.violationKind}, violation_date = ${kept.violationDate}, notified_on = ${kept.notifiedOn},
        user_class = ${kept.userClass}, consumption_from = ${kept.consumptionFrom},
        consumption_to = ${kept.consumptionTo}, issue_term = ${kept.issueTerm}, deadline_kind = ${deadline.kind},
        deadline_on = ${deadline.on}, deadline_disputed_on = ${deadline.disputedOn},
        deadline_fact = ${deadline.fact}, deadline_missing = ${deadline.missing}
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
        component: before.facts.component ?? 'principal',
        amountCents: row.amountCents - before.importedCents,
        at: now,
        source: 'import',
        sourceRef: importId,
      })),
  );
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

function detailsOf(row: DebtRow, facts: DebtFacts, health: boolean): DebtDetails {
  const { description, documentNumber, customerCode } = row;
  const { serviceDate, violationDate, notifiedOn } = facts;
  return { description, documentNumber, customerCode, serviceDate, ...(health ? { violationDate, notifiedOn } : {}) };
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
