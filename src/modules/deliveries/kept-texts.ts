import { sql } from 'kysely';
import { sha256, stableJson } from '../../kernel/hash.ts';
import { smsSegments } from '../../kernel/sms-text.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import type { PersonRecord } from '../debtors/index.ts';
import type { ChannelKind, OutboundMessage } from './channel.port.ts';
import { transitionMany } from './transition.ts';

const textAad = (deliveryId: string) => `text|${deliveryId}`;

/**
 * Marks messages as on their way and keeps the exact words, sealed, and their hash: what was told can be shown and proved
 * years later. With them what the provider will bill, which nobody could count any more once the person is erased.
 * Returns the ids of those that may go.
 */
export async function markWithTexts(
  tx: Tx,
  vault: EnteVault,
  channel: ChannelKind,
  messages: readonly { message: OutboundMessage; person: PersonRecord }[],
  now: number,
): Promise<Set<string>> {
  const rows = messages.map(({ message, person }) => {
    const content = stableJson({ subject: message.subject, text: message.text });
    return {
      id: message.deliveryId,
      hash: sha256(content),
      sealed: vault.seal(person.key, textAad(message.deliveryId), content),
      units: channel === 'sms' ? smsSegments(message.text).segments : 1,
    };
  });
  const moved = await transitionMany(
    tx,
    rows.map((r) => r.id),
    'handOver',
    {
      at: now,
      set: sql`text_sha256 = u.hash, text_content = u.sealed, units = u.billed`,
      each: {
        hash: { type: 'bytea', values: rows.map((r) => r.hash) },
        sealed: { type: 'bytea', values: rows.map((r) => r.sealed) },
        billed: { type: 'int4', values: rows.map((r) => r.units) },
      },
    },
  );
  return new Set(moved);
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
