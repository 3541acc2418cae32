import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { type ApiRole, createApiKey, requireRole, withdrawApiKey } from './operators.store.ts';
import type { Managing } from './people.ts';

export interface ApiKey {
  readonly apiKeyId: string;
  readonly label: string;
  readonly roles: readonly ApiRole[];
  readonly active: boolean;
}

/** Keys in use first, then by label. */
export async function listApiKeys(tx: Tx): Promise<ApiKey[]> {
  const { rows } = await sql<ApiKey>`select api_key_id as "apiKeyId", label, roles, active from api_key
    where ente_id = ${enteOf(tx)} order by active desc, label, api_key_id`.execute(tx.kysely);
  return rows;
}

/** A key for a program, shown once. The same form sent twice makes one: null then. */
export async function addApiKey(
  tx: Tx,
  vault: EnteVault,
  input: { readonly apiKeyId: string; readonly label: string; readonly roles: readonly ApiRole[] },
  who: Managing,
): Promise<{ readonly key: string } | null> {
  requireRole(who.by, 'manage');
  const { apiKeyId, roles } = input;
  const there = await sql`select 1 from api_key where ente_id = ${enteOf(tx)} and api_key_id = ${apiKeyId}`.execute(
    tx.kysely,
  );
  if (there.rows.length > 0) return null;
  const made = await createApiKey(tx, vault, input);
  const facts = { apiKeyId, roles: [...roles] };
  await writeLeaf(tx, { at: who.now, kind: 'apiKey.added', actor: actorOf(who), rowCount: 1, facts });
  return made;
}

/** False when there is no such key in use. */
export async function revokeApiKey(tx: Tx, apiKeyId: string, who: Managing): Promise<boolean> {
  requireRole(who.by, 'manage');
  if (!(await withdrawApiKey(tx, apiKeyId))) return false;
  const facts = { id: apiKeyId };
  await writeLeaf(tx, { at: who.now, kind: 'apiKey.withdrawn', actor: actorOf(who), rowCount: 1, facts });
  return true;
}

const actorOf = (who: Managing) => `operator:${who.by.operatorId}`;
