import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { newId } from '../../../kernel/ids.ts';
import { enteOf, type Send, sendAhead, type Tx } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import { addContacts, addHeldItems, findOrMakeDebtors, type KnownDebtor } from '../../debtors/index.ts';
import { clearFacts, factsOf } from '../debt-facts.ts';
import { keptDeadline } from '../derive-deadline.ts';
import { blankDetails, debtAad, type NewDebt, openDebts } from '../ledger.ts';
import { openChunk, readChunk, takeChunk } from './chunks.ts';
import { type CommitRules, isSame, type KnownDebt, knownDebts } from './known-debts.ts';
import { contactsOf, debtorOf, detailsOf, itemsOf } from './row-parts.ts';
import {
  importKey,
  type KeptRow,
  keepRows,
  readStaged,
  removeStaged,
  type Staged,
  sealRow,
  VERDICT,
} from './staged-rows.ts';
import type { DebtRow } from './verdict.ts';

/** What all ranges of one import share. */
export interface CommitJob {
  readonly vault: EnteVault;
  readonly importId: string;
  readonly creditType: string;
  readonly rules: CommitRules;
  readonly now: number;
  /** In the transaction that writes them: payments give notice numbers to new debts. */
  readonly numberDebts: (tx: Tx, debts: readonly NewDebt[]) => Promise<void>;
}

/** Rows read ahead, which the next transaction takes if they are still there. */
export interface Ahead {
  readonly firstLine: number;
  readonly rows: readonly Staged[];
}

export interface RangeDone {
  readonly next: Ahead | null;
}

/** Class of the advisory locks of this file; the body is the second key. */
const ONE_AT_A_TIME = 7_205_340;

/**
 * Imports of one body take turns, range by range: two files that name the same person or position would otherwise both
 * find nobody, or both book the same correction.
 */
export async function takeTurn(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ONE_AT_A_TIME}, ${enteOf(tx)})`.execute(tx.kysely);
}

/**
 * One range of staged rows becomes debts in one transaction. Statements are sent as soon as their rows are made, so that
 * the database writes while the next ones are sealed, and the next range is read and opened meanwhile. Null when nothing
 * is left to do.
 */
export async function commitRange(tx: Tx, job: CommitJob, ahead: Ahead | null): Promise<RangeDone | null> {
  await takeTurn(tx);
  const key = await importKey(tx, job.vault, job.importId);
  if (key === null) return null;
  const range = await takeRange(tx, job, key, ahead);
  if (range.rows.length === 0) return null;
  return sendAhead(async (send) => {
    const following = readChunk(tx, job.importId, range.firstLine);
    await send(following);
    await writeRange(tx, job, key, range.rows, send);
    const chunk = await following;
    if (chunk === null) return { next: null };
    return { next: { firstLine: chunk.firstLine, rows: openChunk(job.vault, key, job.importId, chunk) } };
  });
}

async function writeRange(
  tx: Tx,
  job: CommitJob,
  key: KeyObject,
  staged: readonly Staged[],
  send: Send,
): Promise<void> {
  const { vault, importId, creditType, rules } = job;
  const externalIds = staged.map((s) => s.row.externalId);
  const [known, { debtors, written }] = await Promise.all([
    knownDebts(tx, creditType, externalIds),
    findOrMakeDebtors(tx, vault, staged.map(debtorOf)),
  ]);
  await send(written);
  const revived = [...debtors.values()].filter((d) => d.revived);
  await blankDetails(tx, vault, revived);
  const debtorFor = (row: DebtRow) => debtors.get(row.codiceFiscale) as KnownDebtor;
  const { fresh, changed, same, stranger } = sortOut(staged, known, debtorFor, rules);

  const debts = fresh.map((s) => newDebt(job, s, debtorFor(s.row)));
  await send(openDebts(tx, debts));
  await send(job.numberDebts(tx, debts));
  // A position that the ledger knows as somebody else's says nothing about this person: nothing of the row is used.
  const own = stranger.size === 0 ? staged : staged.filter((s) => !stranger.has(s));
  const contacts = own.flatMap(({ row }) => contactsOf(row, debtorFor(row)));
  await send(addContacts(tx, vault, contacts));
  const items = own.flatMap(({ row }) => itemsOf(row, debtorFor(row).debtorId));
  await send(addHeldItems(tx, vault, items));
  const keep = (rows: Iterable<Staged>, verdict: number, code: string | null): KeptRow[] =>
    [...rows].map(({ line, cells, row }) => {
      const content = sealRow(vault, key, importId, line, { cells, verdict: { kind: 'accepted', row } });
      return { line, verdict, code, column: null, content };
    });
  const kept = [...keep(changed, VERDICT.changed, null), ...keep(stranger, VERDICT.quarantined, 'OTHER_DEBTOR')];
  await send(keepRows(tx, importId, kept));
  await send(
    sql`update import set created = created + ${fresh.length}, changed = changed + ${changed.length},
        unchanged = unchanged + ${same.length}, accepted = accepted - ${stranger.size},
        quarantined = quarantined + ${stranger.size}
      where ente_id = ${enteOf(tx)} and import_id = ${importId}`.execute(tx.kysely),
  );
}

/** New positions, and those that the ledger has: with other words, with the same, or as somebody else's. */
function sortOut(
  staged: readonly Staged[],
  known: ReadonlyMap<string, KnownDebt>,
  debtorFor: (row: DebtRow) => KnownDebtor,
  rules: CommitRules,
) {
  const fresh: Staged[] = [];
  const changed: Staged[] = [];
  const same: Staged[] = [];
  const stranger = new Set<Staged>();
  for (const s of staged) {
    const before = known.get(s.row.externalId);
    const debtor = debtorFor(s.row);
    if (before === undefined) fresh.push(s);
    else if (before.debtorId !== debtor.debtorId) stranger.add(s);
    else if (!debtor.revived && isSame(s.row, before, rules)) same.push(s);
    else changed.push(s);
  }
  return { fresh, changed, same, stranger };
}

/** Takes the next rows away from where they were staged; rows that a person released come after all others. */
async function takeRange(tx: Tx, job: CommitJob, key: KeyObject, ahead: Ahead | null): Promise<Ahead> {
  const { vault, importId } = job;
  if (ahead !== null && (await takeChunk(tx, importId, ahead.firstLine))) return ahead;
  const chunk = await readChunk(tx, importId, 0);
  if (chunk !== null) {
    await takeChunk(tx, importId, chunk.firstLine);
    return { firstLine: chunk.firstLine, rows: openChunk(vault, key, importId, chunk) };
  }
  const rows = await readStaged(tx, vault, key, importId, VERDICT.accepted);
  await removeStaged(tx, importId, rows);
  return { firstLine: 0, rows };
}

function newDebt(job: CommitJob, { row, line }: Staged, debtor: KnownDebtor): NewDebt {
  const { vault, importId, creditType, rules, now } = job;
  const debtId = newId();
  const facts = factsOf(row);
  return {
    debtId,
    debtorId: debtor.debtorId,
    creditType,
    externalId: row.externalId,
    importId,
    line,
    taxYear: row.taxYear,
    installmentNo: row.installmentNo,
    dueDate: row.dueDate,
    facts: clearFacts(facts, rules.health),
    deadline: keptDeadline(rules.deadline, row, facts, rules.today),
    details: vault.seal(debtor.key, debtAad(debtId), JSON.stringify(detailsOf(row, facts, rules.health))),
    importedNoticeNumber: row.noticeNumber,
    amountCents: row.amountCents,
    at: now,
  };
}
