import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import { newId, uuidBytes } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { type EnteVault, randomToken } from '../../platform/secrets/index.ts';
import type { LinkRecord, NoticeRecord } from '../notices/index.ts';

/** Sessions, codes and tries live in real time (architecture §4.1). */
export const SESSION_IDLE_MS = 20 * 60_000;
const CODE_VALID_MS = 10 * 60_000;
export const RESEND_AFTER_MS = 60_000;
const DAY_MS = 86_400_000;
/** Class of the advisory locks of this file; the person or the address is the second key. */
const ONE_AT_A_TIME = 7_205_341;

/** Bounds against guessing, counted across sessions, channels and days (architecture §4.5). */
const LIMITS = {
  codesPerSession: 5,
  codesPerAddressADay: 10,
  triesPerCode: 5,
  triesPerDebtorAWeek: 10,
  triesPerAddressAWeek: 15,
};

/** Of whoever followed the link of a message. */
export interface MessageSession {
  readonly session: string;
  readonly level: 'link' | 'identified';
  readonly noticeId: string;
  readonly contactId: string;
  readonly debtorId: string;
  readonly deliveryId: string;
  readonly messageSentAt: number | null;
}

/** Of a person known by SPID or CIE: about a message only when it was his own, and perhaps nobody's debtor here. */
export interface OidcSession {
  readonly session: string;
  readonly level: 'oidc';
  readonly noticeId: string | null;
  readonly contactId: string | null;
  readonly debtorId: string | null;
  readonly deliveryId: string | null;
  readonly messageSentAt: number | null;
}

export type Session = MessageSession | OidcSession;

/** `<body>.<256 bits>`: the tenant is known before the session is. */
export function enteOfSession(session: string): number | null {
  const match = /^(\d{1,9})\.[A-Za-z0-9_-]{43}$/.exec(session);
  return match === null ? null : Number(match[1]);
}

export async function openSession(
  tx: Tx,
  vault: EnteVault,
  link: LinkRecord,
  notice: NoticeRecord,
  realNow: number,
): Promise<string> {
  const session = `${enteOf(tx)}.${randomToken(256)}`;
  const at = instant(realNow);
  await sql`insert into portal_session (ente_id, session_hash, level, notice_id, contact_id, debtor_id, delivery_id,
      message_sent_at, opened_real, last_used_real)
    values (${enteOf(tx)}, ${vault.lookup('token', session)}, 'link', ${notice.noticeId}, ${link.contactId}, ${notice.debtorId},
      ${link.deliveryId}, ${instant(link.createdAt)}, ${at}, ${at})`.execute(tx.kysely);
  return session;
}

/**
 * A session of level `oidc`, with a token of its own. `message`: the session of a link, kept in mind only when the message
 * was to this very person.
 */
export async function openOidcSession(
  tx: Tx,
  vault: EnteVault,
  debtorId: string | null,
  message: MessageSession | null,
  realNow: number,
): Promise<string> {
  const session = `${enteOf(tx)}.${randomToken(256)}`;
  const at = instant(realNow);
  const own = message !== null && message.debtorId === debtorId ? message : null;
  const sentAt = own === null || own.messageSentAt === null ? null : instant(own.messageSentAt);
  await sql`insert into portal_session (ente_id, session_hash, level, notice_id, contact_id, debtor_id, delivery_id,
      message_sent_at, opened_real, last_used_real)
    values (${enteOf(tx)}, ${vault.lookup('token', session)}, 'oidc', ${own?.noticeId ?? null}, ${own?.contactId ?? null},
      ${debtorId}, ${own?.deliveryId ?? null}, ${sentAt}, ${at}, ${at})`.execute(tx.kysely);
  return session;
}

