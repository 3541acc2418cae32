import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import type { Monotonic } from '../../kernel/clocks.ts';
import { type Database, enteOf, instant, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { secretAad } from './endpoints.store.ts';
import type { PostWebhook } from './post-webhook.ts';

export interface WebhookDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  /** Real time: waits between tries are of the machine, not of the law. */
  readonly monotonic: Monotonic;
  readonly tenants: () => Promise<readonly { readonly enteId: number }[]>;
  readonly post: PostWebhook;
  readonly signal?: AbortSignal;
}

const BATCH = 50;
const AT_ONCE = 8;
/** Longer than the sender's own time-out: who claimed an event and died frees it after this. */
const CLAIM_MS = 60_000;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;
const GIVE_UP_AFTER_MS = 3 * 86_400_000;
const KEEP_MS = 30 * 86_400_000;

interface Claimed {
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly kind: string;
  readonly body: string;
  readonly attempts: number;
  readonly first_try_real: number;
  readonly url: string;
  readonly key_wrapped: Uint8Array;
  readonly secret: Uint8Array;
}

/**
 * Tells what is due, of every body, until nothing is left or the signal stops it: at least once each, in no promised
 * order. 2xx is delivered; 410 and anything else is tried again, each wait twice the one before, for three days. Returns
 * how many were tried. To be called again and again, never twice at once by one process; several processes do no harm.
 */
export async function sendDueWebhooks(deps: WebhookDeps): Promise<number> {
  let tried = 0;
  for (const { enteId } of await deps.tenants()) {
    for (;;) {
      if (deps.signal?.aborted === true) return tried;
      const claimed = await deps.db.tenant(enteId, (tx) => claim(tx, deps.monotonic.now()));
      tried += claimed.length;
      for (let at = 0; at < claimed.length; at += AT_ONCE) {
        await Promise.all(claimed.slice(at, at + AT_ONCE).map((event) => tell(deps, enteId, event)));
      }
      if (claimed.length < BATCH) break;
    }
  }
  return tried;
}

async function claim(tx: Tx, realNow: number): Promise<readonly Claimed[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<Claimed>`
    update webhook_event e set attempts = e.attempts + 1, next_try_real = ${instant(realNow + CLAIM_MS)},
      first_try_real = coalesce(e.first_try_real, ${instant(realNow)})
    from webhook_endpoint p
    where e.ente_id = ${ente} and p.ente_id = ${ente} and p.endpoint_id = e.endpoint_id and p.active
      and (e.endpoint_id, e.event_id) in (
        select w.endpoint_id, w.event_id from webhook_event w
        where w.ente_id = ${ente} and w.state = 'waiting' and w.next_try_real <= ${instant(realNow)}
        order by w.next_try_real, w.event_id limit ${BATCH} for update skip locked)
    returning e.endpoint_id, e.event_id, e.kind, e.body, e.attempts, e.first_try_real, p.url, p.key_wrapped, p.secret`.execute(
    tx.kysely,
  );
  return [...rows].sort((a, b) => (a.event_id < b.event_id ? -1 : 1));
}

async function tell(deps: WebhookDeps, enteId: number, event: Claimed): Promise<void> {
  const vault = deps.vaultOf(enteId);
  const secret = vault.open(vault.unwrap(event.key_wrapped), secretAad(event.endpoint_id), event.secret);
  const told = { id: event.event_id, kind: event.kind, body: event.body };
  const headers = webhookHeaders(told, secret, deps.monotonic.now());
  const status = await deps.post(event.url, headers, event.body).catch(() => null);
  await deps.db.tenant(enteId, (tx) => settle(tx, event, status, deps.monotonic.now()));
}

/** What goes with a body over the wire. */
export function webhookHeaders(
  event: { readonly id: string; readonly kind: string; readonly body: string },
  secret: string,
  realNow: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(realNow / 1000));
  return {
    'content-type': 'application/json',
    'user-agent': 'Bonario-Webhook/1',
    'bonario-event-id': event.id,
    'bonario-event-type': event.kind,
    'bonario-timestamp': timestamp,
    'bonario-signature': signWebhook(secret, timestamp, event.body),
  };
}

/** `v1=` and the HMAC-SHA256 in hex of `<timestamp>.<body>`: the receiver makes it again from the raw body. */
export function signWebhook(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

async function settle(tx: Tx, event: Claimed, status: number | null, realNow: number): Promise<void> {
  const delivered = status !== null && status >= 200 && status < 300;
  const next = realNow + waitAfter(event.attempts);
  const over = next - event.first_try_real > GIVE_UP_AFTER_MS;
  const state = delivered ? 'delivered' : over ? 'givenUp' : 'waiting';
  await sql`update webhook_event set state = ${state}, last_status = ${status}, next_try_real = ${instant(next)}
    where ente_id = ${enteOf(tx)} and endpoint_id = ${event.endpoint_id} and event_id = ${event.event_id}
      and state = 'waiting'`.execute(tx.kysely);
}

/** Milliseconds until the next try, after so many. */
export function waitAfter(attempts: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
}

/** Once a day: forgets what was told, or given up, a month ago. */
export async function sweepWebhooks(tx: Tx, realNow: number): Promise<void> {
  await sql`delete from webhook_event where ente_id = ${enteOf(tx)} and state <> 'waiting'
    and next_try_real < ${instant(realNow - KEEP_MS)}`.execute(tx.kysely);
}
