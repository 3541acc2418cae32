import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { type EnteVault, randomToken } from '../../platform/secrets/index.ts';
import { type Facts, writeLeaf } from '../audit/index.ts';
import {
  createOperator,
  keepManager,
  type Operator,
  type Role,
  requireRole,
  withdrawOperator,
} from './operators.store.ts';
import { closeSessionsOf } from './sign-in.store.ts';
import { type Invitation, inviteOperator } from './sign-in.ts';

/** Who manages the operators, and when: legal time for the register, real time for what expires. */
export interface Managing {
  readonly by: Operator;
  readonly now: number;
  readonly realNow: number;
}

/** An operator as whoever manages them sees him. */
export interface Person extends Operator {
  readonly active: boolean;
  /** The name he enters the console with, before `@slug`; null: never invited. */
  readonly login: string | null;
  /** Whether an invitation was taken up since it was last made. */
  readonly enrolled: boolean;
  /** Real time until which an open invitation may be taken up. */
  readonly invitedUntil: number | null;
}

/** Those at work first, by name. */
export async function listPeople(tx: Tx): Promise<Person[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<Person>`select o.operator_id as "operatorId", o.name, o.roles, o.active, l.login,
      l.password_hash is not null as enrolled, l.invite_until_real as "invitedUntil"
    from operator o left join operator_login l on l.ente_id = ${ente} and l.operator_id = o.operator_id
    where o.ente_id = ${ente} order by o.active desc, o.name, o.operator_id`.execute(tx.kysely);
  return rows;
}

/**
 * A new operator with the invitation to the console, which is shown once. `operatorId` is the form's own, so that the
 * same form sent twice adds one: null then. His key for commands is made and shown to nobody.
 */
export async function addOperator(
  tx: Tx,
  vault: EnteVault,
  input: { readonly operatorId: string; readonly name: string; readonly roles: readonly Role[] },
  who: Managing,
): Promise<Invitation | null> {
  requireRole(who.by, 'manage');
  const { operatorId, roles } = input;
  const there = await sql`select 1 from operator where ente_id = ${enteOf(tx)} and operator_id = ${operatorId}`.execute(
    tx.kysely,
  );
  if (there.rows.length > 0) return null;
  await createOperator(tx, vault, input);
  await leaf(tx, who, 'operator.added', { operatorId, roles: [...roles] });
  return invited(tx, vault, operatorId, who);
}

/**
 * Lets somebody in again who lost telephone or password: a new invitation; password, app and recovery codes from before
 * open nothing any more. Error OPERATOR_UNKNOWN.
 */
export async function resetAccess(tx: Tx, vault: EnteVault, operatorId: string, who: Managing): Promise<Invitation> {
  requireRole(who.by, 'manage');
  return invited(tx, vault, operatorId, who);
}

async function invited(tx: Tx, vault: EnteVault, operatorId: string, who: Managing): Promise<Invitation> {
  const invitation = await inviteOperator(tx, vault, operatorId, who.realNow);
  await leaf(tx, who, 'operator.invited', { operatorId });
  return invitation;
}

/** In force at his next request. Errors: OPERATOR_UNKNOWN, LAST_MANAGER. */
export async function changeRoles(tx: Tx, operatorId: string, roles: readonly Role[], who: Managing): Promise<void> {
  requireRole(who.by, 'manage');
  if (!roles.includes('manage')) await keepManager(tx, operatorId);
  const done = await sql`update operator set roles = ${[...roles]}::text[]
    where ente_id = ${enteOf(tx)} and operator_id = ${operatorId}`.execute(tx.kysely);
  if (done.numAffectedRows !== 1n) throw new CodedError('OPERATOR_UNKNOWN', 'no such operator');
  await leaf(tx, who, 'operator.rolesChanged', { operatorId, roles: [...roles] });
}

/** Nothing of his opens from now on, open sessions included. Errors: OPERATOR_UNKNOWN, LAST_MANAGER. */
export async function suspendOperator(tx: Tx, operatorId: string, who: Managing): Promise<void> {
  requireRole(who.by, 'manage');
  if (!(await withdrawOperator(tx, operatorId))) throw new CodedError('OPERATOR_UNKNOWN', 'no such operator');
  await closeSessionsOf(tx, operatorId);
  await leaf(tx, who, 'operator.suspended', { operatorId });
}

/**
 * He enters the console as before. His key for commands stays dead: it may have been withdrawn because it was stolen.
 * Error OPERATOR_UNKNOWN.
 */
export async function reactivateOperator(tx: Tx, vault: EnteVault, operatorId: string, who: Managing): Promise<void> {
  requireRole(who.by, 'manage');
  const nobodys = vault.lookup('key', randomToken(256));
  const done = await sql`update operator set active = true, key_hash = ${nobodys}
    where ente_id = ${enteOf(tx)} and operator_id = ${operatorId} and not active`.execute(tx.kysely);
  if (done.numAffectedRows !== 1n) throw new CodedError('OPERATOR_UNKNOWN', 'no such operator');
  await leaf(tx, who, 'operator.reactivated', { operatorId });
}

function leaf(tx: Tx, who: Managing, kind: string, facts: Facts): Promise<void> {
  return writeLeaf(tx, { at: who.now, kind, actor: `operator:${who.by.operatorId}`, rowCount: 1, facts });
}
