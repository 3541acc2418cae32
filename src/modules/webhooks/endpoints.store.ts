import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { type EnteVault, randomToken } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { checkWebhookUrl } from './address-guard.ts';
import type { EventKind } from './events.ts';

export const secretAad = (endpointId: string) => `webhook|${endpointId}`;
/** More would make every fact of a body many rows. */
const MOST_ENDPOINTS = 10;

export interface WebhookEndpoint {
  readonly endpointId: string;
  readonly url: string;
  readonly kinds: readonly EventKind[];
  readonly createdAt: number;
  /** Events not delivered yet, and those given up after three days. */
  readonly waiting: number;
  readonly givenUp: number;
}

/**
 * A new place to tell. The secret is shown once. Errors WEBHOOK_URL (not https, or credentials in it, or an address of
 * this network), WEBHOOK_LIMIT.
 */
export async function addWebhook(
  tx: Tx,
  vault: EnteVault,
  input: {
    readonly url: string;
    readonly kinds: readonly EventKind[];
    readonly actor: string;
    readonly now: number;
    readonly allowPrivate: boolean;
    /** The form's own, so that the same form sent twice adds one. Error WEBHOOK_TWICE. */
    readonly endpointId?: string;
  },
): Promise<{ endpointId: string; secret: string }> {
  const ente = enteOf(tx);
  const url = checkWebhookUrl(input.url, input.allowPrivate).href;
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from webhook_endpoint
    where ente_id = ${ente} and active`.execute(tx.kysely);
  if ((rows[0]?.n ?? 0) >= MOST_ENDPOINTS) throw new CodedError('WEBHOOK_LIMIT', 'too many endpoints', {});
  const endpointId = input.endpointId ?? newId();
  const there = await sql`select 1 from webhook_endpoint
    where ente_id = ${ente} and endpoint_id = ${endpointId}`.execute(tx.kysely);
  if (there.rows.length > 0) throw new CodedError('WEBHOOK_TWICE', 'this endpoint was added already');
  const secret = `whsec_${randomToken(256)}`;
  const { key, wrapped } = vault.newKey();
  const kinds = [...new Set(input.kinds)].sort();
  await sql`insert into webhook_endpoint (ente_id, endpoint_id, url, kinds, key_wrapped, secret, active, created_at)
    values (${ente}, ${endpointId}, ${url}, ${kinds}::text[], ${wrapped},
      ${vault.seal(key, secretAad(endpointId), secret)}, true, ${instant(input.now)})`.execute(tx.kysely);
  // Where the body's facts go is a fact itself. The host alone: a path may hold a token of theirs.
  const facts = { endpointId, host: new URL(url).host, events: kinds };
  await writeLeaf(tx, { at: input.now, kind: 'webhook.added', actor: input.actor, rowCount: 1, facts });
  return { endpointId, secret };
}

export async function listWebhooks(tx: Tx): Promise<WebhookEndpoint[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<WebhookEndpoint>`select p.endpoint_id as "endpointId", p.url, p.kinds,
      p.created_at as "createdAt",
      count(e.event_id) filter (where e.state = 'waiting')::int as waiting,
      count(e.event_id) filter (where e.state = 'givenUp')::int as "givenUp"
    from webhook_endpoint p
    left join webhook_event e on e.ente_id = ${ente} and e.endpoint_id = p.endpoint_id
    where p.ente_id = ${ente} and p.active
    group by p.ente_id, p.endpoint_id order by p.endpoint_id`.execute(tx.kysely);
  return rows;
}

export interface WebhookOutcome {
  readonly endpointId: string;
  readonly kind: EventKind;
  readonly state: 'waiting' | 'delivered' | 'givenUp';
  readonly attempts: number;
  /** What the server answered last; null: nothing. */
  readonly lastStatus: number | null;
  /** Real time, of the first try. */
  readonly triedAt: number;
}

/** The latest events that were tried, of every endpoint in use: newest first. */
export async function lastOutcomes(tx: Tx, limit: number): Promise<WebhookOutcome[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<WebhookOutcome>`select e.endpoint_id as "endpointId", e.kind, e.state, e.attempts,
      e.last_status as "lastStatus", e.first_try_real as "triedAt"
    from webhook_endpoint p cross join lateral (
      select * from webhook_event w where w.ente_id = ${ente} and w.endpoint_id = p.endpoint_id and w.attempts > 0
      order by w.event_id desc limit ${limit}) e
    where p.ente_id = ${ente} and p.active order by e.event_id desc`.execute(tx.kysely);
  return rows;
}

/** Nothing is told there from now on, and what waits is forgotten. Error WEBHOOK_UNKNOWN. */
export async function removeWebhook(tx: Tx, endpointId: string, actor: string, now: number): Promise<void> {
  const ente = enteOf(tx);
  const done = await sql`update webhook_endpoint set active = false
    where ente_id = ${ente} and endpoint_id = ${endpointId} and active`.execute(tx.kysely);
  if (done.numAffectedRows !== 1n) throw new CodedError('WEBHOOK_UNKNOWN', 'no such endpoint');
  await sql`update webhook_event set state = 'givenUp'
    where ente_id = ${ente} and endpoint_id = ${endpointId} and state = 'waiting'`.execute(tx.kysely);
  await writeLeaf(tx, { at: now, kind: 'webhook.removed', actor, rowCount: 1, facts: { endpointId } });
}
