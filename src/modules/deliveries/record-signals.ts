import { sql } from 'kysely';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { markAddressDead } from '../debtors/index.ts';
import { announce } from '../webhooks/index.ts';
import type { ChannelSignal } from './channel.port.ts';
import { type DeliveryEvent, STATE_CODE } from './delivery.states.ts';
import { placeHold } from './holds.ts';
import { releaseSlots } from './take.ts';
import { touchTenant } from './tenant-due.ts';
import { transitionMany } from './transition.ts';

/** What a signal does to the delivery; the others are kept and change nothing. */
const EVENT_OF: Readonly<Partial<Record<string, DeliveryEvent>>> = {
  delivered: 'deliver',
  read: 'read',
  bounced: 'bounce',
  refused: 'reject',
};

/**
 * Stores what a channel says, once each, and folds it into the deliveries. A signal that comes before the send's own
 * answer waits for it (architecture §5): the machine lets `handingOver` go nowhere but to the outcome, which folds again.
 * A late refusal is such an outcome.
 */
export async function recordSignals(tx: Tx, signals: readonly ChannelSignal[], now: number): Promise<number> {
  if (signals.length === 0) return 0;
  const ente = enteOf(tx);
  await lockDeliveries(
    tx,
    signals.map((s) => s.deliveryId),
  );
  const stored =
    await sql`insert into delivery_signal (ente_id, provider, provider_event_id, delivery_id, kind, fault, code, at)
    select ${ente}, u.provider, u.event, u.delivery, u.kind, u.fault, u.code, ${instant(now)}
    from ${unnestRows({
      provider: { type: 'text', values: signals.map((s) => s.provider) },
      event: { type: 'text', values: signals.map((s) => s.providerEventId) },
      delivery: { type: 'uuid', values: signals.map((s) => s.deliveryId) },
      kind: { type: 'text', values: signals.map((s) => s.kind) },
      fault: { type: 'text', values: signals.map((s) => s.fault) },
      code: { type: 'text', values: signals.map((s) => s.code) },
    })} on conflict do nothing`.execute(tx.kysely);
  const count = Number(stored.numAffectedRows ?? 0n);
  if (count > 0) {
    await foldSignals(
      tx,
      signals.map((s) => s.deliveryId),
      now,
    );
    // What came back makes the next step due sooner (architecture §3.8): somebody must look.
    if (signals.some((s) => s.kind === 'bounced' || s.kind === 'refused')) await touchTenant(tx, now);
    const kinds = [...new Set(signals.map((s) => s.kind))].sort();
    await writeLeaf(tx, { at: now, kind: 'delivery.signals', actor: 'system', rowCount: count, facts: { kinds } });
  }
  return count;
}

/**
 * Locks deliveries in the order of their ids and gives their states. A signal and the outcome of the same delivery must
 * not pass each other unseen: whoever comes second waits for the first one's commit and reads what it wrote.
 */
export async function lockDeliveries(tx: Tx, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ delivery_id: string; state: number }>`select delivery_id, state from delivery
    where ente_id = ${enteOf(tx)} and delivery_id = any(${[...new Set(ids)]}::uuid[])
    order by delivery_id for update`.execute(tx.kysely);
  return new Map(rows.map((row) => [row.delivery_id, row.state]));
}

/** Applies every stored signal of these deliveries, the weakest first, so that states only move forward. */
export async function foldSignals(tx: Tx, deliveryIds: readonly string[], now: number): Promise<void> {
  const { rows } = await sql<{
    delivery_id: string;
    kind: string;
    fault: string | null;
    code: string;
    address_lookup: Uint8Array;
  }>`
    select s.delivery_id, s.kind, s.fault, s.code, d.address_lookup
    from delivery_signal s join delivery d on d.ente_id = s.ente_id and d.delivery_id = s.delivery_id
    where s.ente_id = ${enteOf(tx)} and d.ente_id = ${enteOf(tx)} and s.delivery_id = any(${[...new Set(deliveryIds)]}::uuid[])
    order by s.at, s.provider_event_id`.execute(tx.kysely);
  for (const kind of ['refused', 'bounced', 'delivered', 'read']) {
    const event = EVENT_OF[kind] as DeliveryEvent;
    const told = rows.filter((row) => row.kind === kind);
    if (told.length === 0) continue;
    // Any other signal proves that the channel had accepted it, whatever the send's answer was.
    const accepted = sql`handed_over_at = coalesce(handed_over_at, ${instant(now)})`;
    const moved = await transitionMany(
      tx,
      told.map((row) => row.delivery_id),
      event,
      kind === 'refused' ? { at: now } : { at: now, set: accepted },
    );
    if (kind === 'refused') await releaseSlots(tx, moved);
    if (kind !== 'refused' && kind !== 'bounced') continue;
    for (const row of told) {
      // A refusal speaks of its own send alone: one that changed nothing says nothing of the address either.
      if (kind === 'refused' && !moved.includes(row.delivery_id)) continue;
      await sql`update delivery set reason = ${row.code}, fault = ${row.fault}
        where ente_id = ${enteOf(tx)} and delivery_id = ${row.delivery_id} and state = ${STATE_CODE.failed}`.execute(
        tx.kysely,
      );
      if (row.fault === 'permanent') await markAddressDead(tx, row.address_lookup, row.code, now);
    }
    if (kind === 'bounced') {
      await announce(tx, { kind: 'delivery.bounced', ids: told.map((row) => row.delivery_id), at: now });
    }
  }
  for (const row of rows.filter((r) => r.kind === 'complaint' || r.kind === 'optOut')) {
    const subject = { kind: 'address', lookup: row.address_lookup } as const;
    const reason = row.kind === 'complaint' ? 'complaint' : 'optOut';
    await placeHold(tx, { subject, reason, sourceRef: row.delivery_id, since: now, until: null });
  }
}
