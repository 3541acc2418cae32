import { sql } from 'kysely';
import { sha256, stableJson } from '../../kernel/hash.ts';
import { type Database, enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { digestOfIds, writeLeaf } from '../audit/index.ts';
import { loadContacts, loadPersons, markAddressDead, type PersonRecord } from '../debtors/index.ts';
import type { Channel, OutboundMessage, SendOutcome } from './channel.port.ts';
import { STATE_CODE } from './delivery.states.ts';
import type { Guards } from './guards.ts';
import { foldSignals } from './record-signals.ts';
import { markUncertain, releaseSlots, type TakenDelivery } from './take.ts';
import type { TextPort } from './text.port.ts';
import { transitionMany } from './transition.ts';

export interface HandOverDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly texts: TextPort;
  readonly now: () => number;
  readonly guards: Guards;
}

const textAad = (deliveryId: string) => `text|${deliveryId}`;

/**
 * One micro-batch, at most a second of the provider's rate (architecture §3.7): mark, look again at holds, hours and
 * open lines, commit; then the wire; then one statement for the outcomes. Returns how many were handed to the wire.
 */
export async function handOver(
  deps: HandOverDeps,
  enteId: number,
  channel: Channel,
  taken: readonly TakenDelivery[],
  signal: AbortSignal,
): Promise<number> {
  const messages = await deps.db.tenant(enteId, (tx) => prepare(deps, tx, taken));
  if (messages.length === 0) return 0;
  const outcomes = await channel.send(messages, signal);
  await deps.db.tenant(enteId, (tx) => recordOutcomes(deps, tx, messages, outcomes));
  return messages.length;
}

async function prepare(deps: HandOverDeps, tx: Tx, taken: readonly TakenDelivery[]): Promise<OutboundMessage[]> {
  const now = deps.now();
  const blocked = await blockedNow(tx, taken, now, deps.guards);
  const free = taken.filter((d) => !blocked.has(d.deliveryId));
  await setAside(tx, taken, blocked, now);

  const vault = deps.vaultOf(enteOf(tx));
  const persons = await loadPersons(
    tx,
    vault,
    free.map((d) => d.debtorId),
  );
  const contacts = await loadContacts(
    tx,
    vault,
    persons,
    free.map((d) => d.contactId),
  );
  const texts = await deps.texts.render(tx, free, now);
  const messages: { message: OutboundMessage; person: PersonRecord }[] = [];
  const voids = new Map<string, string[]>();
  for (const delivery of free) {
    const text = texts.get(delivery.deliveryId);
    const contact = contacts.get(delivery.contactId);
    const person = persons.get(delivery.debtorId);
    if (text?.kind === 'text' && contact !== undefined && person !== undefined) {
      const { sender, subject, text: body, html, optOutUrl } = text;
      const message = {
        enteId: enteOf(tx),
        deliveryId: delivery.deliveryId,
        to: contact.address,
        sender,
        subject,
        text: body,
        html,
        optOutUrl,
      };
      messages.push({ message, person });
      continue;
    }
    const reason =
      text === undefined || text.kind === 'text'
        ? 'noContact'
        : text.kind === 'nothingLeft'
          ? 'nothingLeft'
          : text.code;
    voids.set(reason, [...(voids.get(reason) ?? []), delivery.deliveryId]);
  }
  for (const [reason, ids] of voids) await cancel(tx, ids, reason, now);
  const ids = messages.map(({ message }) => message.deliveryId);
  const moved = new Set(await transitionMany(tx, ids, 'handOver', { at: now }));
  const going = messages.filter(({ message }) => moved.has(message.deliveryId));
  await keepTexts(tx, vault, going);
  return going.map(({ message }) => message);
}

