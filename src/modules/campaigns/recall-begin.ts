import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { onTheWire, queueCorrections, touchTenant, voidWaiting } from '../deliveries/index.ts';
import { planCorrections, recallNotices } from '../notices/index.ts';
import { type RecallRecord, recallLeaf } from './recall.store.ts';
import { type FoundCause, SAID, storedCause, touchedQuery } from './recall-cause.ts';
import { touchedDigest } from './recall-outcomes.ts';
import { correctionRules } from './recall-rules.ts';
import { layWindows } from './start-campaign.ts';

/**
 * An approved recall's one great step, each statement over all the people at once: everybody touched by now is written down,
 * their notices are recalled, what waits of them is void, and a correction is queued for each address that was used. Once
 * `in_flight` is set it is done. Callers hold the body's turn. Returns how many corrections were queued.
 */
export async function beginRecall(tx: Tx, recall: RecallRecord, now: number): Promise<number> {
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
  await planCorrections(tx, recallId, now);
  await layWindows(tx, now);
  const queued = await queueCorrections(tx, recallId, cause.said, null, await correctionRules(tx, now), now);
  await recallLeaf(tx, recall, 'recall.started', 'system', now, queued, {
    recalled,
    voided,
    inFlight: inFlight.length,
    notices: await touchedDigest(tx, recallId),
  });
  await touchTenant(tx, now);
  return queued;
}

/** Of those who only waited: what other workers handed over until the statement before this one had voided the rest. */
async function markToldSince(tx: Tx, recallId: string, cause: FoundCause): Promise<void> {
  const ente = enteOf(tx);
  await sql`update recall_notice r set told = true where r.ente_id = ${ente} and r.recall_id = ${recallId} and not r.told
    and exists (select from delivery_address_now d where d.ente_id = ${ente} and d.notice_id = r.notice_id
      and ${SAID} and ${cause.said})`.execute(tx.kysely);
}
