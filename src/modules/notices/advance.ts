import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { noticeMachine } from './notice.states.ts';

/** Delivery states as the view `delivery_now` shows them (deliveries/delivery.states.ts). */
const READ = 5;
const FAILED = 6;
const UNCERTAIN = 8;

const open = sql.raw(`n.state in ('planned', 'active')`);
const from = (event: Parameters<typeof noticeMachine.sources>[0]) =>
  sql`n.state = any(${noticeMachine.sources(event)}::text[])`;

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
        and exists (select from step_now s where s.ente_id = ${ente} and s.campaign_id = n2.campaign_id
          and s.step_no >= n2.next_step)
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
      next_due_at = n.next_due_at + make_interval(days => coalesce(f.wait_days, 0))
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
  const contact = sql`from contact_now c where c.ente_id = ${ente} and c.debtor_id = n.debtor_id and c.channel = s.channel`;
  const done = await sql`
    update notice n set next_step = n.next_step + 1, next_attempt = 1, stop_reason = case
        when p.erased then 'erased' when p.deceased then 'deceased' when p.minor then 'minor'
        when not exists (select ${contact}) then 'noContact'
        when not exists (select ${contact} and not c.dead) then 'deadContact'
        when exists (select ${contact} and not c.dead and exists (select from hold_now h where h.ente_id = ${ente}
          and h.subject_kind = 'address' and h.subject = c.address_lookup and h.until is null)) then 'addressHeld'
        else 'contactPurpose' end
    from step_now s, debtor_now p
    where n.ente_id = ${ente} and s.ente_id = ${ente} and p.ente_id = ${ente} and p.debtor_id = n.debtor_id
      and s.campaign_id = n.campaign_id and s.step_no = n.next_step
      and ${open} and n.next_due_at <= ${instant(now)}
      and exists (select from campaign_now k where k.ente_id = ${ente} and k.campaign_id = n.campaign_id and k.state = 'running')
      and not exists (select from fit_contact c where c.ente_id = ${ente} and c.notice_id = n.notice_id
        and c.channel = s.channel)`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}

/**
 * Due notices that have walked every step: told at least once, `exhausted`; never told, `stopped` with the reason. What
 * takes a notice beyond its last step leaves it due.
 */
export async function closeWalked(tx: Tx, now: number): Promise<void> {
  const ente = enteOf(tx);
  const beyond = sql`n.next_due_at <= ${instant(now)} and not exists (select from step_now s
    where s.ente_id = ${ente} and s.campaign_id = n.campaign_id and s.step_no >= n.next_step)`;
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

/** The debts a notice speaks of. */
export async function linesOf(tx: Tx, noticeId: string): Promise<string[]> {
  const { rows } = await sql<{ debt_id: string }>`select debt_id from notice_line
    where ente_id = ${enteOf(tx)} and notice_id = ${noticeId} order by debt_id`.execute(tx.kysely);
  return rows.map((row) => row.debt_id);
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