/** Keeps the exact words, sealed, and their hash: what was told can be shown and proved years later. */
async function keepTexts(
  tx: Tx,
  vault: EnteVault,
  messages: readonly { message: OutboundMessage; person: PersonRecord }[],
): Promise<void> {
  if (messages.length === 0) return;
  const rows = messages.map(({ message, person }) => {
    const content = stableJson({ subject: message.subject, text: message.text });
    return {
      id: message.deliveryId,
      hash: sha256(content),
      sealed: vault.seal(person.key, textAad(message.deliveryId), content),
    };
  });
  await sql`update delivery d set text_sha256 = u.hash, text_content = u.sealed
    from ${unnestRows({
      id: { type: 'uuid', values: rows.map((r) => r.id) },
      hash: { type: 'bytea', values: rows.map((r) => r.hash) },
      sealed: { type: 'bytea', values: rows.map((r) => r.sealed) },
    })} where d.ente_id = ${enteOf(tx)} and d.delivery_id = u.id`.execute(tx.kysely);
}

type Block = { readonly reason: string; readonly until: number | null; readonly requeue: boolean };

/** What stands in the way at this very moment: holds of the person or the address, a dead address, a closed window. */
async function blockedNow(
  tx: Tx,
  taken: readonly TakenDelivery[],
  now: number,
  guards: Guards,
): Promise<Map<string, Block>> {
  const ente = enteOf(tx);
  const at = instant(now);
  const { rows } = await sql<{
    id: string;
    hold: string | null;
    until: number | null;
    dead: boolean;
    open: boolean;
    next_open: number | null;
    running: boolean;
  }>`
    select d.delivery_id as id, h.reason as hold, h.until,
      not exists (select from contact_now c where c.ente_id = ${ente} and c.contact_id = d.contact_id
        and not c.dead and not c.erased and not c.deceased and not c.minor) as dead,
      exists (select from calendar_window_now w where w.ente_id = ${ente} and w.channel = d.channel
        and w.opens_at <= ${at}::timestamptz and w.closes_at > ${at}::timestamptz) as open,
      (select min(w.opens_at) from calendar_window_now w where w.ente_id = ${ente} and w.channel = d.channel
        and w.opens_at > ${at}::timestamptz) as next_open,
      exists (select from campaign_now k where k.ente_id = ${ente} and k.campaign_id = d.campaign_id and k.state = 'running') as running
    from delivery d
    left join lateral (
      select h.reason, h.until from contact_hold h
      where h.ente_id = ${ente} and h.since <= ${at}::timestamptz and (h.until is null or h.until > ${at}::timestamptz)
        and ((h.subject_kind = 'debtor' and h.subject = uuid_send(d.debtor_id))
          or (h.subject_kind = 'address' and h.subject = d.address_lookup))
      order by h.until desc nulls first limit 1
    ) h on true
    where d.ente_id = ${ente} and d.delivery_id = any(${taken.map((t) => t.deliveryId)}::uuid[])`.execute(tx.kysely);
  const blocked = new Map<string, Block>();
  for (const row of rows) {
    if (guards.hold && row.hold !== null)
      blocked.set(row.id, { reason: `hold:${row.hold}`, until: row.until, requeue: false });
    else if (row.dead) blocked.set(row.id, { reason: 'noContact', until: null, requeue: false });
    else if (!row.running) blocked.set(row.id, { reason: 'paused', until: now, requeue: true });
    else if (guards.window && !row.open) blocked.set(row.id, { reason: 'window', until: row.next_open, requeue: true });
  }
  return blocked;
}

/** Held ones are void, and the notice is looked at again; those out of hours or of a paused campaign wait in the queue. */
async function setAside(
  tx: Tx,
  taken: readonly TakenDelivery[],
  blocked: ReadonlyMap<string, Block>,
  now: number,
): Promise<void> {
  for (const { deliveryId } of taken) {
    const block = blocked.get(deliveryId);
    if (block === undefined) continue;
    if (block.requeue && block.until !== null) {
      const set = sql`due_at = ${instant(block.until)}`;
      await transitionMany(tx, [deliveryId], 'leaseLost', { at: now, reason: block.reason, set });
      await releaseSlots(tx, [deliveryId]);
    } else {
      await cancel(tx, [deliveryId], block.reason, now);
    }
  }
}

/** Voids deliveries that have not been handed over, with the reason on them, and gives their budget back. */
export async function cancel(tx: Tx, ids: readonly string[], reason: string, now: number): Promise<string[]> {
  const moved = await transitionMany(tx, ids, 'cancel', { at: now, reason });
  await releaseSlots(tx, moved);
  return moved;
}

