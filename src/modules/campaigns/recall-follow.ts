import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { onTheWire, queueCorrections, retryCorrections, STATE_CODE } from '../deliveries/index.ts';
import { moveRecall, type RecallRecord, recallLeaf, runningRecalls } from './recall.store.ts';
import { saidBy } from './recall-cause.ts';
import { correctionTotals, touchedDigest } from './recall-outcomes.ts';
import { isPrepared, prepareRecall } from './recall-prepare.ts';
import { correctionRules } from './recall-rules.ts';

/**
 * The tick's part of a recall: one that was approved is prepared, a part at a time; then what was on the wire as it began
 * and turned out to be accepted is corrected, too; what failed and may pass is tried again; and when nothing is on its way
 * any more the recall is over. Returns how much moved.
 */
export async function followRecalls(tx: Tx, now: number): Promise<number> {
  let moved = 0;
  for (const { recall, inFlight } of await runningRecalls(tx)) {
    if (!isPrepared(recall)) {
      moved += await prepareRecall(tx, recall, now);
      continue;
    }
    const rules = await correctionRules(tx, now);
    const left = await onTheWire(tx, { ids: inFlight });
    if (left.length < inFlight.length) {
      const said = saidBy(recall.kind, recall.key);
      moved += await queueCorrections(tx, recall.recallId, said, { ids: inFlight }, rules, now);
      await sql`update recall set in_flight = ${left}::uuid[]
        where ente_id = ${enteOf(tx)} and recall_id = ${recall.recallId}`.execute(tx.kysely);
    }
    moved += await retryCorrections(tx, recall.recallId, rules, now);
    if (left.length === 0 && !(await isWaiting(tx, recall.recallId))) await complete(tx, recall, now);
  }
  return moved;
}

/** When the body must be looked at again for its recalls: now, while one is being prepared; else null. */
export async function nextRecallAt(tx: Tx, now: number): Promise<number | null> {
  return (await runningRecalls(tx)).every(({ recall }) => isPrepared(recall)) ? null : now;
}

/** Whether a correction is still to come: asked on each tick, so that it counts nothing. */
async function isWaiting(tx: Tx, recallId: string): Promise<boolean> {
  const { queued, taken, handingOver } = STATE_CODE;
  const { rows } = await sql`select 1 from delivery_now where ente_id = ${enteOf(tx)} and campaign_id = ${recallId}
    and state in (${queued}, ${taken}, ${handingOver}) limit 1`.execute(tx.kysely);
  return rows.length > 0;
}

async function complete(tx: Tx, recall: RecallRecord, now: number): Promise<void> {
  const { corrected, notReached, uncertain } = await correctionTotals(tx, recall.recallId);
  await moveRecall(tx, recall, 'complete', { at: now });
  await recallLeaf(tx, recall, 'recall.completed', 'system', now, corrected + notReached + uncertain, {
    corrected,
    notReached,
    uncertain,
    notices: await touchedDigest(tx, recall.recallId),
  });
}
