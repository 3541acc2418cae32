import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { paceUse } from '../deliveries/index.ts';
import { type OpenWindow, PaceBook, type PaceCaps, slotsOf } from './pace-slots.ts';

interface Step {
  readonly step_no: number;
  readonly channel: string;
  /** Notices whose step is due now. */
  readonly due: number;
}

const open = sql.raw(`n.state in ('planned', 'active')`);

/**
 * Lets as many due notices of each paced campaign through to the queue as its hour and day still hold, and dates the
 * others, with the reason `pacing`, to the slots after: who has waited longest first, then whose decadence comes first,
 * then in the order of the register. Where there is room, the waiting are called before their slot, so that what is paid
 * meanwhile makes the campaign shorter and no slot is lost.
 *
 * First contacts go before later steps: nobody is told twice while somebody has not been told at all, and who pays after
 * a first message needs no second one. The wait between two steps is never shortened by it.
 *
 * A slot is a Roman hour in which the step's channel is open. What waits in the queue counts as used, so that the sum
 * holds whenever it is taken; the gate at the moment of taking (deliveries/pace.ts) is for what was put off meanwhile.
 * The tick calls it one at a time per body.
 */
export async function paceNotices(tx: Tx, now: number): Promise<void> {
  const ente = enteOf(tx);
  await sql`update notice set stop_reason = null
    where ente_id = ${ente} and stop_reason = 'pacing' and next_due_at <= ${instant(now)}`.execute(tx.kysely);
  const { rows } = await sql<{ campaign_id: string; per_day: number | null; per_hour: number | null }>`
    select p.campaign_id, p.per_day, p.per_hour from pace_now p
    join campaign_now k on k.ente_id = ${ente} and k.campaign_id = p.campaign_id and k.state = 'running'
    where p.ente_id = ${ente} order by p.campaign_id`.execute(tx.kysely);
  for (const row of rows) await paceCampaign(tx, row.campaign_id, { perDay: row.per_day, perHour: row.per_hour }, now);
}

async function paceCampaign(tx: Tx, campaignId: string, caps: PaceCaps, now: number): Promise<void> {
  const steps = await stepsOf(tx, campaignId, now);
  const today = new PaceBook(caps, now, await paceUse(tx, campaignId, now, true));
  const openNow = await openChannels(tx, now);
  const late: { readonly step: Step; readonly through: number }[] = [];
  let called = 0;
  for (const step of steps) {
    const room = openNow.has(step.channel) ? today.room(now) : 0;
    const through = Math.min(step.due, room);
    if (through < step.due) late.push({ step, through });
    const early = room > step.due ? await callWaiting(tx, campaignId, step.step_no, room - step.due, now) : 0;
    today.take(now, through + early);
    called += through + early;
  }
  if (late.length === 0) return;
  const ahead = new PaceBook(caps, now, await paceUse(tx, campaignId, now, false));
  ahead.take(now, called);
  for (const { at, n } of await dated(tx, campaignId)) ahead.take(Math.max(at, now), n);
  const windows = await windowsAhead(tx, now);
  for (const { step, through } of late) {
    const slots = slotsOf(windows.get(step.channel) ?? [], now);
    await dateWaiting(tx, campaignId, step.step_no, through, ahead.give(slots, step.due - through), now);
  }
}

async function stepsOf(tx: Tx, campaignId: string, now: number): Promise<Step[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<Step>`
    select s.step_no, s.channel, count(n.notice_id)::int as due from step_now s
    left join notice n on n.ente_id = ${ente} and n.campaign_id = ${campaignId} and n.next_step = s.step_no
      and n.next_due_at <= ${instant(now)} and ${open}
    where s.ente_id = ${ente} and s.campaign_id = ${campaignId}
    group by s.step_no, s.channel order by s.step_no`.execute(tx.kysely);
  return rows;
}

async function openChannels(tx: Tx, now: number): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ channel: string }>`select channel from calendar_window_now
    where ente_id = ${enteOf(tx)} and opens_at <= ${instant(now)} and closes_at > ${instant(now)}`.execute(tx.kysely);
  return new Set(rows.map((row) => row.channel));
}

async function windowsAhead(tx: Tx, now: number): Promise<ReadonlyMap<string, OpenWindow[]>> {
  const { rows } = await sql<{ channel: string; opens_at: number; closes_at: number }>`
    select channel, opens_at, closes_at from calendar_window_now
    where ente_id = ${enteOf(tx)} and closes_at > ${instant(now)} order by opens_at`.execute(tx.kysely);
  const windows = new Map<string, OpenWindow[]>();
  for (const { channel, opens_at: opensAt, closes_at: closesAt } of rows) {
    windows.set(channel, [...(windows.get(channel) ?? []), { opensAt, closesAt }]);
  }
  return windows;
}

/** What stands in the slots already: notices that wait, and messages in the queue, by the hour. */
async function dated(tx: Tx, campaignId: string): Promise<{ at: number; n: number }[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ at: number; n: number }>`
    select next_due_at as at, count(*)::int as n from notice
    where ente_id = ${ente} and campaign_id = ${campaignId} and stop_reason = 'pacing' group by next_due_at
    union all
    select date_trunc('hour', due_at) as at, count(*)::int as n from delivery_now
    where ente_id = ${ente} and campaign_id = ${campaignId} and state = 0 group by 1`.execute(tx.kysely);
  return rows;
}

/** Calls up to `room` notices that wait for a later slot of this step, the earliest first. Returns how many. */
async function callWaiting(tx: Tx, campaignId: string, step: number, room: number, now: number): Promise<number> {
  const ente = enteOf(tx);
  const done = await sql`update notice n set next_due_at = ${instant(now)}, stop_reason = null
    from (select w.notice_id from notice w
      where w.ente_id = ${ente} and w.campaign_id = ${campaignId} and w.stop_reason = 'pacing' and w.next_step = ${step}
        and w.state in ('planned', 'active')
      order by w.next_due_at, w.debtor_id, w.notice_id limit ${room}) w
    where n.ente_id = ${ente} and n.notice_id = w.notice_id and n.stop_reason = 'pacing'`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}

/** Dates the due notices of a step, all but the first `through`, to the slots that they were given. */
async function dateWaiting(
  tx: Tx,
  campaignId: string,
  step: number,
  through: number,
  given: readonly { readonly at: number; readonly n: number }[],
  now: number,
): Promise<void> {
  if (given.length === 0) return;
  const ente = enteOf(tx);
  let rank = through + 1;
  const firsts = given.map(({ n }) => {
    const first = rank;
    rank += n;
    return first;
  });
  await sql`update notice n set stop_reason = 'pacing',
      next_due_at = (${given.map(({ at }) => instant(at))}::text[]::timestamptz[])[width_bucket(r.rank, ${firsts}::int8[])]
    from (
      select w.notice_id, row_number() over (order by w.next_due_at, (
          select min(d.decadence_deadline) from notice_line l
          join debt_now d on d.ente_id = ${ente} and d.debt_id = l.debt_id and d.state = 'open'
          where l.ente_id = ${ente} and l.notice_id = w.notice_id) nulls last, w.debtor_id, w.notice_id) as rank
      from notice w
      where w.ente_id = ${ente} and w.campaign_id = ${campaignId} and w.next_step = ${step}
        and w.next_due_at <= ${instant(now)} and w.state in ('planned', 'active')
    ) r
    where n.ente_id = ${ente} and n.notice_id = r.notice_id and r.rank > ${through}`.execute(tx.kysely);
}
