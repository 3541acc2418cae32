import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { enteOf, type Tx, tables } from '../../platform/db/index.ts';
import { type EnteVault, randomToken } from '../../platform/secrets/index.ts';

/** What an operator may do (ui §3, O15). Who writes a campaign never approves it, whatever his roles. */
export const ROLES = ['see', 'import', 'write', 'approve', 'decide', 'manage'] as const;
export type Role = (typeof ROLES)[number];
/** What a program may do with an API key. */
export const API_ROLES = ['receipts', 'debts', 'campaigns', 'deliveries', 'disputes'] as const;
export type ApiRole = (typeof API_ROLES)[number];

export interface Operator {
  readonly operatorId: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

interface OperatorTables {
  operator: {
    ente_id: number;
    operator_id: string;
    name: string;
    roles: string[];
    key_hash: Uint8Array;
    active: boolean;
  };
  api_key: {
    ente_id: number;
    api_key_id: string;
    label: string;
    roles: string[];
    key_hash: Uint8Array;
    active: boolean;
  };
}

/**
 * Keys are `bo_<body>_<256 random bits>` (operators) and `bk_…` (programs): the tenant is in the clear, so that it is
 * known before anything is looked up; the secret is stored as a keyed hash only and shown once.
 */
export function enteOfKey(key: string): number | null {
  const match = /^b[ok]_(\d{1,9})_[A-Za-z0-9_-]{43}$/.exec(key);
  return match === null ? null : Number(match[1]);
}

export async function createOperator(
  tx: Tx,
  vault: EnteVault,
  input: { name: string; roles: readonly Role[]; operatorId?: string },
): Promise<{ operatorId: string; key: string }> {
  const key = `bo_${enteOf(tx)}_${randomToken(256)}`;
  const operatorId = input.operatorId ?? newId();
  await tables<OperatorTables>(tx)
    .insertInto('operator')
    .values({
      ente_id: enteOf(tx),
      operator_id: operatorId,
      name: input.name,
      roles: [...input.roles],
      key_hash: vault.lookup('key', key),
      active: true,
    })
    .execute();
  return { operatorId, key };
}

export async function createApiKey(
  tx: Tx,
  vault: EnteVault,
  input: { label: string; roles: readonly ApiRole[]; apiKeyId?: string },
): Promise<{ apiKeyId: string; key: string }> {
  const key = `bk_${enteOf(tx)}_${randomToken(256)}`;
  const apiKeyId = input.apiKeyId ?? newId();
  await tables<OperatorTables>(tx)
    .insertInto('api_key')
    .values({
      ente_id: enteOf(tx),
      api_key_id: apiKeyId,
      label: input.label,
      roles: [...input.roles],
      key_hash: vault.lookup('key', key),
      active: true,
    })
    .execute();
  return { apiKeyId, key };
}

/** Error KEY_UNKNOWN, the same for a wrong and for a withdrawn key. */
export async function operatorByKey(tx: Tx, vault: EnteVault, key: string): Promise<Operator> {
  const row = await tables<OperatorTables>(tx)
    .selectFrom('operator')
    .select(['operator_id', 'name', 'roles'])
    .where('ente_id', '=', enteOf(tx))
    .where('key_hash', '=', vault.lookup('key', key))
    .where('active', '=', true)
    .executeTakeFirst();
  if (row === undefined) throw new CodedError('KEY_UNKNOWN', 'no operator has this key');
  return { operatorId: row.operator_id, name: row.name, roles: row.roles as Role[] };
}

/** The key's id and roles, or null. */
export async function apiKeyByKey(
  tx: Tx,
  vault: EnteVault,
  key: string,
): Promise<{ apiKeyId: string; roles: readonly ApiRole[] } | null> {
  const row = await tables<OperatorTables>(tx)
    .selectFrom('api_key')
    .select(['api_key_id', 'roles'])
    .where('ente_id', '=', enteOf(tx))
    .where('key_hash', '=', vault.lookup('key', key))
    .where('active', '=', true)
    .executeTakeFirst();
  return row === undefined ? null : { apiKeyId: row.api_key_id, roles: row.roles as ApiRole[] };
}

/**
 * A body without anybody who manages its operators could never be helped from within. The managers' rows are locked, so
 * that two of them cannot remove each other at once. Error LAST_MANAGER.
 */
export async function keepManager(tx: Tx, operatorId: string): Promise<void> {
  const managers = await tables<OperatorTables>(tx)
    .selectFrom('operator')
    .select('operator_id')
    .where('ente_id', '=', enteOf(tx))
    .where('active', '=', true)
    .where(sql<boolean>`'manage' = any(roles)`)
    .orderBy('operator_id')
    .forUpdate()
    .execute();
  if (managers.length === 1 && managers[0]?.operator_id === operatorId) {
    throw new CodedError('LAST_MANAGER', 'somebody must remain who manages the operators');
  }
}

/**
 * The operator's key opens nothing from now on; his name stays beside what he did. False when there is no such operator.
 * Error LAST_MANAGER.
 */
export async function withdrawOperator(tx: Tx, operatorId: string): Promise<boolean> {
  await keepManager(tx, operatorId);
  const done = await tables<OperatorTables>(tx)
    .updateTable('operator')
    .set({ active: false })
    .where('ente_id', '=', enteOf(tx))
    .where('operator_id', '=', operatorId)
    .where('active', '=', true)
    .executeTakeFirst();
  return done.numUpdatedRows === 1n;
}

/** The same for the key of a program. */
export async function withdrawApiKey(tx: Tx, apiKeyId: string): Promise<boolean> {
  const done = await tables<OperatorTables>(tx)
    .updateTable('api_key')
    .set({ active: false })
    .where('ente_id', '=', enteOf(tx))
    .where('api_key_id', '=', apiKeyId)
    .where('active', '=', true)
    .executeTakeFirst();
  return done.numUpdatedRows === 1n;
}

/** Error FORBIDDEN naming the role that is missing. */
export function requireRole(operator: Operator, role: Role): void {
  if (!operator.roles.includes(role)) {
    throw new CodedError('FORBIDDEN', `${operator.name} has no role ${role}`, { role });
  }
}

export async function listOperators(tx: Tx): Promise<(Operator & { active: boolean })[]> {
  const rows = await tables<OperatorTables>(tx)
    .selectFrom('operator')
    .select(['operator_id', 'name', 'roles', 'active'])
    .where('ente_id', '=', enteOf(tx))
    .orderBy('name')
    .execute();
  return rows.map((r) => ({ operatorId: r.operator_id, name: r.name, roles: r.roles as Role[], active: r.active }));
}