/** Null when unknown or idle for too long. Touching it is what keeps it alive. */
export async function findSession(tx: Tx, vault: EnteVault, session: string, realNow: number): Promise<Session | null> {
  const { rows } = await sql<{
    level: Session['level'];
    notice_id: string | null;
    contact_id: string | null;
    debtor_id: string | null;
    delivery_id: string | null;
    message_sent_at: number | null;
  }>`update portal_session set last_used_real = ${instant(realNow)}
    where ente_id = ${enteOf(tx)} and session_hash = ${vault.lookup('token', session)}
      and last_used_real > ${instant(realNow - SESSION_IDLE_MS)}
    returning level, notice_id, contact_id, debtor_id, delivery_id, message_sent_at`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  const { notice_id: noticeId, contact_id: contactId, debtor_id: debtorId, delivery_id: deliveryId } = row;
  const common = { session, messageSentAt: row.message_sent_at };
  if (row.level === 'oidc') return { ...common, level: row.level, noticeId, contactId, debtorId, deliveryId };
  // The table refuses such a row (portal_session_message).
  if (noticeId === null || contactId === null || debtorId === null || deliveryId === null) return null;
  return { ...common, level: row.level, noticeId, contactId, debtorId, deliveryId };
}

export async function closeSession(tx: Tx, vault: EnteVault, session: string): Promise<void> {
  const hash = vault.lookup('token', session);
  await sql`delete from portal_session where ente_id = ${enteOf(tx)} and session_hash = ${hash}`.execute(tx.kysely);
}

/** Rows of ended sessions, spent codes and old tries; the worker calls it daily. */
export async function sweepAccess(tx: Tx, realNow: number): Promise<void> {
  const week = instant(realNow - 7 * DAY_MS);
  const ente = enteOf(tx);
  await sql`delete from portal_session where ente_id = ${ente} and last_used_real < ${instant(realNow - SESSION_IDLE_MS)}`.execute(
    tx.kysely,
  );
  await sql`delete from sign_in where ente_id = ${ente} and started_real < ${week}`.execute(tx.kysely);
  await sql`delete from access_code where ente_id = ${ente} and sent_real < ${week}`.execute(tx.kysely);
  await sql`delete from identity_try where ente_id = ${ente} and at_real < ${week}`.execute(tx.kysely);
}

/**
 * Codes and tries of a person, and of an address, are counted one after the other: many sessions at once would
 * otherwise each find the same tries left.
 */
export async function takeTurn(tx: Tx, session: MessageSession, address: Uint8Array): Promise<void> {
  for (const [kind, subject] of trySubjects(session, address)) {
    const key = `${enteOf(tx)}|${kind}|${subject.toString('hex')}`;
    await sql`select pg_advisory_xact_lock(${ONE_AT_A_TIME}, hashtext(${key}))`.execute(tx.kysely);
  }
}

/** Whether the address is another person's too: a code sent there proves a household, not a person (architecture §4.5). */
export async function isShared(tx: Tx, session: MessageSession, address: Uint8Array): Promise<boolean> {
  const { rows } = await sql`select 1 from contact_now where ente_id = ${enteOf(tx)} and address_lookup = ${address}
    and debtor_id <> ${session.debtorId} limit 1`.execute(tx.kysely);
  return rows.length > 0;
}

export type CodeIssue =
  | { readonly kind: 'issued'; readonly codeId: string; readonly code: string }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'tooMany' };

/** A new six-digit code for the session's address; only its keyed hash is kept. */
export async function issueCode(
  tx: Tx,
  vault: EnteVault,
  session: MessageSession,
  address: Uint8Array,
  realNow: number,
): Promise<CodeIssue> {
  const ente = enteOf(tx);
  const hash = vault.lookup('token', session.session);
  const { rows } = await sql<{ of_session: number; of_address: number; last: number | null }>`
    select count(*) filter (where session_hash = ${hash})::int as of_session,
      count(*)::int as of_address, max(sent_real) filter (where session_hash = ${hash} and state <> 'failed') as last
    from access_code where ente_id = ${ente} and address_lookup = ${address} and sent_real > ${instant(realNow - DAY_MS)}`.execute(
    tx.kysely,
  );
  const counts = rows[0];
  if (counts !== undefined) {
    if (counts.last !== null && realNow - counts.last < RESEND_AFTER_MS) {
      return { kind: 'wait', seconds: Math.ceil((RESEND_AFTER_MS - (realNow - counts.last)) / 1000) };
    }
    if (counts.of_session >= LIMITS.codesPerSession || counts.of_address >= LIMITS.codesPerAddressADay)
      return { kind: 'tooMany' };
  }
  const codeId = newId();
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  await sql`update access_code set state = 'spent' where ente_id = ${ente} and session_hash = ${hash} and state in ('sending', 'sent')`.execute(
    tx.kysely,
  );
  await sql`insert into access_code (ente_id, code_id, session_hash, debtor_id, address_lookup, code_hash, state, sent_real)
    values (${ente}, ${codeId}, ${hash}, ${session.debtorId}, ${address}, ${vault.lookup('code', `${codeId}|${code}`)}, 'sending', ${instant(realNow)})`.execute(
    tx.kysely,
  );
  return { kind: 'issued', codeId, code };
}

