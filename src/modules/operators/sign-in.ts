import { sql } from 'kysely';
import { generateSecret, generateURI, verifySync } from 'otplib';
import { CodedError } from '../../kernel/errors.ts';
import { type Database, enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { type EnteVault, randomToken } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { checkPassword, hashPassword, MAX_PASSWORD, MIN_PASSWORD } from './passwords.ts';
import { forgetRecoveryCodes, isRecoveryCode, makeRecoveryCodes, useRecoveryCode } from './recovery-codes.ts';
import { closeSessionsOf, countTry, forgetTries, openOperatorSession, trySubjects } from './sign-in.store.ts';

export interface SignInDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  /** Legal time, for the register. */
  readonly now: () => number;
  /** Real time, for codes, attempts and sessions. */
  readonly realNow: () => number;
}

const INVITE_MS = 72 * 3_600_000;
const secretAad = (operatorId: string) => `operator totp|${operatorId}`;

interface LoginRow {
  operator_id: string;
  login: string;
  password_hash: string | null;
  key_wrapped: Uint8Array;
  totp_secret: Uint8Array;
  totp_step: number;
}

export interface Invitation {
  /** Shown once; opens `/console/invito` until `expiresAt` (real time). */
  readonly code: string;
  /** The name the operator signs in with, before `@slug`. */
  readonly login: string;
  readonly expiresAt: number;
}

/**
 * Invites an operator to the console, or again when the telephone is lost: what opened before opens no more, sessions
 * included. `login` null: made from the name. Errors: OPERATOR_UNKNOWN, LOGIN_TAKEN, LOGIN_INVALID.
 */
export async function inviteOperator(
  tx: Tx,
  vault: EnteVault,
  operatorId: string,
  realNow: number,
  login: string | null = null,
): Promise<Invitation> {
  const ente = enteOf(tx);
  const found = await sql<{ name: string; login: string | null }>`select o.name, l.login from operator o
    left join operator_login l on l.ente_id = ${ente} and l.operator_id = o.operator_id
    where o.ente_id = ${ente} and o.operator_id = ${operatorId} and o.active`.execute(tx.kysely);
  const operator = found.rows[0];
  if (operator === undefined) throw new CodedError('OPERATOR_UNKNOWN', 'no such operator');
  const wanted = login === null ? null : login.trim().toLowerCase();
  if (wanted !== null && !/^[a-z0-9][a-z0-9._+@-]{1,98}$/.test(wanted)) {
    throw new CodedError('LOGIN_INVALID', 'a sign-in name has letters, digits, dots and hyphens');
  }
  const name = wanted ?? operator.login ?? (await freeLogin(tx, operator.name));
  const taken = await sql`select 1 from operator_login where ente_id = ${ente} and login = ${name}
    and operator_id <> ${operatorId}`.execute(tx.kysely);
  if (taken.rows.length > 0) throw new CodedError('LOGIN_TAKEN', 'another operator signs in with this name');
  const code = `bi_${ente}_${randomToken(256)}`;
  const { key, wrapped } = vault.newKey();
  const secret = vault.seal(key, secretAad(operatorId), generateSecret());
  const expiresAt = realNow + INVITE_MS;
  await sql`insert into operator_login (ente_id, operator_id, login, password_hash, key_wrapped, totp_secret, invite_hash,
      invite_until_real)
    values (${ente}, ${operatorId}, ${name}, null, ${wrapped}, ${secret}, ${vault.lookup('token', code)}, ${instant(expiresAt)})
    on conflict (ente_id, operator_id) do update set login = excluded.login, password_hash = null, totp_step = 0,
      key_wrapped = excluded.key_wrapped, totp_secret = excluded.totp_secret, invite_hash = excluded.invite_hash,
      invite_until_real = excluded.invite_until_real`.execute(tx.kysely);
  await closeSessionsOf(tx, operatorId);
  await forgetRecoveryCodes(tx, operatorId);
  return { code, login: name, expiresAt };
}

/** "Paola Bianchi" → `paola.bianchi`, with a number where that is somebody else's. */
async function freeLogin(tx: Tx, name: string): Promise<string> {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const base = plain.replace(/[^a-z0-9]+/g, '.').replace(/^\.+|\.+$/g, '') || 'operatore';
  const { rows } = await sql<{ login: string }>`select login from operator_login where ente_id = ${enteOf(tx)}`.execute(
    tx.kysely,
  );
  const taken = new Set(rows.map((row) => row.login));
  for (let n = 1; ; n += 1) {
    const login = n === 1 ? base.padEnd(2, '0') : `${base}${n}`;
    if (!taken.has(login)) return login;
  }
}

