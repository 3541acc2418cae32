import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { noticeMachine } from './notice.states.ts';

/** Delivery states as the view `delivery_now` shows them (deliveries/delivery.states.ts). */
const FAILED = 6;
const EXPIRED = 7;
const UNCERTAIN = 8;
const VOID = 9;
const READ = 5;

/** Tries of one step when the failure may pass: after an hour, then a day; then the next step. */
const RETRY_AFTER_HOURS = [1, 24];

const open = sql.raw(`n.state in ('planned', 'active')`);
const from = (event: Parameters<typeof noticeMachine.sources>[0]) =>
  sql`n.state = any(${noticeMachine.sources(event)}::text[])`;

/**
 * Notices with nothing worth asking for left: what is open of their lines is under the campaign's minimum (architecture
 * §3.10), or nothing at all. `stop_reason` tells a payment from a write-off. Of one campaign, or of one person.
 */
export async function settleNotices(
  tx: Tx,
  which: { readonly campaignId: string; readonly minimumCents: number } | { readonly debtorId: string },
): Promise<number> {
  const ente = enteOf(tx);
  const of = 'debtorId' in which ? sql`n.debtor_id = ${which.debtorId}` : sql`n.campaign_id = ${which.campaignId}`;
  const minimum = 'debtorId' in which ? 1 : Math.max(which.minimumCents, 1);
  const done = await sql`
    update notice n set state = ${noticeMachine.target('settle')}, next_due_at = null, stop_reason = s.why
    from (
      select n.notice_id, case when sum(d.paid_cents) > 0 then 'paid' else 'cancelled' end as why
      from notice n
      join notice_line l on l.ente_id = ${ente} and l.notice_id = n.notice_id
      join debt_now d on d.ente_id = ${ente} and d.debt_id = l.debt_id
      where n.ente_id = ${ente} and ${of} and ${from('settle')}
      group by n.notice_id
      having sum(case when d.state = 'open' then d.outstanding_cents else 0 end) < ${minimum}
    ) s
    where n.ente_id = ${ente} and n.notice_id = s.notice_id`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}

/**
 * Due notices of persons under a hold wait: until it ends, or, while it has no end, until it is lifted (`resumeHeld`).
 * The hold itself is what stops contact (it is asked again at hand-over); this only keeps the queue free of them.
 */
export async function parkHeld(tx: Tx, now: number): Promise<void> {
  const ente = enteOf(tx);
  const at = instant(now);
  await sql`
    update notice n set next_due_at = h.until, stop_reason = case when h.until is null then 'held:' || h.reason end
    from (
      select n2.notice_id, h.until, h.reason,
        row_number() over (partition by n2.notice_id order by h.until desc nulls first) as rank
      from notice n2 join hold_now h on h.ente_id = ${ente} and h.subject_kind = 'debtor' and h.subject = uuid_send(n2.debtor_id)
        and h.since <= ${at}::timestamptz and (h.until is null or h.until > ${at}::timestamptz)
      where n2.ente_id = ${ente} and n2.next_due_at <= ${at}::timestamptz
    ) h
    where n.ente_id = ${ente} and n.notice_id = h.notice_id and h.rank = 1 and ${open}`.execute(tx.kysely);
}

/** A hold without end was lifted: the person's waiting notices are looked at again. */
export async function resumeHeld(tx: Tx, debtorId: string, now: number): Promise<number> {
  const done = await sql`update notice n set next_due_at = ${instant(now)}, stop_reason = null
    where n.ente_id = ${enteOf(tx)} and n.debtor_id = ${debtorId} and ${open} and n.stop_reason like 'held:%'`.execute(
    tx.kysely,
  );
  return Number(done.numAffectedRows ?? 0n);
}

/** Steps whose condition does not hold are passed over: their wait counts, nobody is written to. Returns how many. */
export async function skipSteps(tx: Tx, now: number): Promise<number> {
  const ente = enteOf(tx);
  const done = await sql`
    update notice n set next_step = n.next_step + 1, next_attempt = 1,
      next_due_at = case when f.step_no is null then null else n.next_due_at + make_interval(days => f.wait_days) end
    from step_now s
    left join step_now f on f.ente_id = ${ente} and f.campaign_id = s.campaign_id and f.step_no = s.step_no + 1
    where n.ente_id = ${ente} and s.ente_id = ${ente} and s.campaign_id = n.campaign_id and s.step_no = n.next_step
      and ${open} and n.next_due_at <= ${instant(now)} and n.next_attempt = 1
      and ((s.only_if = 'notReached' and exists (
              select from delivery_now d where d.ente_id = ${ente} and d.notice_id = n.notice_id
                and d.handed_over_at is not null and d.state <> ${FAILED}))
        or (s.only_if = 'unread' and exists (
              select from delivery_now d where d.ente_id = ${ente} and d.notice_id = n.notice_id and d.state = ${READ})))`.execute(
    tx.kysely,
  );
  return Number(done.numAffectedRows ?? 0n);
}

/** After the tick: notices that got a delivery wait for what becomes of it (no date of their own meanwhile). */
export async function awaitDeliveries(tx: Tx, now: number): Promise<void> {
  const ente = enteOf(tx);
  await sql`
    update notice n set state = ${noticeMachine.target('activate')}, next_due_at = null, stop_reason = null
    where n.ente_id = ${ente} and ${open} and n.next_due_at <= ${instant(now)}
      and exists (select from delivery_now d where d.ente_id = ${ente} and d.notice_id = n.notice_id
        and d.step_no = n.next_step and d.attempt = n.next_attempt)`.execute(tx.kysely);
}

