import { sql } from 'kysely';
import { CodedError } from '../../../kernel/errors.ts';
import { type Database, enteOf, type Tx } from '../../../platform/db/index.ts';
import { type KnownDebtor, markDeceased, upsertDebtors } from '../../debtors/index.ts';
import { clearFacts } from '../debt-facts.ts';
import { keptDeadline } from '../derive-deadline.ts';
import { confirmDebts } from '../doubt.ts';
import { debtAad, postEntries } from '../ledger.ts';
import type { CommitJob, Part } from './commit-part.ts';
import { commitRange, type RangeDone, takeTurn } from './commit-range.ts';
import { type KnownDebt, knownAfter, knownDebts } from './known-debts.ts';
import { debtorOf, detailsOf } from './row-parts.ts';
import { importKey, readStaged, removeStaged, type Staged, VERDICT } from './staged-rows.ts';

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

/** Of 1,000 rows. On PGlite, which has one session, everybody else waits for the end of the transaction. */
const PARTS_PER_RANGE: Readonly<Record<Database['engine'], number>> = { pglite: 1, postgres: 10 };

/**
 * Turns staged rows into debts, range after range, each in its own transaction; rows leave the staging tables with the
 * transaction that used them, so a crash resumes where it stopped. Nothing is visible before `flip`.
 */
export async function commitRanges(db: Database, enteId: number, job: CommitJob): Promise<void> {
  let ahead: Part | null = null;
  for (;;) {
    const readBefore: Part | null = ahead;
    // The first is short: the server's statistics do not see what is not committed, and of tables that they take for
    // empty it would use any index, for each row.
    const parts: number = readBefore === null ? 1 : PARTS_PER_RANGE[db.engine];
    const done: RangeDone | null = await db.tenant(enteId, (tx) => commitRange(tx, job, readBefore, parts));
    if (done === null) return;
    ahead = done.next;
  }
}

/**
 * The one flip (architecture §4.12): corrections of debts that were there already, then the import becomes visible.
 * A row that reports a death is never loaded, but contact with that person stops at once (R46). False when somebody
 * else has finished this import meanwhile.
 */
export async function flip(tx: Tx, job: CommitJob): Promise<boolean> {
  const { vault, importId } = job;
  await takeTurn(tx);
  const key = await importKey(tx, vault, importId);
  if (key === null) return false;
  for (;;) {
    const rows = await readStaged(tx, vault, key, importId, VERDICT.changed);
    if (rows.length === 0) break;
    await applyChanges(tx, job, rows);
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

async function applyChanges(tx: Tx, job: CommitJob, rows: readonly Staged[]): Promise<void> {
  const { vault, importId, creditType, rules, now } = job;
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
  await confirmDebts(
    tx,
    importId,
    rows.map(({ row }) => (known.get(row.externalId) as KnownDebt).debtId),
  );
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
