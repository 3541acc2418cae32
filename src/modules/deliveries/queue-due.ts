import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { STATE_CODE } from './delivery.states.ts';
import type { Guards } from './guards.ts';

/**
 * The tick's INSERT … SELECT (architecture §3.5): a delivery for each due notice whose step applies and whose person can
 * be reached on the step's channel. Unique by (body, notice, step, attempt), so ticking twice is harmless. Its due
 * instant is the channel's next opening. Returns how many were queued.
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
  const result = await sql`
    insert into delivery (ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id, channel,
      address_lookup, purpose_group, template_code, template_version, max_per_person, max_per_address, state, due_at, expires_at)
    select ${ente}, gen_random_uuid(), n.notice_id, n.next_step, n.next_attempt, n.campaign_id, n.debtor_id, c.contact_id, s.channel,
      c.address_lookup, n.purpose_group, s.template_code, s.template_version, s.max_per_person, s.max_per_address,
      ${STATE_CODE.queued}, o.opens_at, o.opens_at + make_interval(secs => ${expiresAfterMs / 1000})
    from notice_now n
    join campaign_now k on k.ente_id = ${ente} and k.campaign_id = n.campaign_id and k.state = 'running'
    join step_now s on s.ente_id = ${ente} and s.campaign_id = n.campaign_id and s.step_no = n.next_step
    cross join lateral (
      select c.contact_id, c.address_lookup from fit_contact c
      where c.ente_id = ${ente} and c.notice_id = n.notice_id and c.channel = s.channel
      order by c.contact_id limit 1
    ) c
    cross join lateral (select ${opening} as opens_at) o
    where n.ente_id = ${ente} and n.state in ('planned', 'active') and n.next_due_at <= ${at}::timestamptz
      and o.opens_at is not null
    on conflict (ente_id, notice_id, step_no, attempt) do nothing`.execute(tx.kysely);
  return Number(result.numAffectedRows ?? 0n);
}
