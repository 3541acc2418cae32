import { sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { type EnteVault, randomToken } from '../../platform/secrets/index.ts';
import type { Operator, Role } from './operators.store.ts';

const MINUTE = 60_000;
/** Real time, both of them. */
export const IDLE_MS = 30 * MINUTE;
export const LONGEST_MS = 12 * 60 * MINUTE;
export const TRY_WINDOW_MS = 15 * MINUTE;
/** Attempts within the window; an office often goes out by one address. */
export const MAX_TRIES = { login: 10, address: 50 } as const;
/** Class of the advisory lock; the subject is the second key. */
const ONE_AT_A_TIME = 7_205_343;

/** `<body>.<256 bits>`: the tenant is known before the session is. */
export function enteOfOperatorSession(session: string): number | null {
  const match = /^(\d{1,9})\.[A-Za-z0-9_-]{43}$/.exec(session);
  return match === null ? null : Number(match[1]);
}

export async function openOperatorSession(
  tx: Tx,
  vault: EnteVault,
  operatorId: string,
  realNow: number,
): Promise<string> {
  const session = `${enteOf(tx)}.${randomToken(256)}`;
  const at = instant(realNow);
  await sql`insert into operator_session (ente_id, session_hash, operator_id, opened_real, last_used_real)
    values (${enteOf(tx)}, ${vault.lookup('token', session)}, ${operatorId}, ${at}, ${at})`.execute(tx.kysely);
  return session;
}

/**
 * Who is behind the session, with the roles of this moment; null when it is unknown, idle for 30 minutes, older than 12
 * hours, or its operator was withdrawn. Asking keeps it alive.
 */
export async function findOperatorSession(
  tx: Tx,
  vault: EnteVault,
  session: string,
  realNow: number,
): Promise<Operator | null> {
  const { rows } = await sql<{ operator_id: string; name: string; roles: Role[] }>`
    update operator_session s set last_used_real = ${instant(realNow)}
    from operator o
    where s.ente_id = ${enteOf(tx)} and s.session_hash = ${vault.lookup('token', session)}
      and s.last_used_real > ${instant(realNow - IDLE_MS)} and s.opened_real > ${instant(realNow - LONGEST_MS)}
      and o.ente_id = ${enteOf(tx)} and o.operator_id = s.operator_id and o.active
    returning o.operator_id, o.name, o.roles`.execute(tx.kysely);
  const row = rows[0];
  return row === undefined ? null : { operatorId: row.operator_id, name: row.name, roles: row.roles };
}

export async function closeOperatorSession(tx: Tx, vault: EnteVault, session: string): Promise<void> {
  await sql`delete from operator_session where ente_id = ${enteOf(tx)}
    and session_hash = ${vault.lookup('token', session)}`.execute(tx.kysely);
}

export async function closeSessionsOf(tx: Tx, operatorId: string): Promise<void> {
  await sql`delete from operator_session where ente_id = ${enteOf(tx)} and operator_id = ${operatorId}`.execute(
    tx.kysely,
  );
}

/** Ended sessions and old attempts; the worker calls it daily. */
export async function sweepOperatorAccess(tx: Tx, realNow: number): Promise<void> {
  const ente = enteOf(tx);
  await sql`delete from operator_session where ente_id = ${ente} and (last_used_real <= ${instant(realNow - IDLE_MS)}
    or opened_real <= ${instant(realNow - LONGEST_MS)})`.execute(tx.kysely);
  await sql`delete from operator_try where ente_id = ${ente} and at_real <= ${instant(realNow - TRY_WINDOW_MS)}`.execute(
    tx.kysely,
  );
}

export interface TrySubjects {
  readonly login: Uint8Array;
  readonly address: Uint8Array;
}

export function trySubjects(vault: EnteVault, login: string, address: string): TrySubjects {
  return { login: vault.lookup('token', `login|${login}`), address: vault.lookup('address', `net|${address}`) };
}

/**
 * Counts an attempt before it is looked at, so that many at once cannot each find room; false when there have been too
 * many, and then this one is not counted (else an office could be kept out for ever).
 */
export async function countTry(tx: Tx, subjects: TrySubjects, realNow: number): Promise<boolean> {
  const ente = enteOf(tx);
  const kinds = ['login', 'address'] as const;
  for (const kind of kinds) {
    const key = `${ente}|${kind}|${Buffer.from(subjects[kind]).toString('hex')}`;
    await sql`select pg_advisory_xact_lock(${ONE_AT_A_TIME}, hashtext(${key}))`.execute(tx.kysely);
  }
  for (const kind of kinds) {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from operator_try where ente_id = ${ente}
      and subject_kind = ${kind} and subject = ${subjects[kind]} and at_real > ${instant(realNow - TRY_WINDOW_MS)}`.execute(
      tx.kysely,
    );
    if ((rows[0]?.n ?? 0) >= MAX_TRIES[kind]) return false;
  }
  for (const kind of kinds) {
    await sql`insert into operator_try (ente_id, try_id, subject_kind, subject, at_real)
      values (${ente}, ${newId()}, ${kind}, ${subjects[kind]}, ${instant(realNow)})`.execute(tx.kysely);
  }
  return true;
}

/** After a sign-in the name is free again; the address keeps its count, or one good name would wash many guesses. */
export async function forgetTries(tx: Tx, subjects: TrySubjects): Promise<void> {
  await sql`delete from operator_try where ente_id = ${enteOf(tx)} and subject_kind = 'login'
    and subject = ${subjects.login}`.execute(tx.kysely);
}
