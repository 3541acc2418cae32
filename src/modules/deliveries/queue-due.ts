import { sql } from 'kysely';
import { enteOf, instant, orderedId, type Tx } from '../../platform/db/index.ts';
import { STATE_CODE } from './delivery.states.ts';
import type { Guards } from './guards.ts';

/**
 * The tick's INSERT … SELECT (architecture §3.5): a delivery for each due notice whose step applies and whose person can
 * be reached on the step's channel, and who has none for that step and attempt yet: ticking twice is harmless, and one
 * tick of a body runs at a time. Asked of all at once, since `on conflict` looks and marks row by row. Its due instant is
 * the channel's next opening. Returns how many were queued.
 *
 * A contact is fit when it is alive, nobody holds it, and its provenance covers every credit the notice speaks of
 * (law-and-practice §5.1: an address given for one service is not for another).
 */
export async function queueDue(tx: Tx, now: number, expiresAfterMs: number, guards: Guards): Promise<number> {
  const ente = enteOf(tx);
  const at = instant(now);
  const opening = guards.window
    ? sql`(select greatest(w.opens_at, ${at}::timestamptz) from calendar_window_now w
           where w.ente_id = ${ente} and w.channel = s.channel and w.closes_at > ${at}::timestamptz
           order by w.closes_at limit 1)`
    : sql`${at}::timestamptz`;
  const id = orderedId(now, sql`row_number() over ()`, sql`concat_ws('|', q.notice_id, q.next_step, q.next_attempt)`);
  // Steps first, each once with its opening: per notice the window would be looked up as often as there are notices.
  const result = await sql`
    with step as materialized (
      select s.campaign_id, s.step_no, s.channel, s.template_code, s.template_version, s.max_per_person, s.max_per_address,
        ${opening} as opens_at
      from step_now s
      join campaign_now k on k.ente_id = ${ente} and k.campaign_id = s.campaign_id and k.state = 'running'
      where s.ente_id = ${ente}
    )
    insert into delivery (ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id, channel,
      address_lookup, purpose_group, template_code, template_version, max_per_person, max_per_address, state, due_at, expires_at)
    select ${ente}::int, ${id}, q.notice_id, q.next_step, q.next_attempt, q.campaign_id, q.debtor_id, q.contact_id, q.channel,
      q.address_lookup, q.purpose_group, q.template_code, q.template_version, q.max_per_person, q.max_per_address,
      ${STATE_CODE.queued}::smallint, q.opens_at, q.opens_at + make_interval(secs => ${expiresAfterMs / 1000})
    from (
      select distinct on (n.notice_id) n.*, s.template_code, s.template_version, s.max_per_person, s.max_per_address, s.opens_at
      from fit_contact n
      join step s on s.campaign_id = n.campaign_id and s.step_no = n.next_step and s.channel = n.channel
      where n.ente_id = ${ente} and n.state in ('planned', 'active') and n.next_due_at <= ${at}::timestamptz
        and s.opens_at is not null
        and not exists (select from delivery d where d.ente_id = ${ente} and d.notice_id = n.notice_id
          and d.step_no = n.next_step and d.attempt = n.next_attempt)
      order by n.notice_id, n.contact_id
    ) q`.execute(tx.kysely);
  return Number(result.numAffectedRows ?? 0n);
}
