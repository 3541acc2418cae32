import { sql } from 'kysely';
import { type Database, enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { markAddressesDead } from '../debtors/index.ts';
import { announce } from '../webhooks/index.ts';
import type { ChannelSignal, SignalKind } from './channel.port.ts';
import { type DeliveryEvent, STATE_CODE } from './delivery.states.ts';
import { placeHold } from './holds.ts';
import { releaseSlots } from './take.ts';
import { touchTenant } from './tenant-due.ts';
import { transitionMany } from './transition.ts';

/** What a signal does to the delivery; the others are kept and change nothing. */
const EVENT_OF = {
  delivered: 'deliver',
  read: 'read',
  bounced: 'bounce',
  refused: 'reject',
} as const satisfies Partial<Record<SignalKind, DeliveryEvent>>;

/** Signals of any bodies, as channels bring them: those of each body in one transaction. */
export async function storeSignals(db: Database, signals: readonly ChannelSignal[], now: () => number): Promise<void> {
  for (const [enteId, some] of Map.groupBy(signals, (signal) => signal.enteId)) {
    await db.tenant(enteId, (tx) => recordSignals(tx, some, now()), { prepared: true });
  }
}

/**
 * Stores what a channel says, once each, and folds it into the deliveries. A signal that comes before the send's own
 * answer waits for it (architecture §5): the machine lets `handingOver` go nowhere but to the outcome, which folds again.
 * A late refusal is such an outcome.
 */
export async function recordSignals(tx: Tx, signals: readonly ChannelSignal[], now: number): Promise<number> {
  if (signals.length === 0) return 0;
  const ente = enteOf(tx);
  await awaitOutcomes(
    tx,
    signals.map((s) => s.deliveryId),
  );
  const { rows: fresh } = await sql<{ provider: string; event: string }>`
    insert into delivery_signal (ente_id, provider, provider_event_id, delivery_id, kind, fault, code, at)
    select ${ente}, u.provider, u.event, u.delivery, u.kind, u.fault, u.code, ${instant(now)}
    from ${unnestRows({
      provider: { type: 'text', values: signals.map((s) => s.provider) },
      event: { type: 'text', values: signals.map((s) => s.providerEventId) },
      delivery: { type: 'uuid', values: signals.map((s) => s.deliveryId) },
      kind: { type: 'text', values: signals.map((s) => s.kind) },
      fault: { type: 'text', values: signals.map((s) => s.fault) },
      code: { type: 'text', values: signals.map((s) => s.code) },
    })} on conflict do nothing
    returning provider, provider_event_id as event`.execute(tx.kysely);
  const count = fresh.length;
  if (count > 0) {
    const isFresh = new Set(fresh.map(({ provider, event }) => `${provider} ${event}`));
    await fold(
      tx,
      signals.filter((s) => isFresh.has(`${s.provider} ${s.providerEventId}`)),
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
 * A signal must not pass the outcome of its own send unseen. What is on its way to one is locked: an outcome that is
 * being written is waited for, one that comes later waits for this commit and folds the signal itself. The others have
 * theirs, and what came before was folded then: they need no lock.
 */
async function awaitOutcomes(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`select from delivery where ente_id = ${enteOf(tx)} and delivery_id = any(${[...new Set(ids)]}::uuid[])
    and state in (${STATE_CODE.taken}, ${STATE_CODE.handingOver}) order by delivery_id for update`.execute(tx.kysely);
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

type Told = Pick<ChannelSignal, 'deliveryId' | 'kind' | 'fault' | 'code'>;

/** Applies every stored signal of these deliveries. */
export async function foldSignals(tx: Tx, deliveryIds: readonly string[], now: number): Promise<void> {
  const { rows } = await sql<Told>`
    select delivery_id as "deliveryId", kind, fault, code from delivery_signal
    where ente_id = ${enteOf(tx)} and delivery_id = any(${[...new Set(deliveryIds)]}::uuid[])
    order by at, provider_event_id`.execute(tx.kysely);
  await fold(tx, rows, now);
}

/** Applies signals, the weakest first, so that states only move forward. */
async function fold(tx: Tx, signals: readonly Told[], now: number): Promise<void> {
  for (const kind of ['refused', 'bounced', 'delivered', 'read'] as const) {
    // Of several of one kind the last one counts.
    const told = new Map(signals.filter((s) => s.kind === kind).map((s) => [s.deliveryId, s]));
    if (told.size === 0) continue;
    if (kind === 'refused' || kind === 'bounced') await foldFailure(tx, kind, [...told.values()], now);
    else await transitionMany(tx, [...told.keys()], EVENT_OF[kind], { at: now, set: acceptedAt(now) });
  }
  const stops = signals.filter((s) => s.kind === 'complaint' || s.kind === 'optOut');
  const addresses = await addressesOf(tx, stops);
  for (const { deliveryId, kind } of stops) {
    const lookup = addresses.get(deliveryId);
    if (lookup === undefined) continue;
    const reason = kind === 'complaint' ? 'complaint' : 'optOut';
    await placeHold(tx, {
      subject: { kind: 'address', lookup },
      reason,
      sourceRef: deliveryId,
      since: now,
      until: null,
    });
  }
}

async function addressesOf(tx: Tx, told: readonly Told[]): Promise<Map<string, Uint8Array>> {
  if (told.length === 0) return new Map();
  const { rows } = await sql<{ id: string; lookup: Uint8Array }>`
    select delivery_id as id, address_lookup as lookup from delivery
    where ente_id = ${enteOf(tx)} and delivery_id = any(${told.map((s) => s.deliveryId)}::uuid[])`.execute(tx.kysely);
  return new Map(rows.map((row) => [row.id, row.lookup]));
}

/** Any signal but a refusal proves that the channel had accepted it, whatever the send's answer was. */
const acceptedAt = (now: number) => sql`handed_over_at = coalesce(handed_over_at, ${instant(now)})`;

async function foldFailure(tx: Tx, kind: 'refused' | 'bounced', told: readonly Told[], now: number): Promise<void> {
  const why = sql`reason = u.code, fault = u.whose`;
  const each = {
    code: { type: 'text' as const, values: told.map((row) => row.code) },
    whose: { type: 'text' as const, values: told.map((row) => row.fault) },
  };
  const ids = told.map((row) => row.deliveryId);
  const set = kind === 'refused' ? why : sql`${why}, ${acceptedAt(now)}`;
  const moved = await transitionMany(tx, ids, EVENT_OF[kind], { at: now, set, each });
  if (kind === 'refused') {
    await releaseSlots(tx, moved);
    const really = new Set(moved);
    // A refusal speaks of its own send alone: one that changed nothing says nothing of the address either.
    await markDead(
      tx,
      told.filter((row) => really.has(row.deliveryId)),
      now,
    );
    return;
  }
  if (moved.length < told.length) {
    await sql`update delivery d set ${why} from ${unnestRows({ id: { type: 'uuid', values: ids }, ...each })}
      where d.ente_id = ${enteOf(tx)} and d.delivery_id = u.id and d.state = ${STATE_CODE.failed}
        and (d.reason is distinct from u.code or d.fault is distinct from u.whose)`.execute(tx.kysely);
  }
  await markDead(tx, told, now);
  await announce(tx, { kind: 'delivery.bounced', ids, at: now });
}

async function markDead(tx: Tx, told: readonly Told[], now: number): Promise<void> {
  const permanent = told.filter((s) => s.fault === 'permanent');
  const addresses = await addressesOf(tx, permanent);
  // The first word on an address is the one that is kept.
  const dead = new Map<string, { lookup: Uint8Array; reason: string }>();
  for (const { deliveryId, code } of permanent) {
    const lookup = addresses.get(deliveryId);
    const key = Buffer.from(lookup ?? []).toString('hex');
    if (lookup !== undefined && !dead.has(key)) dead.set(key, { lookup, reason: code });
  }
  await markAddressesDead(tx, [...dead.values()], now);
}