/** What became of the code's message: every message has a visible state and a reason (architecture §4.9). */
export async function noteCodeSent(tx: Tx, codeId: string, sent: boolean, outcome: string): Promise<void> {
  await sql`update access_code set state = case when state = 'sending' then ${sent ? 'sent' : 'failed'} else state end, outcome = ${outcome}
    where ente_id = ${enteOf(tx)} and code_id = ${codeId}`.execute(tx.kysely);
}

/**
 * Whether this session has a code that may still be typed, and whether `code` is it. Null: too old, or typed wrongly too
 * often. `triesLeft` counts the one that is being made.
 */
export async function matchCode(
  tx: Tx,
  vault: EnteVault,
  session: MessageSession,
  code: string,
  realNow: number,
): Promise<{ readonly codeId: string; readonly matches: boolean; readonly triesLeft: number } | null> {
  const { rows } = await sql<{
    code_id: string;
    code_hash: string;
    sent_real: number;
  }>`select code_id, encode(code_hash, 'hex') as code_hash, sent_real from access_code
    where ente_id = ${enteOf(tx)} and session_hash = ${vault.lookup('token', session.session)} and state in ('sending', 'sent')
      and sent_real > ${instant(realNow - CODE_VALID_MS)} order by sent_real desc limit 1`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  const triesLeft = LIMITS.triesPerCode - (await countTries(tx, 'debtor', personBytes(session), row.sent_real));
  if (triesLeft <= 0) return null;
  return {
    triesLeft,
    codeId: row.code_id,
    matches: vault.lookup('code', `${row.code_id}|${code}`).toString('hex') === row.code_hash,
  };
}

export async function identified(tx: Tx, vault: EnteVault, session: MessageSession, codeId: string): Promise<void> {
  const ente = enteOf(tx);
  await sql`update access_code set state = 'used' where ente_id = ${ente} and code_id = ${codeId}`.execute(tx.kysely);
  await sql`update portal_session set level = 'identified'
    where ente_id = ${ente} and session_hash = ${vault.lookup('token', session.session)}`.execute(tx.kysely);
}

export async function recordTry(tx: Tx, session: MessageSession, address: Uint8Array, realNow: number): Promise<void> {
  for (const [kind, subject] of trySubjects(session, address)) {
    await sql`insert into identity_try (ente_id, try_id, subject_kind, subject, at_real)
      values (${enteOf(tx)}, ${newId()}, ${kind}, ${subject}, ${instant(realNow)})`.execute(tx.kysely);
  }
}

/** Wrong answers still allowed this week before nothing more is shown here to anybody with this link. */
export async function triesLeft(
  tx: Tx,
  session: MessageSession,
  address: Uint8Array,
  realNow: number,
): Promise<number> {
  const limits = { debtor: LIMITS.triesPerDebtorAWeek, address: LIMITS.triesPerAddressAWeek } as const;
  let left: number = limits.debtor;
  for (const [kind, subject] of trySubjects(session, address)) {
    left = Math.min(left, limits[kind] - (await countTries(tx, kind, subject, realNow - 7 * DAY_MS)));
  }
  return Math.max(left, 0);
}

async function countTries(tx: Tx, kind: string, subject: Buffer, since: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from identity_try where ente_id = ${enteOf(tx)}
    and subject_kind = ${kind} and subject = ${subject} and at_real >= ${instant(since)}`.execute(tx.kysely);
  return rows[0]?.n ?? 0;
}

const personBytes = (session: MessageSession) => Buffer.from(uuidBytes(session.debtorId));

function trySubjects(
  session: MessageSession,
  address: Uint8Array,
): readonly (readonly ['debtor' | 'address', Buffer])[] {
  return [
    ['debtor', personBytes(session)],
    ['address', Buffer.from(address)],
  ];
}
