import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { doubtDebts } from '../debts/index.ts';
import { onTheWire, queueCorrections, type Slice, touchTenant, voidWaiting } from '../deliveries/index.ts';
import { planCorrections, recallNotices, stopUnaskedNotices } from '../notices/index.ts';
import { type Preparation, type RecallRecord, recallLeaf } from './recall.store.ts';
import { type FoundCause, SAID, storedCause, touchedQuery } from './recall-cause.ts';
import { digestOf } from './recall-counts.ts';
import { touchedDigest } from './recall-outcomes.ts';
import { correctionRules } from './recall-rules.ts';
import { layWindows } from './start-campaign.ts';

/** People whose corrections are queued in one transaction: about half a second of the database. */
const PEOPLE_AT_ONCE = 2_000;

/** Whether every correction of an approved recall is queued; until then more of it follows by itself. */
export function isPrepared({ preparation }: Pick<RecallRecord, 'preparation'>): boolean {
  return preparation !== null && preparation.ready >= preparation.people;
}

/**
 * The next part of an approved recall: first everybody touched is found and everything stops, in one transaction; then
 * corrections are queued, so many people at a time. How far it is lies in the row that the same transaction writes: a
 * process that dies leaves no part half done, and none is done twice. Callers hold the body's turn. Returns how much moved,
 * never 0.
 */
export async function prepareRecall(
  tx: Tx,
  recall: RecallRecord,
  now: number,
  atOnce = PEOPLE_AT_ONCE,
): Promise<number> {
  const before = recall.preparation ?? (await findAndStop(tx, recall, now));
  const after = recall.preparation === null ? before : await correct(tx, recall, before, now, atOnce);
  await sql`update recall set preparation = ${JSON.stringify(after)}::text::jsonb
    where ente_id = ${enteOf(tx)} and recall_id = ${recall.recallId}`.execute(tx.kysely);
  if (after.ready >= after.people) {
    await recallLeaf(tx, recall, 'recall.prepared', 'system', now, after.queued, { people: after.people });
  }
  await touchTenant(tx, now);
  return Math.max(1, after.ready - before.ready);
}

/**
 * Everybody touched by now is written down, their notices are recalled, what waits of them is void, and debts that may be
 * wrong are doubted: before anybody is told that they were.
 */
async function findAndStop(tx: Tx, recall: RecallRecord, now: number): Promise<Preparation> {
  const ente = enteOf(tx);
  const { recallId } = recall;
  const cause = await storedCause(tx, recall);
  await sql`insert into recall_notice (ente_id, recall_id, notice_id, debtor_id, told)
    select ${ente}, ${recallId}, t.notice_id, t.debtor_id, t.told from (${touchedQuery(tx, cause)}) t`.execute(
    tx.kysely,
  );
  const recalled = await recallNotices(tx, recallId);
  const voided = await voidWaiting(tx, { recallId }, 'recalled', now);
  await markToldSince(tx, recallId, cause);
  const inFlight = await onTheWire(tx, { recallId });
  await sql`update recall set in_flight = ${inFlight}::uuid[]
    where ente_id = ${ente} and recall_id = ${recallId}`.execute(tx.kysely);
  const doubted = recall.doubts ? await doubt(tx, recallId, cause, now) : {};
  await layWindows(tx, now);
  const { rows } = await sql<{ told: number; touched: number }>`
    select count(distinct debtor_id) filter (where told)::int as told, count(distinct debtor_id)::int as touched
    from recall_notice where ente_id = ${ente} and recall_id = ${recallId}`.execute(tx.kysely);
  const { told = 0, touched = 0 } = rows[0] ?? {};
  await recallLeaf(tx, recall, 'recall.started', 'system', now, told, {
    waitingOnly: touched - told,
    recalled,
    voided,
    inFlight: inFlight.length,
    notices: await touchedDigest(tx, recallId),
    ...doubted,
  });
  return { people: told, ready: 0, upTo: null, queued: 0 };
}

async function doubt(tx: Tx, recallId: string, cause: FoundCause, now: number) {
  const ente = enteOf(tx);
  const open = sql`select b.debt_id from debt_now b
    where b.ente_id = ${ente} and b.state = 'open' and b.debt_id in (${cause.debts}) order by b.debt_id`;
  const doubted = await doubtDebts(tx, recallId, open, now);
  const { rows } = await sql<{ digest: string }>`select ${digestOf(sql`d.debt_id`)} as digest from debt_doubt_now d
    where d.ente_id = ${ente} and d.doubt_id = ${recallId}`.execute(tx.kysely);
  return { doubted, debts: rows[0]?.digest ?? '', othersStopped: await stopUnaskedNotices(tx, { doubtId: recallId }) };
}

/** Of those who only waited: what other workers handed over until the statement before this one had voided the rest. */
async function markToldSince(tx: Tx, recallId: string, cause: FoundCause): Promise<void> {
  const ente = enteOf(tx);
  await sql`update recall_notice r set told = true where r.ente_id = ${ente} and r.recall_id = ${recallId} and not r.told
    and exists (select from delivery_address_now d where d.ente_id = ${ente} and d.notice_id = r.notice_id
      and ${SAID} and ${cause.said})`.execute(tx.kysely);
}

/** The corrections of the next people, in the order of their ids: one for each address that was used. */
async function correct(
  tx: Tx,
  recall: RecallRecord,
  before: Preparation,
  now: number,
  atOnce: number,
): Promise<Preparation> {
  const { recallId } = recall;
  const further = before.upTo === null ? sql`` : sql`and debtor_id > ${before.upTo}::uuid`;
  const { rows } = await sql<{ people: number; upTo: string | null }>`
    select count(*)::int as people, (array_agg(q.debtor_id order by q.debtor_id desc))[1] as "upTo"
    from (select distinct debtor_id from recall_notice
      where ente_id = ${enteOf(tx)} and recall_id = ${recallId} and told ${further}
      order by debtor_id limit ${atOnce}) q`.execute(tx.kysely);
  const { people = 0, upTo = null } = rows[0] ?? {};
  // Nobody is left to be told: whatever the count says, it is over.
  if (upTo === null) return { ...before, ready: before.people };
  const slice: Slice = { after: before.upTo, upTo };
  await planCorrections(tx, recallId, slice, now);
  const rules = await correctionRules(tx, now);
  const { said } = await storedCause(tx, recall);
  const queued = await queueCorrections(tx, recallId, said, slice, rules, now);
  return { people: before.people, ready: before.ready + people, upTo, queued: before.queued + queued };
}
