import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { correctionNotice } from '../deliveries/index.ts';
import { noticeMachine } from './notice.states.ts';

/** Ends every notice that a recall touches and that has not ended: no step of it follows any more. */
export async function recallNotices(tx: Tx, recallId: string): Promise<number> {
  const ente = enteOf(tx);
  const done = await sql`
    update notice n set state = ${noticeMachine.target('recall')}, next_due_at = null, stop_reason = 'recalled'
    from recall_notice_now r
    where r.ente_id = ${ente} and r.recall_id = ${recallId} and n.ente_id = ${ente} and n.notice_id = r.notice_id
      and n.state = any(${noticeMachine.sources('recall')}::text[])`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}

/**
 * One notice for each person who was told something wrong: what the messages of the correction, their links and the page
 * behind them hang on. It has no lines, so that neither a payment nor a write-off ends it, and no steps (`next_step` 0): its
 * messages are all queued at once. About health if anything that was said was (§4.5).
 */
export async function planCorrections(tx: Tx, recallId: string, now: number): Promise<number> {
  const ente = enteOf(tx);
  const done = await sql`
    insert into notice (ente_id, notice_id, campaign_id, debtor_id, purpose_group, health, office_id, state, next_step,
      next_attempt, next_due_at, created_at)
    select ${ente}, ${correctionNotice(recallId, sql`r.debtor_id`)}, ${recallId}, r.debtor_id,
      (array_agg(n.purpose_group order by n.health desc, n.purpose_group))[1], bool_or(n.health), min(n.office_id),
      ${noticeMachine.target('exhaust')}, 0, 1, null, ${instant(now)}
    from recall_notice_now r join notice n on n.ente_id = ${ente} and n.notice_id = r.notice_id
    where r.ente_id = ${ente} and r.recall_id = ${recallId} and r.told
    group by r.debtor_id`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}
