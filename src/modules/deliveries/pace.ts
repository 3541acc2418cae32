import { sql } from 'kysely';
import { addDays } from '../../kernel/civil-date.ts';
import { romeDate, romeInstant } from '../../kernel/rome-time.ts';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { STATE_CODE } from './delivery.states.ts';

const HOUR_MS = 3_600_000;

/** The Roman hour and day around an instant, as instants; the ends are the first ones after. */
export interface PaceSpan {
  readonly hour: number;
  readonly hourEnd: number;
  readonly day: number;
  readonly dayEnd: number;
}

/** Rome is a whole number of hours from UTC, so that its hours are UTC's; the hour that autumn repeats is two of them. */
export function paceSpan(at: number): PaceSpan {
  const date = romeDate(at);
  const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
  return { hour, hourEnd: hour + HOUR_MS, day: romeInstant(date, 0), dayEnd: romeInstant(addDays(date, 1), 0) };
}

export interface PaceUse {
  readonly hour: number;
  readonly day: number;
}

/**
 * How much of this hour and this day a campaign has used: messages that may have left in it, and those on their way since
 * before it began, which leave in it. With `queued`, those too that wait to go before its end.
 */
export async function paceUse(tx: Tx, campaignId: string, now: number, queued: boolean): Promise<PaceUse> {
  const ente = enteOf(tx);
  const span = paceSpan(now);
  const used = (start: number, end: number) => sql`(
    (select count(*) from contact_slot u where u.ente_id = ${ente} and u.subject_kind = 'campaign'
      and u.subject = uuid_send(${campaignId}::uuid) and u.at >= ${instant(start)}::timestamptz)
    + (select count(*) from delivery b
      join contact_slot u on u.ente_id = ${ente} and u.subject_kind = 'campaign' and u.delivery_id = b.delivery_id
      where b.ente_id = ${ente} and b.campaign_id = ${campaignId} and b.state in (${STATE_CODE.taken}, ${STATE_CODE.handingOver})
        and u.at < ${instant(start)}::timestamptz)
    ${
      queued
        ? sql`+ (select count(*) from delivery q where q.ente_id = ${ente} and q.campaign_id = ${campaignId}
            and q.state = ${STATE_CODE.queued} and q.due_at < ${instant(end)}::timestamptz)`
        : sql``
    })::int`;
  const { rows } = await sql<{ hour: number; day: number }>`
    select ${used(span.hour, span.hourEnd)} as hour, ${used(span.day, span.dayEnd)} as day`.execute(tx.kysely);
  return rows[0] ?? { hour: 0, day: 0 };
}

interface Paced {
  readonly delivery_id: string;
  readonly campaign_id: string;
  readonly channel: string;
  readonly per_day: number | null;
  readonly per_hour: number | null;
}

/**
 * The last gate of a campaign's pace, at the moment of taking, under the campaign's locked budget row, so that the cap
 * holds whoever takes and however late. The tick queues no more than fits (notices/pace-notices.ts): what is turned away
 * here had been put off by a ceiling, a hold or a closed window. It stays queued, dated to the next hour or day that is
 * open, its term moved with it. Returns those that may go, and of which of them `reservePace` must be told once taken.
 */
export async function underPace(
  tx: Tx,
  ids: readonly string[],
  now: number,
): Promise<{ go: string[]; paced: ReadonlySet<string> }> {
  if (ids.length === 0) return { go: [], paced: new Set() };
  const ente = enteOf(tx);
  const { rows } = await sql<Paced>`
    select d.delivery_id, d.campaign_id, d.channel, p.per_day, p.per_hour from delivery d
    join pace_now p on p.ente_id = ${ente} and p.campaign_id = d.campaign_id
    where d.ente_id = ${ente} and d.delivery_id = any(${[...ids]}::uuid[])
    order by d.campaign_id, d.due_at, d.debtor_id, d.delivery_id`.execute(tx.kysely);
  const late: { readonly id: string; readonly channel: string; readonly from: number }[] = [];
  const span = paceSpan(now);
  for (const campaign of new Set(rows.map((row) => row.campaign_id))) {
    await lockPace(tx, campaign);
    const use = await paceUse(tx, campaign, now, false);
    const mine = rows.filter((row) => row.campaign_id === campaign);
    const today = (mine[0]?.per_day ?? Number.POSITIVE_INFINITY) - use.day;
    const thisHour = (mine[0]?.per_hour ?? Number.POSITIVE_INFINITY) - use.hour;
    const from = today <= thisHour ? span.dayEnd : span.hourEnd;
    const beyond = mine.slice(Math.max(0, Math.min(today, thisHour)));
    late.push(...beyond.map((row) => ({ id: row.delivery_id, channel: row.channel, from })));
  }
  if (late.length > 0) {
    await sql`update delivery d set due_at = w.at, expires_at = d.expires_at + (w.at - d.due_at), reason = 'pacing'
      from ${unnestRows({
        id: { type: 'uuid', values: late.map((one) => one.id) },
        channel: { type: 'text', values: late.map((one) => one.channel) },
        from_at: { type: 'timestamptz', values: late.map((one) => one.from) },
      })}
      cross join lateral (select coalesce((select greatest(w.opens_at, u.from_at) from calendar_window_now w
        where w.ente_id = ${ente} and w.channel = u.channel and w.closes_at > u.from_at order by w.closes_at limit 1),
        u.from_at) as at) w
      where d.ente_id = ${ente} and d.delivery_id = u.id and d.state = ${STATE_CODE.queued}`.execute(tx.kysely);
  }
  const turnedAway = new Set(late.map((one) => one.id));
  return { go: ids.filter((id) => !turnedAway.has(id)), paced: new Set(rows.map((row) => row.delivery_id)) };
}

/** Campaigns come in order, and after the persons and addresses of the same batch: takers never lock crosswise. */
async function lockPace(tx: Tx, campaignId: string): Promise<void> {
  await sql`insert into contact_budget (ente_id, subject_kind, subject)
    values (${enteOf(tx)}, 'campaign', uuid_send(${campaignId}::uuid))
    on conflict (ente_id, subject_kind, subject) do update set subject_kind = excluded.subject_kind`.execute(tx.kysely);
}

/** Counts taken messages against the pace of their campaigns; given back like any other slot. */
export async function reservePace(tx: Tx, ids: readonly string[], now: number): Promise<void> {
  if (ids.length === 0) return;
  const ente = enteOf(tx);
  await sql`insert into contact_slot (ente_id, subject_kind, subject, delivery_id, at)
    select ${ente}, 'campaign', uuid_send(d.campaign_id), d.delivery_id, ${instant(now)}
    from delivery d where d.ente_id = ${ente} and d.delivery_id = any(${[...ids]}::uuid[])
    on conflict do nothing`.execute(tx.kysely);
}
