import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { correctionNotice, type Slice, sliceOf } from '../deliveries/index.ts';
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
 * Ends the notices that speak of nothing open but debts nobody is to be asked for, one of them in this doubt
 * (docs/adr/0010) or this debt, which is paid in installments now: every step of theirs would find nothing left to tell.
 * Once that is over a new campaign picks those debts.
 */
export async function stopUnaskedNotices(
  tx: Tx,
  of: { readonly doubtId: string } | { readonly debtInPlan: string },
): Promise<number> {
  const ente = enteOf(tx);
  const [reason, debts] =
    'doubtId' in of
      ? [
          'inDoubt',
          sql`select x.debt_id from debt_doubt_now x where x.ente_id = ${ente} and x.doubt_id = ${of.doubtId}`,
        ]
      : ['inPlan', sql`select ${of.debtInPlan}::uuid`];
  const done = await sql`
    update notice n set state = ${noticeMachine.target('stop')}, next_due_at = null, stop_reason = ${reason}
    where n.ente_id = ${ente} and n.state = any(${noticeMachine.sources('stop')}::text[])
      and n.notice_id in (select l.notice_id from notice_line l where l.ente_id = ${ente} and l.debt_id in (${debts}))
      and not exists (select from notice_line l
        join debt_now d on d.ente_id = ${ente} and d.debt_id = l.debt_id and d.state = 'open'
        where l.ente_id = ${ente} and l.notice_id = n.notice_id
          and not exists (select from debt_unasked_now x where x.ente_id = ${ente} and x.debt_id = l.debt_id))`.execute(
    tx.kysely,
  );
  return Number(done.numAffectedRows ?? 0n);
}

/**
 * One notice for each person of a slice who was told something wrong: what the messages of the correction, their links and the page
 * behind them hang on. It has no lines, so that neither a payment nor a write-off ends it, and no steps (`next_step` 0): its
 * messages are all queued at once. About health if anything that was said was (§4.5).
 */
export async function planCorrections(tx: Tx, recallId: string, slice: Slice, now: number): Promise<number> {
  const ente = enteOf(tx);
  const done = await sql`
    insert into notice (ente_id, notice_id, campaign_id, debtor_id, purpose_group, health, office_id, state, next_step,
      next_attempt, next_due_at, created_at)
    select ${ente}, ${correctionNotice(recallId, sql`r.debtor_id`)}, ${recallId}, r.debtor_id,
      (array_agg(n.purpose_group order by n.health desc, n.purpose_group))[1], bool_or(n.health), min(n.office_id),
      ${noticeMachine.target('exhaust')}, 0, 1, null, ${instant(now)}
    from recall_notice_now r join notice n on n.ente_id = ${ente} and n.notice_id = r.notice_id
    where r.ente_id = ${ente} and r.recall_id = ${recallId} and r.told and ${sliceOf(slice)}
    group by r.debtor_id`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}
