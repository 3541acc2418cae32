import { type Database, enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { loadContacts, loadPersons, type PersonRecord } from '../debtors/index.ts';
import type { Channel, OutboundMessage } from './channel.port.ts';
import type { Guards } from './guards.ts';
import { blockedNow, cancelEach, setAside } from './hand-over-checks.ts';
import { markWithTexts } from './kept-texts.ts';
import { recordOutcomes } from './record-outcomes.ts';
import type { TakenDelivery } from './take.ts';
import type { RenderedText, TextPort } from './text.port.ts';

export interface HandOverDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly texts: TextPort;
  readonly now: () => number;
  readonly guards: Guards;
}

/** The same few statements for each batch: the server plans them once. */
const HOT = { prepared: true };

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
  const messages = await deps.db.tenant(enteId, (tx) => prepare(deps, tx, channel, taken), HOT);
  if (messages.length === 0) return 0;
  const outcomes = await channel.send(messages, signal);
  await deps.db.tenant(enteId, (tx) => recordOutcomes(tx, messages, outcomes, deps.now(), deps.guards), HOT);
  return messages.length;
}

async function prepare(
  deps: HandOverDeps,
  tx: Tx,
  channel: Channel,
  taken: readonly TakenDelivery[],
): Promise<OutboundMessage[]> {
  const now = deps.now();
  const blocked = await blockedNow(tx, channel.kind, taken, now, deps.guards);
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
  const texts = await deps.texts.render(tx, free, persons, now);
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
    const reason = voidReason(text);
    voids.set(reason, [...(voids.get(reason) ?? []), delivery.deliveryId]);
  }
  await cancelEach(tx, voids, now);
  const going = await markWithTexts(tx, vault, channel.kind, messages, now);
  return messages.map(({ message }) => message).filter((message) => going.has(message.deliveryId));
}

function voidReason(text: RenderedText | undefined): string {
  if (text === undefined || text.kind === 'text') return 'noContact';
  return text.kind === 'nothingLeft' ? 'nothingLeft' : text.code;
}
