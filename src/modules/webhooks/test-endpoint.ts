import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { type Database, enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { secretAad } from './endpoints.store.ts';
import type { PostWebhook } from './post-webhook.ts';
import { webhookHeaders } from './send-due.ts';

/** The kind of the trial: no fact has it, so that no program takes a trial for one. */
export const TRIAL_KIND = 'prova';

export interface TrialDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly now: () => number;
  readonly realNow: () => number;
  readonly post: PostWebhook;
}

/**
 * Sends a signed trial to one endpoint now, once: the status it answered, or null when it did not. Nothing waits for a
 * second try. Error WEBHOOK_UNKNOWN.
 */
export async function tryWebhook(
  deps: TrialDeps,
  enteId: number,
  endpointId: string,
  actor: string,
): Promise<number | null> {
  const { url, secret } = await deps.db.tenant(enteId, (tx) => open(tx, deps.vaultOf(enteId), endpointId));
  const id = newId();
  const body = JSON.stringify({ id, type: TRIAL_KIND, at: new Date(deps.now()).toISOString(), data: {} });
  const headers = webhookHeaders({ id, kind: TRIAL_KIND, body }, secret, deps.realNow());
  // The wire is used between transactions: one may be all there is.
  const status = await deps.post(url, headers, body).catch(() => null);
  const facts = { endpointId, status: status ?? 0 };
  await deps.db.tenant(enteId, (tx) =>
    writeLeaf(tx, { at: deps.now(), kind: 'webhook.tried', actor, rowCount: 1, facts }),
  );
  return status;
}

async function open(tx: Tx, vault: EnteVault, endpointId: string): Promise<{ url: string; secret: string }> {
  const { rows } = await sql<{ url: string; key_wrapped: Uint8Array; secret: Uint8Array }>`
    select url, key_wrapped, secret from webhook_endpoint
    where ente_id = ${enteOf(tx)} and endpoint_id = ${endpointId} and active`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) throw new CodedError('WEBHOOK_UNKNOWN', 'no such endpoint');
  return { url: row.url, secret: vault.open(vault.unwrap(row.key_wrapped), secretAad(endpointId), row.secret) };
}
