import { sql } from 'kysely';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { digestOfIds, writeLeaf } from '../audit/index.ts';
import { markAddressDead } from '../debtors/index.ts';
import type { OutboundMessage, SendOutcome } from './channel.port.ts';
import { STATE_CODE } from './delivery.states.ts';
import type { Guards } from './guards.ts';
import { foldSignals, lockDeliveries } from './record-signals.ts';
import { markUncertain, releaseSlots } from './take.ts';
import { transitionMany } from './transition.ts';

interface Refusal {
  readonly id: string;
  readonly code: string;
  readonly fault: string;
  /** Not to be tried before this instant, as the provider asked; null: it did not ask. */
  readonly retryAt: number | null;
}

/** A pause shorter than the first is no pause; one longer than the second would be a step lost to one busy host. */
const SHORTEST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 86_400_000;

/** What became of one batch on the wire, in one transaction; signals that came before it are folded in after it. */
export async function recordOutcomes(
  tx: Tx,
  messages: readonly Pick<OutboundMessage, 'deliveryId'>[],
  outcomes: readonly SendOutcome[],
  now: number,
  guards: Guards,
): Promise<void> {
  const ids = messages.map((m) => m.deliveryId);
  // A signal told at this very moment waits for this commit, and then finds the outcome.
  await lockDeliveries(tx, ids);
  const by = <K extends SendOutcome['kind']>(kind: K) =>
    messages.flatMap((message, i) => {
      const outcome = outcomes[i];
      return outcome?.kind === kind
        ? [{ id: message.deliveryId, outcome: outcome as Extract<SendOutcome, { kind: K }> }]
        : [];
    });
  const accepted = by('accepted').map(({ id, outcome }) => ({ id, ref: outcome.ref }));
  const lost = by('uncertain').map(({ id, outcome }) => ({ id, code: outcome.code }));
  const refused: Refusal[] = [
    ...by('rejected').map(({ id, outcome }) => ({ id, code: outcome.code, fault: outcome.fault, retryAt: null })),
    ...by('retryLater').map(({ id, outcome }) => ({
      id,
      code: outcome.code,
      fault: 'temporary',
      retryAt: now + Math.min(Math.max(outcome.afterMs, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS),
    })),
  ];
  await recordAccepted(tx, accepted, now);
  await recordRefused(tx, refused, now);
  for (const { id, code } of lost) await markUncertain(tx, [id], code, now, guards);
  await moveSlots(
    tx,
    [...accepted, ...lost].map((m) => m.id),
    now,
  );
  await foldSignals(tx, ids, now);
  await writeLeaf(tx, {
    at: now,
    kind: 'delivery.handedOver',
    actor: 'system',
    rowCount: messages.length,
    facts: {
      accepted: accepted.length,
      refused: refused.length,
      uncertain: lost.length,
      deliveries: digestOfIds(ids),
    },
  });
}

async function recordAccepted(tx: Tx, accepted: readonly { id: string; ref: string }[], now: number): Promise<void> {
  if (accepted.length === 0) return;
  const ids = accepted.map((a) => a.id);
  await transitionMany(tx, ids, 'accept', { at: now, set: sql`handed_over_at = ${instant(now)}` });
  await sql`update delivery d set provider_ref = u.ref from ${unnestRows({
    id: { type: 'uuid', values: ids },
    ref: { type: 'text', values: accepted.map((a) => a.ref) },
  })} where d.ente_id = ${enteOf(tx)} and d.delivery_id = u.id`.execute(tx.kysely);
}

async function recordRefused(tx: Tx, refused: readonly Refusal[], now: number): Promise<void> {
  if (refused.length === 0) return;
  const failed = new Set(
    await transitionMany(
      tx,
      refused.map((r) => r.id),
      'reject',
      { at: now },
    ),
  );
  const really = refused.filter((r) => failed.has(r.id));
  await releaseSlots(tx, [...failed]);
  await sql`update delivery d set reason = u.code, fault = u.fault, retry_at = u.retry_at from ${unnestRows({
    id: { type: 'uuid', values: really.map((r) => r.id) },
    code: { type: 'text', values: really.map((r) => r.code) },
    fault: { type: 'text', values: really.map((r) => r.fault) },
    retry_at: { type: 'timestamptz', values: really.map((r) => r.retryAt) },
  })} where d.ente_id = ${enteOf(tx)} and d.delivery_id = u.id and d.state = ${STATE_CODE.failed}`.execute(tx.kysely);
  const dead = really.filter((r) => r.fault === 'permanent').map((r) => r.id);
  const { rows } = await sql<{ address_lookup: Uint8Array; reason: string | null }>`
    select address_lookup, reason from delivery
    where ente_id = ${enteOf(tx)} and delivery_id = any(${dead}::uuid[])`.execute(tx.kysely);
  for (const row of rows) await markAddressDead(tx, row.address_lookup, row.reason ?? 'refused', now);
}

/**
 * The ceiling's seven days begin when a message may have left, not when it was taken: on a slow wire the two differ, and
 * a third message could otherwise arrive within seven days of the first.
 */
async function moveSlots(tx: Tx, ids: readonly string[], now: number): Promise<void> {
  if (ids.length === 0) return;
  await sql`update contact_slot set at = greatest(at, ${instant(now)}::timestamptz)
    where ente_id = ${enteOf(tx)} and delivery_id = any(${[...ids]}::uuid[])`.execute(tx.kysely);
}
