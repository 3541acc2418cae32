import { sql } from 'kysely';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { digestOfIds, writeLeaf } from '../audit/index.ts';
import { markAddressesDead } from '../debtors/index.ts';
import type { OutboundMessage, SendOutcome } from './channel.port.ts';
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
  for (const [code, some] of Map.groupBy(lost, (one) => one.code)) {
    await markUncertain(
      tx,
      some.map((one) => one.id),
      code,
      now,
      guards,
    );
  }
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
  const refs = { ref: { type: 'text' as const, values: accepted.map((a) => a.ref) } };
  const ids = accepted.map((a) => a.id);
  const set = sql`handed_over_at = ${instant(now)}, provider_ref = u.ref`;
  const moved = await transitionMany(tx, ids, 'accept', { at: now, set, each: refs });
  if (moved.length === ids.length) return;
  // Further on already, by a signal: the provider's name for it is told all the same.
  await sql`update delivery d set provider_ref = u.ref from ${unnestRows({ id: { type: 'uuid', values: ids }, ...refs })}
    where d.ente_id = ${enteOf(tx)} and d.delivery_id = u.id and d.provider_ref is null`.execute(tx.kysely);
}

async function recordRefused(tx: Tx, refused: readonly Refusal[], now: number): Promise<void> {
  if (refused.length === 0) return;
  const failed = await transitionMany(
    tx,
    refused.map((r) => r.id),
    'reject',
    {
      at: now,
      set: sql`reason = u.code, fault = u.whose, retry_at = u.again_at`,
      each: {
        code: { type: 'text', values: refused.map((r) => r.code) },
        whose: { type: 'text', values: refused.map((r) => r.fault) },
        again_at: { type: 'timestamptz', values: refused.map((r) => r.retryAt) },
      },
    },
  );
  await releaseSlots(tx, failed);
  const { rows } = await sql<{ lookup: Uint8Array; reason: string }>`
    select address_lookup as lookup, reason from delivery
    where ente_id = ${enteOf(tx)} and delivery_id = any(${failed}::uuid[]) and fault = 'permanent'`.execute(tx.kysely);
  await markAddressesDead(tx, rows, now);
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