export function enteOfInvitation(code: string): number | null {
  const match = /^bi_(\d{1,9})_[A-Za-z0-9_-]{43}$/.exec(code);
  return match === null ? null : Number(match[1]);
}

export interface Enrolment {
  readonly name: string;
  readonly login: string;
  /** For the authenticator app: base32, and the same as `otpauth://`. */
  readonly secret: string;
  readonly uri: string;
}

/** What the invited person must put into the authenticator app; null when the code is unknown, used or expired. */
export async function openInvitation(
  tx: Tx,
  vault: EnteVault,
  code: string,
  issuer: string,
  realNow: number,
): Promise<Enrolment | null> {
  const found = await byInvitation(tx, vault, code, realNow);
  if (found === null) return null;
  const secret = secretOf(vault, found);
  return {
    name: found.name,
    login: found.login,
    secret,
    uri: generateURI({ issuer, label: found.login, secret }),
  };
}

async function byInvitation(tx: Tx, vault: EnteVault, code: string, realNow: number) {
  const { rows } = await sql<LoginRow & { name: string }>`select l.operator_id, l.login, l.password_hash, l.key_wrapped,
      l.totp_secret, l.totp_step, o.name
    from operator_login l join operator o on o.ente_id = l.ente_id and o.operator_id = l.operator_id and o.active
    where l.ente_id = ${enteOf(tx)} and o.ente_id = ${enteOf(tx)} and l.invite_hash = ${vault.lookup('token', code)}
      and l.invite_until_real > ${instant(realNow)}`.execute(tx.kysely);
  return rows[0] ?? null;
}

const secretOf = (vault: EnteVault, row: LoginRow) =>
  vault.open(vault.unwrap(row.key_wrapped), secretAad(row.operator_id), row.totp_secret);

/** The step of 30 seconds this code belongs to, one before and after allowed; null when it is wrong or was used. */
function stepOf(secret: string, typed: string, lastStep: number, realNow: number): number | null {
  const token = typed.replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return null;
  const epoch = Math.floor(realNow / 1000);
  const result = verifySync({ secret, token, epoch, epochTolerance: 30 });
  return result.valid && 'timeStep' in result && result.timeStep > lastStep ? result.timeStep : null;
}

export type EnrolmentFault = 'invitation' | 'passwordShort' | 'passwordLong' | 'passwordName' | 'code';

/** What the invitation became: a session that is open, and the codes for the day the telephone is lost, told once. */
export interface Enrolled {
  readonly session: string;
  readonly recoveryCodes: readonly string[];
}

/** Takes up the invitation: password and first code, and the session begins. The code is then spent. */
export async function enrol(
  deps: SignInDeps,
  input: { readonly invitation: string; readonly password: string; readonly code: string },
): Promise<Enrolled | { readonly fault: EnrolmentFault }> {
  const enteId = enteOfInvitation(input.invitation);
  if (enteId === null) return { fault: 'invitation' };
  const vault = deps.vaultOf(enteId);
  const find = (tx: Tx) => byInvitation(tx, vault, input.invitation, deps.realNow());
  const before = await deps.db.tenant(enteId, find);
  if (before === null) return { fault: 'invitation' };
  if (input.password.length < MIN_PASSWORD) return { fault: 'passwordShort' };
  if (input.password.length > MAX_PASSWORD) return { fault: 'passwordLong' };
  if (input.password.toLowerCase().includes(before.login)) return { fault: 'passwordName' };
  const step = stepOf(secretOf(vault, before), input.code, before.totp_step, deps.realNow());
  if (step === null) return { fault: 'code' };
  const hash = await hashPassword(input.password);
  return deps.db.tenant(enteId, async (tx) => {
    // The invitation is looked at again where it is spent: the same form sent twice opens one account once.
    const done = await sql`update operator_login set password_hash = ${hash}, totp_step = ${step}, invite_hash = null,
        invite_until_real = null
      where ente_id = ${enteId} and operator_id = ${before.operator_id}
        and invite_hash = ${vault.lookup('token', input.invitation)}`.execute(tx.kysely);
    if (done.numAffectedRows !== 1n) return { fault: 'invitation' as const };
    await leaf(tx, deps.now(), 'operator.enrolled', before.operator_id);
    return {
      session: await openOperatorSession(tx, vault, before.operator_id, deps.realNow()),
      recoveryCodes: await makeRecoveryCodes(tx, vault, before.operator_id, deps.now()),
    };
  });
}

