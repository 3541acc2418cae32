import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { STATE_CODE } from './delivery.states.ts';
import type { Guards } from './guards.ts';
import { releaseSlots, type TakenDelivery } from './take.ts';
import { transitionMany } from './transition.ts';

const DAY_MS = 86_400_000;

/** Why a delivery does not go now. `until` null: never; else it waits in the queue until then. */
export interface Block {
  readonly reason: string;
  readonly until: number | null;
}

interface Row {
  readonly id: string;
  readonly hold: string | null;
  readonly until: number | null;
  readonly contact: string | null;
  readonly campaign: string | null;
}

/** A channel's hours at this moment. */
interface Hours {
  readonly open: boolean;
  readonly next: number | null;
}

/**
 * What stands in the way at this very moment (architecture §3.7): holds of the person or the address, a dead address, a
 * campaign that does not run, a closed window.
 */
export async function blockedNow(
  tx: Tx,
  channel: string,
  taken: readonly Pick<TakenDelivery, 'deliveryId'>[],
  now: number,
  guards: Guards,
): Promise<Map<string, Block>> {
  const ente = enteOf(tx);
  const at = instant(now);
  const hours = await hoursOf(tx, channel, now);
  const { rows } = await sql<Row>`
    select d.delivery_id as id, h.reason as hold, h.until,
      case when c.contact_id is null or c.dead then 'noContact' when c.erased then 'erased'
        when c.deceased then 'deceased' when c.minor then 'minor' end as contact,
      k.state as campaign
    from delivery d
    left join contact_now c on c.ente_id = ${ente} and c.contact_id = d.contact_id
    left join campaign_now k on k.ente_id = ${ente} and k.campaign_id = d.campaign_id
    left join lateral (
      select h.reason, h.until from contact_hold h
      where h.ente_id = ${ente} and h.since <= ${at}::timestamptz and (h.until is null or h.until > ${at}::timestamptz)
        and ((h.subject_kind = 'debtor' and h.subject = uuid_send(d.debtor_id) and not h.reason = any(coalesce(d.passes_holds, '{}')))
          or (h.subject_kind = 'address' and h.subject = d.address_lookup))
      order by h.until desc nulls first limit 1
    ) h on true
    where d.ente_id = ${ente} and d.delivery_id = any(${taken.map((t) => t.deliveryId)}::uuid[])`.execute(tx.kysely);
  const blocked = new Map<string, Block>();
  for (const row of rows) {
    const block = blockOf(row, hours, now, guards);
    if (block !== null) blocked.set(row.id, block);
  }
  return blocked;
}

async function hoursOf(tx: Tx, channel: string, now: number): Promise<Hours> {
  const at = instant(now);
  const of = sql`from calendar_window_now w where w.ente_id = ${enteOf(tx)} and w.channel = ${channel}`;
  const { rows } = await sql<Hours>`select
    exists (select ${of} and w.opens_at <= ${at}::timestamptz and w.closes_at > ${at}::timestamptz) as open,
    (select min(w.opens_at) ${of} and w.opens_at > ${at}::timestamptz) as next`.execute(tx.kysely);
  return rows[0] ?? { open: false, next: null };
}

function blockOf(row: Row, hours: Hours, now: number, guards: Guards): Block | null {
  // A hold with an end is waited for in the queue; one without an end voids, and the notice is looked at again.
  if (guards.hold && row.hold !== null) return { reason: `hold:${row.hold}`, until: row.until };
  if (row.contact !== null) return { reason: row.contact, until: null };
  if (row.campaign === 'paused') return { reason: 'paused', until: now };
  // Stopped between take and hand-over: back in the queue it would wait there for ever.
  if (row.campaign !== 'running') return { reason: 'campaignStopped', until: null };
  if (guards.window && !hours.open) return { reason: 'window', until: hours.next ?? now + DAY_MS };
  return null;
}

/** Those that wait go back to the queue with the date and the reason; the others are void. Both give their budget back. */
export async function setAside(
  tx: Tx,
  taken: readonly Pick<TakenDelivery, 'deliveryId'>[],
  blocked: ReadonlyMap<string, Block>,
  now: number,
): Promise<void> {
  const wait: { readonly id: string; readonly reason: string; readonly until: number }[] = [];
  const voids = new Map<string, string[]>();
  for (const { deliveryId: id } of taken) {
    const block = blocked.get(id);
    if (block === undefined) continue;
    if (block.until !== null) wait.push({ id, reason: block.reason, until: block.until });
    else voids.set(block.reason, [...(voids.get(block.reason) ?? []), id]);
  }
  await cancelEach(tx, voids, now);
  const moved = await transitionMany(
    tx,
    wait.map((one) => one.id),
    'leaseLost',
    {
      at: now,
      set: sql`due_at = u.until, reason = u.why`,
      each: {
        until: { type: 'timestamptz', values: wait.map((one) => one.until) },
        why: { type: 'text', values: wait.map((one) => one.reason) },
      },
    },
  );
  await releaseSlots(tx, moved);
}

/** Voids deliveries by the reason that each has. */
export async function cancelEach(tx: Tx, byReason: ReadonlyMap<string, readonly string[]>, now: number): Promise<void> {
  for (const [reason, ids] of byReason) await cancel(tx, ids, reason, now);
}

/** Voids deliveries that have not been handed over, with the reason on them, and gives their budget back. */
export async function cancel(tx: Tx, ids: readonly string[], reason: string, now: number): Promise<string[]> {
  const moved = await transitionMany(tx, ids, 'cancel', { at: now, reason });
  await releaseSlots(tx, moved);
  return moved;
}

/**
 * Voids what still waits of notices that have ended (paid, written off, stopped): nobody would ever take it, since its
 * campaign may be over. Of one person, or of everybody. Returns how many.
 */
export async function cancelEnded(tx: Tx, now: number, debtorId: string | null): Promise<number> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ delivery_id: string; state: string }>`
    select d.delivery_id, n.state from delivery d
    join notice_now n on n.ente_id = ${ente} and n.notice_id = d.notice_id
    where d.ente_id = ${ente} and d.state = ${STATE_CODE.queued} and n.state in ('settled', 'stopped', 'recalled')
      ${debtorId === null ? sql`` : sql`and d.debtor_id = ${debtorId}`}`.execute(tx.kysely);
  const of = (settled: boolean) => rows.filter((r) => (r.state === 'settled') === settled).map((r) => r.delivery_id);
  const paid = await cancel(tx, of(true), 'nothingLeft', now);
  const stopped = await cancel(tx, of(false), 'noticeEnded', now);
  return paid.length + stopped.length;
}
