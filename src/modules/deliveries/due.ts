import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { STATE_CODE } from './delivery.states.ts';

/** The earliest legal instant at which a queued delivery of a running campaign falls due; null when none waits. */
export async function nextDeliveryAt(tx: Tx): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`select min(d.due_at) as at from delivery d
    where d.ente_id = ${enteOf(tx)} and d.state = ${STATE_CODE.queued}
      and exists (select from campaign_now k where k.ente_id = ${enteOf(tx)} and k.campaign_id = d.campaign_id
        and k.state = 'running')`.execute(tx.kysely);
  return rows[0]?.at ?? null;
}

/** Whether a message is between the queue and its outcome: then nothing may move the simulated clock (§4.1). */
export async function isBusy(tx: Tx): Promise<boolean> {
  const { rows } = await sql`select 1 from delivery where ente_id = ${enteOf(tx)}
    and state in (${STATE_CODE.taken}, ${STATE_CODE.handingOver}) limit 1`.execute(tx.kysely);
  return rows.length > 0;
}

/** What still waits of a campaign, for whoever stops it. */
export async function queuedOfCampaign(tx: Tx, campaignId: string): Promise<string[]> {
  const { rows } = await sql<{ delivery_id: string }>`select delivery_id from delivery
    where ente_id = ${enteOf(tx)} and campaign_id = ${campaignId} and state = ${STATE_CODE.queued}`.execute(tx.kysely);
  return rows.map((row) => row.delivery_id);
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
