import { sql } from 'kysely';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { type EnteVault, randomToken } from '../../platform/secrets/index.ts';

export type LinkPurpose = 'open' | 'optOut';

export interface LinkInput {
  readonly purpose: LinkPurpose;
  readonly noticeId: string;
  readonly contactId: string;
  readonly deliveryId: string;
}

export interface LinkRecord extends LinkInput {
  readonly createdAt: number;
}

/** Makes links that carry the tenant in the clear and 128 random bits; only their keyed hash is kept (§4.5). */
export async function createLinks(
  tx: Tx,
  vault: EnteVault,
  inputs: readonly LinkInput[],
  now: number,
  expiresAt: number,
): Promise<string[]> {
  const tokens = inputs.map(() => `${enteOf(tx)}-${randomToken(128)}`);
  await sql`insert into link (ente_id, token_hash, purpose, notice_id, contact_id, delivery_id, created_at, expires_at)
    select ${enteOf(tx)}, u.hash, u.purpose, u.notice, u.contact, u.delivery, ${instant(now)}, ${instant(expiresAt)}
    from ${unnestRows({
      hash: { type: 'bytea', values: tokens.map((token) => vault.lookup('token', token)) },
      purpose: { type: 'text', values: inputs.map((i) => i.purpose) },
      notice: { type: 'uuid', values: inputs.map((i) => i.noticeId) },
      contact: { type: 'uuid', values: inputs.map((i) => i.contactId) },
      delivery: { type: 'uuid', values: inputs.map((i) => i.deliveryId) },
    })}`.execute(tx.kysely);
  return tokens;
}

/** The body a token names, or null when it is not shaped like one of ours. */
export function enteOfToken(token: string): number | null {
  const match = /^(\d{1,9})-[A-Za-z0-9_-]{22}$/.exec(token);
  return match === null ? null : Number(match[1]);
}

/**
 * Null for unknown and for expired alike: the page says the same of both. The way out of our messages does not expire:
 * an old message must not be one that nobody can stop.
 */
export async function findLink(
  tx: Tx,
  vault: EnteVault,
  token: string,
  purpose: LinkPurpose,
  now: number,
): Promise<LinkRecord | null> {
  const { rows } = await sql<{ notice_id: string; contact_id: string; delivery_id: string; created_at: number }>`
    select notice_id, contact_id, delivery_id, created_at from link
    where ente_id = ${enteOf(tx)} and token_hash = ${vault.lookup('token', token)} and purpose = ${purpose}
      and (purpose = 'optOut' or expires_at > ${instant(now)})`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    purpose,
    noticeId: row.notice_id,
    contactId: row.contact_id,
    deliveryId: row.delivery_id,
    createdAt: row.created_at,
  };
}

/**
 * A message's words for a screen. The key of a link is its reader's: who follows it acts in his name, and may stop his
 * messages.
 */
export function withoutKeys(text: string): string {
  return text.replace(/(\/[lo]\/)[\w-]{8,}/g, '$1•••');
}