/**
 * New recovery codes in the place of the old ones, for who has just typed a code of the app; null when it is wrong, or
 * after too many: whoever finds a console open must not guess.
 */
export async function renewRecoveryCodes(
  deps: SignInDeps,
  enteId: number,
  input: { readonly operatorId: string; readonly code: string; readonly address: string },
): Promise<readonly string[] | null> {
  const vault = deps.vaultOf(enteId);
  return deps.db.tenant(enteId, async (tx) => {
    const { rows } = await sql<LoginRow>`select operator_id, login, password_hash, key_wrapped, totp_secret, totp_step
      from operator_login where ente_id = ${enteId} and operator_id = ${input.operatorId} for update`.execute(
      tx.kysely,
    );
    const row = rows[0];
    if (row === undefined) return null;
    if (!(await countTry(tx, trySubjects(vault, row.login, input.address), deps.realNow()))) return null;
    const step = stepOf(secretOf(vault, row), input.code, row.totp_step, deps.realNow());
    if (step === null) return null;
    await sql`update operator_login set totp_step = ${step}
      where ente_id = ${enteId} and operator_id = ${row.operator_id}`.execute(tx.kysely);
    return makeRecoveryCodes(tx, vault, row.operator_id, deps.now());
  });
}

/**
 * Name, password and code at once, or a recovery code in the place of the app's. Null whatever is wrong, too many attempts among it, after the same work: an answer
 * tells nothing about which names exist. The hashing happens between transactions, since one may be all there is.
 */
export async function signIn(
  deps: SignInDeps,
  enteId: number,
  input: { readonly login: string; readonly password: string; readonly code: string; readonly address: string },
): Promise<string | null> {
  const vault = deps.vaultOf(enteId);
  const login = input.login.trim().toLowerCase();
  const subjects = trySubjects(vault, login, input.address);
  const { allowed, row } = await deps.db.tenant(enteId, async (tx) => {
    const { rows } =
      await sql<LoginRow>`select l.operator_id, l.login, l.password_hash, l.key_wrapped, l.totp_secret, l.totp_step
      from operator_login l join operator o on o.ente_id = l.ente_id and o.operator_id = l.operator_id and o.active
      where l.ente_id = ${enteId} and o.ente_id = ${enteId} and l.login = ${login}`.execute(tx.kysely);
    return { allowed: await countTry(tx, subjects, deps.realNow()), row: rows[0] ?? null };
  });
  const password = input.password.slice(0, MAX_PASSWORD + 1);
  const right = await checkPassword(password, row?.password_hash ?? null);
  if (!allowed || row === null || !right) return null;
  const recovery = isRecoveryCode(input.code);
  const step = recovery ? null : stepOf(secretOf(vault, row), input.code, row.totp_step, deps.realNow());
  if (!recovery && step === null) return null;
  return deps.db.tenant(enteId, async (tx) => {
    // One use per code, also for two requests at once; and the password may have been reset meanwhile.
    const used = await sql`update operator_login set totp_step = coalesce(${step}::bigint, totp_step)
      where ente_id = ${enteId} and operator_id = ${row.operator_id} and password_hash = ${row.password_hash}
        and (${step}::bigint is null or totp_step < ${step}::bigint)`.execute(tx.kysely);
    if (used.numAffectedRows !== 1n) return null;
    const at = { now: deps.now(), realNow: deps.realNow() };
    if (recovery && !(await useRecoveryCode(tx, vault, row.operator_id, input.code, at))) return null;
    await forgetTries(tx, subjects);
    await leaf(tx, deps.now(), 'operator.signedIn', row.operator_id);
    return openOperatorSession(tx, vault, row.operator_id, deps.realNow());
  });
}

function leaf(tx: Tx, at: number, kind: string, operatorId: string): Promise<void> {
  return writeLeaf(tx, { at, kind, actor: `operator:${operatorId}`, rowCount: 1, facts: { operatorId } });
}