async function recordOutcomes(
  deps: HandOverDeps,
  tx: Tx,
  messages: readonly OutboundMessage[],
  outcomes: readonly SendOutcome[],
): Promise<void> {
  const now = deps.now();
  const by = <K extends SendOutcome['kind']>(kind: K) =>
    messages.flatMap((message, i) => {
      const outcome = outcomes[i];
      return outcome?.kind === kind
        ? [{ id: message.deliveryId, outcome: outcome as Extract<SendOutcome, { kind: K }> }]
        : [];
    });
  const accepted = by('accepted');
  if (accepted.length > 0) {
    // State and reference in one statement; `transitionMany` would need one more for the references.
    await transitionMany(
      tx,
      accepted.map((a) => a.id),
      'accept',
      {
        at: now,
        set: sql`handed_over_at = ${instant(now)}`,
      },
    );
    await sql`update delivery d set provider_ref = u.ref from ${unnestRows({
      id: { type: 'uuid', values: accepted.map((a) => a.id) },
      ref: { type: 'text', values: accepted.map((a) => a.outcome.ref) },
    })} where d.ente_id = ${enteOf(tx)} and d.delivery_id = u.id`.execute(tx.kysely);
  }
  const refused = [
    ...by('rejected').map(({ id, outcome }) => ({ id, code: outcome.code, fault: outcome.fault })),
    ...by('retryLater').map(({ id, outcome }) => ({ id, code: outcome.code, fault: 'temporary' as const })),
  ];
  const failed = await transitionMany(
    tx,
    refused.map((r) => r.id),
    'reject',
    { at: now },
  );
  await releaseSlots(tx, failed);
  if (refused.length > 0) {
    await sql`update delivery d set reason = u.code, fault = u.fault from ${unnestRows({
      id: { type: 'uuid', values: refused.map((r) => r.id) },
      code: { type: 'text', values: refused.map((r) => r.code) },
      fault: { type: 'text', values: refused.map((r) => r.fault) },
    })} where d.ente_id = ${enteOf(tx)} and d.delivery_id = u.id and d.state = ${STATE_CODE.failed}`.execute(tx.kysely);
  }
  const lost = by('uncertain');
  for (const { id, outcome } of lost) await markUncertain(tx, [id], outcome.code, now, deps.guards);
  await buryAddresses(
    tx,
    refused.filter((r) => r.fault === 'permanent').map((r) => r.id),
    now,
  );
  await foldSignals(
    tx,
    messages.map((m) => m.deliveryId),
    now,
  );
  await writeLeaf(tx, {
    at: now,
    kind: 'delivery.handedOver',
    actor: 'system',
    rowCount: messages.length,
    facts: {
      accepted: accepted.length,
      refused: refused.length,
      uncertain: lost.length,
      deliveries: digestOfIds(messages.map((m) => m.deliveryId)),
    },
  });
}

async function buryAddresses(tx: Tx, deliveryIds: readonly string[], now: number): Promise<void> {
  for (const id of deliveryIds) {
    const { rows } = await sql<{
      address_lookup: Uint8Array;
      reason: string | null;
    }>`select address_lookup, reason from delivery
      where ente_id = ${enteOf(tx)} and delivery_id = ${id}`.execute(tx.kysely);
    const row = rows[0];
    if (row !== undefined) await markAddressDead(tx, row.address_lookup, row.reason ?? 'refused', now);
  }
}

/** The exact words of a delivery, for the person's history and the evidence file; null when nothing was handed over. */
export async function textOf(
  tx: Tx,
  vault: EnteVault,
  person: PersonRecord,
  deliveryId: string,
): Promise<{ subject: string; text: string } | null> {
  const { rows } = await sql<{ text_content: Uint8Array | null }>`select text_content from delivery
    where ente_id = ${enteOf(tx)} and delivery_id = ${deliveryId} and debtor_id = ${person.debtorId}`.execute(
    tx.kysely,
  );
  const sealed = rows[0]?.text_content;
  if (sealed === undefined || sealed === null) return null;
  return JSON.parse(vault.open(person.key, textAad(deliveryId), sealed)) as { subject: string; text: string };
}
