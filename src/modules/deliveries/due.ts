import { type RawBuilder, sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { STATE_CODE } from './delivery.states.ts';
import { releaseSlots } from './take.ts';
import { transitionMany } from './transition.ts';

/** The earliest legal instant at which a queued delivery of a running campaign falls due; null when none waits. */
export async function nextDeliveryAt(tx: Tx): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`select min(d.due_at) as at from delivery d
    where d.ente_id = ${enteOf(tx)} and d.state = ${STATE_CODE.queued}
      and exists (select from campaign_now k where k.ente_id = ${enteOf(tx)} and k.campaign_id = d.campaign_id
        and k.state = 'running')`.execute(tx.kysely);
  return rows[0]?.at ?? null;
}

/** The channels on which a queued delivery of a running campaign is due. */
export async function dueChannels(tx: Tx, channels: readonly string[], now: number): Promise<string[]> {
  const { rows } = await sql<{ channel: string }>`select u.channel from unnest(${[...channels]}::text[]) as u(channel)
    where exists (select from ${dueNow(tx, sql`u.channel`, now)})`.execute(tx.kysely);
  return rows.map((row) => row.channel);
}

const dueNow = (tx: Tx, channel: RawBuilder<unknown>, now: number) => sql`delivery d
  where d.ente_id = ${enteOf(tx)} and d.state = ${STATE_CODE.queued} and d.due_at <= ${instant(now)}::timestamptz
    and d.channel = ${channel} and exists (select from campaign_now k where k.ente_id = ${enteOf(tx)}
      and k.campaign_id = d.campaign_id and k.state = 'running')`;

/**
 * The provider takes no more today: up to `limit` of what is due waits for the first opening at or after `from`, with
 * the reason on it. Its term moves as far, since it is not the message that is late. Returns how many.
 */
export async function waitForBudget(
  tx: Tx,
  channel: string,
  now: number,
  from: number,
  limit: number,
): Promise<number> {
  const ente = enteOf(tx);
  const midnight = sql`${instant(from)}::timestamptz`;
  const opening = sql`coalesce((select greatest(w.opens_at, ${midnight}) from calendar_window_now w
    where w.ente_id = ${ente} and w.channel = ${channel} and w.closes_at > ${midnight}
    order by w.closes_at limit 1), ${midnight})`;
  const moved = await sql`
    with due as (select d.delivery_id from ${dueNow(tx, sql`${channel}`, now)}
      order by d.due_at, d.debtor_id, d.delivery_id limit ${limit} for update of d skip locked),
    next as (select ${opening} as at)
    update delivery d set due_at = next.at, reason = 'dailyBudget',
      expires_at = case when d.expires_at > ${instant(now)} then d.expires_at + (next.at - d.due_at) else d.expires_at end
    from due, next where d.ente_id = ${ente} and d.delivery_id = due.delivery_id
      and d.state = ${STATE_CODE.queued}`.execute(tx.kysely);
  return Number(moved.numAffectedRows ?? 0n);
}

/** Taken, and not to go after all: back in the queue as they were, for whoever comes. */
export async function putBack(tx: Tx, ids: readonly string[], now: number): Promise<void> {
  await releaseSlots(tx, await transitionMany(tx, ids, 'leaseLost', { at: now }));
}

/** Whether a message is between the queue and its outcome: then nothing may move the simulated clock (§4.1). */
export async function isBusy(tx: Tx): Promise<boolean> {
  const { rows } = await sql`select 1 from delivery where ente_id = ${enteOf(tx)}
    and state in (${STATE_CODE.taken}, ${STATE_CODE.handingOver}) limit 1`.execute(tx.kysely);
  return rows.length > 0;
}

/** Deliveries nobody is sure of, oldest first, for a person to resolve (`resolveUncertain`). */
export async function uncertainOf(
  tx: Tx,
  limit: number,
): Promise<{ deliveryId: string; reason: string | null; dueAt: number }[]> {
  const { rows } = await sql<{ delivery_id: string; reason: string | null; due_at: number }>`
    select delivery_id, reason, due_at from delivery where ente_id = ${enteOf(tx)} and state = ${STATE_CODE.uncertain}
    order by due_at limit ${limit}`.execute(tx.kysely);
  return rows.map((r) => ({ deliveryId: r.delivery_id, reason: r.reason, dueAt: r.due_at }));
}
