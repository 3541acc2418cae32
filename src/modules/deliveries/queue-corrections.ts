import { type RawBuilder, sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { STATE_CODE } from './delivery.states.ts';
import type { HoldReason } from './holds.ts';

/** Hours to the next try of a correction that was never accepted and may be, by attempt. */
const RETRY_AFTER_HOURS = [1, 4, 24, 24, 24, 24, 24];
/** A correction whose term passed before anybody could send it is begun again so many times. */
const EXPIRED_TRIES = 3;
/** More than any week holds: the ceiling turns nothing away, and what was sent counts all the same. */
const NO_CEILING = 32_767;

/** Of a delivery `d`, in the words of the index `delivery_correction_again`: a correction that may be tried again. */
const AGAIN = sql.raw(`d.passes_holds is not null and d.handed_over_at is null
  and (d.state = ${STATE_CODE.expired} or (d.state = ${STATE_CODE.failed} and d.fault in ('temporary', 'technical')))`);

export interface CorrectionRules {
  readonly expiresAfterMs: number;
  /** Holds of the person, not of the address, that do not stop a correction. */
  readonly passesHolds: readonly HoldReason[];
  /** Null: no ceiling turns it away. */
  readonly ceilings: { readonly perPerson: number; readonly perAddress: number } | null;
}

/** The people of a recall whose ids follow `after`, up to `upTo`. */
export interface Slice {
  readonly after: string | null;
  readonly upTo: string;
}

/** Of a row `r` of the recall's notices. */
export function sliceOf({ after, upTo }: Slice): RawBuilder<unknown> {
  return sql`${after === null ? sql`` : sql`r.debtor_id > ${after}::uuid and`} r.debtor_id <= ${upTo}::uuid`;
}

/**
 * The INSERT … SELECT of a recall: one correction for each channel and address at which something wrong was accepted, or may
 * have been, for each person behind it. `said`: which deliveries `d` said it; `among`: of these people, or messages. The
 * unique index of corrections makes a second run harmless. Dead and stopped addresses are queued too: the hand-over voids
 * those with the reason on them, as ever, so that nobody is left out unseen (§4.9).
 */
export async function queueCorrections(
  tx: Tx,
  recallId: string,
  said: RawBuilder<unknown>,
  among: Slice | { readonly ids: readonly string[] },
  rules: CorrectionRules,
  now: number,
): Promise<number> {
  const ente = enteOf(tx);
  const { perPerson, perAddress } = rules.ceilings ?? { perPerson: NO_CEILING, perAddress: NO_CEILING };
  const done = await sql`
    with word as materialized (
      select t.channel, t.template_code, t.template_version,
        ${openingAfter(tx, sql`t.channel`, sql`${instant(now)}::timestamptz`)} as opens_at
      from recall_text_now t where t.ente_id = ${ente} and t.recall_id = ${recallId}
    ), address as materialized (
      select distinct on (d.debtor_id, d.channel, d.address_lookup) d.debtor_id, d.channel, d.address_lookup, d.contact_id
      from recall_notice_now r
      join delivery d on d.ente_id = ${ente} and d.notice_id = r.notice_id
      where r.ente_id = ${ente} and r.recall_id = ${recallId} and r.told
        and (d.handed_over_at is not null or d.state = ${STATE_CODE.uncertain}) and ${said}
        and ${'ids' in among ? sql`d.delivery_id = any(${[...among.ids]}::uuid[])` : sliceOf(among)}
      order by d.debtor_id, d.channel, d.address_lookup, d.handed_over_at desc nulls last
    )
    insert into delivery (ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id, channel,
      address_lookup, purpose_group, template_code, template_version, max_per_person, max_per_address, state, due_at,
      expires_at, passes_holds)
    select ${ente}, gen_random_uuid(), n.notice_id,
      coalesce((select max(e.step_no) from delivery e where e.ente_id = ${ente} and e.notice_id = n.notice_id), 0)
        + row_number() over (partition by n.notice_id order by a.channel, a.address_lookup),
      1, ${recallId}, a.debtor_id, a.contact_id, a.channel, a.address_lookup, n.purpose_group, w.template_code,
      w.template_version, ${perPerson}, ${perAddress}, ${STATE_CODE.queued}, w.opens_at,
      w.opens_at + make_interval(secs => ${rules.expiresAfterMs / 1000}), ${[...rules.passesHolds]}::text[]
    from address a
    join word w on w.channel = a.channel
    join notice_now n on n.ente_id = ${ente} and n.notice_id = ${correctionNotice(recallId, sql`a.debtor_id`)}
    on conflict (ente_id, notice_id, channel, address_lookup, attempt) where passes_holds is not null do nothing`.execute(
    tx.kysely,
  );
  return Number(done.numAffectedRows ?? 0n);
}

/** Id of a person's notice of a correction: found by its key where the planner does not know yet how many there are. */
export function correctionNotice(recallId: string, debtorId: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`md5(${recallId}::text || ${debtorId}::text)::uuid`;
}

/**
 * Another try of what was never accepted and may be (the provider was down, asked for a pause, or the term passed), with
 * the same words to the same address. What may have been accepted is never sent again (§4.7).
 */
export async function retryCorrections(tx: Tx, recallId: string, rules: CorrectionRules, now: number): Promise<number> {
  const ente = enteOf(tx);
  const hours = RETRY_AFTER_HOURS;
  const due = sql`greatest(${instant(now)}::timestamptz, coalesce(d.retry_at, case when d.state = ${STATE_CODE.failed}
    then d.finished_at + make_interval(hours => (${hours}::int[])[d.attempt]) end))`;
  const done = await sql`
    insert into delivery (ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id, channel,
      address_lookup, purpose_group, template_code, template_version, max_per_person, max_per_address, state, due_at,
      expires_at, passes_holds)
    select ${ente}, gen_random_uuid(), d.notice_id, d.step_no, d.attempt + 1, d.campaign_id, d.debtor_id, d.contact_id, d.channel,
      d.address_lookup, d.purpose_group, d.template_code, d.template_version, d.max_per_person, d.max_per_address,
      ${STATE_CODE.queued}, o.opens_at, o.opens_at + make_interval(secs => ${rules.expiresAfterMs / 1000}), d.passes_holds
    from delivery d
    cross join lateral (select ${openingAfter(tx, sql`d.channel`, due)} as opens_at) o
    where d.ente_id = ${ente} and d.campaign_id = ${recallId} and ${AGAIN}
      and d.attempt <= case when d.state = ${STATE_CODE.expired} then ${EXPIRED_TRIES}::int else ${hours.length}::int end
      and not exists (select from delivery e where e.ente_id = ${ente} and e.notice_id = d.notice_id
        and e.step_no = d.step_no and e.attempt > d.attempt)
    on conflict do nothing`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}

/** The channel's next opening from an instant on; without one laid out yet, that instant: the hand-over asks again. */
function openingAfter(tx: Tx, channel: RawBuilder<unknown>, at: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`coalesce((select greatest(w.opens_at, ${at}) from calendar_window_now w
    where w.ente_id = ${enteOf(tx)} and w.channel = ${channel} and w.closes_at > ${at} order by w.closes_at limit 1), ${at})`;
}