/**
 * Due notices that got none, though their step applies: nobody can be reached on that channel. They go on to the next
 * step at once, or end where there is none.
 */
export async function passUnreachable(tx: Tx, now: number): Promise<number> {
  const ente = enteOf(tx);
  const done = await sql`
    update notice n set next_step = n.next_step + 1, next_attempt = 1, stop_reason = 'noContact'
    where n.ente_id = ${ente} and ${open} and n.next_due_at <= ${instant(now)}
      and exists (select from campaign_now k where k.ente_id = ${ente} and k.campaign_id = n.campaign_id and k.state = 'running')
      and exists (select from step_now s where s.ente_id = ${ente} and s.campaign_id = n.campaign_id and s.step_no = n.next_step
        and not exists (select from fit_contact c where c.ente_id = ${ente} and c.notice_id = n.notice_id and c.channel = s.channel))`.execute(
    tx.kysely,
  );
  return Number(done.numAffectedRows ?? 0n);
}

/**
 * Reads what became of the deliveries that notices wait for and dates the next move: the next step after its wait, the
 * same step again after a failure that may pass, at once after one that will not.
 */
export async function followOutcomes(tx: Tx, now: number): Promise<number> {
  const ente = enteOf(tx);
  const at = instant(now);
  const retry = sql`d.state = ${FAILED} and d.handed_over_at is null and d.fault in ('temporary', 'technical')
    and d.attempt <= ${RETRY_AFTER_HOURS.length}`;
  const again = sql`d.state = ${VOID} and (d.reason like 'hold:%' or d.reason = 'nothingLeft')`;
  const done = await sql`
    update notice n set
      next_step = case when ${retry} or ${again} then n.next_step else n.next_step + 1 end,
      next_attempt = case when ${retry} or ${again} then n.next_attempt + 1 else 1 end,
      next_due_at = case
        when ${again} then ${at}::timestamptz
        when ${retry} then d.finished_at + make_interval(hours => (${RETRY_AFTER_HOURS}::int[])[d.attempt])
        when f.step_no is null then null
        when d.state in (${FAILED}, ${EXPIRED}, ${VOID}) then ${at}::timestamptz
        else coalesce(d.handed_over_at, d.due_at) + make_interval(days => f.wait_days) end
    from delivery_now d
    left join step_now f on f.ente_id = ${ente} and f.campaign_id = d.campaign_id and f.step_no = d.step_no + 1
    where n.ente_id = ${ente} and d.ente_id = ${ente} and d.notice_id = n.notice_id and d.step_no = n.next_step
      and d.attempt = n.next_attempt and n.state = 'active' and n.next_due_at is null
      and n.stop_reason is null and (d.handed_over_at is not null or d.state in (${FAILED}, ${EXPIRED}, ${UNCERTAIN}, ${VOID}))`.execute(
    tx.kysely,
  );
  return Number(done.numAffectedRows ?? 0n);
}

/** Notices that have walked every step: told at least once, `exhausted`; never told, `stopped` with the reason. */
export async function closeWalked(tx: Tx): Promise<void> {
  const ente = enteOf(tx);
  const beyond = sql`not exists (select from step_now s where s.ente_id = ${ente} and s.campaign_id = n.campaign_id
    and s.step_no >= n.next_step)`;
  const told = sql`exists (select from delivery_now d where d.ente_id = ${ente} and d.notice_id = n.notice_id
    and (d.handed_over_at is not null or d.state = ${UNCERTAIN}))`;
  await sql`update notice n set state = ${noticeMachine.target('exhaust')}, next_due_at = null, stop_reason = null
    where n.ente_id = ${ente} and ${from('exhaust')} and ${beyond} and ${told}`.execute(tx.kysely);
  await sql`update notice n set state = ${noticeMachine.target('stop')}, next_due_at = null, stop_reason = coalesce(
      n.stop_reason,
      (select d.reason from delivery_now d where d.ente_id = ${ente} and d.notice_id = n.notice_id
       order by d.step_no desc, d.attempt desc limit 1), 'noContact')
    where n.ente_id = ${ente} and ${from('stop')} and ${beyond} and not ${told}`.execute(tx.kysely);
}

/** Ends the notices of a campaign that was stopped. */
export async function stopNotices(tx: Tx, campaignId: string, reason: string): Promise<number> {
  const done =
    await sql`update notice n set state = ${noticeMachine.target('stop')}, next_due_at = null, stop_reason = ${reason}
    where n.ente_id = ${enteOf(tx)} and n.campaign_id = ${campaignId} and ${from('stop')}`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}

/** The earliest instant at which a notice of a running campaign moves; null when none does. */
export async function nextNoticeAt(tx: Tx): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`select min(n.next_due_at) as at from notice n
    where n.ente_id = ${enteOf(tx)} and n.next_due_at is not null
      and exists (select from campaign_now k where k.ente_id = ${enteOf(tx)} and k.campaign_id = n.campaign_id
        and k.state = 'running')`.execute(tx.kysely);
  return rows[0]?.at ?? null;
}

/** Whether the campaign has nothing left to do: every notice ended, or waits for nothing but a person's answer. */
export async function openNotices(tx: Tx, campaignId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from notice n
    where n.ente_id = ${enteOf(tx)} and n.campaign_id = ${campaignId} and ${open}`.execute(tx.kysely);
  return rows[0]?.n ?? 0;
}
