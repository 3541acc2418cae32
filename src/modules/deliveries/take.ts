import { sql } from 'kysely';
import { newId, uuidBytes } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { STATE_CODE } from './delivery.states.ts';
import type { Guards } from './guards.ts';
import { reservePace, underPace } from './pace.ts';
import { transitionMany } from './transition.ts';

/** Seven days: the span of every contact ceiling. */
export const CEILING_SPAN_MS = 7 * 86_400_000;
/** How long a taken delivery belongs to one worker, real time. */
export const LEASE_MS = 60_000;

export interface TakenDelivery {
  readonly deliveryId: string;
  readonly noticeId: string;
  readonly debtorId: string;
  readonly contactId: string;
  readonly channel: string;
  readonly templateCode: string;
  readonly templateVersion: number;
}

interface Candidate {
  delivery_id: string;
  notice_id: string;
  debtor_id: string;
  contact_id: string;
  channel: string;
  address: string;
  template_code: string;
  template_version: number;
  max_per_person: number;
  max_per_address: number;
  expired: boolean;
}

/**
 * Takes up to `limit` due deliveries of one channel for one worker (architecture §3.6): at most one per person and one
 * per address at a time, under the locked budgets of both, so that a ceiling holds under any concurrency. What the
 * ceiling turns away stays queued, dated to when it frees, with the reason on it. What is past its term expires.
 */
export async function takeDue(
  tx: Tx,
  channel: string,
  limit: number,
  owner: string,
  now: number,
  realNow: number,
  guards: Guards,
): Promise<{ taken: TakenDelivery[]; seen: number }> {
  const ente = enteOf(tx);
  // Who has a message on its way waits for what becomes of it: refused, it leaves room that is not there yet.
  const busy = sql`from delivery b where b.ente_id = ${ente} and b.state in (${STATE_CODE.taken}, ${STATE_CODE.handingOver})`;
  const { rows } = await sql<Candidate>`
    select d.delivery_id, d.notice_id, d.debtor_id, d.contact_id, d.channel, encode(d.address_lookup, 'hex') as address,
      d.template_code, d.template_version, d.max_per_person, d.max_per_address, d.expires_at <= ${instant(now)} as expired
    from delivery d
    where d.ente_id = ${ente} and d.state = ${STATE_CODE.queued} and d.due_at <= ${instant(now)} and d.channel = ${channel}
      and exists (select from campaign_now k where k.ente_id = ${ente} and k.campaign_id = d.campaign_id and k.state = 'running')
      and d.debtor_id not in (select b.debtor_id ${busy}) and d.address_lookup not in (select b.address_lookup ${busy})
    order by d.due_at, d.debtor_id, d.delivery_id limit ${limit}
    for update of d skip locked`.execute(tx.kysely);
  const expired = rows.filter((row) => row.expired).map((row) => row.delivery_id);
  await transitionMany(tx, expired, 'expire', { at: now, reason: 'expired' });
  const due = onePerSubject(rows.filter((row) => !row.expired));
  const { fit, full } = guards.ceiling ? await underCeiling(tx, due, now) : { fit: due, full: [] };
  if (full.length > 0) {
    await sql`update delivery d set due_at = u.at, reason = 'ceiling'
      from ${unnestRows({
        id: { type: 'uuid', values: full.map((f) => f.deliveryId) },
        at: { type: 'timestamptz', values: full.map((f) => f.freeAt) },
      })} where d.ente_id = ${ente} and d.delivery_id = u.id and d.state = ${STATE_CODE.queued}`.execute(tx.kysely);
  }
  const { go, paced } = await underPace(
    tx,
    fit.map((row) => row.delivery_id),
    now,
  );
  const set = sql`lease_owner = ${owner}, lease_until = ${instant(realNow + LEASE_MS)}`;
  const moved = new Set(await transitionMany(tx, go, 'take', { at: now, reason: null, set }));
  const taken = fit.filter((row) => moved.has(row.delivery_id));
  await reserveSlots(tx, taken, now);
  await reservePace(
    tx,
    [...moved].filter((id) => paced.has(id)),
    now,
  );
  return {
    seen: rows.length,
    taken: taken.map((row) => ({
      deliveryId: row.delivery_id,
      noticeId: row.notice_id,
      debtorId: row.debtor_id,
      contactId: row.contact_id,
      channel: row.channel,
      templateCode: row.template_code,
      templateVersion: row.template_version,
    })),
  };
}

function onePerSubject(rows: readonly Candidate[]): Candidate[] {
  const people = new Set<string>();
  const addresses = new Set<string>();
  return rows.filter((row) => {
    if (people.has(row.debtor_id) || addresses.has(row.address)) return false;
    people.add(row.debtor_id);
    addresses.add(row.address);
    return true;
  });
}

const personKey = (row: { debtor_id: string }) => Buffer.from(uuidBytes(row.debtor_id));
const addressKey = (row: { address: string }) => Buffer.from(row.address, 'hex');

