import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { newId } from '../../../kernel/ids.ts';
import { enteOf, type Send, type Tx } from '../../../platform/db/index.ts';
import type { EnteVault } from '../../../platform/secrets/index.ts';
import {
  addContacts,
  addHeldItems,
  type BatchDebtors,
  findDebtors,
  type GatheredDebtor,
  gatherDebtors,
  type KnownDebtor,
} from '../../debtors/index.ts';
import { clearFacts, factsOf } from '../debt-facts.ts';
import { keptDeadline } from '../derive-deadline.ts';
import { confirmDebts } from '../doubt.ts';
import { blankDetails, debtAad, type NewDebt, openDebts } from '../ledger.ts';
import { type CommitRules, isSame, type KnownDebt, knownDebts } from './known-debts.ts';
import { contactsOf, debtorOf, detailsOf, itemsOf } from './row-parts.ts';
import { type KeptRow, keepRows, type Staged, sealRow, VERDICT } from './staged-rows.ts';
import type { DebtRow } from './verdict.ts';

/** Takes new debts in the order in which they were sent; settles when they are numbered. */
export type Numbering = (debts: readonly NewDebt[]) => Promise<void>;

/** What all transactions of one import share. */
export interface CommitJob {
  readonly vault: EnteVault;
  readonly importId: string;
  readonly creditType: string;
  readonly rules: CommitRules;
  readonly now: number;
  /** Of one transaction: payments give notice numbers to the new debts that it writes. */
  readonly numbering: (tx: Tx) => Numbering;
}

/** Staged rows that are written together, with what can be reckoned of them before anything is asked. */
export interface Part {
  readonly firstLine: number;
  readonly rows: readonly Staged[];
  readonly persons: readonly GatheredDebtor[];
}

export function partOf(vault: EnteVault, firstLine: number, rows: readonly Staged[]): Part {
  return { firstLine, rows, persons: gatherDebtors(vault, rows.map(debtorOf)) };
}

/** What the ledger knew of a part's positions and persons when it was asked. */
export interface LookedUp {
  readonly known: ReadonlyMap<string, KnownDebt>;
  readonly found: Awaited<ReturnType<typeof findDebtors>>;
}

export async function lookUp(tx: Tx, creditType: string, part: Part): Promise<LookedUp> {
  const externalIds = part.rows.map((s) => s.row.externalId);
  const [known, found] = await Promise.all([knownDebts(tx, creditType, externalIds), findDebtors(tx, part.persons)]);
  return { known, found };
}

/** Sends all that a part's rows become, its debtors aside, who are on their way. */
export async function writePart(
  tx: Tx,
  job: CommitJob,
  key: KeyObject,
  part: Part,
  known: ReadonlyMap<string, KnownDebt>,
  { debtors, newIds, revived }: BatchDebtors,
  number: Numbering,
  send: Send,
): Promise<void> {
  const { vault, importId, rules } = job;
  await blankDetails(tx, vault, revived);
  const debtorFor = (row: DebtRow) => debtors.get(row.codiceFiscale) as KnownDebtor;
  const { fresh, changed, same, stranger } = sortOut(part.rows, known, debtorFor, rules);

  // Named again as it was: what a recall doubted of it stands.
  const confirmed = same.flatMap((s) => known.get(s.row.externalId)?.debtId ?? []);
  if (confirmed.length > 0) await send(confirmDebts(tx, importId, confirmed));
  const debts = fresh.map((s) => newDebt(job, s, debtorFor(s.row)));
  await send(openDebts(tx, debts));
  await send(number(debts));
  // A position that the ledger knows as somebody else's says nothing about this person: nothing of the row is used.
  const own = stranger.size === 0 ? part.rows : part.rows.filter((s) => !stranger.has(s));
  const contacts = own.flatMap(({ row }) => contactsOf(row, debtorFor(row)));
  await send(addContacts(tx, vault, contacts, newIds));
  const items = own.flatMap(({ row }) => itemsOf(row, debtorFor(row).debtorId));
  await send(addHeldItems(tx, vault, items, newIds));
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
