import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

/** Delivery states as the view `delivery_now` shows them (deliveries/delivery.states.ts). */
const FAILED = 6;
const EXPIRED = 7;
const UNCERTAIN = 8;
const VOID = 9;

/** Hours to the next try of a step whose failure may pass, by attempt; then the next step. */
const RETRY_AFTER_HOURS = [1, 24];
/**
 * Minutes to the next try where the provider asked for a pause, by attempt: never sooner than it asked, and later each
 * time, so that a rate that is too high for it neither hammers it nor costs anybody a step.
 */
const ASKED_RETRY_AFTER_MINUTES = [0, 1, 5, 15, 60, 240, 1440, 1440];
/** Ours or the provider's breakdown says nothing of the person: a step must not be lost to a long week-end. */
const TECHNICAL_RETRY_AFTER_HOURS = [1, 4, 24, 24, 24, 24, 24];
/** A term that passed before anybody could send (a pause, a full week) is begun again so many times. */
const EXPIRED_TRIES = 2;
/** A step that was set aside (a hold, a dead address) is looked at again so many times: a bound, never reached in life. */
const SET_ASIDE_TRIES = 9;

/** Those of which a message has moved; null: whoever waits. */
export type Followed = readonly string[] | null;

const among = (notices: Followed) => (notices === null ? sql`` : sql`and n.notice_id = any(${[...notices]}::uuid[])`);

/**
 * Reads what became of the deliveries that notices wait for and dates the next move: the next step after its wait; the
 * same step again after a failure that may pass, or at once where the person has another address; else the next step at
 * once.
 */
export async function followOutcomes(tx: Tx, now: number, notices: Followed): Promise<number> {
  const ente = enteOf(tx);
  const at = instant(now);
  const passes = (fault: string, hours: readonly number[]) =>
    sql`(d.fault = ${fault} and d.attempt <= ${hours.length})`;
  const retry = sql`(d.state = ${FAILED} and d.handed_over_at is null
    and case when d.retry_at is not null then d.attempt <= ${ASKED_RETRY_AFTER_MINUTES.length}
      else ${passes('temporary', RETRY_AFTER_HOURS)} or ${passes('technical', TECHNICAL_RETRY_AFTER_HOURS)} end)`;
  const retryAt = sql`case when d.retry_at is not null
    then greatest(d.retry_at, d.finished_at + make_interval(mins => (${ASKED_RETRY_AFTER_MINUTES}::int[])[d.attempt]))
    else d.finished_at + make_interval(hours => case when d.fault = 'technical'
      then (${TECHNICAL_RETRY_AFTER_HOURS}::int[])[d.attempt] else (${RETRY_AFTER_HOURS}::int[])[d.attempt] end) end`;
  const again = sql`((d.state = ${EXPIRED} and d.attempt <= ${EXPIRED_TRIES})
    or (d.state = ${VOID} and d.attempt <= ${SET_ASIDE_TRIES}
      and (d.reason like 'hold:%' or d.reason in ('nothingLeft', 'noContact')))
    or (d.state = ${FAILED} and d.handed_over_at is null and d.fault = 'permanent' and d.attempt <= ${SET_ASIDE_TRIES}
      and exists (select from fit_contact c where c.ente_id = ${ente} and c.notice_id = n.notice_id
        and c.channel = d.channel)))`;
  const done = await sql`
    update notice n set
      next_step = case when ${retry} or ${again} then n.next_step else n.next_step + 1 end,
      next_attempt = case when ${retry} or ${again} then n.next_attempt + 1 else 1 end,
      next_due_at = case
        when ${again} then ${at}::timestamptz
        when ${retry} then ${retryAt}
        -- Beyond the last step: due, to be closed.
        when f.step_no is null then ${at}::timestamptz
        when d.state in (${FAILED}, ${EXPIRED}, ${VOID}) then ${at}::timestamptz
        else coalesce(d.handed_over_at, d.due_at) + make_interval(days => f.wait_days) end
    from delivery_now d
    left join step_now f on f.ente_id = ${ente} and f.campaign_id = d.campaign_id and f.step_no = d.step_no + 1
    where n.ente_id = ${ente} ${among(notices)} and d.ente_id = ${ente} and d.notice_id = n.notice_id and d.step_no = n.next_step
      and d.attempt = n.next_attempt and n.state = 'active' and n.next_due_at is null
      and n.stop_reason is null and (d.handed_over_at is not null or d.state in (${FAILED}, ${EXPIRED}, ${UNCERTAIN}, ${VOID}))`.execute(
    tx.kysely,
  );
  return Number(done.numAffectedRows ?? 0n);
}

/**
 * A message that was accepted and came back, or that a person found to have failed, did not tell anybody: the step after
 * it is due now instead of after its wait (architecture §3.8), if it goes another way or this one never left: the same
 * words to the same mailbox on the same day help nobody. Its condition and the ceilings are asked as ever.
 */
export async function hastenAfterFailure(tx: Tx, now: number, notices: Followed): Promise<number> {
  const ente = enteOf(tx);
  const at = instant(now);
  const done = await sql`
    update notice n set next_due_at = ${at}
    from delivery_now d
    join step_now s on s.ente_id = ${ente} and s.campaign_id = d.campaign_id and s.step_no = d.step_no + 1 and (s.channel <> d.channel or d.handed_over_at is null)
    where n.ente_id = ${ente} ${among(notices)} and d.ente_id = ${ente} and d.notice_id = n.notice_id and d.step_no = n.next_step - 1
      and d.state = ${FAILED} and n.state = 'active' and n.next_attempt = 1 and n.next_due_at > ${at}::timestamptz
      and n.stop_reason is distinct from 'pacing'
      and not exists (select from delivery_now e where e.ente_id = ${ente} and e.notice_id = n.notice_id
        and e.step_no = d.step_no and e.attempt > d.attempt)
      and not exists (select from hold_now h where h.ente_id = ${ente} and h.subject_kind = 'debtor'
        and h.subject = uuid_send(n.debtor_id) and h.since <= ${at}::timestamptz
        and (h.until is null or h.until > ${at}::timestamptz))`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}