async function underCeiling(tx: Tx, rows: readonly Candidate[], now: number) {
  if (rows.length === 0) return { fit: [], full: [] };
  const ente = enteOf(tx);
  const kinds = [...rows.map(() => 'debtor'), ...rows.map(() => 'address')];
  const subjects = [...rows.map(personKey), ...rows.map(addressKey)];
  // Sorted, so that two workers always lock in the same order; the update is what takes the lock on a row that is there.
  await sql`insert into contact_budget (ente_id, subject_kind, subject)
    select ${ente}, u.kind, u.subject from ${unnestRows({
      kind: { type: 'text', values: kinds },
      subject: { type: 'bytea', values: subjects },
    })} order by u.kind, u.subject
    on conflict (ente_id, subject_kind, subject) do update set subject_kind = excluded.subject_kind`.execute(tx.kysely);
  const { rows: used } = await sql<{ kind: string; subject: string; n: number; oldest: number }>`
    select s.subject_kind as kind, encode(s.subject, 'hex') as subject, count(*)::int as n, min(s.at) as oldest
    from ${unnestRows({ kind: { type: 'text', values: kinds }, subject: { type: 'bytea', values: subjects } })}
    join contact_slot s on s.ente_id = ${ente} and s.subject_kind = u.kind and s.subject = u.subject
      and s.at >= ${instant(now - CEILING_SPAN_MS)}
    group by s.subject_kind, s.subject`.execute(tx.kysely);
  const usage = new Map(used.map((u) => [`${u.kind}|${u.subject}`, u]));
  const fit: Candidate[] = [];
  const full: { deliveryId: string; freeAt: number }[] = [];
  for (const row of rows) {
    const person = usage.get(`debtor|${personKey(row).toString('hex')}`);
    const address = usage.get(`address|${row.address}`);
    const blocks = [
      person !== undefined && person.n >= row.max_per_person ? person.oldest : null,
      address !== undefined && address.n >= row.max_per_address ? address.oldest : null,
    ].filter((at) => at !== null);
    if (blocks.length === 0) fit.push(row);
    // A second later than seven days: the span counts its first instant.
    else full.push({ deliveryId: row.delivery_id, freeAt: Math.max(...blocks) + CEILING_SPAN_MS + 1_000 });
  }
  return { fit, full };
}

async function reserveSlots(tx: Tx, rows: readonly Candidate[], now: number): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into contact_slot (ente_id, subject_kind, subject, delivery_id, at)
    select ${enteOf(tx)}, u.kind, u.subject, u.delivery, ${instant(now)}
    from ${unnestRows({
      kind: { type: 'text', values: [...rows.map(() => 'debtor'), ...rows.map(() => 'address')] },
      subject: { type: 'bytea', values: [...rows.map(personKey), ...rows.map(addressKey)] },
      delivery: { type: 'uuid', values: [...rows, ...rows].map((row) => row.delivery_id) },
    })} on conflict do nothing`.execute(tx.kysely);
}

/** Gives back what a message that was surely never accepted had reserved. */
export async function releaseSlots(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  if (deliveryIds.length === 0) return;
  await sql`delete from contact_slot where ente_id = ${enteOf(tx)} and delivery_id = any(${[...deliveryIds]}::uuid[])`.execute(
    tx.kysely,
  );
}

/**
 * Leases that ran out (their worker died): not yet on the wire, back to the queue; else `uncertain`, for a provider's
 * answer, a late signal or a person to resolve (architecture §4.7).
 */
export async function reclaimLeases(tx: Tx, now: number, realNow: number, guards: Guards): Promise<number> {
  const { rows } = await sql<{ delivery_id: string; state: number }>`
    select delivery_id, state from delivery where ente_id = ${enteOf(tx)}
      and state in (${STATE_CODE.taken}, ${STATE_CODE.handingOver}) and lease_until < ${instant(realNow)}
    for update skip locked`.execute(tx.kysely);
  const of = (code: number) => rows.filter((row) => row.state === code).map((row) => row.delivery_id);
  const back = await transitionMany(tx, of(STATE_CODE.taken), 'leaseLost', { at: now });
  await releaseSlots(tx, back);
  await markUncertain(tx, of(STATE_CODE.handingOver), 'leaseExpired', now, guards);
  return rows.length;
}

/** Deliveries of which nobody knows whether the provider has them. */
export async function markUncertain(
  tx: Tx,
  ids: readonly string[],
  reason: string,
  now: number,
  guards: Guards,
): Promise<string[]> {
  if (ids.length === 0) return [];
  if (guards.atMostOnce) return transitionMany(tx, ids, 'loseTrack', { at: now, reason });
  // The mutant of the tests: what a careless program does, and what the duplicate counter must see.
  await sql`update delivery set state = ${STATE_CODE.queued}, due_at = ${instant(now)}
    where ente_id = ${enteOf(tx)} and delivery_id = any(${[...ids]}::uuid[])`.execute(tx.kysely);
  return [];
}

export const newOwner = (): string => newId();
