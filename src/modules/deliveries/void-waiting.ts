import { type RawBuilder, sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { STATE_CODE } from './delivery.states.ts';
import { transitionWhere } from './transition.ts';

/** The messages of a campaign that was stopped, or of the notices that a recall touches. */
type Group = { readonly campaignId: string } | { readonly recallId: string };

/**
 * Voids what still waits of a group, taken ones among it, and gives its budget back; a million in one statement. What
 * another transaction is handing over at this very moment is waited for, and then left alone. Returns how many.
 */
export async function voidWaiting(tx: Tx, group: Group, reason: string, now: number): Promise<number> {
  const ente = enteOf(tx);
  const of = membersOf(tx, group);
  // In the order in which everybody locks them (`lockDeliveries`): the few that a worker may be about to hand over.
  await sql`select 1 from delivery where ente_id = ${ente} and state = ${STATE_CODE.taken} and ${of}
    order by delivery_id for update`.execute(tx.kysely);
  const voided = await transitionWhere(tx, of, 'cancel', { at: now, reason });
  await sql`delete from contact_slot where ente_id = ${ente} and delivery_id in (select delivery_id from delivery
    where ente_id = ${ente} and state = ${STATE_CODE.void} and reason = ${reason} and ${of})`.execute(tx.kysely);
  return voided;
}

/** What is on the wire now: of a group, or among `ids`. */
export async function onTheWire(tx: Tx, among: Group | { readonly ids: readonly string[] }): Promise<string[]> {
  const which = 'ids' in among ? sql`delivery_id = any(${[...among.ids]}::uuid[])` : membersOf(tx, among);
  const { rows } = await sql<{ delivery_id: string }>`select delivery_id from delivery
    where ente_id = ${enteOf(tx)} and state = ${STATE_CODE.handingOver} and ${which}`.execute(tx.kysely);
  return rows.map((row) => row.delivery_id);
}

function membersOf(tx: Tx, group: Group): RawBuilder<unknown> {
  return 'campaignId' in group
    ? sql`campaign_id = ${group.campaignId}`
    : sql`notice_id in (select r.notice_id from recall_notice_now r
        where r.ente_id = ${enteOf(tx)} and r.recall_id = ${group.recallId})`;
}
